"""The types of a selector: what it knows of a film, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ...index.video.span import Span
from ..results import Line

SAME_INSTANT = 0.25  # seconds: two instants nearer than this show the same


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a selector may use. Nothing in it costs a frame or a model call.

    Attributes:
        within: the part of the film that is asked about.
        keyframes: seconds of the frames that decode alone, float64 [K], rising.
        cuts: seconds at which a shot begins, float64 [C], rising.
        seconds: sampled instants inside `within`, float64 [S], rising.
        vectors: unit vectors of pictures, float32 [M, D]; None without an encoder for this film.
        rows: row in `vectors` of each sampled instant, int64 [S].
        similarity: cosine of each cue with each sampled instant, float32 [cues, S]; None where
            `vectors` is, or without cues.
        passages: for each cue, the lines of words about it inside `within`, best first.
    """

    within: Span
    keyframes: np.ndarray
    cuts: np.ndarray
    seconds: np.ndarray
    vectors: np.ndarray | None
    rows: np.ndarray
    similarity: np.ndarray | None
    passages: tuple[tuple[Line, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The frames to look at.

    Attributes:
        seconds: when, float64 [N], rising, each once.
        scores: how strongly the selector wants each, float64 [N], 0 to 1; 0 for those that only
            cover the film.
    """

    seconds: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.seconds)


Selector = Callable[[FilmFacts, int], Selection]


def selected(pairs: Iterable[tuple[float, float]], within: Span, budget: int) -> Selection:
    """Make a selection of (second, score) pairs, the most wanted first.

    What is outside `within`, and what shows the same as one before it, is left out.
    """
    kept: list[tuple[float, float]] = []
    for second, score in pairs:
        if len(kept) == budget:
            break
        apart = all(abs(second - other) >= SAME_INSTANT for other, _ in kept)
        if within.start <= second < within.end and apart:
            kept.append((float(second), float(score)))
    kept.sort()
    table = np.array(kept, dtype=np.float64).reshape(-1, 2)
    return Selection(table[:, 0], np.clip(table[:, 1], 0.0, 1.0))
