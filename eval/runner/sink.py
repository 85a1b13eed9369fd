"""Where a worker's answers go, and what it has to know of those that are there already."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..result import Result
from .folder import RETRIED, Key, RunFolder, key_of
from .lines import LineFile


class Sink(Protocol):
    """What a worker needs; local, or on another machine."""

    def known(self, film: str) -> Mapping[Key, Result]:
        """Return the finished results of a film."""
        ...

    def write(self, result: Result) -> None:
        """Keep a result."""
        ...

    def write_film(self, cost: Mapping[str, Any]) -> None:
        """Keep what a film's index cost."""
        ...

    def stopping(self) -> bool:
        """Say whether no further sample may be begun."""
        ...


class FolderSink:
    """Writes into the folder of a run; threads may share it.

    Args:
        folder: of the run.
        told: called with every result, after it was written.
        errors_in_row: how many errors one after the other stop the run.

    Attributes:
        folder: the same.
        unreadable: numbers of the lines that were no results.
        stopped: why no further sample is begun; None while all goes on.
    """

    def __init__(
        self,
        folder: RunFolder,
        told: Callable[[Result], None] = lambda result: None,
        errors_in_row: int = 5,
    ) -> None:
        read = folder.read_results()
        self.folder, self.unreadable = folder, read.unreadable
        self.stopped: str | None = None
        self.tell, self._most, self._row = told, errors_in_row, 0
        self._lock = threading.Lock()
        self._known: dict[str, dict[Key, Result]] = {}
        for key, result in read.by_key.items():
            if result.status not in RETRIED:
                self._known.setdefault(result.film, {})[key] = result
        self._results, self._films = LineFile(folder.results_path), LineFile(folder.films_path)

    def known(self, film: str) -> Mapping[Key, Result]:
        """Return the finished results of a film."""
        with self._lock:
            return dict(self._known.get(film, {}))

    def finished(self) -> set[Key]:
        """Return the keys of all finished results."""
        with self._lock:
            return {key for results in self._known.values() for key in results}

    def write(self, result: Result) -> None:
        """Keep a result; one that is there already is not written again."""
        key = key_of(result)
        with self._lock:
            known = self._known.setdefault(result.film, {})
            if key in known:
                return
            self._results.append(result.model_dump_json())
            failed = result.status in RETRIED
            if not failed:
                known[key] = result
            self._row = self._row + 1 if result.status == "error" else 0
            if self._row >= self._most and self.stopped is None:
                self.stopped = f"{self._row} errors one after the other, the last: {result.error}"
        self.tell(result)

    def write_film(self, cost: Mapping[str, Any]) -> None:
        """Keep what a film's index cost."""
        self._films.append(json.dumps(cost, ensure_ascii=False))

    def stop(self, why: str) -> None:
        """Begin no further sample."""
        with self._lock:
            self.stopped = self.stopped or why

    def stopping(self) -> bool:
        """Say whether no further sample may be begun."""
        return self.stopped is not None

    def close(self) -> None:
        """Close the files."""
        self._results.close()
        self._films.close()
