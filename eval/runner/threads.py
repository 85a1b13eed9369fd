"""Films worked off in threads: decoding has processes of its own, and models are often remote."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..systems.film import OpensFilms
from .sink import FolderSink
from .work import Job, work

INTERRUPTED = "interrupted"
_TICK = 0.2  # seconds


def work_in_threads(workers: int) -> Callable[[Sequence[Job], FolderSink, OpensFilms], None]:
    """Return what works jobs off in so many threads, a film a thread."""

    def run(jobs: Sequence[Job], sink: FolderSink, open_film: OpensFilms) -> None:
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        bugs: list[BaseException] = []

        def serve() -> None:
            while not sink.stopping():
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    work(job, sink, open_film)
                except BaseException as error:
                    bugs.append(error)
                    sink.stop(f"{type(error).__name__}: {error}")

        # daemons: a second Ctrl-C must not wait for them
        count = min(workers, len(jobs))
        threads = [
            threading.Thread(target=serve, name="longtake-film", daemon=True) for _ in range(count)
        ]
        with stop_on_interrupt(sink):
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_TICK)
        if bugs:
            raise bugs[0]

    return run


@contextmanager
def stop_on_interrupt(sink: FolderSink) -> Iterator[None]:
    """Let the first Ctrl-C finish the samples at hand, and a second one stop at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_signal(number: int, frame: Any) -> None:
        sink.stop(INTERRUPTED)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
