"""Turn a decoded frame into the picture that was asked for. Child side."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from ..orientation import Orientation
from ..tone import USUAL_PEAK, ToneMap, needs_mapping
from .deinterlace import deinterlace

# what transparent pictures are laid on: neither black nor white letters vanish
BACKGROUND = 128


class Painter:
    """Deinterlaces, crops from the source, resizes with libav, maps colours, turns upright.

    Args:
        request: `size` [width, height] of the result, `turns` quarter turns counter-clockwise after
            `mirrored`, `crop` [x0, y0, x1, y1] as shares of the upright frame or None, `thumbs`,
            `peak` brightest light of an HDR film in cd/m2.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        self.width, self.height = request["size"]
        self.orientation = Orientation(request["turns"] % 4, bool(request.get("mirrored")))
        crop = request.get("crop")
        self.crop = self.orientation.stored_box(crop) if crop else None
        self.thumbs = request.get("thumbs", False)
        self.peak = request.get("peak") or USUAL_PEAK
        # one converter a job: each keeps its tables as long as its job does not change
        self._whole, self._scale, self._thumb = (VideoReformatter() for _ in range(3))
        self._maps: dict[tuple[int, int], ToneMap] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the result in pixels."""
        return self.height, self.width

    def paint(self, frame: VideoFrame, out: np.ndarray, thumb: np.ndarray) -> None:
        """Write the picture, uint8 [H, W, 3], and its luma thumbnail, uint8 [16, 16]."""
        tags = int(frame.color_trc), int(frame.color_primaries)
        if frame.interlaced_frame:
            frame = deinterlace(frame)
        layout = "rgb24"
        if frame.format.name.startswith("yuva"):
            layout = "rgba"
        elif needs_mapping(*tags):
            layout = "rgb48le"
        if self.crop is not None:
            frame = self._cut(frame, layout)
        # the sensor's orientation: the turn comes last, when there are fewer pixels to move
        width, height = (self.width, self.height)[:: -1 if self.orientation.turns % 2 else 1]
        shrinks = width * height < frame.width * frame.height
        small = self._scale.reformat(
            frame,
            width,
            height,
            layout,
            interpolation=Interpolation.AREA if shrinks else Interpolation.BICUBIC,
            threads=1,
        )
        picture = small.to_ndarray()
        if layout != "rgb24":
            picture = _lay(picture) if layout == "rgba" else self._map(tags).apply(picture)
            small = VideoFrame.from_ndarray(np.asarray(picture, np.uint8), format="rgb24")
        out[...] = self.orientation.upright(picture)
        if self.thumbs:
            grey = self._thumb.reformat(
                small, 16, 16, "gray", interpolation=Interpolation.AREA, threads=1
            )
            thumb[...] = self.orientation.upright(grey.to_ndarray())

    def _map(self, tags: tuple[int, int]) -> ToneMap:
        if tags not in self._maps:
            self._maps[tags] = ToneMap(*tags, self.peak)
        return self._maps[tags]

    def _cut(self, frame: VideoFrame, layout: str) -> VideoFrame:
        x0, y0, x1, y1 = self.crop or (0.0, 0.0, 1.0, 1.0)
        whole = self._whole.reformat(
            frame, format=layout, interpolation=Interpolation.BICUBIC, threads=1
        ).to_ndarray()
        height, width = whole.shape[:2]
        left, top = min(int(x0 * width), width - 1), min(int(y0 * height), height - 1)
        right, bottom = max(left + 1, round(x1 * width)), max(top + 1, round(y1 * height))
        part: Any = np.ascontiguousarray(whole[top:bottom, left:right])
        return VideoFrame.from_ndarray(part, format=layout)


def describe_frame(frame: VideoFrame) -> dict[str, Any]:
    """Return what of a decoded frame the parent has to know, as plain data."""
    return {
        "matrix": _matrix(frame),
        "interlaced": bool(frame.interlaced_frame),
        "transfer": int(frame.color_trc),
        "primaries": int(frame.color_primaries),
        "transparent": frame.format.name.startswith("yuva"),
        "peak": _peak(frame),
    }


def has_captions(frame: VideoFrame) -> bool:
    """Say whether a frame carries text of closed captions (ANSI/SCTE 128), not only padding."""
    data = np.frombuffer(_side_data(frame, "A53_CC"), np.uint8)
    triplets = data[: len(data) // 3 * 3].reshape(-1, 3)
    valid = (triplets[:, 0] & 4 > 0) & (triplets[:, 1:] & 0x7F).any(axis=1)
    return bool(valid.any())


def _matrix(frame: VideoFrame) -> list[int]:
    """Return a, b, c, d of the display matrix."""
    data = _side_data(frame, "DISPLAYMATRIX")
    if len(data) < 20:
        return [1, 0, 0, 1]
    numbers = np.frombuffer(data, np.int32, 5)
    return [int(numbers[place]) for place in (0, 1, 3, 4)]


def _peak(frame: VideoFrame) -> float:
    """Return the peak luminance that the film states, in cd/m2; 0 when it states none."""
    light = _side_data(frame, "CONTENT_LIGHT_LEVEL")
    if len(light) >= 4 and (most := int(np.frombuffer(light, np.uint32, 1)[0])):
        return float(most)
    # AVMasteringDisplayMetadata: eight chromaticities, the least and the highest luminance, as
    # pairs of int32, then two flags
    display = _side_data(frame, "MASTERING_DISPLAY_METADATA")
    if len(display) >= 88:
        numbers = np.frombuffer(display, np.int32, 22).tolist()
        if numbers[21] and numbers[19] > 0:
            return numbers[18] / numbers[19]
    return 0.0


def _side_data(frame: Any, name: str) -> bytes:
    for item in frame.side_data:
        if getattr(item.type, "name", "") == name:
            return bytes(item)
    return b""


def _lay(picture: np.ndarray) -> np.ndarray:
    """Lay a picture with alpha, uint8 [H, W, 4], on the background."""
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = picture[..., :3] * alpha + BACKGROUND * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)
