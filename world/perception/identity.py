"""Which weights the embedded models are, and their identity, without loading any of them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ...models.identity import weights_digest

EMBEDDED = "longtake-mini"


def encoder_folder() -> Path:
    """Return the folder of the embedded encoder."""
    return _weights() / "clip"


def vlm_folder() -> Path:
    """Return the folder of the embedded language model."""
    return _weights() / "vlm"


def group_detector_folder() -> Path:
    """Return the folder of the network that tells apart things of a group."""
    return _weights() / "group_detector"


def embedded_encoder_id() -> str:
    """Return the id of the embedded encoder: its name, and a digest of its weights."""
    return f"{EMBEDDED}@{weights_digest(encoder_folder())}"


def _weights() -> Path:
    # the package is installed as plain files, so its weights have a path of their own
    return Path(str(resources.files("longtake.world"))) / "weights"
