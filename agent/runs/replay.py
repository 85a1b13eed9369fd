"""Make a finished run again from its own record: no film, no model, no network.

Every call's findings, every reply of a chat model and every decision's seconds are in the trace
(`trace.jsonl`). The graph runs anew over them, and the answer document must come out the same byte
for byte; where it does not, the program has changed since, or the record has.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from ...index.video.errors import EndpointError, LongtakeError, UsageError
from ...index.video.span import Span
from ...models.client.transport.problems import TimeUp
from ...tools.results import ToolResult
from ..answer import Answer
from ..chat import Chat, Message
from ..executor import CallTool
from ..planners.base import Planner
from ..planners.choose import pick_planner
from ..toolbox import Report
from ..work import work
from .journal import request_key
from .record import RunFolder
from .trace import read_trace

JOURNAL = ("observation", "chat.reply", "plan")
"""The kinds of event that a run is made again from."""


class ReplayDiffers(LongtakeError):
    """A run came out other than it is recorded."""

    code = "replay"


PlannerOf = Callable[[str, Chat | None], Planner]


@dataclass(frozen=True, slots=True)
class RecordedToolbox:
    """Stands where tools would: everything is read back from the trace before it is asked."""

    models: Mapping[str, str]
    sure: float | None = None

    def open(self, report: Report, made: Sequence[ToolResult] = ()) -> CallTool:
        """Return what refuses every call."""

        def call(tool: str, args: dict[str, Any], frames: int, seconds: float) -> NoReturn:
            raise _differs(f"a call of {tool} with {json.dumps(args)[:200]} is not in the record")

        return call

    def model_ids(self) -> dict[str, str]:
        """Return role to model id, as recorded."""
        return dict(self.models)

    def calibrated(self, raw: float) -> float | None:
        """Return the calibrated confidence as recorded: what it was fitted on is not at hand."""
        return self.sure


@dataclass(frozen=True, slots=True)
class RecordedChat:
    """Stands where a chat model would; knows the requests that went unanswered then."""

    id: str
    failed: Mapping[str, tuple[str, bool]]

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any], max_tokens: int
    ) -> NoReturn:
        """Fail as the server did then.

        Raises:
            EndpointError: it did.
            ReplayDiffers: this was never asked.
        """
        key = request_key(messages, schema, max_tokens)
        if key in self.failed:
            message, late = self.failed[key]
            raise TimeUp(message) if late else EndpointError(message)
        raise _differs(f"request {key} to the chat model is not in the record")


def keep(folder: RunFolder, into: Path) -> Path:
    """Copy what a replay needs of a finished run to `into/RUN`, and return that folder.

    Raises:
        UsageError: there is one of that name already, or it cannot be written there.
    """
    target = into / folder.run_id
    try:
        into.mkdir(parents=True, exist_ok=True)
        target.mkdir(mode=0o700)
        for name in ("run.json", "trace.jsonl", "answer.json"):
            shutil.copyfile(folder.path / name, target / name)
    except OSError as error:
        raise UsageError(
            f"record = {str(into)!r}: {error.strerror or error}", "name a folder to write to"
        ) from error
    return target


def replay(run_id: str, *, runs_dir: Path, planners: PlannerOf | None = None) -> Answer:
    """Make a run again and return its answer, which is the recorded one.

    Args:
        run_id: a finished run.
        runs_dir: where runs are kept.
        planners: makes a planner of its recorded name; for profiles that bring their own.

    Raises:
        UsageError: there is no such run, it is not finished, or its record lacks what is needed.
        ReplayDiffers: it comes out otherwise.
    """
    folder = RunFolder.find(runs_dir, run_id)
    record, events = folder.record(), read_trace(folder.trace)
    recorded = folder.answer()
    if recorded is None:
        raise UsageError(f"run_id = {run_id!r}: it is not finished", f"longtake resume {run_id}")
    models = next((e["models"] for e in reversed(events) if e["type"] == "models"), None)
    if models is None or "coverage" not in record["film"]:
        raise UsageError(
            f"run_id = {run_id!r}: an earlier version made it and did not record enough",
            "ask again; new runs can be replayed",
        )
    chat = _chat(record.get("chat") or models.get("planner", ""), events)
    reader = chat if record.get("chat") else None
    plans = chat if record["planner"].startswith("llm") else reader
    planner = (planners or pick_planner)(record["planner"], plans)
    toolbox = RecordedToolbox(models, recorded["confidence"]["calibrated"])
    with tempfile.TemporaryDirectory(prefix="longtake-replay-") as scratch:
        again = RunFolder.create(Path(scratch), run_id, record)
        lines = [json.dumps(event) for event in events if event["type"] in JOURNAL]
        again.trace.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        answer = work(again, toolbox, _film(record["film"]), planner, reader, None)
        made, kept = (f.path / "answer.json" for f in (again, folder))
        if made.read_bytes() != kept.read_bytes():
            raise _differs(_first_difference(made, kept))
    return answer


def _chat(name: str, events: Sequence[dict[str, Any]]) -> RecordedChat:
    """Return the chat model as recorded."""
    failed = {
        e["key"]: (e["message"], e.get("late", False)) for e in events if e["type"] == "chat.failed"
    }
    return RecordedChat(name, failed)


def _film(facts: Mapping[str, Any]) -> Any:
    """Return as much of a film's index as the answer document needs."""
    info = SimpleNamespace(film_id=facts["id"], path=facts["path"], duration=facts["duration"])
    coverage = [Span(start, end) for start, end in facts["coverage"]]
    return SimpleNamespace(info=info, coverage=coverage, caveats=list(facts["caveats"]))


def _first_difference(made: Path, kept: Path) -> str:
    new, old = (json.loads(path.read_text(encoding="utf-8")) for path in (made, kept))
    for key in {**old, **new}:
        if new.get(key) != old.get(key):
            return f"{key} = {new.get(key)!r:.160}, recorded is {old.get(key)!r:.160}"
    return "the files differ in form only"


def _differs(what: str) -> ReplayDiffers:
    remedy = "the program or the record has changed since; longtake runs shows the recorded answer"
    return ReplayDiffers(f"the replay differs: {what}", remedy)
