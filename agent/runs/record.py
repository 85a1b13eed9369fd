"""The folder of a run: what was asked, the trace, the checkpoints, and in the end the answer."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...index.storage.os_faults import Place, refused
from ...index.storage.sealed import write_atomically
from ...index.video.errors import UsageError

RUNS = Place("LONGTAKE_RUNS", UsageError)
_RUN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


def new_run_id() -> str:
    """Return a fresh run id that sorts by time: `20260131-154502-9f3a1c`."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + "-" + secrets.token_hex(3)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run keeps its files, readable by its owner only."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run's name, which is the folder's."""
        return self.path.name

    @property
    def trace(self) -> Path:
        """Every event, a line of JSON each."""
        return self.path / "trace.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The graph's checkpoints."""
        return self.path / "checkpoints.sqlite"

    @classmethod
    def create(cls, runs_dir: Path, run_id: str | None, record: dict[str, Any]) -> RunFolder:
        """Make the folder and write `run.json`.

        Raises:
            UsageError: the run id is not a plain name or is taken, or the folder of the runs cannot
                be written.
        """
        run_id = run_id or new_run_id()
        folder = cls(_inside(runs_dir, run_id))
        try:
            runs_dir.mkdir(parents=True, exist_ok=True)
            folder.path.mkdir(mode=0o700)
        except OSError as error:
            if not folder.path.is_dir():
                raise refused(error, folder.path, RUNS) from error
            raise UsageError(
                f"run_id = {run_id!r}: a run of that name exists", "resume it, or leave run_id out"
            ) from None
        write_json(folder.path / "run.json", {"run_id": run_id, **record})
        return folder

    @classmethod
    def find(cls, runs_dir: Path, run_id: str) -> RunFolder:
        """Return an existing run's folder.

        Raises:
            UsageError: there is no such run.
        """
        folder = cls(_inside(runs_dir, run_id))
        if not (folder.path / "run.json").is_file():
            raise UsageError(f"run_id = {run_id!r}: no such run", "list them with: longtake runs")
        return folder

    def record(self) -> dict[str, Any]:
        """Return `run.json`: question, choices, film, budget and settings."""
        return json.loads((self.path / "run.json").read_text(encoding="utf-8"))

    def answer(self) -> dict[str, Any] | None:
        """Return the answer document; None while the run is not finished."""
        path = self.path / "answer.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def write_answer(self, document: dict[str, Any]) -> None:
        """Write `answer.json`, whole or not at all."""
        write_json(self.path / "answer.json", document)


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """Return all runs, the oldest first.

    Raises:
        UsageError: the folder of the runs is none, or cannot be read.
    """
    try:
        paths = sorted(runs_dir.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refused(error, runs_dir, RUNS) from error
    found = (RunFolder(path) for path in paths)
    return [folder for folder in found if (folder.path / "run.json").is_file()]


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write JSON, whole or not at all."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    # a byte of a path that is no UTF-8 is a lone surrogate: as an escape JSON can hold it
    write_atomically(path, text.encode("utf-8", "backslashreplace") + b"\n", RUNS)


def _inside(runs_dir: Path, run_id: str) -> Path:
    # a run id comes from a user: it must not name a path
    if not _RUN_ID.match(run_id):
        raise UsageError(
            f"run_id = {run_id!r}: letters, digits, - and _ only, at most 64",
            "list runs with: longtake runs",
        )
    return runs_dir / run_id
