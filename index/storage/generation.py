"""The files of one finished index and how a new set replaces them in one step.

    vectors.npy     the vectors, float16 [M, D]
    samples.npy     the sampled instants: second, row of its vector, thumbnail
    index.sqlite    what is derived: timeline, shots, clips, speech and its words
    commit.json     the sealed record of all of them: writing it is the commit
    manifest.json   the same record once every file is in its place, written last
    texts/ captions/   grown later, sealed chunk by chunk (`annotations.py`)
    meaning/           sentence vectors of the words, a file for each text encoder

A reader that meets a commit half way finds the new files still in `building/`, so it sees the old
set or the new one, never a mixture. No file is trusted that does not match its sha256.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..video.errors import IndexMissing
from .sealed import SealBroken, digest, seal, sweep, sync_directory, unseal, write_atomically

VECTORS, SAMPLES, TABLES = "vectors.npy", "samples.npy", "index.sqlite"
COMMIT, MANIFEST = "commit.json", "manifest.json"
BUILDING = "building"
_TRIES = 4


@dataclass(frozen=True)
class Parts:
    """What of an index could be read and matches its checksum.

    Attributes:
        record: the manifest's content; None when no copy of it is intact.
        files: bytes of the intact files, by name.
        damage: (name, why) of what is not intact.
    """

    record: dict[str, Any] | None
    files: dict[str, bytes]
    damage: list[tuple[str, str]] = field(default_factory=list)


def read_parts(directory: Path) -> Parts:
    """Read an index as it stands.

    Raises:
        IndexMissing: no index was ever finished here.
    """
    parts = _read_once(directory)
    for _ in range(_TRIES):
        if not parts.damage:
            break
        # a writer may have committed between two reads; damage that is real stays
        again = _read_once(directory)
        if again.record == parts.record:
            return again
        parts = again
    return parts


def _read_once(directory: Path) -> Parts:
    damage: list[tuple[str, str]] = []
    commit = _read_record(directory / COMMIT, damage)
    manifest = _read_record(directory / MANIFEST, damage)
    if commit is None and manifest is None and not damage:
        raise IndexMissing(f"no finished index in {directory}", "run `longtake index FILM`")
    if commit is None and not damage:
        damage.append((COMMIT, "is missing"))
    # they differ only while a commit is under way, and then commit.json is the newer
    record = commit or manifest
    files: dict[str, bytes] = {}
    for name, facts in (record or {}).get("files", {}).items():
        data = _read_matching(directory, name, facts["sha256"])
        if data is None:
            damage.append((name, "is missing or does not match its checksum"))
        else:
            files[name] = data
    return Parts(record, files, damage)


def _read_record(path: Path, damage: list[tuple[str, str]]) -> dict[str, Any] | None:
    try:
        return unseal(path.read_bytes())
    except FileNotFoundError:
        return None
    except SealBroken as error:
        damage.append((path.name, str(error)))
        return None


def _read_matching(directory: Path, name: str, sha256: str) -> bytes | None:
    for path in (directory / name, directory / BUILDING / name):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        if digest(data) == sha256:
            return data
    return None


def commit_generation(directory: Path, record: dict[str, Any], files: dict[str, bytes]) -> None:
    """Replace the index in one step. Call it under the film's lock.

    Args:
        directory: the film's directory.
        record: the manifest's content, without `files`.
        files: the new bytes by name; a file that already holds them is not touched.
    """
    facts = {n: {"bytes": len(d), "sha256": digest(d)} for n, d in sorted(files.items())}
    for name, data in files.items():
        if _sha256_of(directory / name) != facts[name]["sha256"]:
            write_atomically(directory / BUILDING / name, data)
    # from this rename on the new generation is the index
    write_atomically(directory / COMMIT, seal({**record, "files": facts}))
    settle(directory)


def finish_commit(directory: Path) -> None:
    """Carry out a commit that was recorded but not finished; otherwise do nothing."""
    try:
        data = (directory / COMMIT).read_bytes()
        record = unseal(data)
    except (FileNotFoundError, SealBroken):
        return
    # a repair may have the very record of what it repairs, so the files come before the manifest
    for name, facts in record["files"].items():
        made = directory / BUILDING / name
        if made.exists() and _sha256_of(made) == facts["sha256"]:
            os.replace(made, directory / name)
    sync_directory(directory)
    if _sha256_of(directory / MANIFEST) != digest(data):
        write_atomically(directory / MANIFEST, data)


def base_of(directory: Path) -> str:
    """Name the generation that unfinished work starts from; empty before the first."""
    return _sha256_of(directory / COMMIT) or ""


def is_settled(directory: Path) -> bool:
    """Say, at the cost of two looks at the disk, whether nothing is left to tidy up."""
    return (directory / MANIFEST).exists() and not (directory / BUILDING).exists()


def settle(directory: Path) -> None:
    """Finish what a killed writer began and drop what it left. Call it under the film's lock.

    Chunks of a build from the present generation are kept: the next build goes on from them.
    """
    finish_commit(directory)
    sweep(directory)
    try:
        plan = unseal((directory / BUILDING / "plan.json").read_bytes())
    except (FileNotFoundError, SealBroken):
        plan = {}
    if plan.get("base") != base_of(directory):
        shutil.rmtree(directory / BUILDING, ignore_errors=True)


def _sha256_of(path: Path) -> str | None:
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None
