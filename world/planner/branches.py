"""The two branches of the consensus: where words speak for the question, and where pictures do.

SeViCES (arXiv 2510.20622) chooses frames twice, by what their captions say and by how they look.
Here the semantic branch holds the spans whose speech, writing or caption shares words with the
question; the visual branch the encoder's best hits, of different parts of the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...agent.cost.budget import Budget
from ...agent.executor import Desk
from ...agent.planners.base import Action
from ...agent.steps import Observation, of_type
from ...index.video.span import Span
from ...tools.types import Observation as Found
from ..grammar.reading import Reading
from ..grammar.statements import anchor_phrase
from . import calls
from .findings import Sighting, around, sightings, word_share

SPANS = 3  # of a branch; one look takes as many
APART = 30.0  # seconds between two spans of a branch: nearer ones are of one part of the film
CAPTIONED = 4  # hits that are described where no words match


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes the consensus' calls, and none once the budget is spent.

    Attributes:
        desk: the node's.
        budget: the run's.
        reserve: frames kept back for the audit.
    """

    desk: Desk
    budget: Budget
    reserve: int

    def call(self, action: Action) -> Found | None:
        """Return what a call brought; None when it was not made, or failed."""
        if self.budget.exhausted(self.desk.spent, self.reserve):
            return None
        found = self.desk.call(action, "consensus", self.reserve).found
        return None if found.error else found


def semantic_spans(reading: Reading, caller: Caller) -> list[Span]:
    """Return spans whose words match the question best, at most `SPANS`.

    What was already found is used first. Where no speech or writing matches, the likeliest clips
    are described and their captions are compared.
    """
    query = f"{reading.question} {' '.join(reading.choices)}"
    said = [
        Sighting(item.span, word_share(reading.question, item.text), item, item.span.middle)
        for step in of_type(caller.desk.steps, Observation)
        for item in step.found.evidence
        if item.kind in ("speech", "text", "caption")
    ]
    matching = [item for item in said if item.score >= 0.5]
    if not matching:
        for hit in spread(visual_hits(reading, caller), CAPTIONED):
            found = caller.call(calls.caption(around(hit)))
            if text := str(found.data.get("caption") or "") if found else "":
                matching.append(Sighting(hit.span, word_share(query, text), None, hit.second))
    return [around(item) for item in spread(matching, SPANS)]


def visual_spans(reading: Reading, caller: Caller) -> list[Span]:
    """Return spans that look most like the question, of different parts, at most `SPANS`."""
    return [around(hit) for hit in spread(visual_hits(reading, caller), SPANS)]


def visual_hits(reading: Reading, caller: Caller) -> list[Sighting]:
    """Search the index by looks; the same search again costs nothing."""
    action = calls.search(anchor_phrase(reading) or reading.question, "visual", 8)
    found = caller.call(action)
    return sightings(found, "hits") if found else []


def spread(items: Sequence[Sighting], most: int) -> list[Sighting]:
    """Choose the best of each part of the film, at most so many, and return them in time order."""
    chosen: list[Sighting] = []
    for item in sorted(items, key=lambda i: (-i.score, i.span.start)):
        if all(abs(item.span.middle - other.span.middle) >= APART for other in chosen):
            chosen.append(item)
    return sorted(chosen[:most], key=lambda item: item.span.start)
