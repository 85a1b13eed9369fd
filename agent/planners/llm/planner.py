"""The planner that is a language model, kept honest: it proposes, the rules dispose.

Each turn is one request. A reply that does not pass (`parser.py`) gets one repair turn; when that
fails too, the scripted planner decides this step, and the record says so. The first look, the
budgets, the trap guard and the audit are the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ....index.video.errors import EndpointError
from ....models.client.transport.problems import TimeUp
from ....prompts import render
from ....tools.evidence import clean
from ....tools.tool import ToolFailed, ToolRetry
from ....tools.types import Cost, Evidence
from ...chat import Chat, Message, Said, as_said, estimated_tokens
from ...question import Question
from ...steps import Plan, Step, of_type
from ...understanding.intent import Intent
from ..base import Action, Done, Journal, Left, Turn
from ..scripted import ScriptedPlanner
from .citations import answer_with, citable
from .parser import Moves, Rules, read_moves
from .prompt import briefing
from .schema import reply_schema

REPLY_TOKENS = 1024
"""Tokens of a reply at most: a call and its reason are a hundred."""

SHORTEST_REPLY = 256
"""With room for fewer tokens than this nothing is asked."""

GIVE_UP = 3
"""Steps in which the model was no help, after which it is not asked again."""


@dataclass
class Replies:
    """The replies of one turn so far, as a cost."""

    said: list[Said] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """What they cost."""
        return Cost(
            model_calls=len(self.said),
            tokens_in=sum(said.tokens_in for said in self.said),
            tokens_out=sum(said.tokens_out for said in self.said),
            cached=sum(said.cached for said in self.said),
        )

    @property
    def seconds(self) -> float:
        """How long the model took."""
        return sum(said.seconds for said in self.said)


@dataclass(frozen=True, slots=True)
class LlmPlanner:
    """A chat model behind the planner seam.

    Attributes:
        chat: the model.
        scripts: what decides where the model is no help.
        name, patience: see `Planner`.
    """

    chat: Chat
    scripts: ScriptedPlanner = field(default_factory=ScriptedPlanner)
    name: str = "llm"
    patience: int = 2

    def at_work(self, duration: float, journal: Journal) -> LlmPlanner:
        """Return this planner for one run: it knows the film, and its replies are kept."""
        scripts = self.scripts.at_work(duration, journal)
        return replace(self, chat=journal(self.chat), scripts=scripts)

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        """Look over the film, as the scripts do."""
        return self.scripts.first_look(question, intent)

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        """Return the first look's answer where it is sure enough, as the scripts do."""
        return self.scripts.glance(steps, question, intent)

    def next(self, steps: Sequence[Step], question: Question, intent: Intent, left: Left) -> Turn:
        """Return the model's next calls or answer, or the scripts' in its stead.

        Raises:
            EndpointError: the model cannot be reached and never was in this run. Later in a run the
                scripts go on instead.
        """
        replies = Replies()
        failed = takeovers(steps)
        if failed >= GIVE_UP:
            problem = "the model is not asked again"
            return self._take_over(steps, question, intent, left, replies, problem)
        try:
            moves = self._moves(steps, question, intent, left, replies)
        except (ToolRetry, ToolFailed) as problem:
            return self._take_over(steps, question, intent, left, replies, str(problem))
        except TimeUp as problem:
            # no calls; what was paid for before stays on the account
            return Turn((), replies.cost, replies.seconds, (f"stop: {problem.message}",))
        except EndpointError as error:
            if not heard(steps) and not replies.said:
                raise
            return self._take_over(steps, question, intent, left, replies, error.message)
        decision = moves.decision
        if isinstance(decision, Done):
            decision = owned_up(decision, failed)
        detail = {"by": "llm", "so_far": moves.so_far}
        why = (moves.why or "no reason given",)
        return Turn(decision, replies.cost, replies.seconds, why, detail)

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        """Answer without another word from the model: its best answer so far, else the scripts'."""
        failed = takeovers(steps)
        known = citable(steps)
        best = best_of(steps, known)
        if best is None:
            done = self.scripts.conclude(steps, question, intent, reason)
            return owned_up(done, failed)
        letter = best["choice"] if question.options else None
        answer = question.option(letter) if letter else best["answer"]
        cited = [known[key] for key in best["evidence_ids"]]
        done = answer_with(answer, letter, cited, best["confidence"], question)
        return owned_up(replace(done, reason=reason), failed)

    def _moves(
        self,
        steps: Sequence[Step],
        question: Question,
        intent: Intent,
        left: Left,
        replies: Replies,
    ) -> Moves:
        """Ask the model, and once more where its reply cannot be used.

        Raises:
            ToolRetry: the second reply cannot be used either.
            ToolFailed: the budget has no room for the request.
            EndpointError: there is no reply to be had.
        """
        known = citable(steps)
        best = best_of(steps, known)
        duration = self.scripts.duration
        told = briefing(duration, question, intent, steps, left, best)
        last = last_turn(left, told)
        if last:
            told = briefing(duration, question, intent, steps, left, best, last=True)
        rules = Rules(question, known, duration, min(left.steps - 1, left.calls - 1), last)
        said = self._say(told, left, replies, last)
        try:
            return read_moves(said.text, rules)
        except ToolRetry as problem:
            mend = render("planner_repair", problem=clean_problem(problem))
            again: list[Message] = [
                *told,
                {"role": "assistant", "content": said.text[:2000] or "(nothing)"},
                {"role": "user", "content": mend},
            ]
        return read_moves(self._say(again, left, replies, last).text, rules)

    def _say(self, messages: Sequence[Message], left: Left, replies: Replies, last: bool) -> Said:
        """Make one request, if the budget has room for the longest reply it may bring."""
        cost = replies.cost
        room = left.tokens - cost.tokens_in - cost.tokens_out - estimated_tokens(messages)
        if room < SHORTEST_REPLY or left.calls - cost.model_calls < 1:
            raise ToolFailed("the budget has no room for another request to the model", "budget")
        reply = self.chat.complete(
            messages, schema=reply_schema(last), max_tokens=min(REPLY_TOKENS, room)
        )
        said = reply if isinstance(reply, Said) else as_said(reply)
        replies.said.append(said)
        return said

    def _take_over(
        self,
        steps: Sequence[Step],
        question: Question,
        intent: Intent,
        left: Left,
        replies: Replies,
        problem: str,
    ) -> Turn:
        """Let the scripts decide this step, and write down why."""
        decision = self.scripts.next(steps, question, intent, left)
        problem = clean(problem)[:300]
        if isinstance(decision, Done):
            decision = owned_up(decision, takeovers(steps) + 1)
        return replace(
            Turn.of(decision),
            cost=replies.cost,
            seconds=replies.seconds,
            notes=(f"the scripted planner decided this step: {problem}",),
            detail={"by": "scripted", "problem": problem},
        )


