"""Files of JSON lines that survive a kill: each line is written at once, a torn one is left out."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from ...index.storage.os_faults import Place, refused
from ...index.video.errors import InputError, UsageError

OUT = Place("--out", UsageError)
Record = TypeVar("Record", bound=BaseModel)


class LineFile:
    """Appends lines; threads may share it.

    Args:
        path: the file; made where it is missing. A last line without its end, torn by a crash,
            is closed so that it does not swallow the next one.

    Raises:
        UsageError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")
        except OSError as error:
            raise refused(error, path, OUT) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, text: str) -> None:
        """Write a line; it is with the operating system when this returns.

        Raises:
            UsageError: the disk is full, or the file cannot be written.
        """
        data = text.encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._file, data) :]
            except OSError as error:
                raise refused(error, self.path, OUT) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield (number, object) of each line that is not empty; None for what is no JSON object."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                value = None
            yield number, value if isinstance(value, dict) else None


def read_records(path: Path, kind: type[Record]) -> list[Record]:
    """Return the records of a file that is gone on with; none where there is no such file.

    A last line without its end, torn by a crash, is left out where records stand before it.

    Args:
        path: the file.
        kind: what every line of it is.

    Raises:
        InputError: it holds something else.
    """
    if not path.is_file():
        return []
    *lines, torn = path.read_bytes().split(b"\n")
    if torn and not lines:
        lines = [torn]  # nothing says that it is ours: it must not be cut off
    found: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            raise InputError(
                f"{path}: line {number} is no result of this kind", "name another file"
            ) from error
    return found


def drop_torn_line(path: Path) -> None:
    """Make a file of records ready to be appended to: what stands after its last line end goes.

    Read it with `read_records` first, which refuses a file of something else.
    """
    if path.is_file() and (raw := path.read_bytes()) and not raw.endswith(b"\n"):
        path.write_bytes(raw[: raw.rfind(b"\n") + 1])
