"""The nodes of the graph: state in, update out.

A node may be run again after a kill. Each is safe to: calls are numbered, and a call that an
earlier process finished is read back from the trace instead of being made again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..models.client.deadline import ends_within
from ..world.grammar.moments import fitted
from ..world.grammar.question import read_question
from ..world.grammar.reading import Reading
from ..world.planner.branches import Caller
from ..world.planner.refine import Consensus, needs_refining, refine
from . import stopping as gate
from .cost.budget import Spent
from .executor import Desk, Office
from .planners.base import Action, Claim, Done, Left, Planner, Turn
from .state import RunState, steps_of
from .steps import Final, Observation, Plan, Reflection, Step, evidence_of, to_json
from .verification import audit
from .verification.consensus import agree, looks, tally

MAX_AUDIT_LOOPS = 1


@dataclass(frozen=True)
class Nodes:
    """The graph's nodes and what they work with.

    Attributes:
        question: the question as asked.
        choices: its options; empty for an open question.
        planner: who decides.
        office: toolbox, budget, events and trace.
        force_choice: guess, flagged, where the film does not show the answer.
        consensus_by: `refine` lets words and pictures answer apart where the planner is unsure;
            `vote` only counts the looks.
        duration: the film's length, seconds; None where it is not known.
    """

    question: str
    choices: tuple[str, ...]
    planner: Planner
    office: Office
    force_choice: bool = False
    consensus_by: Consensus = "refine"
    duration: float | None = None

    def prepare(self, state: RunState) -> dict[str, Any]:
        """Read the question."""
        reading = read_question(self.question, self.choices)
        if reading.within is not None and self.duration is not None:
            reading = replace(reading, within=fitted(reading.within, self.duration))
        self.office.events.emit("reading", reading=reading.to_json())
        plan = Plan(f"read as {reading.kind}", {"planner": self.planner.name})
        return {"reading": reading.to_json(), "steps": [to_json(plan)]}

    def first_look(self, state: RunState) -> dict[str, Any]:
        """Glance over the film and search it."""
        reading, desk = self._desk(state)
        for action in gate.first_look(reading):
            if self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES):
                break
            desk.call(action, "first_look", audit.AUDIT_FRAMES)
        return desk.update()

    def gate(self, state: RunState) -> dict[str, Any]:
        """Leave with the first look's answer when it is confident and its evidence verified."""
        reading, desk = self._desk(state)
        draft = gate.glance(reading, desk.steps)
        if draft is None or self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES):
            return {}
        (_, action), *_ = audit.audit_actions(draft, desk.steps)
        check = desk.call(action, "gate", audit.AUDIT_FRAMES)
        if check.found.data.get("verdict") != "supported":
            return desk.update()
        return {**desk.update(), "draft": draft.to_json(), "stop": "sufficient"}

    def plan(self, state: RunState) -> dict[str, Any]:
        """Ask the planner for the next calls, unless the budget is spent."""
        reading, desk = self._desk(state)
        short = self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES)
        if short:
            return {"steps": [to_json(Plan(f"stop: {short}"))], "stop": "budget", "pending": None}
        began = time.monotonic()
        left = Left.of(self.office.budget, desk.spent, audit.AUDIT_FRAMES)
        with ends_within(self.office.budget.seconds_left(desk.spent)):
            turn = Turn.of(self.planner.next(desk.steps, reading, left))
        desk.note(turn, began)
        if isinstance(turn.decision, Done):
            draft = self._citable(turn.decision, desk.steps)
            desk.add(Plan(f"done: {draft.reason}"))
            return {
                **desk.update(),
                "draft": draft.to_json(),
                "stop": draft.reason,
                "pending": None,
            }
        # planning itself may have used up what was left
        short = self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES)
        if short or not turn.decision:
            desk.add(Plan(f"stop: {short or 'the time is up'}"))
            return {**desk.update(), "stop": "budget", "pending": None}
        return {**desk.update(), "pending": [asdict(action) for action in turn.decision]}

    def act(self, state: RunState) -> dict[str, Any]:
        """Make the calls that were decided on, refusing those that would go round in circles."""
        _, desk = self._desk(state)
        assert state["pending"]
        for place, value in enumerate(state["pending"]):
            if place and self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES):
                break
            action = Action(**value)
            if gate.trapped(action.tool, gate.since_audit(desk.steps), self.planner.patience):
                desk.refuse(
                    action, f"{action.tool} brought nothing new the last times: try another tool"
                )
            else:
                desk.call(action, "act", audit.AUDIT_FRAMES)
            desk.spent = replace(desk.spent, steps=desk.spent.steps + 1)
        return {**desk.update(), "pending": None}

    def reflect(self, state: RunState) -> dict[str, Any]:
        """Say what the last turn brought, and whether the loop has stalled."""
        steps = steps_of(state)
        idle = gate.idle_turns(gate.since_audit(steps))
        stop = "stall" if idle >= self.planner.patience else None
        text = "nothing new" if idle else "new evidence"
        self.office.events.emit("reflection", text=text, idle=idle, stop=stop)
        return {"steps": [to_json(Reflection(text, idle, stop))], "stop": stop}

    def consensus(self, state: RunState) -> dict[str, Any]:
        """Settle on one answer: the planner's, or what the looks agree on."""
        reading, desk = self._desk(state)
        stop = state["stop"] or "sufficient"
        if state["draft"] is not None:
            draft = Done.from_json(state["draft"])
        else:
            draft = self.planner.conclude(desk.steps, reading, stop)
            draft = self._citable(draft, desk.steps)
        unsure = stop != "budget" and needs_refining(reading, draft, desk.steps)
        if self.consensus_by == "refine" and unsure:
            draft = refine(reading, draft, Caller(desk, self.office.budget, audit.AUDIT_FRAMES))
        verdict = agree(reading, desk.steps, draft)
        for vote in verdict.votes:
            desk.add(vote)
            self.office.events.emit(
                "vote", voter=vote.voter, choice=vote.choice, weight=vote.weight
            )
        if stop == "sufficient" and draft.raw < gate.TAU and verdict.agreed:
            stop = "consensus"
        return {**desk.update(), "draft": verdict.draft.to_json(), "stop": stop}

    def audit(self, state: RunState) -> dict[str, Any]:
        """Verify each cited claim again; without any left, loop once more or abstain."""
        reading, desk = self._desk(state)
        assert state["draft"] is not None
        draft = Done.from_json(state["draft"])
        checks: list[tuple[Claim, Observation]] = []
        for claim, action in audit.audit_actions(draft, desk.steps):
            if self.office.budget.exhausted(replace(desk.spent, steps=0)):
                break
            checks.append((claim, desk.call(action, "audit", 0)))
        ruling = audit.rule(checks, draft, desk.steps)
        left = tuple(claim for claim in draft.claims if claim.evidence_id not in ruling.dropped)
        self.office.events.emit(
            "audit", verified=list(ruling.verified), dropped=list(ruling.dropped)
        )
        update: dict[str, Any] = {
            "verified": [*state["verified"], *ruling.verified],
            "dropped": [*state["dropped"], *ruling.dropped],
        }
        if draft.claims and not left:
            again = state["audits"] < MAX_AUDIT_LOOPS and state["stop"] not in ("budget", "stall")
            if again and not self.office.budget.exhausted(desk.spent, audit.AUDIT_FRAMES):
                desk.add(Plan("the audit refused the evidence: once more", {"again": True}))
                return {**desk.update(), **update, "draft": None, "stop": None,
                        "audits": state["audits"] + 1}  # fmt: skip
            if state["stop"] != "budget":
                draft, update["stop"] = _withdrawn(draft), "not_found"
        draft = replace(draft, claims=left)
        if draft.abstain and self.force_choice:
            draft = forced(reading, desk.steps, draft)
        return {**desk.update(), **update, "draft": draft.to_json()}

    def finish(self, state: RunState) -> dict[str, Any]:
        """Write down the outcome."""
        assert state["draft"] is not None
        draft = Done.from_json(state["draft"])
        status = "abstained" if draft.abstain or draft.answer is None else "answered"
        if state["stop"] == "budget":
            status = "budget"
        cited = tuple(dict.fromkeys(claim.evidence_id for claim in draft.claims))
        final = Final(status, draft.answer, draft.choice, state["stop"] or "sufficient", cited)
        return {"steps": [to_json(final)]}

    def _desk(self, state: RunState) -> tuple[Reading, Desk]:
        reading = Reading.from_json(state["reading"])
        return reading, Desk(self.office, steps_of(state), Spent.from_json(state["spent"]))

    @staticmethod
    def _citable(draft: Done, steps: Sequence[Step]) -> Done:
        """Drop claims on evidence that nobody found: a planner cannot invent a citation."""
        known = evidence_of(steps)
        claims = tuple(claim for claim in draft.claims if claim.evidence_id in known)
        return replace(draft, claims=claims)


