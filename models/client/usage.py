"""What calls to a model server cost, collected where somebody asks for it.

A tool's call on the VLM may be several requests, and `judge` and `locate` return no reply that
could carry their tokens; so requests report to the meter of the call that they are made for.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used up.

    Attributes:
        requests: logical requests.
        attempts: HTTP calls behind them, retries and repairs included.
        tokens_in: tokens the server read, as it counted them.
        tokens_out: tokens the server wrote.
        cached: tokens of `tokens_in` that the server had in its prefix cache.
        notes: what a user should know, such as frames that were left out.
    """

    requests: int = 0
    attempts: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    notes: tuple[str, ...] = ()

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.attempts + other.attempts,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cached + other.cached,
            (*self.notes, *(note for note in other.notes if note not in self.notes)),
        )


class Meter:
    """Adds up usage, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = Usage()

    @property
    def total(self) -> Usage:
        """What was used up so far."""
        return self._total

    def add(self, usage: Usage) -> None:
        """Add what a request used up."""
        with self._lock:
            self._total = self._total + usage


_METERS: contextvars.ContextVar[tuple[Meter, ...]] = contextvars.ContextVar("meters", default=())


@contextmanager
def metered() -> Iterator[Meter]:
    """Collect the usage of all requests made in this block; blocks may be nested."""
    meter = Meter()
    token = _METERS.set((*_METERS.get(), meter))
    try:
        yield meter
    finally:
        _METERS.reset(token)


def spend(usage: Usage) -> None:
    """Report usage to every block around this call."""
    for meter in _METERS.get():
        meter.add(usage)


def note(text: str) -> None:
    """Report something that a user should know."""
    spend(replace(Usage(), notes=(text,)))


def side_by_side(
    work: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> list[Result]:
    """Do the work for every item in threads, in order, reporting to the caller's meters.

    Raises:
        Exception: whatever the work raised first; what has not begun is then dropped.
    """
    waiting = list(items)
    if len(waiting) < 2 or at_once < 2:
        return [work(item) for item in waiting]
    with ThreadPoolExecutor(min(at_once, len(waiting)), "longtake-vlm") as pool:
        running = [pool.submit(contextvars.copy_context().run, work, item) for item in waiting]
        try:
            return [future.result() for future in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
