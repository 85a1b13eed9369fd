"""The parent's side of a decode child: how it is started, asked and ended.

The child gets an emptied environment, a process group of its own, resource limits, no network and
no path to open where the kernel helps (`jail`), and one descriptor of the film, opened and checked
here. Exit statuses prove nothing: what counts is what came over the wire.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import messages as wire
from .errors import InputError
from .probing.sniff import (
    ACCEPTED,
    HEAD_BYTES,
    describe,
    find_container,
    find_second_film,
    is_whole_matroska,
)
from .probing.ways_out import find_address, find_way_out

# builds a package around this folder, so that the child needs neither the installed distribution
# nor anything else of ours; the other paths are where av and numpy live
_BOOTSTRAP = """
import json, sys, types
config = json.loads(sys.argv[1])
box = types.ModuleType("longtake_child")
box.__path__ = [config["folder"]]
sys.modules["longtake_child"] = box
sys.path.extend(config["paths"])
from longtake_child.child import jail
jail.limit_resources(config["memory_bytes"])
config["netless"] = jail.leave_network()
from longtake_child.child import decode_child
decode_child.main(config)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a film may cost before the child is ended.

    Attributes:
        max_pixels: width times height of a frame.
        max_frames: frames of a film (20 million: 92 hours at 60 fps).
        wall_seconds: one request, however lively.
        idle_seconds: silence of the child.
        memory_bytes: address space of the child.
    """

    max_pixels: int = 36_000_000
    max_frames: int = 20_000_000
    wall_seconds: float = 1800.0
    idle_seconds: float = 45.0
    memory_bytes: int = 3 << 30


DEFAULT_LIMITS = Limits()


class ChildDied(Exception):
    """The child crashed, hung or broke the protocol; the message says how it ended."""


class OpenFilm:
    """A film opened read-only and checked to be a regular file of a known container.

    Raises:
        InputError: not such a file; one line with what was found and what is accepted.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = os.path.abspath(path)
        self.fd = _open_regular(self.path)
        try:
            size = os.fstat(self.fd).st_size
            head = os.pread(self.fd, HEAD_BYTES, 0)
            if not size:
                raise refuse(self.path, "an empty file")
            container = find_container(head)
            if container is None:
                raise refuse(self.path, describe(head))
        except BaseException:
            os.close(self.fd)
            raise
        self.size, self.container = size, container
        # only then may its header be believed about how long the last picture lasts
        self.is_whole = container == "matroska" and is_whole_matroska(head, size)
        self._closer = weakref.finalize(self, os.close, self.fd)

    def head(self, size: int) -> bytes:
        """Return its first bytes."""
        return os.pread(self.fd, size, 0)

    def joined_at(self) -> int | None:
        """Return the byte at which a second MP4 begins in it, None where there is none."""
        if self.container != "mov":
            return None
        return find_second_film(lambda at: os.pread(self.fd, 16, at), self.size)

    def close(self) -> None:
        """Close the descriptor."""
        self._closer()


def refuse(path: str, found: str) -> InputError:
    """Build the one-line refusal of a film."""
    name = "".join(c if c.isprintable() else "?" for c in path)
    name = find_address(name) or name
    return InputError(f"{name}: found {found}; {ACCEPTED}", find_way_out(name, found))


def _open_regular(path: str) -> int:
    try:
        real = os.path.realpath(path, strict=True)
        # a link swapped in after this point is refused, and a FIFO does not block
        fd = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(path, f"no readable file ({reason})") from error
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    raise refuse(path, kinds.get(stat.S_IFMT(mode), "a device"))


class SharedMemory:
    """Anonymous memory that both sides map; only the parent can change its size, and only grow."""

    def __init__(self) -> None:
        self.size = 0
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("longtake", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            # a child that shrank it could make the parent fault on its own mapping
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self._closer = weakref.finalize(self, os.close, self.fd)

    def reserve(self, size: int) -> None:
        """Make it at least `size` bytes."""
        if size > self.size:
            os.ftruncate(self.fd, size)
            self.size = size

    def close(self) -> None:
        """Give it back."""
        self._closer()


class Child:
    """One running decode child.

    Args:
        film: what it decodes.
        memory: where it puts frames.
        limits: what it may cost.
    """

    def __init__(self, film: OpenFilm, memory: SharedMemory, limits: Limits) -> None:
        self.limits = limits
        config = {
            "folder": str(Path(__file__).parent),
            "paths": _library_paths(),
            "parent": os.getpid(),
            "film_fd": film.fd,
            "memory_fd": memory.fd,
            "container": film.container,
            "max_pixels": limits.max_pixels,
            "memory_bytes": limits.memory_bytes,
        }
        command = [sys.executable, "-I", "-c", _BOOTSTRAP, json.dumps(config)]
        self.process = _spawn(
            lambda: subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"},
                cwd="/",
                pass_fds=(film.fd, memory.fd),
                start_new_session=True,
            )
        )
        self._closer = weakref.finalize(self, _end, self.process)
        self.confinement = self.receive(time.monotonic() + limits.idle_seconds).header

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Send a request.

        Raises:
            ChildDied: the child is gone.
        """
        assert self.process.stdin is not None
        try:
            wire.write_message(self.process.stdin.fileno(), header, payload)
        except wire.WireClosed as error:
            raise ChildDied(self._last_words()) from error

    def receive(self, deadline: float | None = None) -> wire.Message:
        """Wait for the next message that is not a mere sign of life.

        Args:
            deadline: `time.monotonic()` after which the child is ended; None takes the limit.

        Raises:
            ChildDied: the child is gone, silent, or late; it is ended in each case.
        """
        assert self.process.stdout is not None
        deadline = deadline or time.monotonic() + self.limits.wall_seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                self.close()
                raise ChildDied("it took too long")
            try:
                message = wire.read_message(
                    self.process.stdout.fileno(), min(left, self.limits.idle_seconds)
                )
            except wire.WireTimeout as error:
                self.close()
                raise ChildDied("it stopped answering") from error
            except wire.WireClosed as error:
                raise ChildDied(self._last_words()) from error
            if "tick" not in message.header:
                return message

    def close(self) -> None:
        """End the child and everything it started."""
        self._closer()

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        assert self.process.stderr is not None
        said = os.read(self.process.stderr.fileno(), 4096).decode("utf-8", "replace")
        self.close()
        last = said.strip().splitlines()[-1][:200] if said.strip() else ""
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f"it ended with {how}" + (f": {last}" if last else "")


def _library_paths() -> list[str]:
    """Return the folders that hold av and numpy, found without importing either."""
    specs = [importlib.util.find_spec(name) for name in ("av", "numpy")]
    return sorted({str(Path(s.origin).parents[1]) for s in specs if s is not None and s.origin})


_spawner_lock = threading.Lock()
_spawner: ThreadPoolExecutor | None = None


def _spawn(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Start a process from a thread that lives as long as we do.

    The kernel delivers the death signal when the *thread* that started the child ends, and
    callers use short-lived worker threads.
    """
    global _spawner
    with _spawner_lock:
        if _spawner is None:
            _spawner = ThreadPoolExecutor(1, thread_name_prefix="longtake-spawn")
    return _spawner.submit(start).result()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
