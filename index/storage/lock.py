"""One writer a film: an exclusive lock on a file that dies with its holder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..video.errors import IndexLocked
from .os_faults import INDEXES, refused

# passes that may take minutes beside other work have a lock of their own beside the film's
TEXT_PASS, SPEECH_PASS, SUBTITLE_PASS = PASSES = (".text", ".heard", ".subtitles")


@contextmanager
def write_lock(path: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path`, waiting up to `wait` seconds for another holder to let go.

    The operating system drops the lock when the process ends, however it ends, so nothing is ever
    left locked. The file stays: removing it would let two processes lock two files of one name.

    Raises:
        IndexLocked: somebody else holds it; the message names the holder's process id.
        IndexProblem: the lock's folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=wait, poll_interval=0.1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        path.write_text(f"{os.getpid()}\n")
    except Timeout:
        raise IndexLocked(
            f"the index of film {path.stem} is being written by process {_holder(path)}",
            "wait until it has finished, or stop it; what it finished is kept",
        ) from None
    except OSError as error:
        lock.release()
        raise refused(error, path, INDEXES) from error
    try:
        yield
    finally:
        lock.release()


def _holder(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip() or "unknown"
    except OSError:
        return "unknown"
