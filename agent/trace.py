"""The trace of a run: every event on a line of JSON, and the journal that makes calls repeatable.

A call's observation reaches the trace before the checkpoint knows of it. A run that is killed in
between finds it there and does not make the call again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..tools.base import Observation
from .steps import found_from_json


class Trace:
    """Append-only `trace.jsonl`; a torn last line (a kill in the middle) is cut off on opening.

    Args:
        path: the file; made with its first event.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mend()
        events = read_trace(path)
        self.last_seq: int = max((event.get("seq", 0) for event in events), default=0)
        self._journal = {
            (event["number"], event["tool"], _key(event["args"])): event
            for event in events
            if event["type"] == "observation"
        }
        self._file = path.open("a", encoding="utf-8")

    def append(self, event: dict[str, Any]) -> None:
        """Write one event and hand it to the operating system."""
        self._file.write(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n")
        self._file.flush()

    def recall(
        self, number: int, tool: str, args: dict[str, Any]
    ) -> tuple[Observation, float] | None:
        """Return what this call brought, and its seconds, when an earlier process finished it."""
        event = self._journal.get((number, tool, _key(args)))
        return (found_from_json(event["found"]), event["seconds"]) if event else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _mend(self) -> None:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            with self._path.open("r+b") as file:
                file.truncate(whole)


def read_trace(path: Path) -> list[dict[str, Any]]:
    """Return the events of a trace, oldest first; a torn last line is left out."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines if line]


def _key(args: dict[str, Any]) -> str:
    return json.dumps(args, sort_keys=True)
