"""What was told of a film, kept beside its index: whole tellings, and each reply of a model.

A file a document, sealed, under a fingerprint of all that it was made from: a second telling of
the same reads one file, and one that was cut short asks only for what is missing.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from ...index.storage.sealed import SealBroken, fingerprint, seal, unseal, write_atomically
from ...index.video.errors import LongtakeError

log = logging.getLogger(__name__)

FOLDER = "told"


class Shelf:
    """Documents of one film by fingerprint.

    Args:
        folder: of the film's index.

    Attributes:
        problem: why something could not be kept; empty where all was.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self.problem = ""

    def get(self, made_from: Any) -> dict[str, Any] | None:
        """Return what was made from this, None where it was not yet or is damaged."""
        try:
            return unseal(self._path(made_from).read_bytes())
        except (OSError, SealBroken):
            return None  # it is made again: nothing is lost but time

    def put(self, made_from: Any, document: dict[str, Any]) -> None:
        """Keep a document; a full or read-only disk costs no answer, and is told in `problem`."""
        try:
            write_atomically(self._path(made_from), seal(document))
        except LongtakeError as error:
            self.problem = f"nothing more is kept: {error.message}"
            log.warning("the telling is not kept: %s", error)

    def _path(self, made_from: Any) -> Path:
        return self._folder / f"{fingerprint(made_from)}.json"
