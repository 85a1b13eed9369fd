"""Subtitles that are pictures, on the film's clock: decoded in a child, read elsewhere by OCR."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import InputError
from .picker import Picker
from .probing.examine import read_clock
from .probing.probe import Track
from .sandbox import DEFAULT_LIMITS, ChildDied, OpenFilm
from .span import Span

# what nothing takes off the screen stays there this long at most, in seconds
_LONGEST = 30.0


@dataclass(frozen=True, eq=False)
class SubtitlePicture:
    """One picture of text.

    Attributes:
        span: while it is shown, seconds of the film.
        pixels: uint8 [H, W], grey; the text with a margin around it.
    """

    span: Span
    pixels: np.ndarray


def stream_subtitle_pictures(
    path: str | Path, track: Track
) -> Generator[SubtitlePicture, None, int]:
    """Yield the pictures of a picture subtitle track in the order of the file.

    Args:
        path: the film.
        track: one whose codec is of pictures.

    Returns:
        How many pictures could not be decoded.

    Raises:
        InputError: the film or the track cannot be read.
    """
    picker = Picker(OpenFilm(path), DEFAULT_LIMITS, slots=1)
    with closing(picker):
        try:
            return (yield from _pictures(picker, track))
        except ChildDied as death:
            raise InputError(
                f"{path}: subtitle track {track.index} cannot be decoded, {death}",
                "make text of it with an OCR tool for subtitles and save that as .srt",
            ) from death
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path}: subtitle track {track.index}: the decoder's answer makes no sense"
            ) from error


def _pictures(picker: Picker, track: Track) -> Generator[SubtitlePicture, None, int]:
    clock = read_clock(picker, DEFAULT_LIMITS.max_frames)
    request = {"op": "bitmaps", "track": track.index, "genpts": clock.derived}
    shown: SubtitlePicture | None = None
    unread = 0
    for header, data in picker.stream(request):
        if "done" in header:
            unread = int(header["unread"])
            break
        start = clock.seconds(int(header["after"]), float(header["start"]))
        if shown is not None and start > shown.span.start:
            yield _until(shown, start)
        shown = None
        if header["size"] is not None:
            height, width = (int(side) for side in header["size"])
            pixels = np.frombuffer(data, np.uint8).reshape(height, width)
            most = min(_LONGEST, float(header["most"] or _LONGEST))
            if start + most > 0:
                shown = SubtitlePicture(Span(max(0.0, start), start + most), pixels)
    if shown is not None:
        yield shown
    return unread


def _until(shown: SubtitlePicture, end: float) -> SubtitlePicture:
    """End a picture where the next one comes, if that is before its own end."""
    return SubtitlePicture(Span(shown.span.start, min(shown.span.end, end)), shown.pixels)
