"""What a minute of film says on screen: regions of text, each read once while it stays the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..protocols import Reader, TextHit
from ..video.frames import Box, reduced
from ..video.span import Span
from .lines import Line

_CELLS = (12, 32)
# one letter of ten changes its cells by 50 levels, coding noise by under 8
_SAME_LEVELS = 16.0
_MARGIN_PIXELS = 12
# pixels of a tile and, as a share of it, how far tiles overlap: a line of small text fits in there
_TILE, _OVERLAP = 960, 0.1
_SURE_SCORE = 0.85
# The detector looks at 416 pixels: of dense print it joins two lines at most, 95 pixels of 720. So
# a higher box is large letters or none. Made this high its letters are still above the 48 pixels
# that lines are read at; of an hour of footage reading costs a fifth then.
_BOX_PIXELS = 128


@dataclass
class _Region:
    """A part of the frame with text, or what looked like text, and since when."""

    box: Box
    mark: np.ndarray
    hits: list[TextHit]
    start: float
    end: float


class Page:
    """Follows the text regions of frames that come in time order.

    Attributes:
        unread: after `close`, when something looked like text and nothing could be read in it.

    Args:
        reader: reads what was detected.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.unread: list[Span] = []
        self._open: list[_Region] = []
        self._lines: list[Line] = []

    def look(self, pixels: np.ndarray, boxes: Sequence[Box], start: float, end: float) -> None:
        """Take in a frame that stands for the time from start to end.

        Args:
            pixels: uint8 [H, W, 3].
            boxes: where the reader detected text in it.
            start: seconds.
            end: seconds.
        """
        staying = []
        for region in self._open:
            if _alike(region.mark, _mark(pixels, region.box)):
                region.end = end
                staying.append(region)
            else:
                self._finish(region)
        fresh = [box for box in boxes if not any(_inside(box, area.box) for area in staying)]
        self._open = staying
        for area in _areas(fresh, pixels.shape):
            side = min(_short_side(box, pixels) for box in fresh if _inside(box, area))
            picture = reduced(_cut(pixels, area), _BOX_PIXELS / side)
            hits = _readable(self.reader.read(picture), area)
            self._open.append(_Region(area, _mark(pixels, area), hits, start, end))

    def close(self) -> list[Line]:
        """Return all lines read, in time order."""
        for region in self._open:
            self._finish(region)
        self._open = []
        return sorted(self._lines, key=lambda line: (line.span, line.box.y0 if line.box else 0.0))

    def _finish(self, region: _Region) -> None:
        span = Span(region.start, region.end)
        if not region.hits:
            self.unread.append(span)
        self._lines += [
            Line(span, hit.text, "text", "screen", hit.box, hit.score, hit.certain)
            for hit in region.hits
        ]


def detect_in_tiles(reader: Reader) -> Callable[[np.ndarray], list[Box]]:
    """Return a `detect` that finds small text too: it looks at large frames part by part."""

    def detect(pixels: np.ndarray) -> list[Box]:
        height, width = pixels.shape[:2]
        count = -(-max(height, width) // _TILE)
        if count == 1:
            return reader.detect(pixels)
        boxes = []
        for y0, y1 in _parts(count):
            for x0, x1 in _parts(count):
                tile = Box(x0, y0, x1, y1)
                boxes += [_placed(box, tile) for box in reader.detect(_cut(pixels, tile))]
        return boxes

    return detect


def _parts(count: int) -> list[tuple[float, float]]:
    edge = _OVERLAP / count
    return [(max(0.0, k / count - edge), min(1.0, (k + 1) / count + edge)) for k in range(count)]


def _readable(hits: Sequence[TextHit], area: Box) -> list[TextHit]:
    """Keep what is likely to be text and place it in the whole frame."""
    kept = []
    for hit in hits:
        letters = sum(letter.isalnum() for letter in hit.text)
        # single letters are mostly texture that looks like one
        if letters >= 2 or (letters == 1 and hit.score >= _SURE_SCORE):
            kept.append(replace(hit, box=_placed(hit.box, area)))
    return kept


def _placed(box: Box, area: Box) -> Box:
    width, height = area.x1 - area.x0, area.y1 - area.y0
    return Box(
        area.x0 + box.x0 * width,
        area.y0 + box.y0 * height,
        min(1.0, area.x0 + box.x1 * width),
        min(1.0, area.y0 + box.y1 * height),
    )


def _areas(boxes: Sequence[Box], shape: tuple[int, ...]) -> list[Box]:
    """Widen boxes by a margin and join those that then touch, so that each is read once."""
    mx, my = _MARGIN_PIXELS / shape[1], _MARGIN_PIXELS / shape[0]
    areas: list[Box] = []
    for box in boxes:
        high = (box.y1 - box.y0) * 0.3
        area = Box(
            max(0.0, box.x0 - mx),
            max(0.0, box.y0 - my - high),
            min(1.0, box.x1 + mx),
            min(1.0, box.y1 + my + high),
        )
        while touching := next((other for other in areas if _touch(area, other)), None):
            areas.remove(touching)
            area = _around(area, touching)
        areas.append(area)
    return areas


def _touch(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _around(a: Box, b: Box) -> Box:
    return Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))


def _inside(box: Box, area: Box) -> bool:
    x, y = box.centre
    return area.x0 <= x <= area.x1 and area.y0 <= y <= area.y1


def _cut(pixels: np.ndarray, area: Box) -> np.ndarray:
    height, width = pixels.shape[:2]
    x0, y0 = int(area.x0 * width), int(area.y0 * height)
    x1, y1 = max(x0 + 1, round(area.x1 * width)), max(y0 + 1, round(area.y1 * height))
    return pixels[y0:y1, x0:x1]


def _short_side(box: Box, pixels: np.ndarray) -> float:
    """Return how many pixels a box measures the short way, which is the height of its letters."""
    height, width = pixels.shape[:2]
    return min((box.x1 - box.x0) * width, (box.y1 - box.y0) * height)


def _mark(pixels: np.ndarray, area: Box) -> np.ndarray:
    """Return the mean colours of a grid of cells over an area, float32 [rows, columns, 3]."""
    part = _cut(pixels, area).astype(np.float32)
    rows = np.linspace(0, part.shape[0], min(_CELLS[0], part.shape[0]) + 1).astype(int)
    columns = np.linspace(0, part.shape[1], min(_CELLS[1], part.shape[1]) + 1).astype(int)
    sums = np.add.reduceat(np.add.reduceat(part, rows[:-1], axis=0), columns[:-1], axis=1)
    return sums / (np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None])


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and float(np.abs(a - b).max()) < _SAME_LEVELS
