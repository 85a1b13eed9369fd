"""No encoder: films are sampled for shots and near-duplicates, and nothing is embedded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class NoEncoder:
    """An `Encoder` that gives every picture the same vector, so that none is found by its looks.

    Attributes:
        id, dim, size: see `Encoder`; frames are sampled small, since only shots need them.
    """

    id = "none"
    dim = 1
    size = (160, 90)

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Return zeros float32 [N, 1] for frames uint8 [N, height, width, 3]."""
        return np.zeros((len(pixels), self.dim), np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Refuse: who searches without an encoder searches words.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("there is no encoder to embed words with")
