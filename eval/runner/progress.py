"""How far a run is: what is done, what it cost, and what is still to come."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..result import Result


class Tally:
    """Counts results as they come.

    Args:
        clock: seconds; for tests.

    Attributes:
        done: results written by this call.
        by_status: how many of each status.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._left: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._usd: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()

    def expect(self, tasks: Iterable[tuple[Any, ...]]) -> None:
        """Say what is to be done; each task begins with its system."""
        self._left.update(task[0].name for task in tasks)

    def add(self, result: Result) -> None:
        """Count a result."""
        self._done[result.system] += 1
        self._left[result.system] -= 1
        self.by_status[result.status] += 1
        self._usd[result.system] += result.usage.get("usd") or 0.0  # pyright: ignore

    @property
    def done(self) -> int:
        """Results so far."""
        return sum(self._done.values())

    @property
    def total(self) -> int:
        """Results when all is done."""
        return self.done + sum(count for count in self._left.values() if count > 0)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self._clock() - self._began

    @property
    def usd(self) -> float:
        """US dollars so far, as far as prices are known."""
        return float(sum(self._usd.values()))

    def usd_to_come(self) -> float:
        """Return the US dollars still to come, if each system goes on as it did."""
        return sum(
            self._usd[name] / self._done[name] * left
            for name, left in self._left.items()
            if left > 0 and self._done[name]
        )

    def seconds_to_come(self) -> float | None:
        """Return the seconds still to come; None before the first result."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None

    def line(self) -> str:
        """Return it all in one line."""
        parts = [f"{self.done} of {self.total} answers"]
        failed = {name: n for name, n in self.by_status.items() if name not in ("ok", "abstained")}
        parts += [f"{count} {name}" for name, count in sorted(failed.items())]
        if self.usd:
            parts.append(f"${self.usd:.2f} so far, about ${self.usd_to_come():.2f} to come")
        left = self.seconds_to_come()
        if left:
            parts.append(f"about {_duration(left)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
