"""Ctrl-C during work that it must not cut short: the first one waits, a second one goes through."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def first_interrupt(act: Callable[[Any], None]) -> Iterator[None]:
    """Let a first Ctrl-C call `act` with the interrupted frame, and a second one through at once.

    Signals reach the main thread only, and a handler that is no Python function cannot be put back;
    in both cases nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return

    def on_signal(number: int, frame: Any) -> None:
        act(frame)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Let a first Ctrl-C wait for the end of the block: importing a C library may eat it.

    Raises:
        KeyboardInterrupt: after the block, when Ctrl-C was pressed in it.
    """
    pressed: list[Any] = []
    with first_interrupt(pressed.append):
        yield
    before = signal.getsignal(signal.SIGINT)
    if pressed and callable(before):
        before(signal.SIGINT, pressed[0])
