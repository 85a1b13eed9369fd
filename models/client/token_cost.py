"""How many tokens frames cost a video LLM, by the formula of its family, and what then fits.

Counts are of what enters the language model: vision tokens, the marks around them and the text of
the time. The server's own `usage` is what counts in the end; this is the estimate before asking.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .capabilities import Capabilities

FRAME_LIMIT = 2048  # of a request to a server that tells no limit
GRID_FRAMES = 16  # of one picture, where a server takes fewer pictures than there are frames
LONGEST_SIDE = 2048  # pixels of a grid; larger ones are made smaller by most models anyway
RESERVE = 1024  # tokens kept for system line, question and notes: at least, or a quarter
REPLY = 1024  # tokens that are asked for at most
LETTERS = 3  # characters that a token holds, of most languages in our letters more
# `<12.5 seconds>` in a vocabulary that splits numbers into digits
TIME_TOKENS = 10
MARKS = 2
REQUEST_TOKENS = 12_288
"""Vision tokens that the frames of one request may have: what Qwen3-VL gives to a whole video."""

FRAME_TOKENS = 2048
"""Vision tokens of one frame at most: of 32 px each they are 1900x1070, and more shows little."""

LEAST_TOKENS = 64
"""Vision tokens of a frame below which little is recognised: 330x190 px at 32 px a token."""


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of models turns frames into tokens.

    Attributes:
        name: as its makers write it.
        pattern: what its models' names contain, a regular expression.
        side: pixels of a frame's side to a token; None when `fixed` holds.
        fixed: tokens of a frame whatever its size; None when `side` holds.
        native: pixels of the long side that such a model resizes every frame to.
        merged: frames that share their tokens on the video path; images never do.
        most: vision tokens that a video item may have, None for no cap.
        box_pixels: it writes boxes in pixels instead of thousandths.
    """

    name: str
    pattern: str
    side: int | None = None
    fixed: int | None = None
    native: int = 448
    merged: int = 1
    most: int | None = None
    box_pixels: bool = False


# first match wins; the small SmolVLM2 before the large one
FAMILIES: tuple[Family, ...] = (
    Family("Qwen2.5-VL", r"qwen2(\.5)?-?vl", side=28, merged=2, box_pixels=True),
    Family("Qwen3-VL", r"qwen-?(3(\.\d)?|4)", side=32, merged=2, most=12_288),
    Family("InternVL", r"intern(vl|-?s)", fixed=256),
    Family("Molmo2", r"molmo", fixed=81, native=378),
    Family("SmolVLM2 small", r"smolvlm2?-(256m|500m|0\.\d+b)", fixed=64, native=512),
    Family("SmolVLM2", r"smolvlm", fixed=81, native=384),
    Family("LLaVA-OneVision", r"llava-?(one-?vision|ov)", fixed=196, native=384),
    Family("VideoChat3", r"videochat3", fixed=101, native=768),
)
# a name that says nothing: the finest grid of the table, so that the estimate is not too low
UNKNOWN = Family("unknown", r"", side=28)


def family_of(model: str) -> Family:
    """Return the family of a model by its name, `UNKNOWN` when it names none."""
    name = model.rpartition("/")[2].lower()
    return next((family for family in FAMILIES if re.search(family.pattern, name)), UNKNOWN)


