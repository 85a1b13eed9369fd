"""The planner seam: who decides what to do next.

Two kinds stand behind it: `scripted` (no plan of a language model) and `llm`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from ...tools.types import Cost
from ..chat import Chat
from ..cost.budget import Budget, Spent
from ..question import Question
from ..steps import Step
from ..understanding.intent import Intent


@dataclass(frozen=True, slots=True)
class Action:
    """Call this tool with these arguments, for this reason."""

    tool: str
    args: dict[str, Any]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a piece of evidence is said to show; the audit puts it to `verify`.

    Attributes:
        evidence_id: which evidence.
        statement: what its span is said to show, for the VLM: a sentence, or a question with
            its proposed answer.
        kind: frame (the VLM judges it), speech or text (`words` must be found again), caption.
        words: the words to be found, for speech and text.
    """

    evidence_id: str
    statement: str
    kind: Literal["frame", "speech", "text", "caption"] = "frame"
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The planner is finished.

    Attributes:
        answer: in words; None when abstaining.
        choice: the option's letter, when there were options.
        raw: how sure the planner is, 0 to 1, before any check.
        method: where `raw` comes from.
        options: the option letters' probabilities, where known.
        claims: what the answer rests on, the answer's own span first.
        abstain: the film does not show what was asked about.
        reason: why it stopped: sufficient, not_found, or another stop reason.
        caveats: what the user should know.
    """

    answer: str | None
    choice: str | None = None
    raw: float = 0.0
    method: str = "text"
    options: dict[str, float] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    abstain: bool = False
    reason: str = "sufficient"
    caveats: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        value = asdict(self)
        return {**value, "claims": list(value["claims"]), "caveats": list(self.caveats)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Done:
        """Read what `to_json` wrote."""
        claims = tuple(Claim(**claim) for claim in value["claims"])
        return cls(**{**value, "claims": claims, "caveats": tuple(value["caveats"])})


@dataclass(frozen=True, slots=True)
class Turn:
    """A decision together with what it took to reach it.

    Attributes:
        decision: calls that do not depend on one another, one as a rule, or the answer; no calls
            where the question's time was up before the planner had decided.
        cost: model calls and tokens of the planner itself.
        seconds: how long the planner's model took, also where its replies come from the journal.
        notes: what the record should say of this turn.
        detail: plain JSON that the planner wants to find again in its memory.
    """

    decision: tuple[Action, ...] | Done
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, decision: Action | Done | Turn) -> Turn:
        """Return a plain decision as a turn that cost nothing."""
        if isinstance(decision, Turn):
            return decision
        return cls(decision if isinstance(decision, Done) else (decision,))


@dataclass(frozen=True, slots=True)
class Left:
    """What a planner may still spend."""

    steps: int
    frames: int
    seconds: float
    tokens: int = 0
    calls: int = 0

    @classmethod
    def of(cls, budget: Budget, spent: Spent, reserve_frames: int = 0) -> Left:
        """Work out what is left of a budget."""
        return cls(
            max(0, budget.max_steps - spent.steps),
            budget.frames_left(spent, reserve_frames),
            max(0.0, budget.max_seconds - spent.seconds),
            max(0, budget.max_tokens - spent.tokens_in - spent.tokens_out),
            max(0, budget.max_calls - spent.model_calls),
        )


Journal = Callable[[Chat], Chat]
"""Returns a chat model whose replies are kept in the run's trace and read back after a kill."""


class Planner(Protocol):
    """Decides what to do next from the memory alone.

    Every method is a function of its arguments (and of what a chat model replies, which is
    journaled; see `chat.py`), so that a run can be resumed and replayed.

    Attributes:
        name: as written into the run record.
        patience: turns without news after which the loop stops, and calls of one tool without
            news after which the trap guard refuses another.
    """

    @property
    def name(self) -> str:
        """As in `PLANNERS`."""
        ...

    @property
    def patience(self) -> int:
        """Turns and calls without news that are put up with."""
        ...

    def at_work(self, duration: float, journal: Journal) -> Planner:
        """Return this planner for one run.

        Args:
            duration: length of the film, seconds.
            journal: wraps a chat model so that its replies are kept and read back.
        """
        ...

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        """Return the calls that are made before anything is planned."""
        ...

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        """Return the answer of the first look where it may leave at the gate; None to go on."""
        ...

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done | Turn:
        """Return the next call, or the answer."""
        ...

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        """Answer as well as possible from what is there; no further call will be made."""
        ...
