"""Take the combs out of interlaced frames, without looking at any other frame. Child side.

Where two fields of one frame show different instants, a moving edge alternates from line to line.
Such pixels of the second field are replaced by the mean of the lines above and below; everything
that stands still keeps its full height. libav's `yadif` and `bwdif` look at the frames before and
after, so what they make of a frame would depend on which others were asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame

# levels of 255 by which a line has to stand out from both neighbours
_LEAST = 10


def deinterlace(frame: VideoFrame) -> VideoFrame:
    """Return a copy of a frame without combs; the frame itself where its layout is not planar."""
    parts = frame.format.components
    if frame.format.is_rgb or frame.format.name[:3] != "yuv" or len(frame.planes) != len(parts):
        return frame
    result = VideoFrame(frame.width, frame.height, frame.format.name)
    result.colorspace, result.color_range = frame.colorspace, frame.color_range
    result.color_trc, result.color_primaries = frame.color_trc, frame.color_primaries
    for number, part in enumerate(parts):
        source, target = _lines(frame, number, part), _lines(result, number, part)
        target[...] = source
        if number < 3:
            _mend(source, target, _LEAST << part.bits - 8)
    return result


def _lines(frame: Any, number: int, part: Any) -> np.ndarray:
    plane = frame.planes[number]
    kind = np.dtype(np.uint8 if part.bits == 8 else "<u2")
    whole = np.frombuffer(plane, kind).reshape(-1, plane.line_size // kind.itemsize)
    return whole[: part.height, : part.width]


def _mend(source: np.ndarray, target: np.ndarray, least: int) -> None:
    """Replace the combed pixels of every second line, reading one plane and writing another."""
    if len(source) < 6:
        return
    lines = source.astype(np.int16 if source.itemsize == 1 else np.int32)
    here, above, below = lines[3:-2:2], lines[2:-3:2], lines[4:-1:2]
    mean = (above + below) >> 1
    off = here - mean
    # the other field shows something else, and the lines of its own field agree with this one:
    # a thin line that stands still fails the second test
    own = np.abs(2 * here - lines[1:-4:2] - lines[5::2])
    combed = (np.minimum(np.abs(here - above), np.abs(here - below)) > least) & (
        (here > above) == (here > below)
    )
    combed &= own < np.abs(off)
    # the edges of a comb are fainter than its middle: what is close to one belongs to it
    for reach in (1, 2):
        wider = combed.copy()
        wider[:, reach:] |= combed[:, :-reach]
        wider[:, :-reach] |= combed[:, reach:]
        combed = wider
    wider = combed.copy()
    wider[1:] |= combed[:-1]
    wider[:-1] |= combed[1:]
    target[3:-2:2][wider] = mean[wider]
