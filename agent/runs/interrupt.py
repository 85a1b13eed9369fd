"""Ctrl-C: the first one lets the step at hand finish and saves, a second one stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph.runtime import RunControl


class Interrupted(KeyboardInterrupt):
    """The user stopped the run; everything finished is saved.

    Attributes:
        run_id: what `resume` takes.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} was interrupted; go on with: longtake resume {run_id}")
        self.run_id = run_id


@contextmanager
def stop_on_interrupt(control: RunControl) -> Iterator[None]:
    """Let the first Ctrl-C finish the step at hand, and a second one stop at once.

    Signals reach the main thread only; elsewhere the caller's own handling stands.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_signal(number: int, frame: Any) -> None:
        control.request_drain("interrupt")
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
