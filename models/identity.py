"""Which weights a name stands for, and their identity, without loading any of them."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

EMBEDDED = "longtake-mini"
LOCAL = "local-dir:"


def encoder_folder(name: str) -> Path | None:
    """Return the folder that holds the encoder's files, None for one that comes from a hub."""
    if name == EMBEDDED:
        # the package is installed as plain files, so its weights have a path of their own
        return Path(str(resources.files("longtake.models.embedded"))) / "clip"
    return Path(name.removeprefix(LOCAL)) if name.startswith(LOCAL) else None


def encoder_id(name: str) -> str:
    """Return the `id` that `load_encoder(name)` would have: the name, and a digest of its weights."""
    folder = encoder_folder(name)
    return name if folder is None else f"{name}@{weights_digest(folder)}"


def eye_folder(name: str) -> Path | None:
    """Return the folder that holds an eye's own files; None for one that comes from elsewhere."""
    if name == EMBEDDED:
        return Path(str(resources.files("longtake.models.embedded"))) / "vlm"
    return Path(name.removeprefix(LOCAL)) if name.startswith(LOCAL) else None


def centres_folder() -> Path:
    """Return the folder of the network that finds the middles of things."""
    return Path(str(resources.files("longtake.models.embedded"))) / "centres"


def weights_digest(folder: Path) -> str:
    """Return the first 12 hex digits of the digest of a folder's weights."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
