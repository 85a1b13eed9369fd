"""Frames laid out as pictures: several in one, at sizes of their own, with words before each.

A presenter (`tools/present`) makes them; a VLM that knows nothing of layouts sees plain frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...index.video.frames import Frames
from ...prompts import render
from ..client.token_cost import MARKS, TIME_TOKENS, family_of, vision_tokens
from .frame_grid import grids
from .prompts import time_text

WORD_TOKENS = 1.4  # of an English word, about


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as it is sent.

    Attributes:
        pixels: uint8 [H, W, 3].
        seconds: of the frames in it, in reading order.
        note: words before its time; empty for none.
    """

    pixels: np.ndarray
    seconds: tuple[float, ...]
    note: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def words(self) -> str:
        """What stands before it: its note, and its time or those of its frames."""
        if len(self.seconds) == 1:
            when = time_text(self.seconds[0])
        else:
            times = ", ".join(f"{second:.1f} s" for second in self.seconds)
            when = render("vlm_grid", count=len(self.seconds), times=times)
        return f"{self.note}\n{when}" if self.note else when


@dataclass(frozen=True, slots=True, repr=False)
class LaidOut(Frames):
    """Frames with the pictures that show them.

    Attributes:
        pixels, seconds: the frames themselves, for a VLM that knows no layouts (see `Frames`).
        pictures: in the order in which they are sent.
    """

    pictures: tuple[Picture, ...] = ()

    def tokens(self, model: str) -> int:
        """Return what sending the pictures costs a model of this name, in tokens, by estimate."""
        return sum(picture_tokens(picture, model) for picture in self.pictures)


def picture_tokens(picture: Picture, model: str) -> int:
    """Return the tokens of one picture and the words before it for a model of this name."""
    words = round(WORD_TOKENS * len(picture.note.split()))
    if len(picture.seconds) > 1:
        words += 32  # the words of `vlm_grid`
    times = TIME_TOKENS * len(picture.seconds)
    return vision_tokens(family_of(model), 1, picture.size) + MARKS + times + words


def has_layout(frames: Frames) -> bool:
    """Say whether the pictures are anything else than the frames as they are, one each."""
    if not isinstance(frames, LaidOut):
        return False
    height, width = frames.pixels.shape[1:3]
    alike = all(
        picture.size == (width, height) and len(picture.seconds) == 1 and not picture.note
        for picture in frames.pictures
    )
    return not alike or len(frames.pictures) != len(frames)


def parts_of(frames: Frames) -> list[tuple[str, np.ndarray]]:
    """Return what is sent: for each picture the words before it, and its pixels."""
    if isinstance(frames, LaidOut):
        return [(picture.words, picture.pixels) for picture in frames.pictures]
    return [
        (time_text(float(second)), pixels)
        for second, pixels in zip(frames.seconds, frames.pixels, strict=True)
    ]


def pictures_in(frames: Frames) -> int:
    """Return how many pictures are sent."""
    return len(frames.pictures) if isinstance(frames, LaidOut) else len(frames)


def pixels_in(frames: Frames) -> int:
    """Return how many pixels are sent."""
    if isinstance(frames, LaidOut):
        return sum(picture.pixels.shape[0] * picture.pixels.shape[1] for picture in frames.pictures)
    count, height, width = frames.pixels.shape[:3]
    return count * height * width


def plain(frames: Frames) -> Frames:
    """Return the frames without their layout."""
    return Frames(frames.pixels, frames.seconds)


def shared_pictures(frames: Frames, most: int) -> list[Picture]:
    """Return at most so many pictures that show all frames, at least one (see `grids`)."""
    return [Picture(pixels, tuple(seconds)) for pixels, seconds in grids(frames, most)]
