"""The trace of a run: every event on a line of JSON, and the journal that makes calls repeatable.

A call's observation reaches the trace before the checkpoint knows of it. A run that is killed in
between finds it there and does not make the call again.
"""

from __future__ import annotations

import fcntl
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...index.storage.os_faults import refused
from ...index.video.errors import UsageError
from ...tools.results import ToolResult
from ..steps import result_from_json
from .record import RUNS


class Trace:
    """Append-only `trace.jsonl`; a torn last line (a kill in the middle) is cut off on opening.

    Args:
        path: the file; made when there is none.

    Raises:
        UsageError: another process is working on this run, or the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # a byte of a path that is no UTF-8 is a lone surrogate: as an escape JSON can hold it
            self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise refused(error, path, RUNS) from error
        self._hold()
        self._mend()
        events = read_trace(path)
        self.last_seq: int = max((event.get("seq", 0) for event in events), default=0)
        self._journal = {
            (event["number"], event["tool"], _key(event["args"])): event
            for event in events
            if event["type"] == "observation"
        }
        self._replies = {e["key"]: e for e in events if e["type"] == "chat.reply"}
        self._plans = {e["after"]: e["seconds"] for e in events if e["type"] == "plan"}

    def append(self, event: dict[str, Any]) -> None:
        """Write one event and hand it to the operating system.

        Raises:
            UsageError: it cannot be written.
        """
        try:
            self._file.write(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise refused(error, self._path, RUNS) from error

    def recall(
        self, number: int, tool: str, args: dict[str, Any]
    ) -> tuple[ToolResult, float] | None:
        """Return what this call brought, and its seconds, when an earlier process finished it."""
        event = self._journal.get((number, tool, _key(args)))
        return (result_from_json(event["result"]), event["seconds"]) if event else None

    def results(self) -> list[ToolResult]:
        """Return what all calls brought that earlier processes finished, by their numbers."""
        events = sorted(self._journal.values(), key=lambda event: event["number"])
        return [result_from_json(event["result"]) for event in events]

    def recall_reply(self, key: str) -> dict[str, Any] | None:
        """Return a chat model's reply to a request, when an earlier process got one."""
        return self._replies.get(key)

    def recall_plan(self, after: int) -> float | None:
        """Return how long the decision after so many steps took, when it was made before."""
        return self._plans.get(after)

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):  # what could not be written was told when it was
            self._file.close()

    def _hold(self) -> None:
        # the kernel lets go when the process ends, however it ends
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise UsageError(
                f"run_id = {self._path.parent.name!r}: another process is working on this run",
                "wait until it has finished, or stop it; what it finished is kept",
            ) from None

    def _mend(self) -> None:
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            self._file.truncate(whole)


def read_trace(path: Path) -> list[dict[str, Any]]:
    """Return the events of a trace, oldest first; a torn last line is left out."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines if line]


def _key(args: dict[str, Any]) -> str:
    return json.dumps(args, sort_keys=True)
