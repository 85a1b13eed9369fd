"""Files of JSON lines that survive a kill: each line is written at once, a torn one is left out."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from ...index.storage.os_faults import Place, refused
from ...index.video.errors import UsageError

OUT = Place("--out", UsageError)


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
