"""When a request to a model server is sent again, how long is waited, and when no more is asked.

This is the only retry layer: the HTTP client below it makes one attempt and no more. What went
wrong arrives as a `Fault`, which says itself whether trying again can help.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .deadline import current_end
from .fault import Fault

Result = TypeVar("Result")
FIRST_TRIES = 3  # of a server that has never given a usable reply


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often one logical request is tried.

    Attributes:
        connect: seconds to connect.
        read: seconds between two pieces of a reply.
        attempt: seconds for one attempt, even while the reply trickles in.
        total: seconds for a logical request with all its attempts and waits.
        attempts: HTTP calls for a logical request: retries, degraded and repaired ones included.
        first_wait: seconds before the first retry; doubles each time, with jitter.
        longest_wait: seconds that such a wait is capped at.
        patience: the longest `Retry-After` that is waited for, seconds.
        breaker_after: failures in a row, over all requests, after which nobody asks any more.
        breaker_rest: seconds until one request may try again.
    """

    connect: float = 5.0
    read: float = 120.0
    attempt: float = 180.0
    total: float = 600.0
    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 10.0
    patience: float = 60.0
    breaker_after: int = 20
    breaker_rest: float = 15.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} = {getattr(self, name)!r}: give a number above 0")


class Breaker:
    """Stops asking a server that fails every time; after a rest one request finds out again.

    Attributes:
        met: whether the model ever gave a usable reply, or a reason why it gave none.
    """

    def __init__(self, after: int, rest: float) -> None:
        self._after = after
        self._rest = rest
        self._failures = 0
        self._closed_until = 0.0
        self._lock = threading.Lock()
        self.met = False

    @property
    def failures(self) -> int:
        """Attempts in a row that failed."""
        return self._failures

    def enter(self) -> None:
        """Ask for leave to make an attempt.

        Raises:
            Fault: `open`: the server has failed too often just now.
        """
        with self._lock:
            if self._failures < self._after:
                return
            left = self._closed_until - time.monotonic()
            if left > 0:
                raise Fault(
                    "open",
                    f"it failed {self._failures} times in a row and is not asked for {left:.0f} s",
                )
            # this one finds out; the others go on resting until it comes back
            self._closed_until = time.monotonic() + self._rest

    def leave(self, fault: Fault | None, *, by_model: bool = True) -> None:
        """Report how an attempt went; an answer, even a refusal, proves that the server works.

        Args:
            fault: None for a usable reply.
            by_model: the model was asked, not the server about itself.
        """
        with self._lock:
            said = fault is None or (fault.status is not None and fault.kind != "garbled")
            self.met |= said and by_model
            if fault is None or not fault.passing or fault.kind == "busy":
                self._failures = 0
                return
            self._failures += 1
            if self._failures >= self._after:
                self._closed_until = time.monotonic() + self._rest


@dataclass
class Tally:
    """The attempts that a logical request has made, and until when it may make more.

    Attributes:
        changed: attempts whose refusal led to another request; they do not count as repetitions.
    """

    limits: Limits
    deadline: float
    attempts: int = 0
    changed: int = 0

    @classmethod
    def begin(cls, limits: Limits) -> Tally:
        """Start counting."""
        return cls(limits, min(time.monotonic() + limits.total, current_end()))

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, 0 at least."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def spent(self) -> bool:
        """Whether no further attempt may be made."""
        return self.attempts - self.changed >= self.limits.attempts or self.seconds_left <= 0


def persist(
    attempt: Callable[[], Result], tally: Tally, breaker: Breaker, *, by_model: bool = True
) -> Result:
    """Make attempts until one succeeds, a fault will not pass, or the tally is spent.

    Args:
        attempt: one HTTP call; raises Fault.
        tally: of the logical request; shared with its degraded and repaired forms.
        breaker: of the server.
        by_model: the model is asked, not the server about itself.

    Raises:
        Fault: the last one.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception

    limits, failed_before = tally.limits, breaker.failures

    def once() -> Result:
        breaker.enter()
        tally.attempts += 1
        try:
            result = attempt()
        except Fault as fault:
            breaker.leave(fault, by_model=by_model)
            raise
        breaker.leave(None, by_model=by_model)
        return result

    def wait(state: RetryCallState) -> float:
        return _wait(limits, _fault_of(state), state.attempt_number)

    def stop(state: RetryCallState) -> bool:
        fault = _fault_of(state)
        too_long = fault.wait is not None and fault.wait > limits.patience
        # a server that was never there, or sends web pages, is most likely a wrong URL
        strange = fault.kind in ("connection", "garbled") and not breaker.met
        # nor is one asked often again that just failed throughout another request
        absent = (strange or failed_before >= limits.attempts) and tally.attempts >= FIRST_TRIES
        late = state.upcoming_sleep >= tally.seconds_left
        return tally.spent or too_long or absent or late

    again = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, Fault) and error.passing),
        wait=wait,
        stop=stop,
        reraise=True,
    )
    return again(once)


def _wait(limits: Limits, fault: Fault, attempt: int) -> float:
    if fault.wait is not None:
        return fault.wait
    longest = min(limits.longest_wait, limits.first_wait * 2 ** (attempt - 1))
    return random.uniform(longest / 2, longest)


def _fault_of(state: object) -> Fault:
    fault = state.outcome.exception()  # type: ignore[attr-defined]
    assert isinstance(fault, Fault)
    return fault
