"""Which instants of a film are looked at, and which of the frames there are near-duplicates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .video.span import Span, merge_spans

CELL = 8
# a sprite of 5 % of the frame's height moves its cell by 4 levels or more; coding noise, averaged
# over a cell, stays under 2
CELL_LEVELS = 3.0
MEAN_LEVELS = 0.75


def sample_instants(duration: float, fps: float, holes: Sequence[Span] = ()) -> np.ndarray:
    """Return the instants k / fps inside a film, float64 [N], at least the first.

    Args:
        duration: seconds of the film.
        fps: instants a second.
        holes: where nothing is stored: no instant is taken there.

    Raises:
        ValueError: fps is not above 0.
    """
    if not fps > 0:
        raise ValueError(f"fps = {fps!r}: must be above 0, for example 1.0")
    count = max(1, int(np.ceil(duration * fps - 1e-6)))
    # a clock that jumps by days must not cost memory for every second of them
    whole = sorted([Span(h.start, min(h.end, duration)) for h in holes if h.start < duration])
    edges = [0, *(int(np.ceil(t * fps - 1e-6)) for h in whole for t in (h.start, h.end)), count]
    parts = [np.arange(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return np.concatenate(parts).astype(np.float64) / fps


def signatures(pixels: np.ndarray) -> np.ndarray:
    """Return the mean colour of every 8x8 cell of the frames, as float32 [N, rows, columns, 3].

    Colour means, not the luma thumbnails of 16x16 that shots are found with: a small thing as
    bright as what is behind it would not show there.

    Args:
        pixels: uint8 [N, H, W, 3].
    """
    n, height, width, _ = pixels.shape
    pad = ((0, 0), (0, -height % CELL), (0, -width % CELL), (0, 0))
    if height % CELL or width % CELL:
        pixels = np.pad(pixels, pad, mode="edge")
    rows, columns = pixels.shape[1] // CELL, pixels.shape[2] // CELL
    cells = pixels.reshape(n, rows, CELL, columns, CELL, 3)
    # two integer sums, the long axis first, are many times quicker than one mean over two axes
    sums = cells.sum(axis=2, dtype=np.uint16).sum(axis=3, dtype=np.uint32)
    return sums.astype(np.float32) / (CELL * CELL)


class Deduper:
    """Says which frames differ from the last kept one; slow drift adds up and is kept in the end.

    Attributes:
        last: signature of the last kept frame, float32 [rows, columns, 3]; None before the first.
    """

    def __init__(self, last: np.ndarray | None = None) -> None:
        self.last = last

    def keep(self, marks: np.ndarray) -> np.ndarray:
        """Return bool [N]: which of these frames, in time order, need a vector of their own."""
        kept = np.zeros(len(marks), bool)
        for row, mark in enumerate(marks):
            if self.last is None or self.last.shape != mark.shape or _differ(self.last, mark):
                kept[row] = True
                self.last = mark
        return kept


def _differ(a: np.ndarray, b: np.ndarray) -> bool:
    change = np.abs(a - b)
    return bool(change.max() >= CELL_LEVELS or change.mean() >= MEAN_LEVELS)


def covered(seconds: Sequence[float] | np.ndarray, fps: float, duration: float) -> list[Span]:
    """Return the spans of the film that the sampled instants stand for."""
    step = 1.0 / fps
    spans = [Span(float(s), min(float(s) + step, duration)) for s in seconds if float(s) < duration]
    return merge_spans(spans, gap=step * 1e-3)


def gaps(coverage: Sequence[Span], duration: float) -> list[Span]:
    """Return what of the film lies outside the coverage."""
    edges = [0.0]
    for span in coverage:
        edges += [span.start, span.end]
    edges.append(duration)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Span(a, b) for a, b in pairs if b - a > 1e-6]