def forced(reading: Reading, steps: Sequence[Step], draft: Done) -> Done:
    """Turn an abstention into the best guess there is, flagged; open questions stay as they are."""
    if not reading.choices:
        return draft
    totals = tally(looks(reading, steps))
    best = max(totals, key=lambda letter: totals[letter]) if totals else reading.letters[0]
    return replace(
        draft, choice=best, answer=reading.choices[reading.letters.index(best)], abstain=False,
        raw=min(draft.raw, totals.get(best, 0.0), 0.5), method="forced",
        caveats=(*draft.caveats, "forced choice: the film was not seen to show the answer"),
    )  # fmt: skip


def _withdrawn(draft: Done) -> Done:
    caveat = "the audit refused every piece of evidence for an answer"
    return replace(
        draft, answer=None, choice=None, abstain=True, claims=(), reason="not_found",
        raw=0.0, caveats=(*draft.caveats, caveat),
    )  # fmt: skip


def after_gate(state: RunState) -> Literal["consensus", "plan"]:
    """Leave for the consensus with a draft, else into the loop."""
    return "consensus" if state["draft"] is not None else "plan"


def after_reflect(state: RunState) -> Literal["plan", "consensus"]:
    """Go round again unless a stop rule held."""
    return "consensus" if state["stop"] else "plan"


def after_audit(state: RunState) -> Literal["plan", "finish"]:
    """Go round again when the audit left nothing."""
    return "plan" if state["draft"] is None else "finish"
