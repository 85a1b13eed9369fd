"""The folder of a run: what was asked, each answer as it came, what the indexes cost.

* `run.json`: configuration, systems and their hashes.
* `samples.jsonl`: the questions with their truth.
* `results.jsonl`: an answer a line, appended.
* `films.jsonl`: a film a line, what its index cost, appended.
* `traces/`: the agent's runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...index.storage.os_faults import refused
from ...index.storage.sealed import write_atomically
from ...index.video.errors import InputError, UsageError
from ..result import Result
from ..sample import Sample
from .config import RunConfig, config_hash
from .lines import OUT, read_lines

Key = tuple[str, str, int]
"""Hash of the configuration and system, id of the sample, epoch."""

RETRIED = ("error", "missing_media")
"""What another call of the same run asks again."""


def key_of(result: Result) -> Key:
    """Return what tells a result from all others of a run."""
    return result.config_hash, result.sample_id, result.epoch


@dataclass(frozen=True, slots=True)
class Read:
    """The results of a run.

    Attributes:
        by_key: the last line of each key; a success is never replaced by a failure.
        unreadable: numbers of the lines that are no results, such as a torn one.
    """

    by_key: Mapping[Key, Result]
    unreadable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run keeps its files."""

    path: Path

    @property
    def results_path(self) -> Path:
        """An answer a line."""
        return self.path / "results.jsonl"

    @property
    def films_path(self) -> Path:
        """A film a line."""
        return self.path / "films.jsonl"

    @property
    def traces(self) -> Path:
        """The agent's runs."""
        return self.path / "traces"

    @classmethod
    def find(cls, path: Path) -> RunFolder:
        """Return the folder of a run that is there.

        Raises:
            InputError: there is none.
        """
        if not (path / "run.json").is_file():
            raise InputError(
                f"{path}: not the folder of a run (it has no run.json)",
                "name the folder that `longtake eval run --out` wrote",
            )
        return cls(path)

    @classmethod
    def prepare(
        cls,
        path: Path,
        config: RunConfig,
        systems: Sequence[str],
        samples: Sequence[Sample],
        facts: Mapping[str, Any],
    ) -> RunFolder:
        """Make the folder of a run, or take up one of the same configuration.

        Args:
            path: the folder.
            config: of the run.
            systems: names; those of an earlier call stay.
            samples: the questions; those of an earlier call stay.
            facts: what else `run.json` is to tell, such as the command line.

        Raises:
            UsageError: the folder holds a run of another configuration, or cannot be written.
        """
        folder = cls(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refused(error, path, OUT) from error
        named = list(systems)
        if (path / "run.json").is_file():
            record = folder.record()
            differences = folder.config().differences(config)
            if differences:
                raise UsageError(
                    f"{path} holds a run of another configuration: {'; '.join(differences[:3])}",
                    "name another folder with --out, or go on with the former settings",
                )
            named = list(dict.fromkeys([*record["systems"], *named]))
            known = {sample.sample_id for sample in samples}
            samples = [*(s for s in folder.samples() if s.sample_id not in known), *samples]
            facts = {**facts, "created": record.get("created")}
        hashes = {name: config_hash(config, name) for name in named}
        folder._write("samples.jsonl", "".join(s.model_dump_json() + "\n" for s in samples))
        document = {**facts, "config": config.model_dump(mode="json"), "systems": hashes}
        folder._write("run.json", json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return folder

    def record(self) -> dict[str, Any]:
        """Return `run.json`.

        Raises:
            InputError: it is damaged.
        """
        try:
            return json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.path / 'run.json'} cannot be read: {error}", "restore it, or run again"
            ) from error

    def config(self) -> RunConfig:
        """Return the configuration.

        Raises:
            InputError: `run.json` is damaged.
        """
        try:
            return RunConfig.model_validate(self.record()["config"])
        except (KeyError, ValidationError) as error:
            raise InputError(
                f"{self.path / 'run.json'}: not of this version: {error}", "run it again"
            ) from error

    def samples(self) -> list[Sample]:
        """Return the questions.

        Raises:
            InputError: `samples.jsonl` is damaged.
        """
        path = self.path / "samples.jsonl"
        found = []
        for number, value in read_lines(path):
            try:
                found.append(Sample.model_validate(value))
            except ValidationError as error:
                raise InputError(
                    f"{path}, line {number}: not a sample: {error.errors()[0]['msg']}",
                    "run `longtake eval run` with the same --out again",
                ) from error
        return found

    def read_results(self, *, times: bool = True) -> Read:
        """Return the results; lines that are none are counted, not raised.

        Args:
            times: also those of all frames shown, which are most of the file.
        """
        found: dict[Key, Result] = {}
        bad = []
        for number, value in read_lines(self.results_path):
            if not times and value is not None and isinstance(value.get("frames"), dict):
                value["frames"].pop("pts", None)
            try:
                result = Result.model_validate(value)
            except ValidationError:
                bad.append(number)
                continue
            key = key_of(result)
            before = found.get(key)
            if before is None or before.status in RETRIED or result.status not in RETRIED:
                found[key] = result
        return Read(found, tuple(bad))

    def films(self) -> dict[str, dict[str, Any]]:
        """Return film id to what its index cost: the first line of each, later seconds added."""
        found: dict[str, dict[str, Any]] = {}
        for _, value in read_lines(self.films_path):
            if value is None or "film" not in value:
                continue
            before = found.setdefault(value["film"], {**value, "index_seconds": 0.0})
            before["index_seconds"] += value.get("index_seconds", 0.0)
        return found

    @contextmanager
    def written_by_us(self) -> Iterator[None]:
        """Hold the folder against other processes that would write it.

        Raises:
            UsageError: another process does.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UsageError(
                f"{self.path}: another process is writing this run",
                "wait until it has ended, or name another folder with --out",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _write(self, name: str, text: str) -> None:
        write_atomically(self.path / name, text.encode("utf-8", "backslashreplace"), OUT)
