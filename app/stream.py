"""Events of a running question as an iterator; leaving the loop stops the run."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longtake.index.build import Progress

Event = dict[str, Any]


class _Left(BaseException):
    """Unwinds a run whose reader has gone; no error handler of the run may swallow it."""


def progress_event(progress: Progress) -> Event:
    """Return the progress of the index in the shape of the run's own events."""
    return {
        "type": "progress",
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "seconds": round(progress.seconds, 3),
    }


def stream_events(
    ask: Callable[..., object], question: str, choices: Sequence[str] | None, **options: Any
) -> Iterator[Event]:
    """Run the question in a thread and yield its events in order.

    Args:
        ask: a film's `ask`.
        question: in words.
        choices: the options.
        **options: passed on to `ask`.

    Raises:
        LongtakeError: what the run itself raised, after its last event.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    left = threading.Event()
    failure: list[BaseException] = []

    def put(event: Event) -> None:
        if left.is_set():
            raise _Left
        events.put(event)

    def work() -> None:
        try:
            ask(
                question,
                choices,
                on_event=put,
                progress=lambda progress: put(progress_event(progress)),
                **options,
            )
        except _Left:
            pass
        except BaseException as error:  # handed over to the reader's thread
            failure.append(error)
        finally:
            events.put(None)

    worker = threading.Thread(target=work, name="longtake-ask", daemon=True)
    worker.start()
    try:
        while (event := events.get()) is not None:
            yield event
    finally:
        left.set()
        worker.join()
    if failure:
        raise failure[0]
