"""Longtake-mini: the embedded video LLM, with the embedded encoder's patches at its side.

Both are shipped. The encoder sees small things in large frames and knows the rendered world from
anything else; the language model answers, describes and checks. A plain thing is judged by both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..index.film.frames import Frames
from .identity import EMBEDDED, vlm_folder, weights_digest
from .sights import PatchEncoder
from .tagger import TaggerEye
from .vlm import VlmEye

DOUBT = 0.15  # what the encoder gives less than this is not put to the language model


class MiniEye(VlmEye):
    """The embedded eye (see tools/base.py for the contract).

    Args:
        encoder: the embedded encoder.
        device: where torch runs.
    """

    def __init__(self, encoder: PatchEncoder, device: str = "cpu") -> None:
        self.tagger = TaggerEye(encoder)
        folder = vlm_folder(EMBEDDED)
        assert folder is not None
        super().__init__(
            folder,
            version=f"{EMBEDDED}@{weights_digest(folder)}",
            device=device,
            frame_size=self.tagger.frame_size,
        )

    def judge(self, clips: Sequence[Frames], statement: str) -> list[float]:
        """Return for each clip the probability that the statement is true of it."""
        by_patches = np.array(self.tagger.judge(clips, statement))
        rows = np.flatnonzero(by_patches >= DOUBT)
        if len(rows):
            by_words = np.array(super().judge([clips[row] for row in rows], statement))
            by_patches[rows] = np.sqrt(by_patches[rows] * by_words)
        return by_patches.tolist()

    def knows(self, frames: Frames) -> float | None:
        """Return the share of frames in which a place of the rendered world is recognised."""
        return self.tagger.knows(frames)

    def frame_scores(self, frames: Frames, statement: str) -> tuple[float, ...]:
        """Return how strongly each frame shows what is stated, [N], 0 to 1, by its patches."""
        return tuple(self.tagger.judge([frames.take([r]) for r in range(len(frames))], statement))
