"""The embedded profile: what the front door registers of the drawn world. Nothing heavy at import.

Public names: `SHIPPED` (the models that `embedded` stands for, `models.registry.Shipped` by shape),
`WORLD_TOOLS` (for `TOOLS | WORLD_TOOLS`) and `make_planner` (the drawn world's planner before
another one).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.calibration import Calibration, load_calibration
from .perception.coverage import place_share
from .perception.identity import embedded_encoder_id, vlm_folder
from .tools import WORLD_TOOLS
from .tools.footage import KNOWN_FROM

if TYPE_CHECKING:
    from ..agent.planners.base import Planner
    from ..index.film_index import FilmIndex
    from .perception.encoder import WorldEncoder
    from .perception.mini import MiniVLM
    from .planner.planner import WorldPlanner

__all__ = ["SHIPPED", "WORLD_TOOLS", "EmbeddedModels", "make_planner"]


class EmbeddedModels:
    """The encoder and the video LLM that ship with the package; they run on the CPU."""

    @cached_property
    def encoder_id(self) -> str:
        """Id of the encoder: its name and a digest of its weights; loads nothing."""
        return embedded_encoder_id()

    def load_encoder(self) -> WorldEncoder:
        """Load the encoder; it loads torch and open_clip."""
        from .perception.encoder import WorldEncoder

        return WorldEncoder()

    def load_vlm(self, encoder: Any) -> MiniVLM:
        """Load the video LLM.

        Args:
            encoder: the one that `load_encoder` gave, or a stand-in for it.
        """
        from .perception.mini import MiniVLM

        return MiniVLM(encoder, vlm_folder())

    def calibration(self, vlm_id: str) -> Calibration | None:
        """Return how often the VLM's answers are right; None for other weights or prompts."""
        from .perception.prompts import prompts_digest

        return load_calibration(vlm_id, prompts_digest(), vlm_folder())

    def covers(self, index: FilmIndex, encoder: Any) -> bool:
        """Say whether a film is of the drawn world, by its index; loads the encoder."""
        if not len(index.sample_seconds):
            return False
        vectors: np.ndarray = index.vectors[index.row_of_sample]
        return place_share(encoder, encoder.lexicon, vectors) >= KNOWN_FROM


SHIPPED = EmbeddedModels()


def make_planner(fallback: Planner) -> WorldPlanner:
    """Return the drawn world's planner.

    Args:
        fallback: the product's planner, for other films and for questions it cannot read.
    """
    from .planner.planner import WorldPlanner

    return WorldPlanner(fallback)
