"""Weights on this machine: what is there, without importing a library or asking a network."""

from __future__ import annotations

import os
from pathlib import Path

AUTO = "auto"
USUAL_ENCODER = "ViT-B-16-SigLIP2"
USUAL_TEXT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
# where the hub keeps the weights of names that are not the hub's own
_REPOSITORIES = {USUAL_ENCODER: "timm/ViT-B-16-SigLIP2"}
_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.onnx")


def hub_cache() -> Path:
    """Return the folder where the hub's client keeps what it has fetched."""
    if named := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named)
    home = os.environ.get("HF_HOME") or os.environ.get("XDG_CACHE_HOME")
    if os.environ.get("HF_HOME"):
        return Path(str(home)) / "hub"
    base = Path(home) if home else Path.home() / ".cache"
    return base / "huggingface" / "hub"


def find_cached(name: str) -> Path | None:
    """Return the folder with the weights of a hub name; None where they are not on this machine.

    Args:
        name: as in a role: an open_clip name of `_REPOSITORIES`, or `owner/name`.
    """
    repository = _REPOSITORIES.get(name, name)
    snapshots = hub_cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
    try:
        folders = sorted(snapshots.iterdir(), key=lambda path: path.stat().st_mtime)
    except OSError:
        return None
    for folder in reversed(folders):
        if any(next(folder.glob(pattern), None) for pattern in _WEIGHTS):
            return folder
    return None
