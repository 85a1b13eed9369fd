"""From frames to detections: which things are where in a picture, by an encoder's patches.

The encoder's patch vectors live in the space of its texts. A frame is looked at whole and in
overlapping tiles at the encoder's own resolution, every patch is compared with every (colour,
object) pair of the lexicon, and neighbouring patches of one object become one detection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ...index.protocols import Encoder
from ...index.video.frames import Box, Frames
from .grouping import Centre, Detection, detection_at, group_patches, once, patch_boxes
from .identity import EMBEDDED
from .lexicon import Lexicon, Thing
from .tiles import cut_tiles, distinct_tiles, inset, into, tile_boxes

SIGN_FLOOR = 0.5  # a patch belongs to a sign from this probability on
BATCH = 48
KEPT = 256  # looks kept, a few kilobytes each: answer, knows and caption share the same frames


class PatchEncoder(Encoder, Protocol):
    """An encoder that also gives patch vectors and knows its own scale (models/encoder.py)."""

    @property
    def scale(self) -> float:
        """What a cosine is multiplied with before the sigmoid or softmax."""
        ...

    @property
    def bias(self) -> float:
        """What is added after that; 0 for encoders trained with a softmax."""
        ...

    @property
    def lexicon(self) -> dict[str, Any] | None:
        """The closed world it was taught, None for an encoder of the open world."""
        ...

    def encode_dense(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embed RGB frames [N, dim] and their patches [N, gh, gw, dim] as unit vectors float32."""
        ...


@dataclass(frozen=True, slots=True)
class FrameDetections:
    """What one frame shows.

    Attributes:
        second: time of the frame.
        detections: things, the surest first.
        places: probability of each place, float32 [places].
        whole: probability that each (object, colour) pair is visible, from the whole frame,
            float32 [objects, colours].
        sign: probability that a sign is visible.
        sign_boxes: where signs are.
    """

    second: float
    detections: tuple[Detection, ...]
    places: np.ndarray
    whole: np.ndarray
    sign: float
    sign_boxes: tuple[Box, ...]


