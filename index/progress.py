"""Progress of a long piece of work, reported to a listener."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FILM_SECONDS = "seconds of film"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is.

    Attributes:
        stage: its name.
        done, total: of `unit`.
        unit: what is counted.
        seconds: since the stage began.
    """

    stage: str
    done: int
    total: int
    unit: str
    seconds: float

    @property
    def remaining(self) -> float | None:
        """Seconds that the rest will take at the pace so far; None before anything is done."""
        return self.seconds * (self.total - self.done) / self.done if self.done else None

    @property
    def pace(self) -> str:
        """How many times faster than the film it goes, for what is counted in seconds of film."""
        if self.unit != FILM_SECONDS or not self.done or self.seconds <= 0:
            return ""
        return f"{self.done / self.seconds:.1f} x real time"


Listener = Callable[[Progress], None]


class Meter:
    """Tells a listener about one stage; the listener may raise to stop the work."""

    def __init__(self, listener: Listener | None, stage: str, total: int, unit: str) -> None:
        self.listener, self.stage, self.total, self.unit = listener, stage, total, unit
        self.began = time.monotonic()
        self.tell(0)

    @property
    def seconds(self) -> float:
        """Seconds since the stage began."""
        return time.monotonic() - self.began

    def tell(self, done: int) -> None:
        """Report that `done` of the total are finished."""
        if self.listener:
            self.listener(Progress(self.stage, done, self.total, self.unit, self.seconds))
