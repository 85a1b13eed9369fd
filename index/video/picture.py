"""Turn a decoded frame into the picture that was asked for. Child side."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter


class Painter:
    """Crops from the source, resizes with libav, turns upright.

    Args:
        request: `size` [width, height] of the result, `turns` quarter turns counter-clockwise,
            `crop` [x0, y0, x1, y1] as shares of the upright frame or None, `thumbs`.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        self.width, self.height = request["size"]
        self.turns = request["turns"] % 4
        self.crop = _turn_box(request["crop"], self.turns) if request.get("crop") else None
        self.thumbs = request.get("thumbs", False)
        # one converter a job: each keeps its tables as long as its job does not change
        self._whole, self._scale, self._thumb = (VideoReformatter() for _ in range(3))

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the result in pixels."""
        return self.height, self.width

    def paint(self, frame: VideoFrame, out: np.ndarray, thumb: np.ndarray) -> None:
        """Write the picture, uint8 [H, W, 3], and its luma thumbnail, uint8 [16, 16]."""
        if self.crop is not None:
            frame = self._cut(frame)
        # the sensor's orientation: the turn comes last, when there are fewer pixels to move
        width, height = (self.width, self.height)[:: -1 if self.turns % 2 else 1]
        shrinks = width * height < frame.width * frame.height
        small = self._scale.reformat(
            frame,
            width,
            height,
            "rgb24",
            interpolation=Interpolation.AREA if shrinks else Interpolation.BICUBIC,
            threads=1,
        )
        out[...] = np.rot90(small.to_ndarray(), self.turns)
        if self.thumbs:
            grey = self._thumb.reformat(
                small, 16, 16, "gray", interpolation=Interpolation.AREA, threads=1
            )
            thumb[...] = np.rot90(grey.to_ndarray(), self.turns)

    def _cut(self, frame: VideoFrame) -> VideoFrame:
        x0, y0, x1, y1 = self.crop or (0.0, 0.0, 1.0, 1.0)
        whole = self._whole.reformat(
            frame, format="rgb24", interpolation=Interpolation.BICUBIC, threads=1
        ).to_ndarray()
        height, width = whole.shape[:2]
        left, top = min(int(x0 * width), width - 1), min(int(y0 * height), height - 1)
        right, bottom = max(left + 1, round(x1 * width)), max(top + 1, round(y1 * height))
        return VideoFrame.from_ndarray(
            np.ascontiguousarray(whole[top:bottom, left:right], np.uint8), format="rgb24"
        )


def _turn_box(box: list[float], turns: int) -> tuple[float, float, float, float]:
    """Return where a box of the upright frame lies in the frame as stored."""
    x0, y0, x1, y1 = box
    for _ in range(turns):
        # undo one counter-clockwise quarter turn: stored (x, y) shows up at (y, 1 - x)
        x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
    return x0, y0, x1, y1
