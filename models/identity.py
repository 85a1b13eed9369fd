"""Which weights a name stands for, and their identity, without loading any of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

LOCAL = "local-dir:"


def local_folder(name: str) -> Path | None:
    """Return the folder that holds a model's files; None for one that comes from elsewhere."""
    return Path(name.removeprefix(LOCAL)) if name.startswith(LOCAL) else None


def model_id(name: str) -> str:
    """Return a model's id: its name, with a digest of its weights where they lie in a folder."""
    folder = local_folder(name)
    return name if folder is None else f"{name}@{weights_digest(folder)}"


def weights_digest(folder: Path) -> str:
    """Return the first 12 hex digits of the digest of a folder's weights."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
