"""Events: what a run tells the outside while it works, and its trace on disk tells for ever.

Every event is a plain JSON object with `type`, `run_id`, `seq` (counts from 1 within the run) and
`at` (seconds of work since this process took the run up). Types: run.started, run.resumed,
intent, plan, chat.reply, chat.failed, step.started, progress, observation, evidence,
reflection, vote, audit, models, answer, run.finished, error.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from .trace import Trace

OnEvent = Callable[[dict[str, Any]], None]


class Events:
    """Sends each event to the trace first, then to the caller's callback.

    Args:
        run_id: goes into every event.
        trace: the run's trace; progress is not written to it.
        on_event: the caller's callback; None for silence. What it raises stops the run.
    """

    def __init__(self, run_id: str, trace: Trace, on_event: OnEvent | None = None) -> None:
        self._run_id = run_id
        self._trace = trace
        self._on_event = on_event
        self._began = time.monotonic()
        self._seq = trace.last_seq
        # independent calls of one turn report from threads of their own
        self._one_at_a_time = threading.RLock()

    def emit(self, kind: str, **fields: Any) -> None:
        """Send one event."""
        with self._one_at_a_time:
            self._seq += 1
            event = {
                "type": kind,
                "run_id": self._run_id,
                "seq": self._seq,
                "at": round(time.monotonic() - self._began, 3),
                **fields,
            }
            if kind != "progress":
                self._trace.append(event)
            if self._on_event is not None:
                self._on_event(event)
