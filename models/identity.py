"""Which weights a name stands for, and their identity, without loading any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

LOCAL = "local-dir:"
_WHOLE, _BLOCKS, _BLOCK = 1 << 24, 64, 1 << 16  # bytes, blocks, bytes


def local_folder(name: str) -> Path | None:
    """Return the folder that holds a model's files; None for one that comes from elsewhere."""
    return Path(name.removeprefix(LOCAL)) if name.startswith(LOCAL) else None


def model_id(name: str) -> str:
    """Return a model's id: its name, with a digest of its weights where they lie in a folder."""
    folder = local_folder(name)
    return name if folder is None else f"{name}@{weights_digest(folder)}"


def weights_digest(folder: Path) -> str:
    """Return the digest of a folder's weights, see `files_digest`."""
    return files_digest(sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin")))


def files_digest(files: Iterable[Path]) -> str:
    """Return 12 hex digits that tell weights apart, without reading gigabytes at every start.

    Of a large file they are of its length and of blocks spread over it: other training changes
    nearly every number.
    """
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        with path.open("rb") as file:
            if size <= _WHOLE:
                digest.update(file.read())
                continue
            digest.update(str(size).encode())
            for block in range(_BLOCKS):
                file.seek((size - _BLOCK) * block // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:12]
