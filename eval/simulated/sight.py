"""Which moment of a truth film a picture shows, if any: by its thumbnails.

A whole frame is compared with the thumbnails at the time that was named. A crop is looked for in
them at every place and size (normalised cross-correlation). A grid is cut into cells, in the layout
that fits best. A picture without a time is looked for in the whole film. What fits nowhere, a blank
or foreign picture, shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from .truth import THUMB, THUMBS_A_SECOND, Fact, TruthFilm

WHOLE = (0.0, 0.0, 1.0, 1.0)
ALIKE, APART = 0.92, 20.0  # least correlation, largest mean difference in grey, of the same frame
ALIKE_CROP = 0.92
ALIKE_ANYWHERE, APART_ANYWHERE, CANDIDATES = 0.97, 6.0, 32
PLAIN = 4.0  # deviation of grey below which a picture is blank
FEWEST = 8  # thumbnail pixels that a crop is wide and high at least, 5 high
SHAPE_OFF = 0.3  # how far a cell's shape may be from the film's, as a logarithm
WIDTHS = sorted({round(FEWEST * 1.09**k) for k in range(24)})  # up to the whole frame
INSIDE = 0.8  # share of a fact's box that must lie in a crop


_LABEL = np.zeros((THUMB[1] // 4, THUMB[0] // 4), bool)
_LABEL[:2, :6] = True
UNLABELLED = ~_LABEL.ravel()
"""Where a pooled thumbnail has no label of a time on it, bool [144]."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A moment of the film in a picture.

    Attributes:
        second: of the film.
        window: part of the frame that is shown, x0, y0, x1, y1 as shares.
        height: pixels that the whole frame would be high at the picture's scale.
    """

    second: float
    window: tuple[float, float, float, float]
    height: float

    def shows(self, fact: Fact) -> bool:
        """Say whether a fact that can be seen is in the picture and large enough."""
        if fact.kind == "said" or not any(a <= self.second < b for a, b in fact.spans):
            return False
        if fact.box is None:
            return self.window == WHOLE
        x0, y0, x1, y1 = fact.box
        left, top, right, bottom = self.window
        wide = max(0.0, min(x1, right) - max(x0, left))
        high = max(0.0, min(y1, bottom) - max(y0, top))
        if wide * high < INSIDE * (x1 - x0) * (y1 - y0):
            return False
        return (y1 - y0) * self.height >= fact.pixels


class Sight:
    """Recognises pictures of one truth film.

    Args:
        truth: the film; its thumbnails are read at once.
    """

    def __init__(self, truth: TruthFilm) -> None:
        self._shape = truth.size[0] / truth.size[1]
        self._thumbs = truth.thumbs.astype(np.float32)
        self._small = _pooled(self._thumbs)
        self._unit = _unit(self._small)

    def look(self, picture: Image.Image, times: Sequence[float]) -> list[Sighting]:
        """Return the moments that a picture shows, given the times named beside it."""
        grey = picture.convert("L")
        if float(np.asarray(grey.resize(THUMB, Image.Resampling.BOX)).std()) < PLAIN:
            return []
        thumb = _thumb(grey)
        if not times:
            second = self.second_of(thumb)
            return [] if second is None else [Sighting(second, WHOLE, picture.height)]
        whole = [t for t in times if self._same(thumb, t)]
        if whole:
            return [Sighting(whole[0], WHOLE, picture.height)]
        return self._grid(grey, times) if len(times) > 1 else self._crop(grey, times[0])

    def second_of(self, thumb: np.ndarray) -> float | None:
        """Return the second whose thumbnail this is, [36, 64]; None for a foreign picture."""
        alike = self._unit @ _unit(_pooled(thumb[None]))[0]
        likeliest = np.argpartition(-alike, min(CANDIDATES, len(alike) - 1))[:CANDIDATES]
        apart = np.abs(self._thumbs[likeliest] - thumb).mean(axis=(1, 2))
        best = int(likeliest[apart.argmin()])
        if alike[best] < ALIKE_ANYWHERE or apart.min() > APART_ANYWHERE:
            return None
        return best / THUMBS_A_SECOND

    def _near(self, second: float) -> np.ndarray:
        """Return the rows of the thumbnails around a second; a time may be rounded to a tenth."""
        row = math.floor(second * THUMBS_A_SECOND)
        rows = np.arange(row - 1, row + 2)
        return rows[(rows >= 0) & (rows < len(self._thumbs))]

    def _same(self, thumb: np.ndarray, second: float) -> bool:
        rows = self._near(second)
        small = _pooled(thumb[None])
        alike = self._unit[rows] @ _unit(small)[0]
        apart = np.abs(self._small[rows] - small).mean(axis=1)
        return bool(((alike >= ALIKE) & (apart <= APART)).any())

    def _same_but_label(self, thumb: np.ndarray, second: float) -> bool:
        """Compare without the upper left corner, where cells of a grid carry their time."""
        near = self._small[self._near(second)][:, UNLABELLED]
        small = _pooled(thumb[None])[:, UNLABELLED]
        alike = _unit(near) @ _unit(small)[0]
        apart = np.abs(near - small).mean(axis=1)
        return bool(((alike >= ALIKE) & (apart <= APART)).any())

    def _grid(self, grey: Image.Image, times: Sequence[float]) -> list[Sighting]:
        """Return what the cells of a grid show, in reading order."""
        best: list[Sighting] = []
        for columns in range(1, len(times) + 1):
            rows = math.ceil(len(times) / columns)
            width, height = grey.width / columns, grey.height / rows
            if abs(math.log(width / height / self._shape)) > SHAPE_OFF:
                continue
            found = []
            for number, second in enumerate(times):
                x, y = number % columns * width, number // columns * height
                if self._same_but_label(_thumb(grey, (x, y, x + width, y + height)), second):
                    found.append(Sighting(second, WHOLE, height))
            best = max(best, found, key=len)
        return best

    def _crop(self, grey: Image.Image, second: float) -> list[Sighting]:
        """Return the part of the frame at a second that a picture shows."""
        near = self._thumbs[self._near(second)]
        best, place = ALIKE_CROP, None
        for width in WIDTHS:
            scale = THUMB[0] / THUMB[1] / self._shape
            height = round(width * grey.height / grey.width / scale)
            if not 5 <= height <= THUMB[1]:
                continue
            small = grey.resize((width, height), Image.Resampling.BOX)
            patch = np.asarray(small, np.float32)
            score, x, y = _best_place(near, patch)
            if score > best:
                best, place = score, (x, y, width, height)
        if place is None:
            return []
        x, y, width, height = place
        window = (x / THUMB[0], y / THUMB[1], (x + width) / THUMB[0], (y + height) / THUMB[1])
        return [Sighting(second, window, grey.height * THUMB[1] / height)]


def thumb_of(picture: Image.Image) -> np.ndarray:
    """Return a picture's thumbnail, uint8 [36, 64]."""
    return np.asarray(picture.convert("L").resize(THUMB, Image.Resampling.BOX))


