"""Findings about a film that grow while it is used: on-screen text and captions.

Rows are kept by the minute of film they belong to, one sealed file a minute, replaced whole. A kill
loses the minute being worked on and nothing else.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from ..video.span import Span
from .sealed import SealBroken, seal, sweep, unseal, write_atomically

CHUNK_SECONDS = 60.0


class Ledger:
    """Sealed documents by minute of film, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self) -> tuple[dict[int, dict[str, Any]], list[tuple[str, str]]]:
        """Return the intact documents by minute, and (name, why) of those that are not."""
        documents: dict[int, dict[str, Any]] = {}
        damage: list[tuple[str, str]] = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                documents[int(path.stem)] = unseal(path.read_bytes())
            except ValueError as error:  # SealBroken is one
                damage.append((f"{self.folder.name}/{path.name}", str(error)))
            except FileNotFoundError:
                continue
        return documents, damage

    def read_one(self, minute: int) -> dict[str, Any] | None:
        """Return the document of one minute; None when there is none or it is damaged."""
        try:
            return unseal(self._path(minute).read_bytes())
        except (FileNotFoundError, SealBroken):
            return None

    def put(self, minute: int, document: dict[str, Any]) -> None:
        """Replace the document of one minute."""
        write_atomically(self._path(minute), seal(document))

    def clear(self, *, damaged_only: bool = False) -> None:
        """Remove all documents, or those that do not match their checksum."""
        if not self.folder.is_dir():
            return
        sweep(self.folder)
        bad = {name.split("/")[1] for name, _ in self.read()[1]}
        for path in self.folder.glob("*.json"):
            if not damaged_only or path.name in bad:
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()

    def _path(self, minute: int) -> Path:
        return self.folder / f"{minute:05d}.json"


def minute_of(second: float) -> int:
    """Return which minute of the film a second belongs to."""
    return int(second // CHUNK_SECONDS)


def minute_span(minute: int, duration: float) -> Span:
    """Return the span of one minute inside a film of `duration` seconds."""
    return Span(minute * CHUNK_SECONDS, min((minute + 1) * CHUNK_SECONDS, duration))
