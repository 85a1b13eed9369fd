"""What a question wants: the form of its answer, where to look, and what to look for.

An intent adds evidence to look for. It never replaces the question, which goes verbatim into every
call that answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ...index.video.span import Span
from ..question import Question

AnswerForm = Literal["choice", "span", "number", "order", "yes_no", "text", "summary"]
Scope = Literal["whole", "part", "moment"]
Modality = Literal["seen", "said", "written"]
Role = Literal["target", "anchor", "option", "context"]
Need = Literal["count", "order", "read", "listen", "motion", "detail", "cause"]

ANSWER_FORMS: tuple[str, ...] = get_args(AnswerForm)
SCOPES: tuple[str, ...] = get_args(Scope)
MODALITIES: tuple[str, ...] = get_args(Modality)
ROLES: tuple[str, ...] = get_args(Role)
NEEDS: tuple[str, ...] = get_args(Need)
MOST_CUES = 12


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to find in the film.

    Attributes:
        text: in words.
        modality: whether it is seen, said or written; None when any may be.
        role: the thing asked about (target), what it is found by (anchor), an option, or context.
    """

    text: str
    modality: Modality | None = None
    role: Role = "target"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a question wants.

    Attributes:
        answer_form: the form of the answer.
        scope: whether the whole film, a part of it, or a moment holds the answer.
        within: the part of the film that the question names by the film's clock; None for all.
        cues: what to look for.
        needs: what the answer takes beyond a look.
        negated: whether the question asks for what is not so.
        source: `rules`, or the id of the model that read the question.
    """

    answer_form: AnswerForm = "text"
    scope: Scope = "whole"
    within: Span | None = None
    cues: tuple[Cue, ...] = ()
    needs: frozenset[Need] = frozenset()
    negated: bool = False
    source: str = "rules"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        value = asdict(self)
        return {
            **value,
            "within": None if self.within is None else [self.within.start, self.within.end],
            "cues": list(value["cues"]),
            "needs": sorted(self.needs),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Intent:
        """Read what `to_json` wrote."""
        within = value["within"]
        return cls(
            value["answer_form"],
            value["scope"],
            None if within is None else Span(*within),
            tuple(Cue(**cue) for cue in value["cues"]),
            frozenset(value["needs"]),
            value["negated"],
            value["source"],
        )


def neutral_intent(question: Question) -> Intent:
    """Return the intent that presumes nothing: the question and each option are the cues."""
    cues = [Cue(question.text)]
    cues += [Cue(option, None, "option") for option in question.options]
    return Intent("choice" if question.options else "text", cues=tuple(cues[:MOST_CUES]))


def texts_of(cues: Sequence[Cue]) -> list[str]:
    """Return the texts of cues, each once."""
    return [cue.text for cue in each_once(cues)]


def each_once(cues: Sequence[Cue]) -> list[Cue]:
    """Return the cues without those whose text an earlier one has."""
    first: dict[str, Cue] = {}
    for cue in cues:
        first.setdefault(cue.text, cue)
    return list(first.values())


def cites_speech(intent: Intent) -> bool:
    """Say whether something to find is said."""
    return any(cue.modality == "said" for cue in intent.cues)


def listens(intent: Intent) -> bool:
    """Say whether the answer takes what is said."""
    return "listen" in intent.needs or cites_speech(intent)