def article(phrase: str) -> str:
    """Put `a` or `an` before a phrase."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


class Detector:
    """Turns frames into looks. Keeps the text vectors of the lexicon and the last looks.

    Args:
        encoder: with patches, scale, bias and a lexicon.
        lexicon: its words.
    """

    def __init__(self, encoder: PatchEncoder, lexicon: Lexicon) -> None:
        self.encoder = encoder
        self.lexicon = lexicon
        # the network of middles comes with the embedded encoder and knows no world but its
        self.has_group_detector = encoder.id.startswith(f"{EMBEDDED}@")
        self._texts: np.ndarray | None = None
        self._kept: dict[bytes, FrameDetections] = {}

    @property
    def texts(self) -> np.ndarray:
        """Vectors of every pair, then every place, then the sign, float32 [N, dim]."""
        if self._texts is None:
            known = self.lexicon
            pairs = [article(f"{c} {o}") for o in known.objects for c in known.colours]
            places = [f"the {place}" for place in known.places]
            self._texts = self.encoder.encode_texts([*pairs, *places, "a sign"])
        return self._texts

    def detect(self, frames: Frames) -> list[FrameDetections]:
        """FrameDetections at every frame, whole and in tiles; a frame seen lately is not looked at again."""
        keys = [hashlib.blake2b(np.ascontiguousarray(p).data).digest() for p in frames.pixels]
        new = [row for row, key in enumerate(keys) if key not in self._kept]
        fresh = self._look(frames.take(new)) if new else []
        now = {keys[row]: look for row, look in zip(new, fresh, strict=True)}
        looks = [now[key] if key in now else self._kept[key] for key in keys]
        self._kept |= now
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return [
            replace(look, second=float(second))
            for look, second in zip(looks, frames.seconds, strict=True)
        ]

    def detect_apart(self, frames: Frames) -> list[FrameDetections]:
        """FrameDetections at every frame; a detection is what has a middle of its own, named by its patches.

        To `look`, things of one kind that stand close together are one, and tiny ones none. With
        an encoder of another world, both are the same.
        """
        from .group_detector import detect_groups, load_group_detector

        if not self.has_group_detector or not len(frames):
            return self.detect(frames)
        owner, distinct = distinct_tiles([frames.pixels])
        centres = detect_groups(load_group_detector(), distinct)
        detections = [self._name(*each) for each in zip(distinct, centres, strict=True)]
        return [
            replace(look, detections=detections[row])
            for look, row in zip(self.detect(frames), owner[0], strict=True)
        ]

    def _name(self, pixels: np.ndarray, centres: Sequence[Centre]) -> tuple[Detection, ...]:
        """Say what stands at each middle, by the patches around it in the view around it."""
        if not centres:
            return ()
        size = self.encoder.size
        views = tile_boxes(pixels.shape[1], pixels.shape[0], size)
        views = views[1:] or views
        tiles = np.concatenate([cut_tiles(pixels[None], view, size) for view in views])
        grids = self._probability(self.encoder.encode_dense(tiles)[1])
        found = []
        for centre in centres:
            depths = [inset(view, centre.x, centre.y) for view in views]
            row = int(np.argmax(depths))
            box = centre.box(pixels.shape[1] / pixels.shape[0])
            found.append(detection_at(self._pairs(grids[row]), views[row], box, centre.score))
        return tuple(sorted(found, key=lambda detection: -detection.score))

    def _look(self, frames: Frames) -> list[FrameDetections]:
        """FrameDetections at frames; near-identical tiles of neighbours are looked at once."""
        views = tile_boxes(frames.pixels.shape[2], frames.pixels.shape[1], self.encoder.size)
        stacks = [cut_tiles(frames.pixels, box, self.encoder.size) for box in views]
        owner, distinct = distinct_tiles(stacks)
        wholes, found = [], []
        for start in range(0, len(distinct), BATCH):
            whole, patches = self.encoder.encode_dense(distinct[start : start + BATCH])
            wholes.extend(self._probability(whole))
            found.extend(self._group(grid) for grid in self._probability(patches))
        return [
            self._merge(float(second), views, owner[:, row], wholes[owner[0, row]], found)
            for row, second in enumerate(frames.seconds)
        ]

    def _probability(self, vectors: np.ndarray) -> np.ndarray:
        """Return the probability of every text, [..., texts]."""
        # as one matrix: a stack of small ones takes numpy thirty times as long
        flat = vectors.reshape(-1, vectors.shape[-1]) @ self.texts.T
        logits = flat * self.encoder.scale + self.encoder.bias
        odds = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
        return odds.astype(np.float32).reshape(*vectors.shape[:-1], len(self.texts))

    def _group(self, grid: np.ndarray) -> tuple[list[Detection], list[Box]]:
        """Return the detections and the sign boxes of one view, from [rows, columns, texts]."""
        return group_patches(self._pairs(grid)), patch_boxes(grid[..., -1] >= SIGN_FLOOR)

    def _pairs(self, grid: np.ndarray) -> np.ndarray:
        """Return the part of [rows, columns, texts] that is [rows, columns, objects, colours]."""
        shape = len(self.lexicon.objects), len(self.lexicon.colours)
        return grid[..., : shape[0] * shape[1]].reshape(*grid.shape[:2], *shape)

    def _merge(
        self,
        second: float,
        views: Sequence[Box],
        owner: np.ndarray,
        whole: np.ndarray,
        found: Sequence[tuple[list[Detection], list[Box]]],
    ) -> FrameDetections:
        """Bring the detections of all views of a frame together, each thing once."""
        detections: list[Detection] = []
        signs: list[Box] = []
        for view, row in zip(views, owner, strict=True):
            seen, boards = found[row]
            for detection in seen:
                cut = detection.cut and view.area < 1
                detections.append(
                    Detection(into(view, detection.box), detection.odds, detection.score, cut)
                )
            signs.extend(into(view, box) for box in boards)
        objects, colours = len(self.lexicon.objects), len(self.lexicon.colours)
        pairs = objects * colours
        return FrameDetections(
            second,
            tuple(once(detections)),
            whole[pairs:-1],
            whole[:pairs].reshape(objects, colours),
            float(whole[-1]),
            tuple(signs),
        )

    def match(self, detection: Detection, thing: Thing) -> float:
        """Return the probability that a detection is such a thing."""
        return pair_score(detection.odds, thing, self.lexicon)


def pair_score(odds: np.ndarray, thing: Thing, lexicon: Lexicon) -> float:
    """Return the best of the (object, colour) probabilities that fit the thing."""
    rows = slice(None) if thing.object is None else lexicon.objects.index(thing.object)
    columns = slice(None) if thing.colour is None else lexicon.colours.index(thing.colour)
    return float(np.max(odds[rows, columns]))
