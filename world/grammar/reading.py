"""A question as understood: its kind, what to look for, and what each option would claim."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "retrieve",
    "when",
    "order",
    "count-events",
    "count-objects",
    "read",
    "detail",
    "motion",
    "relation",
    "speech",
    "hop",
    "global",
    "yes-no",
    "generic",
]
Anchor = Literal["visual", "text", "speech"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# kinds that never leave at the gate: a glance cannot count, order, read exactly or time
NEVER_AT_GATE = frozenset(
    {"when", "order", "count-events", "count-objects", "read", "detail", "speech", "hop", "global"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as understood.

    Attributes:
        question: the wording, white space normalised.
        choices: the options, in order; empty for an open question.
        kind: which recipe answers it.
        subject: the thing asked about, a bare noun phrase (`red fish`, `code of the vault`).
        anchor: what to find in the film first, when that is not the subject.
        anchor_kind: whether the anchor is seen, read or heard.
        place: where, with its preposition (`on the beach`), or empty.
        relation: left of, right of, above, below, beside, with, after, before, while, where,
            side (which of the first four is asked), or empty.
        which: `first` or `last` for an order, else empty.
        inner: for a hop, the question to put to the span that the anchor leads to.
        statements: for each option, what the film would show if it were true.
        within: the part of the film that the question names by times, seconds; None for all of it.
    """

    question: str
    choices: tuple[str, ...] = ()
    kind: Kind = "generic"
    subject: str = ""
    anchor: str = ""
    anchor_kind: Anchor = "visual"
    place: str = ""
    relation: str = ""
    which: str = ""
    inner: str = ""
    statements: tuple[str, ...] = ()
    within: tuple[float, float] | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """The options' letters, A first."""
        return tuple(LETTERS[: len(self.choices)])

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        value = asdict(self)
        return {**value, "choices": list(self.choices), "statements": list(self.statements)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Reading:
        """Read what `to_json` wrote."""
        within = value.get("within")
        return cls(
            **{
                **value,
                "within": None if within is None else (within[0], within[1]),
                "choices": tuple(value["choices"]),
                "statements": tuple(value["statements"]),
            }
        )
