"""The embedded profile: what the front door registers of the drawn world. Nothing heavy at import.

| name | what |
|---|---|
| `EMBEDDED` | the name of the embedded encoder and VLM, as settings give it |
| `TAGGER` | the name of the VLM that is the encoder alone |
| `encoder_id()` | the id that `load_encoder()` will have, without loading it |
| `load_encoder()`, `load_vlm(name, encoder)` | the models, on the CPU |
| `calibration_folder(name)`, `prompts_digest()` | for `models.calibration.load_calibration` |
| `WORLD_TOOLS` | for `call_tool(..., tools=TOOLS | WORLD_TOOLS)` |
| `load_planner(fallback)` | its planner, which leaves other films to the fallback |
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..index.video.errors import UsageError
from .perception.identity import EMBEDDED, embedded_encoder_id, encoder_folder, vlm_folder
from .tools import WORLD_TOOLS

if TYPE_CHECKING:
    from ..agent.planners.base import Planner
    from .perception.encoder import WorldEncoder
    from .perception.mini import MiniVLM
    from .perception.tagger import TaggerVLM
    from .planner.planner import WorldPlanner

__all__ = [
    "EMBEDDED",
    "TAGGER",
    "WORLD_TOOLS",
    "calibration_folder",
    "encoder_id",
    "load_encoder",
    "load_planner",
    "load_vlm",
    "prompts_digest",
]

TAGGER = "tagger"
encoder_id = embedded_encoder_id


def load_encoder() -> WorldEncoder:
    """Load the embedded encoder; it loads torch and open_clip."""
    from .perception.encoder import WorldEncoder

    return WorldEncoder()


def load_vlm(name: str = EMBEDDED, encoder: Any | None = None) -> MiniVLM | TaggerVLM:
    """Load an embedded VLM.

    Args:
        name: `EMBEDDED` (the video LLM with the encoder at its side), or `TAGGER`.
        encoder: a `WorldEncoder` that is loaded already; any other is left aside.

    Raises:
        UsageError: no such name.
    """
    if name not in (EMBEDDED, TAGGER):
        raise UsageError(f"vlm = {name!r}", f"use {EMBEDDED} or {TAGGER}")
    seeing = encoder if getattr(encoder, "lexicon", None) is not None else load_encoder()
    if name == TAGGER:
        from .perception.tagger import TaggerVLM

        return TaggerVLM(seeing)
    from .perception.mini import MiniVLM

    return MiniVLM(seeing, vlm_folder())


def calibration_folder(name: str = EMBEDDED) -> Path:
    """Return the folder that holds the calibration of an embedded VLM."""
    return encoder_folder() if name == TAGGER else vlm_folder()


def prompts_digest() -> str:
    """Return the digest of the prompts that the embedded VLM is asked with."""
    from .perception.prompts import prompts_digest as digest

    return digest()


def load_planner(fallback: Planner) -> WorldPlanner:
    """Return the drawn world's planner.

    Args:
        fallback: the product's planner, for other films and for questions it cannot read.
    """
    from .planner.planner import WorldPlanner

    return WorldPlanner(fallback)
