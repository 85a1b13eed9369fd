"""Files that are complete or absent, and that notice a flipped bit.

A sealed document is JSON in one canonical spelling that carries the sha256 of itself; a sealed blob
is bytes behind their sha256. Both are written aside, synced, and renamed into place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from .os_faults import INDEXES, Place, refused

_SEAL = "seal"


class SealBroken(ValueError):
    """A sealed file does not match its own checksum."""


def canonical(document: Any) -> bytes:
    """Spell JSON in the one way that checksums are taken of."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=True, indent=1, allow_nan=False)
    return text.encode() + b"\n"


def digest(data: bytes) -> str:
    """Return the sha256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(document: Any) -> str:
    """Return 16 hex digits that change whenever the document does."""
    return digest(canonical(document))[:16]


def seal(document: dict[str, Any]) -> bytes:
    """Return the document as canonical JSON with its checksum inside."""
    body = {key: value for key, value in document.items() if key != _SEAL}
    return canonical({**body, _SEAL: digest(canonical(body))})


def unseal(data: bytes) -> dict[str, Any]:
    """Read what `seal` wrote.

    Raises:
        SealBroken: the bytes are not exactly what was sealed.
    """
    try:
        document = json.loads(data)
        body = {key: value for key, value in document.items() if key != _SEAL}
    except (ValueError, AttributeError, RecursionError) as error:
        raise SealBroken("not a sealed document") from error
    # comparing the spelling too, so that a flip in white space does not pass
    if seal(body) != data:
        raise SealBroken("the checksum does not match")
    return body


def seal_blob(data: bytes) -> bytes:
    """Return the bytes behind their sha256 (32 bytes)."""
    return hashlib.sha256(data).digest() + data


def unseal_blob(data: bytes) -> bytes:
    """Read what `seal_blob` wrote.

    Raises:
        SealBroken: the checksum does not match.
    """
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        raise SealBroken("the checksum does not match")
    return data[32:]


def write_atomically(path: Path, data: bytes, place: Place = INDEXES) -> None:
    """Put the bytes at `path`, whole or not at all, and safe against power loss.

    Args:
        path: the file.
        data: its content.
        place: what the file belongs to, for the error.

    Raises:
        LongtakeError: of the place's own kind; it cannot be written, or the disk is full.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(aside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        sync_directory(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise refused(error, path, place) from error


def sync_directory(directory: Path) -> None:
    """Make renames inside a directory last."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(directory: Path) -> None:
    """Remove what a killed `write_atomically` left aside. Call it under the film's lock."""
    for aside in directory.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            aside.unlink()
