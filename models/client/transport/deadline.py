"""Until when requests to model servers may take: the end of the question they are made for."""

from __future__ import annotations

import contextvars
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

_END: contextvars.ContextVar[float] = contextvars.ContextVar("end", default=math.inf)


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Let every request made in this block end within so many seconds; blocks may be nested."""
    token = _END.set(min(_END.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def current_end() -> float:
    """Return when requests must have ended, on the monotonic clock; infinity without an end."""
    return _END.get()
