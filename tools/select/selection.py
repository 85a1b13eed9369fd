"""The types of a selector: what it knows of a film, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...index.video.frames import Box
from ...index.video.span import Span, merge_spans
from ..results import Hit, Line
from ..types import Cost

SAME_INSTANT = 0.25  # seconds: two instants nearer than this show the same


@dataclass(frozen=True, slots=True)
class Helpers:
    """What a selector may ask where its method asks a model; None: it falls back, as it says.

    Attributes:
        relevance: probability that each stretch holds evidence for the question, float64 [N], and
            what asking cost (`tempo`).
        look: places that show what is asked about, best first, found in at most so many frames,
            and what looking cost (`tstar`).
        detect: how surely the frames at these seconds show each cue, float64 [N, cues], as an
            open-vocabulary detector scores them (`tstar`).
        patches: cosine of each patch of the frames at these seconds with the question, float64
            [N, rows, columns], and what decoding cost (`freevideo`).

    `relevance` and `patches` return None where they cannot say: no frames are left to ask about, or
    the encoder has no patches after all.
    """

    relevance: Callable[[Sequence[Span]], tuple[np.ndarray, Cost] | None] | None = None
    look: Callable[[int], tuple[list[Hit], Cost]] | None = None
    detect: Callable[[np.ndarray], np.ndarray] | None = None
    patches: Callable[[np.ndarray], tuple[np.ndarray, Cost] | None] | None = None


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a selector may use. Nothing but `helpers` costs a frame or a model call.

    Attributes:
        within: the part of the film that is asked about.
        keyframes: seconds of the frames that decode alone, float64 [K], rising.
        cuts: seconds at which a shot begins, float64 [C], rising.
        seconds: sampled instants inside `within`, float64 [S], rising.
        vectors: unit vectors of pictures, float32 [M, D]: of the encoder, or, without one for this
            film, of small thumbnails; None where there are none.
        rows: row in `vectors` of each sampled instant, int64 [S].
        similarity: cosine of each cue with each sampled instant, float32 [cues, S]; None where
            no encoder for this film is, or without cues.
        passages: for each cue, the lines of words about it inside `within`, best first.
        roles: of each cue: `target` for what is asked about, `anchor` for what it is found by (the
            answer may lie before or after it), `option`, `context`; empty: all are targets.
        modalities: of each cue: `seen`, `said`, `written`, or empty where it may be any; empty: all
            may be.
        coverage: the stretches of the film that decode; empty where that is not known.
        scope: whether the `whole` film, a `part` or a `moment` holds the answer; empty: not known.
        needs: what the answer takes beyond a look: count, order, read, listen, motion, detail,
            cause.
        most_frames: the most frames that may be shown, where a method shows more and smaller ones
            than its budget; None: as many as the budget's tokens pay for.
        seed: of everything that is drawn.
        helpers: what may be asked of models.
    """

    within: Span
    keyframes: np.ndarray
    cuts: np.ndarray
    seconds: np.ndarray
    vectors: np.ndarray | None
    rows: np.ndarray
    similarity: np.ndarray | None
    passages: tuple[tuple[Line, ...], ...] = ()
    roles: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    coverage: tuple[Span, ...] = ()
    scope: str = ""
    needs: frozenset[str] = frozenset()
    most_frames: int | None = None
    seed: int = 0
    helpers: Helpers = field(default_factory=Helpers)

    @property
    def parts(self) -> list[Span]:
        """The covered stretches of `within`; all of it where none is known to decode."""
        inside = [
            Span(max(span.start, self.within.start), min(span.end, self.within.end))
            for span in merge_spans(self.coverage, SAME_INSTANT)
            if span.overlap(self.within) > 0
        ]
        return inside or [self.within]

    def frames(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return the vectors of sampled instants, float32 [N, D]; what is not a number is 0."""
        assert self.vectors is not None
        return np.nan_to_num(self.vectors[self.rows[rows]], posinf=0.0, neginf=0.0)


@dataclass(frozen=True, slots=True)
class Selection:
    """The frames to look at.

    Attributes:
        seconds: when, float64 [N], rising, each once.
        scores: how strongly the selector wants each, float64 [N], 0 to 1; 0 for those that only
            cover the film.
        scales: each frame is meant to be shown at 1/scale of its width and height and so costs
            1/scale**2 of a frame, float64 [N], 1 or more; None: all at full size.
        regions: for each frame the part of the picture that matters, None for all of it; empty
            where the method finds none. The presenter `clips` shows it.
        cost: what asking a model cost.
        note: what the method could not do; empty where it did all of it.
    """

    seconds: np.ndarray
    scores: np.ndarray
    scales: np.ndarray | None = None
    regions: tuple[Box | None, ...] = ()
    cost: Cost = field(default_factory=Cost)
    note: str = ""

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def full_frames(self) -> float:
        """How many frames of full size it costs."""
        return float(len(self)) if self.scales is None else float((1 / self.scales**2).sum())


Selector = Callable[[FilmFacts, int], Selection]


def selected(
    pairs: Iterable[tuple[float, float]], facts: FilmFacts, budget: int, gap: float = SAME_INSTANT
) -> Selection:
    """Make a selection of (second, score) pairs, the most wanted first.

    What is outside `within`, or does not decode, or is nearer than `gap` seconds (at least
    `SAME_INSTANT`) to one before it, is left out.
    """
    kept: list[tuple[float, float]] = []
    parts, gap = facts.parts, max(gap, SAME_INSTANT)
    taken = np.full(budget, -np.inf)
    for second, score in pairs:
        if len(kept) == budget:
            break
        apart = bool((np.abs(taken[: len(kept)] - second) >= gap).all())
        if apart and any(part.contains(second) for part in parts):
            taken[len(kept)] = second
            kept.append((float(second), float(score)))
    kept.sort()
    table = np.array(kept, dtype=np.float64).reshape(-1, 2)
    return Selection(table[:, 0], np.clip(np.nan_to_num(table[:, 1]), 0.0, 1.0))
