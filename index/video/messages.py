"""Messages between the parent and the decode child: a JSON header, then raw bytes.

No pickle: the child handles hostile input and may be under its control, so everything it sends is
read as data, with a cap on both lengths. Layout: header length (4 bytes, big endian), header, and
`header["bytes"]` bytes of payload when that key is present.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from dataclasses import dataclass, field
from typing import Any

MAX_HEADER = 16 << 20
MAX_PAYLOAD = 1 << 30
# samples a second of the sound that is sent
RATE = 16_000
_LENGTH = struct.Struct(">I")


class WireClosed(Exception):
    """The other side is gone, or sent something that is not a message."""


class WireTimeout(Exception):
    """Nothing arrived in time."""


@dataclass
class Message:
    """One message: what it says, and raw bytes beside it."""

    header: dict[str, Any]
    payload: bytes = field(default=b"", repr=False)


def write_message(fd: int, header: dict[str, Any], payload: bytes = b"") -> None:
    """Send one message, blocking until it is written.

    Raises:
        WireClosed: the reader is gone.
    """
    if payload:
        header = {**header, "bytes": len(payload)}
    text = json.dumps(header, separators=(",", ":")).encode()
    try:
        _write_all(fd, _LENGTH.pack(len(text)) + text)
        _write_all(fd, payload)
    except OSError as error:
        raise WireClosed(str(error)) from error


def read_message(fd: int, timeout: float | None = None) -> Message:
    """Receive one message.

    Args:
        fd: the reading end of a pipe.
        timeout: seconds without a single new byte before giving up; None waits for ever.

    Raises:
        WireClosed: end of stream, or not a message.
        WireTimeout: silence for `timeout` seconds.
    """
    (length,) = _LENGTH.unpack(_read_exactly(fd, _LENGTH.size, timeout))
    if length > MAX_HEADER:
        raise WireClosed(f"a header of {length} bytes is over the limit of {MAX_HEADER}")
    try:
        header = json.loads(_read_exactly(fd, length, timeout))
    except ValueError as error:
        raise WireClosed("a header is not JSON") from error
    size = header.get("bytes", 0) if isinstance(header, dict) else -1
    if not isinstance(size, int) or not 0 <= size <= MAX_PAYLOAD:
        raise WireClosed("a header does not fit the protocol")
    return Message(header, _read_exactly(fd, size, timeout) if size else b"")


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd: int, size: int, timeout: float | None) -> bytes:
    parts: list[bytes] = []
    while size:
        if timeout is not None:
            _wait_readable(fd, timeout)
        try:
            part = os.read(fd, min(size, 1 << 20))
        except OSError as error:
            raise WireClosed(str(error)) from error
        if not part:
            raise WireClosed("end of stream")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _wait_readable(fd: int, timeout: float) -> None:
    # poll, not select: file descriptors above 1023 are ordinary in a busy parent
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    deadline = time.monotonic() + timeout
    if not poll.poll(max(0, int((deadline - time.monotonic()) * 1000))):
        raise WireTimeout(f"nothing arrived for {timeout:.0f} s")