def vision_tokens(
    family: Family, frames: int, size: tuple[int, int], *, video: bool = False
) -> int:
    """Return the vision tokens of some frames.

    Args:
        family: of the model.
        frames: how many.
        size: (width, height) in pixels.
        video: sent as one video, not as images.
    """
    groups = -(-frames // family.merged) if video else frames
    if family.fixed is not None:
        return groups * family.fixed
    assert family.side is not None
    width, height = (max(1, round(side / family.side)) for side in size)
    count = groups * width * height
    return min(count, family.most) if video and family.most is not None else count


def prompt_tokens(
    family: Family, frames: int, size: tuple[int, int], *, video: bool = False
) -> int:
    """Return the tokens of some frames with their marks and times (see `vision_tokens`)."""
    groups = -(-frames // family.merged) if video else frames
    return vision_tokens(family, frames, size, video=video) + groups * (TIME_TOKENS + MARKS)


def most_frames(family: Family, room: int) -> int:
    """Return how many frames, as images of the smallest useful size, fit into so many tokens.

    1 at least.
    """
    each = family.fixed if family.fixed is not None else LEAST_TOKENS
    return max(1, room // (each + TIME_TOKENS + MARKS))


def frame_size(
    family: Family, source: tuple[int, int], count: int, room: int | None = None
) -> tuple[int, int]:
    """Return the (width, height) that frames are best shown at: even, of the film's aspect.

    Many frames are shown smaller than few; none is larger than the film.

    Args:
        family: of the model.
        source: (width, height) of the film as displayed.
        count: frames of one request, at least 1.
        room: tokens that the frames may take; None for no limit known.
    """
    width, height = source
    if family.side is None:
        return _even(source, min(1.0, family.native / max(source)))
    room = REQUEST_TOKENS if room is None else min(room, REQUEST_TOKENS)
    each = min(FRAME_TOKENS, room // max(1, count) - TIME_TOKENS - MARKS)
    share = min(1.0, math.sqrt(max(1, each) * family.side**2 / (width * height)))
    size = _even(source, share)
    # sides are rounded to whole tokens by the model, upwards for some
    while vision_tokens(family, 1, size) > max(1, each) and min(size) > 2:
        share *= 0.97
        size = _even(source, share)
    return size


def _even(source: tuple[int, int], share: float) -> tuple[int, int]:
    """Return a size at a share of its sides, each an even number."""
    width, height = (max(2, round(side * share / 2) * 2) for side in source)
    return width, height


@dataclass(frozen=True, slots=True)
class RequestRoom:
    """What fits into one request, by what is known of a server.

    Attributes:
        family: of the model.
        known: what the server was found to do.
    """

    family: Family
    known: Capabilities

    @property
    def tokens(self) -> int | None:
        """Those that frames may take; None where the context is not known."""
        context = self.known.context
        if context is None:
            return None
        return max(0, context - max(RESERVE, context // 4) - self.known.room(REPLY))

    @property
    def frames(self) -> int:
        """The most frames, of the smallest useful size; 1 at least."""
        known, most, tokens = self.known, FRAME_LIMIT, self.tokens
        if tokens is not None:
            most = min(most, most_frames(self.family, tokens))
        if known.max_images is not None:
            most = min(most, known.max_images * GRID_FRAMES)
        if known.shown is not None:
            frames, pixels = known.shown
            side = self.family.side
            most = min(most, frames if side is None else pixels // (LEAST_TOKENS * side**2))
        return max(1, most)

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the (width, height) that frames are best shown at (see `frame_size`)."""
        known, size = self.known, frame_size(self.family, source, count, self.tokens)
        if known.shown is not None and self.family.side is not None:
            share = (known.shown[1] / max(1, count) / (size[0] * size[1])) ** 0.5
            size = _smaller(size, share)
        if known.max_images is None or count <= known.max_images:
            return size
        columns = math.ceil(math.sqrt(math.ceil(count / known.max_images)))
        return _smaller(size, LONGEST_SIDE / (columns * max(size)))

    def note_letters(self, *, frames: bool) -> int | None:
        """Return the most characters of notes; None where the context is not known.

        Args:
            frames: frames go along, which have the rest of the context.
        """
        context = self.known.context
        if context is None:
            return None
        tokens = context // 4 if frames else context - RESERVE // 2 - self.known.room(REPLY)
        return max(0, tokens * LETTERS)


def _smaller(size: tuple[int, int], share: float) -> tuple[int, int]:
    """Return a size at a share of its sides, even numbers; as it is where that is not smaller."""
    if share >= 1:
        return size
    return max(2, int(size[0] * share) // 2 * 2), max(2, int(size[1] * share) // 2 * 2)
