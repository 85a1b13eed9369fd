"""Event precision and recall of descriptions, after Tarsier (Wang et al., arXiv 2407.00634).

A description is cut into events; an event of the description is right when the known events entail
it, a known event is found when the description entails it. Who judges is up to the caller: a model,
or, on films whose events are known by time and words, `same_event`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...index.text.language import stop_words
from ...index.text.spelling import stem_of, words_of
from ...index.words.lines import Line
from .intervals import iou
from .metric import f1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens.

    Attributes:
        text: what, one sentence.
        span: when, in seconds; None where it is not said.
    """

    text: str
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class EventScores:
    """How well a description tells the events of a film.

    Attributes:
        precision: share of the told events that happen.
        recall: share of the events that are told.
        told: number of events of the description.
        known: number of true events.
    """

    precision: float
    recall: float
    told: int
    known: int

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return f1(self.precision, self.recall)


def event_scores(
    told: Sequence[Event], known: Sequence[Event], entails: Callable[[Event, Event], bool]
) -> EventScores:
    """Compare the events of a description with the true ones.

    Args:
        told: events of the description.
        known: true events.
        entails: says whether the first event makes the second one certain.

    Raises:
        ValueError: no true event.
    """
    if not known:
        raise ValueError("known: a film without known events cannot be scored")
    right = sum(any(entails(truth, event) for truth in known) for event in told)
    found = sum(any(entails(event, truth) for event in told) for truth in known)
    return EventScores(
        right / len(told) if told else 0.0, found / len(known), len(told), len(known)
    )


def events_of(lines: Iterable[Line]) -> list[Event]:
    """Cut the captions of a film into events, a sentence or a part up to `;` each, at its time."""
    return [
        Event(part.strip(), (line.span.start, line.span.end))
        for line in lines
        for part in re.split(r"[;\n]|(?<=[.!?])\s", line.text)
        if _content(part)
    ]


def same_event(one: Event, two: Event) -> bool:
    """Say whether the first event tells all content words of the second, at a time that overlaps.

    A rule for films made from a list of events, whose wordings are known; descriptions in free
    wording need a model that judges.
    """
    if one.span and two.span and iou(one.span, two.span) <= 0:
        return False
    return _content(two.text) <= _content(one.text)


def _content(text: str) -> set[str]:
    return {stem_of(word, "en") for word in words_of(text)} - stop_words("en")
