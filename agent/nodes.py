"""The nodes of the graph: state in, update out.

A node may be run again after a kill. Each is safe to: calls are numbered, and a call that an
earlier process finished is read back from the trace instead of being made again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..models.client.transport.deadline import ends_within
from . import stopping
from .chat import Chat
from .cost.budget import Spent
from .executor import Executor, Resources
from .planners.base import Action, Done, Left, Planner, Turn
from .question import Question
from .state import RunState, steps_of
from .steps import Final, Observation, Plan, Reflection, Step, evidence_of, to_json
from .understanding.intent import Intent
from .understanding.understand import understand
from .verification import audit, consensus
from .verification.checks import check_claims, check_rivals, doubted
from .verification.votes import best_guess, take_votes

MAX_AUDIT_LOOPS = 1
LEAST_CALLS = 3
RESERVE = audit.AUDIT_FRAMES


@dataclass(frozen=True)
class Nodes:
    """The graph's nodes and what they work with.

    Attributes:
        question: as put, checked.
        planner: who decides.
        resources: toolbox, budget, events and trace.
        duration: the film's length, seconds.
        chat: the model that reads the question; None for rules alone.
        abstain_below: confidence below which a question with options is not answered; 0: always.
    """

    question: Question
    planner: Planner
    resources: Resources
    duration: float
    chat: Chat | None = None
    abstain_below: float = 0.0

    def understand(self, state: RunState) -> dict[str, Any]:
        """Find out what the question wants; what is found adds to the question, which stays."""
        executor = self._executor(state)
        began = time.monotonic()
        left = Left.of(self.resources.budget, executor.spent)
        # reading is worth a call where there are calls for a look and its check as well
        chat = self.chat if left.calls >= LEAST_CALLS else None
        with ends_within(left.seconds):
            found = understand(self.question, self.duration, chat, left.tokens)
        self.resources.events.emit("intent", intent=found.intent.to_json())
        detail = {"planner": self.planner.name, "unread": found.problem}
        notes = (f"read by {found.intent.source}", *(f"dropped: {part}" for part in found.dropped))
        turn = Turn((), found.cost, found.seconds, notes, detail)
        executor.note(turn, began)
        return {**executor.update(), "intent": found.intent.to_json()}

    def first_look(self, state: RunState) -> dict[str, Any]:
        """Look over the film, with the words that belong to it."""
        executor = self._executor(state)
        for action in self.planner.first_look(self.question, _intent(state)):
            if executor.exhausted(RESERVE):
                break
            executor.call(action, "first_look", RESERVE)
            if stopping.foreign_footage(executor.steps):
                break  # a VLM that does not know what it sees has nothing to add
        return executor.update()

    def gate(self, state: RunState) -> dict[str, Any]:
        """Leave with the first look's answer when it is sure and its evidence verified."""
        executor = self._executor(state)
        draft = self.planner.glance(executor.steps, self.question, _intent(state))
        if draft is None or not draft.claims or executor.exhausted(RESERVE):
            return {}
        checks = audit.audit_actions(replace(draft, claims=draft.claims[:1]), executor.steps)
        if not checks:
            return {}
        (claim, action) = checks[0]
        check = executor.call(action, "gate", RESERVE)
        if audit.verdict_of(check) != "supported":
            return executor.update()
        return {
            **executor.update(),
            "draft": draft.to_json(),
            "stop": "sufficient",
            "verified": [*state["verified"], claim.evidence_id],
        }

    def plan(self, state: RunState) -> dict[str, Any]:
        """Ask the planner for the next calls, unless the budget is spent."""
        executor = self._executor(state)
        short = executor.exhausted(RESERVE)
        if short:
            return {"steps": [to_json(Plan(f"stop: {short}"))], "stop": "budget", "pending": None}
        began = time.monotonic()
        left = Left.of(self.resources.budget, executor.spent, RESERVE)
        with ends_within(self.resources.budget.seconds_left(executor.spent)):
            turn = Turn.of(self.planner.next(executor.steps, self.question, _intent(state), left))
        executor.note(turn, began)
        if isinstance(turn.decision, Done):
            draft = _citable(turn.decision, executor.steps)
            executor.add(Plan(f"done: {draft.reason}"))
            update = {"draft": draft.to_json(), "stop": draft.reason, "pending": None}
            return {**executor.update(), **update}
        # planning itself may have used up what was left
        short = executor.exhausted(RESERVE)
        if short or not turn.decision:
            executor.add(Plan(f"stop: {short or 'the time is up'}"))
            return {**executor.update(), "stop": "budget", "pending": None}
        return {**executor.update(), "pending": [asdict(action) for action in turn.decision]}

    def act(self, state: RunState) -> dict[str, Any]:
        """Make the calls that were decided on, refusing those that would go round in circles."""
        executor = self._executor(state)
        assert state["pending"]
        for place, value in enumerate(state["pending"]):
            if place and executor.exhausted(RESERVE):
                break
            action = Action(**value)
            recent = stopping.since_audit(executor.steps)
            if stopping.trapped(action.tool, recent, self.planner.patience):
                text = f"{action.tool} brought nothing new the last times: try another tool"
                executor.refuse(action, text)
            else:
                executor.call(action, "act", RESERVE)
            executor.spent = replace(executor.spent, steps=executor.spent.steps + 1)
        return {**executor.update(), "pending": None}

    def reflect(self, state: RunState) -> dict[str, Any]:
        """Say what the last turn brought, and whether the loop has stalled."""
        idle = stopping.idle_turns(stopping.since_audit(steps_of(state)))
        stop = "stall" if idle >= self.planner.patience else None
        text = "nothing new" if idle else "new evidence"
        self.resources.events.emit("reflection", text=text, idle=idle, stop=stop)
        return {"steps": [to_json(Reflection(text, idle, stop))], "stop": stop}

    def consensus(self, state: RunState) -> dict[str, Any]:
        """Settle on one answer: the planner's, or what words, pictures and looks agree on."""
        executor = self._executor(state)
        stop = state["stop"] or "sufficient"
        if state["draft"] is not None:
            draft = Done.from_json(state["draft"])
        else:
            draft = self.planner.conclude(executor.steps, self.question, _intent(state), stop)
            draft = _citable(draft, executor.steps)
        if stop != "budget" and consensus.needs_consensus(self.question, draft):
            draft = self._settle(draft, executor)
        tally = take_votes(self.question, executor.steps, draft)
        for vote in tally.votes:
            executor.add(vote)
            self.resources.events.emit(
                "vote", voter=vote.voter, choice=vote.choice, weight=vote.weight
            )
        if stop == "sufficient" and tally.draft.raw < stopping.TAU and tally.agreed:
            stop = "consensus"
        return {**executor.update(), "draft": tally.draft.to_json(), "stop": stop}

    def _settle(self, draft: Done, executor: Executor) -> Done:
        def ask(action: Action) -> Observation | None:
            if executor.exhausted(RESERVE):
                return None
            step = executor.call(action, "consensus", RESERVE)
            return None if step.result.error else step

        settled = consensus.settle(self.question, draft, executor.steps, ask, self.duration)
        if settled.plan is not None:
            executor.add(settled.plan)
        return settled.draft

    def audit(self, state: RunState) -> dict[str, Any]:
        """Verify each cited claim; without any left, loop once more, or say so."""
        executor = self._executor(state)
        assert state["draft"] is not None
        draft = Done.from_json(state["draft"])
        checks = check_claims(draft, state["verified"], executor)
        draft, checks = check_rivals(self.question, draft, checks, executor)
        ruling = audit.rule(checks, draft, executor.steps)
        left = tuple(claim for claim in draft.claims if claim.evidence_id not in ruling.dropped)
        self.resources.events.emit(
            "audit", verified=list(ruling.verified), dropped=list(ruling.dropped)
        )
        update: dict[str, Any] = {
            "verified": [*state["verified"], *ruling.verified],
            "dropped": [*state["dropped"], *ruling.dropped],
        }
        # after an audit that refused everything, a draft that cites nothing still rests on that
        if not left and (draft.claims or state["dropped"]):
            if draft.claims and self._may_loop(state, executor):
                executor.add(Plan("the audit refuted the evidence: once more", {"again": True}))
                again = {"draft": None, "stop": None, "audits": state["audits"] + 1}
                return {**executor.update(), **update, **again}
            draft = doubted(draft, self.question)
            if draft.abstain and state["stop"] != "budget":
                update["stop"] = "not_found"
        draft = best_guess(self.question, executor.steps, replace(draft, claims=left))
        return {**executor.update(), **update, "draft": draft.to_json()}

    def finish(self, state: RunState) -> dict[str, Any]:
        """Write down the outcome."""
        assert state["draft"] is not None
        draft = Done.from_json(state["draft"])
        cited = tuple(dict.fromkeys(claim.evidence_id for claim in draft.claims))
        sure = audit.capped(draft.raw, [key for key in cited if key in state["verified"]])
        if self.question.options and sure < self.abstain_below:
            draft = replace(draft, answer=None, choice=None, abstain=True)
        status = "abstained" if draft.abstain or draft.answer is None else "answered"
        if state["stop"] == "budget":
            status = "budget"
        stop = state["stop"] or "sufficient"
        if stop == "sufficient" and sure < stopping.TAU:
            stop = "stall"  # there was nothing more to try
        final = Final(status, draft.answer, draft.choice, stop, cited)
        return {"steps": [to_json(final)], "draft": draft.to_json()}

    def _may_loop(self, state: RunState, executor: Executor) -> bool:
        again = state["audits"] < MAX_AUDIT_LOOPS and state["stop"] not in ("budget", "stall")
        return again and not executor.exhausted(RESERVE)

    def _executor(self, state: RunState) -> Executor:
        return Executor(self.resources, steps_of(state), Spent.from_json(state["spent"]))


def _intent(state: RunState) -> Intent:
    return Intent.from_json(state["intent"])


def _citable(draft: Done, steps: Sequence[Step]) -> Done:
    """Drop claims on evidence that nobody found: a planner cannot invent a citation."""
    known = evidence_of(steps)
    return replace(draft, claims=tuple(c for c in draft.claims if c.evidence_id in known))


def after_gate(state: RunState) -> Literal["consensus", "plan"]:
    """Leave for the consensus with a draft, else into the loop."""
    return "consensus" if state["draft"] is not None else "plan"


def after_reflect(state: RunState) -> Literal["plan", "consensus"]:
    """Go round again unless a stop rule held."""
    return "consensus" if state["stop"] else "plan"


def after_audit(state: RunState) -> Literal["plan", "finish"]:
    """Go round again when the audit left nothing."""
    return "plan" if state["draft"] is None else "finish"
