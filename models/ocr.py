"""Text in pictures, read by RapidOCR; its models come inside the wheel, nothing is fetched."""

from __future__ import annotations

import threading
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from ..index.protocols import TextHit
from ..index.text.script import known_scripts, scripts_of
from ..index.video.frames import Box, reduced

# on two cores a detection costs 1.4 us of CPU a pixel: 0.13 s at 416 wide, 2 s if it may upsize
_DETECT_SIDE = 416
_READ_SIDE = 1280
_MIN_SCORE = 0.5
# the detector works in steps of 32 pixels and sees nothing in less
_MIN_SIDE = 48
_MIN_LETTER = 6
_MAX_RATIO = 30
# of 120 lines read on blurred, noisy and pale signs, 114 of 117 above it were right to the letter
# and none of 3 below
_SURE_SCORE = 0.9


class RapidReader:
    """A `Reader` on the CPU. Loads at the first call; safe to share between threads.

    Lines that stand on their head are read too.
    """

    def __init__(self) -> None:
        self.id = f"rapidocr-{version('rapidocr')}"
        self._guard = threading.Lock()
        self._engines: dict[bool, Any] = {}

    @cached_property
    def alphabet(self) -> frozenset[str]:
        """The characters that the model can read."""
        model = self._engine(read=True)._load_rec_model()
        return frozenset("".join(model.postprocess_op.character))

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The Unicode scripts whose letters the model knows, for example `Latin` and `Han`."""
        return known_scripts(self.alphabet)

    def detect(self, pixels: np.ndarray) -> list[Box]:
        """Return where text is in one RGB frame, uint8 [H, W, 3].

        The frame is looked at 416 pixels wide: letters of 3.5 % of the frame's height are found.
        """
        small = _enlarge(_fit(pixels, _DETECT_SIDE))
        if small is None:
            return []
        found = self._engine(read=False)(_bgr(small))
        if found.boxes is None:
            return []
        height, width = small.shape[:2]
        boxes = (_box(corners, width, height) for corners in found.boxes)
        return [box for box in boxes if box is not None]

    def read(self, pixels: np.ndarray) -> list[TextHit]:
        """Return the lines of text in one RGB frame, uint8 [H, W, 3], from top to bottom."""
        frame = _enlarge(_fit(pixels, _READ_SIDE))
        if frame is None:
            return []
        found = self._engine(read=True)(_bgr(frame))
        if found.boxes is None or getattr(found, "txts", None) is None:
            return []
        height, width = frame.shape[:2]
        hits = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            box = _box(corners, width, height)
            line = " ".join(text.split())
            if box is not None and line and score >= _MIN_SCORE:
                hits.append(TextHit(box, line, float(score), self._is_certain(line, score)))
        return hits

    def _is_certain(self, line: str, score: float) -> bool:
        """Say whether a line is likely to say just this.

        Letters of an alphabet that the model half knows come out as look-alikes of another, so that
        one of them makes the whole line doubtful.
        """
        return score >= _SURE_SCORE and set(scripts_of(line)) <= set(self.scripts)

    def _engine(self, *, read: bool) -> Any:
        """Return the engine for one kind of call.

        Two, because an engine keeps the kind of its last call: one would not be safe to share.
        """
        with self._guard:
            if read not in self._engines:
                self._engines[read] = _load_engine(read)
            return self._engines[read]


def _load_engine(read: bool) -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": read,
            "Global.use_rec": read,
            "Global.text_score": _MIN_SCORE,
            # frames are scaled here; the default would blow small ones up to 736
            "Det.limit_type": "max",
            "Det.limit_side_len": 4096,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
        }
    )


def _fit(pixels: np.ndarray, side: int) -> np.ndarray:
    """Scale a frame down until its longer side is at most `side`."""
    return reduced(pixels, side / max(pixels.shape[:2]))


def _enlarge(pixels: np.ndarray) -> np.ndarray | None:
    """Repeat the pixels of a very small crop until each side is long enough to be looked at.

    None for slivers that hold no letter, which the engine would fail on.
    """
    short, long = sorted(pixels.shape[:2])
    if short < _MIN_LETTER or long > _MAX_RATIO * short:
        return None
    times = -(-_MIN_SIDE // short)
    return pixels.repeat(times, axis=0).repeat(times, axis=1) if times > 1 else pixels


def _bgr(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels[:, :, ::-1])


def _box(corners: np.ndarray, width: int, height: int) -> Box | None:
    xs = np.clip(corners[:, 0] / width, 0.0, 1.0)
    ys = np.clip(corners[:, 1] / height, 0.0, 1.0)
    x0, x1, y0, y1 = float(xs.min()), float(xs.max()), float(ys.min()), float(ys.max())
    return Box(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
