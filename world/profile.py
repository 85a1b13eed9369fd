"""The embedded profile: what the front door registers of the drawn world. Nothing heavy at import.

Public names: `encoder_id`, `load_encoder`, `load_vlm`, `calibration_folder` and `prompts_digest` for
the models that `embedded` stands for; and `load_planner`, the drawn world's planner before another
one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .perception.identity import embedded_encoder_id, vlm_folder

if TYPE_CHECKING:
    from ..agent.planners.base import Planner
    from .perception.encoder import WorldEncoder
    from .planner.planner import WorldPlanner
    from .vlm.mini import MiniVLM

__all__ = [
    "calibration_folder",
    "encoder_id",
    "load_encoder",
    "load_planner",
    "load_vlm",
    "prompts_digest",
]


def encoder_id() -> str:
    """Return the id of the embedded encoder, its name and a digest of its weights; loads nothing."""
    return embedded_encoder_id()


def load_encoder() -> WorldEncoder:
    """Load the embedded encoder, on the CPU; it loads onnxruntime, not torch."""
    from .perception.encoder import WorldEncoder

    return WorldEncoder()


def load_vlm(encoder: Any | None = None) -> MiniVLM:
    """Load the embedded video LLM, on the CPU.

    Args:
        encoder: the embedded encoder where it is loaded already, or a stand-in for it.
    """
    from .vlm.mini import MiniVLM

    return MiniVLM(load_encoder() if encoder is None else encoder, vlm_folder())


def calibration_folder() -> Path:
    """Return the folder that holds the calibration of the embedded VLM."""
    return vlm_folder()


def prompts_digest() -> str:
    """Return the digest of the prompts that the embedded VLM is asked with."""
    from .vlm.prompts import prompts_digest as digest

    return digest()


def load_planner(fallback: Planner) -> WorldPlanner:
    """Return the drawn world's planner.

    Args:
        fallback: the product's planner, for other films and for questions it cannot read.
    """
    from .planner.planner import WorldPlanner

    return WorldPlanner(fallback)
