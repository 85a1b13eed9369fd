"""The planner that is a language model, kept honest: it proposes, the rules dispose.

Each turn is one request. A reply that does not pass (`moves.py`) gets one repair turn; when that
fails too, the workflow planner decides this step, and the record says so. The loop, its budgets, the
trap guard and the audit are the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...index.video.errors import EndpointError
from ...models.client.client import TimeUp
from ...prompts import render
from ...tools.evidence import clean
from ...tools.types import Cost, Evidence, ToolFailed, ToolRetry
from ...world.grammar.reading import Reading
from ...world.planner.workflow import WorkflowPlanner
from ..chat import Chat, JournaledChat, Message, Said, as_said
from ..runs.events import Events
from ..runs.trace import Trace
from ..steps import Plan, Step, of_type
from ..verification.consensus import looks
from .base import Done, Left, Turn
from .citations import answer_of, citable
from .parser import Moves, Rules, read_moves
from .prompt import FilmFacts, briefing, estimated_tokens
from .schema import reply_schema

REPLY_TOKENS = 1024
"""Tokens of a reply at most: a call and its reason are a hundred."""

SHORTEST_REPLY = 256
"""With room for fewer tokens than this nothing is asked."""

GIVE_UP = 3
"""Steps in which the model was no help, after which it is not asked again."""


@dataclass
class Meter:
    """What one turn has cost so far."""

    said: list[Said] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """The replies as a cost."""
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
        film: facts about the film; set by `at_work`.
        name, patience: see `Planner`.
    """

    chat: Chat
    film: FilmFacts | None = None
    name: str = "llm"
    patience: int = 2

    def at_work(self, film: FilmFacts, trace: Trace, events: Events) -> LlmPlanner:
        """Return this planner for one run: it knows the film, and its replies are journaled."""
        return replace(self, film=film, chat=JournaledChat(self.chat, trace, events))

    def next(self, steps: Sequence[Step], reading: Reading, left: Left) -> Turn:
        """Return the model's next calls or answer, or the workflow planner's in its stead.

        Raises:
            EndpointError: the model cannot be reached and never was in this run. Later in a run the
                workflow planner goes on instead.
        """
        meter = Meter()
        failed = takeovers(steps)
        if failed >= GIVE_UP:
            return self._take_over(steps, reading, left, meter, "the model is not asked again")
        try:
            moves = self._moves(steps, reading, left, meter)
        except (ToolRetry, ToolFailed) as problem:
            return self._take_over(steps, reading, left, meter, str(problem))
        except TimeUp as problem:
            # no calls; what was paid for before stays on the account
            return Turn((), meter.cost, meter.seconds, (f"stop: {problem.message}",))
        except EndpointError as error:
            if not heard(steps) and not meter.said:
                raise
            return self._take_over(steps, reading, left, meter, error.message)
        decision = moves.decision
        if isinstance(decision, Done):
            decision = owned_up(decision, failed)
        detail = {"by": "llm", "so_far": moves.so_far}
        return Turn(decision, meter.cost, meter.seconds, (moves.why or "no reason given",), detail)

    def conclude(self, steps: Sequence[Step], reading: Reading, reason: str) -> Done:
        """Answer without another word from the model: its best answer so far, else the recipe's.

        Where neither has one and looks were shown the options, the vote decides.
        """
        failed = takeovers(steps)
        known = citable(steps)
        best = best_of(steps, known)
        if best is not None:
            letter = best["choice"] if reading.choices else None
            answer = reading.choices[reading.letters.index(letter)] if letter else best["answer"]
            cited = [known[key] for key in best["evidence_ids"]]
            done = answer_of(answer, letter, cited, best["confidence"], reading)
            return owned_up(replace(done, reason=reason), failed)
        done = WorkflowPlanner().conclude(steps, reading, reason)
        if done.abstain and looks(reading, steps):
            done = Done(None, reason=reason, method="vote")
        return owned_up(done, failed)

    def _moves(self, steps: Sequence[Step], reading: Reading, left: Left, meter: Meter) -> Moves:
        """Ask the model, and once more where its reply cannot be used.

        Raises:
            ToolRetry: the second reply cannot be used either.
            ToolFailed: the budget has no room for the request.
            EndpointError: there is no reply to be had.
        """
        assert self.film is not None, "a planner is put to work before it plans"
        known = citable(steps)
        best = best_of(steps, known)
        told = briefing(self.film, reading, steps, left, best)
        last = last_turn(left, told)
        if last:
            told = briefing(self.film, reading, steps, left, best, last=True)
        rules = Rules(reading, known, self.film.duration, min(left.steps - 1, left.calls - 1), last)
        said = self._say(told, left, meter, last)
        try:
            return read_moves(said.text, rules)
        except ToolRetry as problem:
            mend = render("planner_repair", problem=clean_problem(problem))
            again: list[Message] = [
                *told,
                {"role": "assistant", "content": said.text[:2000] or "(nothing)"},
                {"role": "user", "content": mend},
            ]
        return read_moves(self._say(again, left, meter, last).text, rules)

    def _say(self, messages: Sequence[Message], left: Left, meter: Meter, last: bool) -> Said:
        """Make one request, if the budget has room for the longest reply it may bring."""
        cost = meter.cost
        room = left.tokens - cost.tokens_in - cost.tokens_out - estimated_tokens(messages)
        if room < SHORTEST_REPLY or left.calls - cost.model_calls < 1:
            raise ToolFailed("the budget has no room for another request to the model", "budget")
        reply = self.chat.complete(
            messages, schema=reply_schema(last), max_tokens=min(REPLY_TOKENS, room)
        )
        said = reply if isinstance(reply, Said) else as_said(reply)
        meter.said.append(said)
        return said

    def _take_over(
        self, steps: Sequence[Step], reading: Reading, left: Left, meter: Meter, problem: str
    ) -> Turn:
        """Let the workflow planner decide this step, and write down why."""
        decision = WorkflowPlanner().next(steps, reading, left)
        problem = clean(problem)[:300]
        if isinstance(decision, Done):
            decision = owned_up(decision, takeovers(steps) + 1)
        note = f"the workflow planner decided this step: {problem}"
        detail: dict[str, Any] = {"by": "workflow", "problem": problem}
        return replace(
            Turn.of(decision), cost=meter.cost, seconds=meter.seconds, notes=(note,), detail=detail
        )


def last_turn(left: Left, told: Sequence[Message]) -> bool:
    """Say whether the model must answer now, because a further turn may not be affordable."""
    turn = estimated_tokens(told) + REPLY_TOKENS
    # a look may take two model calls, and a turn its repair
    return left.steps <= 1 or left.calls <= 4 or left.tokens < 3 * turn


def takeovers(steps: Sequence[Step]) -> int:
    """Return in how many steps the workflow planner had to decide."""
    return sum(plan.detail.get("by") == "workflow" for plan in of_type(steps, Plan))


def heard(steps: Sequence[Step]) -> bool:
    """Say whether the model has ever replied in this run."""
    return any("by" in plan.detail for plan in of_type(steps, Plan))


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
    caveat = f"the planning model was no help in {steps}; fixed recipes decided there"
    return replace(done, caveats=(*done.caveats, caveat))


def clean_problem(problem: Exception) -> str:
    """Return what is wrong with a reply, bounded: it may quote the reply."""
    return " ".join(clean(line) for line in str(problem).splitlines())[:1500]
