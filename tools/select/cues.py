"""cues: each thing to look for has its turn; around what a question goes by, its neighbours too.

Ours. The other methods merge the likeness of all cues before they choose, so that the cue with the
highest cosines takes the budget, and they show only what a cue names. A question that asks for what
comes before or after something names that (a cue of the role `anchor`), not its answer. So each of
the likeliest places of an anchor is shown with instants from both sides of it, those first that are
like an option of the question. What is said is looked for in words alone, all along a passage.
Half of the budget is spent evenly where nothing is known but the question itself and its options,
and where words alone tell of what may be seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..results import Line
from .scaling import relevance, standard
from .selection import FilmFacts, Selection, selected
from .uniform import UNLIKE, evenly, filled

REACH = 50.0  # seconds to either side of an anchor that count as before and after it
LINE = 4.0  # seconds of a passage that one instant stands for: about a line
APART = 6.0  # seconds between instants on either side of an anchor
GROUP = 5
"""Frames that a place of an anchor is worth, itself included."""
ANCHORED = 0.85
"""Share of the budget for anchors, where the question names something else as well."""
OPTIONS = 0.25
"""Weight of the likeness to the options beside that to a cue: an option is only a guess."""
KINDS = {"said": ("speech",), "written": ("text",), "seen": ("caption",)}
"""Words that tell of a cue, by what the cue is."""


@dataclass(slots=True, eq=False)
class _Source:
    """Where a cue may be: standard scores of samples [S], None for none; instants of passages."""

    likeness: np.ndarray | None
    instants: list[tuple[float, float]]
    anchor: bool
    by_words: bool = True


def cues(facts: FilmFacts, budget: int) -> Selection:
    """Choose by likeness [cues, S] and passages; evenly where neither tells anything.

    Picks lie at least a quarter of an even step apart, and what is left is spent evenly. Cost:
    O(budget x S + cues x S).
    """
    likeness = _likeness(facts)
    sources = _sources(facts, likeness)
    if not sources:
        return evenly(facts, budget, UNLIKE)
    anchors = [source for source in sources if source.anchor]
    others = [source for source in sources if not source.anchor]
    picks = _Picks(facts, budget if _trusted(facts, sources) else max(1, budget // 2))
    budget, whole = picks.budget, budget
    room = budget if not others else round(ANCHORED * budget)
    beside = _beside(facts, likeness)
    while anchors and len(picks.pairs) < room:
        for source in list(anchors):
            place = picks.best(source)
            if place is None:
                anchors.remove(source)
                continue
            picks.around(place, beside, min(GROUP - 1, room - len(picks.pairs)))
    others = others or [source for source in sources if source.anchor]
    while others and len(picks.pairs) < budget:
        others = [source for source in others if picks.best(source) is not None]
    return filled(selected(picks.pairs, facts, budget), facts, whole)


class _Picks:
    """The instants taken so far, most wanted first."""

    def __init__(self, facts: FilmFacts, budget: int) -> None:
        wanted = relevance(facts)
        self._seconds = facts.seconds
        self._scores = np.zeros(len(facts.seconds)) if wanted is None else wanted
        self._gap = facts.within.duration / budget / 4
        self._free = np.ones(len(facts.seconds), bool)
        self.budget = budget
        self.pairs: list[tuple[float, float]] = []

    def best(self, source: _Source) -> float | None:
        """Take the likeliest place of a cue that is left, by words and pictures in turn."""
        if len(self.pairs) >= self.budget:
            return None
        for by_words in (source.by_words, not source.by_words):
            second = self._said(source) if by_words else self._seen(source)
            if second is not None:
                source.by_words = not by_words
                return second
        return None

    def around(self, place: float, beside: np.ndarray, count: int) -> None:
        """Take instants on both sides of a place, the likeliest first."""
        near = np.abs(self._seconds - place) <= REACH
        for second, _ in self.pairs:
            near &= np.abs(self._seconds - second) >= APART
        for _ in range(count):
            if not near.any():
                return
            row = int(np.argmax(np.where(near, beside, -np.inf)))
            near &= np.abs(self._seconds - self._seconds[row]) >= APART
            self._take(float(self._seconds[row]), float(self._scores[row]))

    def _said(self, source: _Source) -> float | None:
        while source.instants:
            second, score = source.instants.pop(0)
            if all(abs(second - other) >= LINE / 2 for other, _ in self.pairs):
                self._take(second, score)
                return second
        return None

    def _seen(self, source: _Source) -> float | None:
        if source.likeness is None or not self._free.any():
            return None
        row = int(np.argmax(np.where(self._free, source.likeness, -np.inf)))
        second = float(self._seconds[row])
        self._take(second, float(self._scores[row]))
        return second

    def _take(self, second: float, score: float) -> None:
        self.pairs.append((second, score))
        self._free &= np.abs(self._seconds - second) >= self._gap


def _likeness(facts: FilmFacts) -> np.ndarray | None:
    """Return the standard scores of the cues' cosines [cues, S]; None where nothing tells."""
    if facts.similarity is None or relevance(facts) is None:
        return None
    return standard(facts.similarity)