def last_turn(left: Left, told: Sequence[Message]) -> bool:
    """Say whether the model must answer now, because a further turn may not be affordable."""
    turn = estimated_tokens(told) + REPLY_TOKENS
    # a look may take two model calls, and a turn its repair
    return left.steps <= 1 or left.calls <= 4 or left.tokens < 3 * turn


def takeovers(steps: Sequence[Step]) -> int:
    """Return in how many steps the scripted planner had to decide."""
    return sum(plan.detail.get("by") == "scripted" for plan in of_type(steps, Plan))


def heard(steps: Sequence[Step]) -> bool:
    """Say whether the model has ever replied in this run, be it to read the question."""
    return any(plan.cost.model_calls for plan in of_type(steps, Plan))


def best_of(steps: Sequence[Step], known: dict[str, Evidence]) -> dict[str, Any] | None:
    """Return the model's latest answer so far that still has evidence the audit did not refuse."""
    for plan in reversed(of_type(steps, Plan)):
        best = plan.detail.get("so_far")
        if not best:
            continue
        ids = [key for key in best["evidence_ids"] if key in known]
        return {**best, "evidence_ids": ids} if ids else None
    return None


def owned_up(done: Done, failed: int) -> Done:
    """Say in the answer how often the model was no help."""
    if not failed:
        return done
    steps = "one step" if failed == 1 else f"{failed} steps"
    caveat = f"the planning model was no help in {steps}; the scripted planner decided there"
    return replace(done, caveats=(*done.caveats, caveat))


def clean_problem(problem: Exception) -> str:
    """Return what is wrong with a reply, bounded: it may quote the reply."""
    return " ".join(clean(line) for line in str(problem).splitlines())[:1500]
