"""What each option would mean in the film, as a statement an eye can judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .phrases import bare, with_article, without_tiny

if TYPE_CHECKING:
    from .reading import Reading

_COLOUR_WORDS = ("colour", "color")
_SIDES = (
    ("left", "to the left of"),
    ("right", "to the right of"),
    ("above|over|top|up", "above"),
    ("below|under|underneath|beneath|down", "below"),
)
_PREPOSITIONS = ("on ", "in ", "at ", "inside ", "near ", "by ")


def option_statements(reading: Reading) -> tuple[str, ...]:
    """Return one statement an option; empty for an open question."""
    return tuple(answer_statement(reading, choice) for choice in reading.choices)


def answer_statement(reading: Reading, answer: str) -> str:
    """Return what the film shows if `answer` is the answer, as a noun phrase with an article."""
    maker = _MAKERS.get(reading.kind, _generic)
    return maker(reading, bare(answer)).strip()


def answer_part(reading: Reading, answer: str) -> str:
    """Return what an answer names by itself, without the thing it was asked of."""
    answer = bare(answer)
    if reading.relation == "where":
        return _place(reading, answer)
    if reading.kind == "motion" or reading.relation == "side":
        return with_article(reading.subject)
    named = f"{answer} {without_tiny(reading.subject)}" if asks_colour(reading) else answer
    return with_article(named)


def asks_colour(reading: Reading) -> bool:
    """Say whether the answer is a colour."""
    question = (reading.inner or reading.question).lower()
    return any(word in question for word in _COLOUR_WORDS)


def subject_phrase(reading: Reading) -> str:
    """Return the subject with its article and place: `a red fish on the beach`."""
    return f"{with_article(without_tiny(reading.subject))} {reading.place}".strip()


def anchor_phrase(reading: Reading) -> str:
    """Return what has to be found first, with article and place."""
    anchor = with_article(without_tiny(reading.anchor or reading.subject))
    if reading.relation == "side":
        anchor = f"{with_article(reading.subject)} together with {anchor}"
    return f"{anchor} {reading.place}".strip()


def _retrieve(reading: Reading, answer: str) -> str:
    if reading.relation == "where":
        at = answer if answer.lower().startswith(_PREPOSITIONS) else f"at the {answer}"
        return f"{with_article(reading.subject)} {at}"
    subject = f"{answer} {reading.subject}" if asks_colour(reading) else answer
    subject = with_article(without_tiny(subject))
    if reading.relation in ("with", "beside"):
        joint = "beside" if reading.relation == "beside" else "together with"
        return f"{subject} {joint} {with_article(reading.anchor)} {reading.place}"
    return f"{subject} {reading.place}"


def _relation(reading: Reading, answer: str) -> str:
    if reading.relation == "side":
        return f"{with_article(reading.subject)} {_side(answer)} {with_article(reading.anchor)}"
    side = (
        reading.relation if reading.relation in ("above", "below") else f"to the {reading.relation}"
    )
    return f"{with_article(answer)} {side} {with_article(reading.anchor)}"


def _side(answer: str) -> str:
    """Return `left`, `on its left side` or `over it` as a relation."""
    for words, relation in _SIDES:
        if re.search(rf"\b(?:{words})\b", answer, re.I):
            return relation
    return answer


def _hop(reading: Reading, answer: str) -> str:
    return with_article(f"{answer} {reading.subject}" if asks_colour(reading) else answer)


def _motion(reading: Reading, answer: str) -> str:
    return f"{with_article(reading.subject)} moving {answer}"


def _place(reading: Reading, answer: str) -> str:
    return answer if answer.lower().startswith(_PREPOSITIONS) else f"the {answer}"


def _seen(reading: Reading, answer: str) -> str:
    return with_article(answer)


def _read(reading: Reading, answer: str) -> str:
    return f"a sign that says {answer}"


def _count(reading: Reading, answer: str) -> str:
    return f"{answer} {reading.subject} {reading.place}"


def _yes_no(reading: Reading, answer: str) -> str:
    return (
        ("no " if answer.lower().startswith("no") else "") + reading.subject + f" {reading.place}"
    )


def _generic(reading: Reading, answer: str) -> str:
    return answer


_MAKERS = {
    "retrieve": _retrieve,
    "detail": _retrieve,
    "relation": _relation,
    "hop": _hop,
    "motion": _motion,
    "global": _place,
    "order": _seen,
    "read": _read,
    "count-objects": _count,
    "count-events": _count,
    "yes-no": _yes_no,
}
