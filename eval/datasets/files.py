"""Reading annotation files as their authors publish them: JSON, JSON lines, CSV, Parquet."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...index.video.errors import InputError, UsageError
from ..sample import Subtitles

VIDEO_SUFFIXES = (".mp4", ".MP4", ".mkv", ".webm", ".avi", ".mov")


def find_file(folder: Path, *names: str) -> Path:
    """Return the first of the files that is there; a name may hold `*`.

    Raises:
        InputError: none of them is.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder", "`longtake eval datasets` says what to put where"
        )
    for name in names:
        found = sorted(folder.glob(name)) if "*" in name else [folder / name]
        for path in found:
            if path.is_file():
                return path
    raise InputError(
        f"{folder}: no {' or '.join(names)} in it",
        "`longtake eval datasets` says what to download and where to put it",
    )


def find_video(folder: Path, name: str, *places: str) -> str:
    """Return the path of a film, where it is or, where it is nowhere, where it should be.

    Args:
        folder: of the benchmark.
        name: with or without a suffix; without one the usual suffixes are tried.
        places: folders below it, the first one is the right one.
    """
    suffixes = ("",) if Path(name).suffix in VIDEO_SUFFIXES else VIDEO_SUFFIXES
    for place in places:
        if not (folder / place).is_dir():
            continue
        for suffix in suffixes:
            path = folder / place / f"{name}{suffix}"
            if path.is_file():
                return str(path.absolute())
    return str((folder / places[0] / f"{name}{suffixes[0]}").absolute())


def srt_beside(folder: Path, name: str) -> Subtitles | None:
    """Return the SRT file of a film, None where there is none."""
    path = folder / f"{name}.srt"
    return Subtitles(path=str(path.absolute()), format="srt") if path.is_file() else None


def revision_of(files: Iterable[Path]) -> str:
    """Return the first 12 hex digits of the SHA-256 of the files' bytes, in order."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def read_rows(path: Path) -> list[Any]:
    """Read the rows of a table by the suffix of its name.

    Raises:
        InputError: it is not there, not of that format, or has no rows.
        UsageError: it is Parquet and `pyarrow` is not installed.
    """
    readers = {".jsonl": _json_lines, ".csv": _csv, ".parquet": _parquet}
    rows = readers.get(path.suffix, _json_list)(path)
    if not rows:
        raise InputError(f"{path}: no rows in it", "download the file again")
    return rows


def read_json(path: Path) -> Any:
    """Read a JSON file, with NaN and Infinity left as they are.

    Raises:
        InputError: it is not there, or is not JSON.
    """
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}", "download the file again") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error}", "download the file again") from error


def _json_list(path: Path) -> list[Any]:
    value = read_json(path)
    if not isinstance(value, list):
        raise InputError(f"{path}: a list of rows is expected, not {type(value).__name__}")
    return value


def _json_lines(path: Path) -> list[Any]:
    rows = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise InputError(
                f"{path}, line {number}: not JSON: {error}", "mend or remove the line"
            ) from error
    return rows


def _csv(path: Path) -> list[Any]:
    rows = list(csv.DictReader(_text(path).splitlines(keepends=True), strict=True))
    for number, row in enumerate(rows, 1):
        if None in row or None in row.values():
            raise InputError(
                f"{path}, row {number}: {sum(map(bool, row))} fields do not fit the header",
                "download the file again",
            )
    return rows


def _parquet(path: Path) -> list[Any]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise UsageError(
            f"{path}: Parquet needs pyarrow", "pip install 'longtake[eval]'"
        ) from error
    try:
        return [_without_bytes(row) for row in parquet.read_table(path).to_pylist()]
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file", "check the path") from error
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: not Parquet: {error}", "download the file again") from error


def _without_bytes(value: Any) -> Any:
    """Return a row that JSON can hold: pictures within a table become their number of bytes."""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return {key: _without_bytes(found) for key, found in value.items()}
    return [_without_bytes(found) for found in value] if isinstance(value, list) else value


def read_tables(folder: Path, *names: str) -> list[Path]:
    """Return every file that a pattern matches, the patterns tried in turn.

    Raises:
        InputError: no pattern matches anything.
    """
    first = find_file(folder, *names)
    for name in names:
        found = sorted(folder.glob(name))
        if first in found:
            return found
    return [first]
