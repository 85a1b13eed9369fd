"""Sentence vectors of a film's words, kept beside its index and made as they are needed.

One file for each text encoder, so that a change of model makes new vectors and harms no old ones.
A vector belongs to a text, not to a place in the film: text read later adds to the file.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..progress import Listener, Meter
from ..protocols import TextEncoder
from ..storage.sealed import SealBroken, fingerprint, seal_blob, unseal_blob, write_atomically
from ..video.errors import LongtakeError

log = logging.getLogger(__name__)

FOLDER = "meaning"
_BATCH = 64
_SAVE_EVERY = 16  # batches


class TextVectors:
    """The vectors that one text encoder made for one film.

    Args:
        folder: of the film's index; the file lies in `meaning/` below it.
        encoder: makes what is missing.
    """

    def __init__(self, folder: Path, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self._path = folder / FOLDER / f"{fingerprint(encoder.id)}.vectors"
        self._known = self._load()

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return the texts, each once, that have no vector yet."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._known]

    def vectors(self, texts: Sequence[str], *, progress: Listener | None = None) -> np.ndarray:
        """Return the vectors of texts, making and keeping those that are missing.

        Args:
            texts: any number.
            progress: called after every batch; it may raise to stop, what was saved is kept.

        Returns:
            Unit vectors float32 [N, D].
        """
        todo = self.missing(texts)
        if todo:
            meter = Meter(progress, "meaning", len(todo), "texts")
            try:
                for start in range(0, len(todo), _BATCH):
                    batch = todo[start : start + _BATCH]
                    made = np.asarray(self.encoder.encode(batch), np.float32)
                    self._known.update(zip(map(_key, batch), made, strict=True))
                    meter.tell(start + len(batch))
                    if (start // _BATCH + 1) % _SAVE_EVERY == 0:
                        self._save()
            finally:
                self._save()
        rows = [self._known[_key(text)] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.encoder.dim), np.float32)

    def _load(self) -> dict[bytes, np.ndarray]:
        try:
            data = unseal_blob(self._path.read_bytes())
            table = np.load(io.BytesIO(data), allow_pickle=False)
            vectors = table["vector"].astype(np.float32)
        except FileNotFoundError:
            return {}
        except (OSError, SealBroken, ValueError, KeyError, IndexError):
            return {}  # they are made again: nothing is lost but time
        if vectors.ndim != 2 or vectors.shape[1] != self.encoder.dim:
            return {}
        keys = [key.tobytes() for key in table["key"]]
        return dict(zip(keys, vectors, strict=True))

    def _save(self) -> None:
        if not self._known:
            return
        kind = np.dtype([("key", np.uint8, 16), ("vector", np.float16, self.encoder.dim)])
        table = np.zeros(len(self._known), kind)
        table["key"] = [np.frombuffer(key, np.uint8) for key in self._known]
        table["vector"] = list(self._known.values())
        buffer = io.BytesIO()
        np.save(buffer, table, allow_pickle=False)
        try:
            write_atomically(self._path, seal_blob(buffer.getvalue()))
        except (OSError, LongtakeError) as error:
            # a read-only or full disk must not cost the answer
            log.warning("the text vectors are not kept: %s", error)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]
