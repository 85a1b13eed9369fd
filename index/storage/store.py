"""Where indexes live: one directory a film, named by the film's content."""

from __future__ import annotations

import io
import os
import shutil
import stat
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..film_index import FilmIndex
from ..video.errors import IndexCorrupt, IndexMissing
from .annotations import Ledger
from .generation import COMMIT, MANIFEST, SAMPLES, TABLES, VECTORS, Parts, read_parts
from .lock import PASSES, write_lock
from .os_faults import INDEXES, refused
from .sealed import SealBroken, fingerprint, seal, unseal, write_atomically
from .tables import load_tables

# what to redo when a file is damaged; nothing but its own damage costs the vectors
_REMEDY = {
    VECTORS: "vectors",
    SAMPLES: "samples",
    TABLES: "derived",
    COMMIT: "derived",
    MANIFEST: "derived",
    "texts": "text",
    "captions": "captions",
}


@dataclass(frozen=True)
class StoredFilm:
    """One entry of the store.

    Attributes:
        film_id: first 16 hex digits of the sha256 of the film's bytes.
        path: where the film was when it was indexed; empty when that is not known.
        duration: of the film, seconds; 0 when not known.
        size_bytes: of the index on disk.
        when: time of its last change, seconds since 1970.
        state: `ready`, `partial` (an unfinished build) or `damaged`.
    """

    film_id: str
    path: str
    duration: float
    size_bytes: int
    when: float
    state: str


class Store:
    """All indexes of one user.

    Args:
        root: their directory; by default the user's data directory.
    """

    def __init__(self, root: Path | str | None = None) -> None:
        if root is None:
            from platformdirs import user_data_dir

            root = user_data_dir("longtake")
        self.root = Path(root).absolute()

    def film_dir(self, film_id: str) -> Path:
        """Return the directory of a film's index, there or not."""
        return self.root / film_id

    def has(self, film_id: str) -> bool:
        """Say whether an index of the film was ever finished; `open` finds whether it is intact."""
        return any((self.film_dir(film_id) / name).exists() for name in (COMMIT, MANIFEST))

    def lock_path(self, film_id: str) -> Path:
        """Return the lock file of a film; it lies outside, so that `remove` can hold it."""
        return self.root / ".locks" / f"{film_id}.lock"

    def write_lock(self, film_id: str) -> AbstractContextManager[None]:
        """Hold the right to write a film's index. Raises IndexLocked."""
        return write_lock(self.lock_path(film_id))

    def list(self) -> list[StoredFilm]:
        """Return every film that has an index or the beginning of one, by film id.

        Raises:
            IndexProblem: the store is no folder, or cannot be read.
        """
        try:
            entries = sorted(self.root.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise refused(error, self.root, INDEXES) from error
        return [
            self._describe(entry)
            for entry in entries
            if entry.is_dir() and not entry.name.startswith(".")
        ]

    def _describe(self, directory: Path) -> StoredFilm:
        size = sum(f.stat().st_size for f in directory.rglob("*") if f.is_file())
        path, duration = "", 0.0
        try:
            parts = read_parts(directory)
            state = "damaged" if parts.damage or _ledger_damage(directory) else "ready"
            if parts.record:
                path, duration = parts.record["film"]["path"], parts.record["film"]["duration"]
        except IndexMissing:
            state = "partial"
        when = directory.stat().st_mtime
        return StoredFilm(directory.name, path, duration, size, when, state)

    def remove(self, film_id: str) -> None:
        """Delete a film's index.

        Raises:
            IndexMissing: there is none.
            IndexLocked: it is being written, read for text or heard.
        """
        directory = self.film_dir(film_id)
        if not directory.is_dir():
            raise IndexMissing(f"film {film_id} has no index in {self.root}", "see `longtake ls`")
        with ExitStack() as locks:
            locks.enter_context(self.write_lock(film_id))
            for suffix in PASSES:
                locks.enter_context(write_lock(self.lock_path(film_id).with_suffix(suffix)))
            # out of sight in one step, so that nobody reads half a directory
            gone = self.root / ".locks" / f"{film_id}.{os.getpid()}.removed"
            os.replace(directory, gone)
            shutil.rmtree(gone, ignore_errors=True)

    def open(self, film_id: str, *, verify: bool = True) -> FilmIndex:
        """Open a film's index for reading.

        Args:
            film_id: which film.
            verify: also read and check what grew later (on-screen text, captions).

        Raises:
            IndexMissing: the film has no finished index.
            IndexCorrupt: a file does not match its checksum.
        """
        directory = self.film_dir(film_id)
        parts = read_parts(directory)
        damage = parts.damage or (_ledger_damage(directory) if verify else [])
        if damage or parts.record is None:
            raise _corrupt(directory, parts, damage)
        return FilmIndex(
            directory,
            self.lock_path(film_id),
            parts.record,
            load_array(parts.files[VECTORS]),
            load_array(parts.files[SAMPLES]),
            load_tables(parts.files[TABLES]),
        )

    def identify(self, path: Path | str) -> str:
        """Return the film id of a file, from the cache when the file has not changed since.

        Raises:
            InputError: it cannot be read, or is not a regular file.
        """
        path = Path(path).absolute()
        try:
            cached = unseal(self._identity_path(path).read_bytes())
            if cached["stat"] == _stat_key(path):
                return cached["film_id"]
        except (OSError, SealBroken):
            pass
        from ..video.probing.probe import film_id_of

        return film_id_of(path)

    def remember(self, path: Path | str, film_id: str) -> None:
        """Keep the film id of a file, so that the next `identify` does not read it again."""
        path = Path(path).absolute()
        try:
            key = _stat_key(path)
        except OSError:  # it went away: there is nothing to remember
            return
        document = {"path": str(path), "stat": key, "film_id": film_id}
        write_atomically(self._identity_path(path), seal(document))

    def _identity_path(self, path: Path) -> Path:
        return self.root / ".paths" / f"{fingerprint(str(path))}.json"


def _stat_key(path: Path) -> list[int]:
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(f"{path} is not a regular file")
    return [facts.st_size, facts.st_mtime_ns, facts.st_ino, facts.st_dev]


def load_array(data: bytes) -> np.ndarray:
    """Read the bytes of an .npy file; pickled objects are refused."""
    return np.load(io.BytesIO(data), allow_pickle=False)


def save_array(array: np.ndarray) -> bytes:
    """Return the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def flat_index(vectors: np.ndarray) -> Any:
    """Return a FAISS index of exact inner products; made in memory, never kept on disk."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, np.float32))
    return index


def _ledger_damage(directory: Path) -> list[tuple[str, str]]:
    return [flaw for name in ("texts", "captions") for flaw in Ledger(directory / name).read()[1]]


def _corrupt(directory: Path, parts: Parts, damage: list[tuple[str, str]]) -> IndexCorrupt:
    name, why = damage[0]
    film = parts.record["film"]["path"] if parts.record else "FILM"
    stages = list(dict.fromkeys(_REMEDY[flaw.split("/")[0]] for flaw, _ in damage))
    flags = " ".join(f"--refresh {stage}" for stage in (stages if parts.record else ["all"]))
    return IndexCorrupt(
        f"{directory / name}: {why}", f"to rebuild it: longtake index {film} {flags}"
    )