def _best_place(near: np.ndarray, patch: np.ndarray) -> tuple[float, int, int]:
    """Return the best correlation of a patch with any place of some thumbnails, and the place."""
    views = sliding_window_view(near, patch.shape, axis=(1, 2))
    mine, size = patch - patch.mean(), patch.size
    deviation = float(patch.std())
    means, squares = _box_means(near, patch.shape), _box_means(near**2, patch.shape)
    spread = np.sqrt(np.maximum(squares - means**2, 0))
    product = np.tensordot(views, mine, axes=((3, 4), (0, 1))) / size
    alike = product / np.maximum(spread * deviation, 1e-6)
    off = np.abs(means - patch.mean()) > APART
    alike[(spread < PLAIN) | off | (deviation < PLAIN)] = -1.0
    _, y, x = np.unravel_index(int(alike.argmax()), alike.shape)
    return float(alike.max()), int(x), int(y)


def _box_means(pictures: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean of every window of a shape, [N, rows, columns], by running sums."""
    height, width = shape
    sums = np.pad(pictures.astype(np.float64).cumsum(1).cumsum(2), ((0, 0), (1, 0), (1, 0)))
    tall = sums[:, height:] - sums[:, :-height]
    return (tall[:, :, width:] - tall[:, :, :-width]) / (height * width)


def _thumb(grey: Image.Image, box: tuple[float, float, float, float] | None = None) -> np.ndarray:
    return np.asarray(grey.resize(THUMB, Image.Resampling.BOX, box=box), np.float32)


def _pooled(thumbs: np.ndarray) -> np.ndarray:
    """Return thumbnails at a quarter of their size, float32 [N, 144]."""
    pooled = thumbs.reshape(len(thumbs), THUMB[1] // 4, 4, THUMB[0] // 4, 4).mean(axis=(2, 4))
    return pooled.reshape(len(thumbs), -1).astype(np.float32)


def _unit(small: np.ndarray) -> np.ndarray:
    """Return vectors without their mean, of length 1; blank ones stay 0."""
    centred = small - small.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.where(length > PLAIN, centred / np.maximum(length, 1e-6), 0.0)
