"""One writer a film: an exclusive lock on a file that dies with its holder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .video.errors import IndexLocked

_POLL_SECONDS = 0.1


@contextmanager
def write_lock(path: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path`, waiting up to `wait` seconds for another holder to let go.

    The kernel drops the lock when the process ends, however it ends, so nothing is ever left
    locked. The file stays: removing it would let two processes lock two files of one name.

    Raises:
        IndexLocked: somebody else holds it; the message names the holder's process id.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(handle, path, time.monotonic() + wait)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # closing lets go of the lock
        os.close(handle)


def _acquire(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
                raise IndexLocked(
                    f"the index of film {path.stem} is being written by process {holder}",
                    "wait until it has finished, or stop it; what it finished is kept",
                ) from None
        time.sleep(_POLL_SECONDS)
