"""Screen text read by the video LLM: what a detector finds, the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ...index.protocols import TextHit
from ...index.video.errors import UsageError
from ...index.video.frames import Box, Frames
from ...prompts import render
from ..client.parsing import read_box, read_share
from .prompts import READ_SCHEMA
from .readings import read_lines

READ_TOKENS = 1536
UNSTATED = 0.5  # score of a line that the model states no confidence for
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


class Asking(Protocol):
    """A VLM that takes requests of other kinds."""

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    def ask(self, frames: Frames, asked: str, max_tokens: int, schema: Mapping[str, Any]) -> str:
        """Return the reply to a request about frames, bound to a schema."""
        ...


class Detecting(Protocol):
    """What tells where text is, at little cost."""

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    def detect(self, pixels: np.ndarray) -> list[Box]:
        """Return where text is in one RGB frame, uint8 [H, W, 3]."""
        ...


class VlmReader:
    """Reads screen text with a VLM (see index/protocols.py for the contract).

    Args:
        vlm: reads; one request a picture.
        detector: tells which pictures hold text, so that only these are read; without it every
            picture is taken to hold some.

    Raises:
        UsageError: the VLM takes no requests of other kinds than its own.
    """

    def __init__(self, vlm: Asking, detector: Detecting | None = None) -> None:
        if not hasattr(vlm, "ask"):
            raise UsageError(
                f"ocr = 'vlm': {vlm.id} answers its own questions only", "set ocr to rapidocr"
            )
        self.id = f"vlm-reader({vlm.id})"
        self._vlm = vlm
        self._detector = detector

    def detect(self, pixels: np.ndarray) -> list[Box]:
        """Return where text is in one RGB frame, uint8 [H, W, 3]."""
        return [_WHOLE] if self._detector is None else self._detector.detect(pixels)

    def read(self, pixels: np.ndarray) -> list[TextHit]:
        """Return the lines of text in one RGB frame, uint8 [H, W, 3], from top to bottom.

        Raises:
            EndpointProblem: the model gave no usable answer.
        """
        frames = Frames(np.ascontiguousarray(pixels)[None], np.zeros(1))
        written = self._vlm.ask(frames, render("vlm_read"), READ_TOKENS, READ_SCHEMA)
        hits = [_hit(line) for line in read_lines(written) or []]
        return sorted((hit for hit in hits if hit.text), key=lambda hit: (hit.box.y0, hit.box.x0))


def _hit(line: Mapping[str, Any]) -> TextHit:
    score = read_share(line.get("confidence"))
    try:
        box = read_box(str(line.get("bbox_2d")))
    except ValueError:
        box = None
    text = " ".join(str(line["text"]).split())
    return TextHit(box or _WHOLE, text, UNSTATED if score is None else score)