def _roles(facts: FilmFacts, count: int) -> list[str]:
    return [*facts.roles, *["target"] * count][:count]


def _sources(facts: FilmFacts, likeness: np.ndarray | None) -> list[_Source]:
    """Return where the cues may be; the options are cues only where there is no other one."""
    count = max(len(facts.passages), 0 if likeness is None else len(likeness))
    roles = _roles(facts, count)
    kinds = [*facts.modalities, *[""] * count][:count]
    options = [row for row in range(count) if roles[row] == "option"]
    sources = []
    for row in [row for row in range(count) if row not in options] or options:
        seen = None
        if likeness is not None and kinds[row] != "said" and likeness[row].any():
            seen = likeness[row] + OPTIONS * _best(likeness, options)
        lines = [*facts.passages[row]] if row < len(facts.passages) else []
        if seen is not None and kinds[row] in KINDS:
            lines = [line for line in lines if line.kind in KINDS[kinds[row]]]
        if seen is not None or lines:
            sources.append(_Source(seen, _instants(lines), roles[row] == "anchor"))
    return sources


def _instants(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return (second, score) all along the passages, the best passage first.

    A passage holds several lines, and it is not known which of them tells of the cue.
    """
    found = []
    for line in lines:
        count = max(1, math.ceil(line.span.duration / LINE))
        found += [
            (line.span.start + (k + 0.5) * line.span.duration / count, line.score)
            for k in _from_the_middle(count)
        ]
    return found


def _from_the_middle(count: int) -> list[int]:
    return sorted(range(count), key=lambda k: (abs(k - (count - 1) / 2), k))


def _trusted(facts: FilmFacts, sources: Sequence[_Source]) -> bool:
    """Say whether what is found is worth the whole budget.

    It is where something is named beside the question itself and its options, and where pictures
    were searched, unless it is all said.
    """
    roles = _roles(facts, max(len(facts.roles), len(facts.modalities)))
    named = not facts.roles or any(role in ("target", "anchor") for role in roles)
    kinds = [kind for kind, role in zip(facts.modalities, roles, strict=False) if role != "option"]
    said = bool(kinds) and all(kind == "said" for kind in kinds)
    return named and (said or any(source.likeness is not None for source in sources))


def _beside(facts: FilmFacts, likeness: np.ndarray | None) -> np.ndarray:
    """Return how likely each sample is what lies beside an anchor, [S]: like an option.

    Without options, like any other cue.
    """
    if likeness is None:
        return np.zeros(len(facts.seconds))
    roles = _roles(facts, len(likeness))
    options = [row for row, role in enumerate(roles) if role == "option"]
    return _best(likeness, options or [row for row, role in enumerate(roles) if role != "anchor"])


def _best(likeness: np.ndarray, rows: Sequence[int]) -> np.ndarray:
    """Return the best of some cues' likeness, at least 0, [S]; 0 for none."""
    if not rows:
        return np.zeros(likeness.shape[1])
    return np.clip(likeness[list(rows)].max(axis=0), 0.0, None)
