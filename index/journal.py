"""Finished chunks of an index in the making, on disk: a killed run goes on after the last one."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .storage.sealed import (
    SealBroken,
    seal,
    seal_blob,
    sweep,
    unseal,
    unseal_blob,
    write_atomically,
)


@dataclass(frozen=True)
class Chunk:
    """What is known about one stretch of the sampling grid.

    Attributes:
        positions: int32 [n], places in the grid whose frame decodes.
        kept: bool [n], which of them have a vector of their own.
        thumbs: uint8 [n, 16, 16], luma.
        vectors: float16 [kept, V, D], of the frame and its parts.
        last: float32 [rows, columns, 3], signature of the last kept frame so far; [0, 0, 3] before.
    """

    positions: np.ndarray
    kept: np.ndarray
    thumbs: np.ndarray
    vectors: np.ndarray
    last: np.ndarray


class Journal:
    """Finished chunks on disk.

    Args:
        folder: where.
        plan: the settings and the grid they are made with.
        base: the generation of the index that they are to replace.
    """

    def __init__(self, folder: Path, plan: str, base: str) -> None:
        self.folder = folder
        self.plan = {"plan": plan, "base": base}

    def open(self) -> list[Chunk]:
        """Return the finished chunks from the first on; forget those of another plan or base."""
        if self._read_plan() != self.plan:
            shutil.rmtree(self.folder, ignore_errors=True)
            write_atomically(self.folder / "plan.json", seal(self.plan))
        sweep(self.folder)
        chunks: list[Chunk] = []
        while (chunk := self._read(len(chunks))) is not None:
            chunks.append(chunk)
        return chunks

    def put(self, number: int, chunk: Chunk) -> None:
        """Write one finished chunk."""
        buffer = io.BytesIO()
        np.savez(buffer, **vars(chunk))
        write_atomically(self._path(number), seal_blob(buffer.getvalue()))

    def _read_plan(self) -> dict[str, Any] | None:
        try:
            return unseal((self.folder / "plan.json").read_bytes())
        except (FileNotFoundError, SealBroken):
            return None

    def _read(self, number: int) -> Chunk | None:
        try:
            data = unseal_blob(self._path(number).read_bytes())
        except (FileNotFoundError, SealBroken):
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Chunk(**{name: arrays[name] for name in arrays.files})

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.chunk"
