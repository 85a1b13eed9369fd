"""Ctrl-C while models load: importing a C library may eat it, so it is held till they are in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Let a first Ctrl-C wait for the end of the block, and a second one through at once.

    Signals reach the main thread only, and a handler that is no Python function cannot be put back;
    in both cases nothing is held.

    Raises:
        KeyboardInterrupt: after the block, when Ctrl-C was pressed in it.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    pressed: list[Any] = []

    def on_signal(number: int, frame: Any) -> None:
        pressed.append(frame)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed and callable(before):
        before(signal.SIGINT, pressed[0])
