"""Which of a clip's tokens show a thing, as places in what comes before the questions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from longtake.world.scenes.objects import OBJECTS
from longtake.world.training.clips.scene import COLOUR_NAMES, Clip, Seen
from longtake.world.training.lessons.lessons import ANYWHERE, COUNTED, FIRST, LAST
from longtake.world.training.lessons.trails import NOTHING
from longtake.world.training.vlm.tower import MERGE, TOKENS, merge_order, token_at


class Shown:
    """The tokens of one clip's frames; a name or a colour may be empty for any.

    Args:
        clip: whose frames they are.
        pictures: the places of their tokens, int64 [45 a frame].
    """

    def __init__(self, clip: Clip, pictures: np.ndarray) -> None:
        self.visible, self.pictures = clip.visible, pictures
        self.kept: dict[tuple[str, str], dict[int, np.ndarray]] = {}
        # of each token's patches, [tokens of the clip, 4]
        self.objects, self.colours = (
            merge_order(labels).reshape(len(clip.visible) * TOKENS, MERGE**2)
            for labels in (clip.objects, clip.colours)
        )

    def of(self, name: str, colour: str) -> dict[int, np.ndarray]:
        """Return the places of tokens that show a thing, as in `eye_lessons.Point`."""
        if (name, colour) not in self.kept:
            mine = np.ones_like(self.objects, bool)
            if name:
                mine &= self.objects == OBJECTS.index(name)
            if colour:
                mine &= self.colours == COLOUR_NAMES.index(colour)
            found = np.flatnonzero(mine.any(1))
            places, rows = self.pictures[found], found // TOKENS
            parts = (places, places[rows == rows[:1]], places[rows == rows[-1:]])
            self.kept[name, colour] = {
                look: part if len(found) else NOTHING
                for look, part in zip((ANYWHERE, FIRST, LAST), parts, strict=True)
            } | {COUNTED: self._counted(name, colour)}
        return self.kept[name, colour]

    def middles(self, name: str, colour: str, frames: Iterable[int]) -> np.ndarray:
        """Return the places of tokens that hold the middle of such a thing in some frames."""

        def meant(seen: Seen) -> bool:
            return name in ("", seen.object) and colour in ("", seen.colour)

        found = [
            row * TOKENS + token_at(seen.box)
            for row in frames
            for seen in self.visible[row].clear
            if meant(seen)
        ]
        return self.pictures[np.unique(found).astype(np.int64)]

    def starts(self, name: str, colour: str) -> np.ndarray:
        """Return the places to count appearances by: one a run of frames, and the first token."""
        seen = [len(self.middles(name, colour, [row])) > 0 for row in range(len(self.visible))]
        begins = [row for row in range(len(seen)) if seen[row] and not (row and seen[row - 1])]
        return np.concatenate([NOTHING, *(self.middles(name, colour, [row])[:1] for row in begins)])

    def _counted(self, name: str, colour: str) -> np.ndarray:
        """Return the places to count things by: their middles in one frame, and the first token."""
        each = (self.middles(name, colour, [row]) for row in range(len(self.visible)))
        return np.concatenate([NOTHING, next((part for part in each if len(part)), NOTHING[:0])])
