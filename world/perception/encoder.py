"""The embedded encoder: an open_clip model whose patches were taught the words of a lexicon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from ...models.clip_encoder import OpenClipEncoder, load_parts
from ...models.identity import LOCAL
from .coverage import place_share
from .identity import embedded_encoder_id, encoder_folder
from .regions import distinct_regions

REGIONS = 12  # vectors an index keeps of a frame beside its own


class WorldEncoder(OpenClipEncoder):
    """An encoder that was trained on the drawn world.

    Args:
        folder: config, tokenizer, weights and `lexicon.json`; the embedded encoder's by default.
        device: torch device.
        precision: as in `models.clip_encoder.load_encoder`.

    Attributes:
        lexicon: the words that its patches were taught.

    Raises:
        UsageError: the folder holds no such model.
    """

    def __init__(
        self, folder: Path | None = None, *, device: str = "cpu", precision: str = "auto"
    ) -> None:
        where = folder or encoder_folder()
        name = f"{LOCAL}{where}"
        super().__init__(name, *load_parts(name, device), device, precision)
        self.lexicon: dict[str, Any] = json.loads((where / "lexicon.json").read_text("utf-8"))
        if folder is None:
            self.id = embedded_encoder_id()

    def __repr__(self) -> str:
        return f"WorldEncoder({self.id})"

    def covers(self, vectors: np.ndarray) -> float:
        """Return the share of pictures (unit vectors float32 [N, dim]) of the drawn world."""
        return place_share(self, self.lexicon, vectors)

    def encode_views(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames and their most distinct parts.

        Returns:
            Unit vectors float32 [N, views, dim], the whole frame first.

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        return self._in_batches(pixels, self._view_vectors, (1 + REGIONS, self.dim))

    def _view_vectors(self, x: torch.Tensor) -> torch.Tensor:
        dense = F.normalize(self._dense_vectors(x).float(), dim=-1)
        return torch.cat([dense[:, :1], distinct_regions(dense[:, 1:], REGIONS)], dim=1)
