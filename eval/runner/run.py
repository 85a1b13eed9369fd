"""A run of a benchmark from what is missing to what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ...index.video.errors import UsageError
from ..result import Result
from ..sample import Sample
from ..systems.film import OpensFilms
from ..systems.spec import System
from .config import RunConfig
from .folder import RunFolder
from .progress import Tally
from .sink import FolderSink
from .subtitles import subtitle_file
from .threads import work_in_threads
from .work import Job

Told = Callable[[Result, Tally], None]


@dataclass(frozen=True, slots=True)
class Policy:
    """How a run deals with time, trouble and repetition.

    Attributes:
        epochs: repetitions of every sample.
        retries: how often a sample is tried again after trouble with a model server.
        errors_in_row: how many errors one after the other stop the run.
        limits: budgets of the agent, a sample.
    """

    epochs: int = 1
    retries: int = 1
    errors_in_row: int = 5
    limits: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("retries", 0), ("errors_in_row", 1)):
            value = getattr(self, name)
            if not least <= value <= 1024:
                raise UsageError(f"{name} = {value}", f"give {least} to 1024")


class Works(Protocol):
    """What works jobs off: threads here, or a cluster."""

    def __call__(self, jobs: Sequence[Job], sink: FolderSink, open_film: OpensFilms) -> None:
        """Work all jobs off, or until the sink stops.

        Raises:
            KeyboardInterrupt: the user asked twice to stop.
        """
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended.

    Attributes:
        folder: of the run.
        tally: what was done.
        stopped: why it ended early; None when everything was asked.
        unreadable: numbers of the lines of the result file that were no results.
    """

    folder: RunFolder
    tally: Tally
    stopped: str | None
    unreadable: tuple[int, ...]


def run_benchmark(
    path: Path,
    config: RunConfig,
    samples: Sequence[Sample],
    systems: Sequence[System],
    open_film: OpensFilms,
    *,
    policy: Policy | None = None,
    told: Told = lambda result, tally: None,
    works: Works | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Finished:
    """Let systems answer samples, film by film; what a folder holds already is not asked again.

    The first Ctrl-C lets the samples at hand finish; a second one stops at once.

    Args:
        path: folder of the run.
        config: what the results depend on.
        samples: the questions.
        systems: what is put to the test.
        open_film: opens a film.
        policy: repetition, trouble.
        told: called with every result.
        works: works the films off; one thread of this process when None.
        facts: what else `run.json` is to tell.

    Raises:
        UsageError: there is no sample; the folder holds a run of another configuration, is being
            written by another process, or cannot be written.
    """
    policy = policy or Policy()
    if not samples:
        raise UsageError("the benchmark has no question to ask", "check --limit and --kind")
    names = [system.name for system in systems]
    folder = RunFolder.prepare(path, config, names, samples, facts or {})
    with folder.written_by_us():
        tally = Tally()

        def tell(result: Result) -> None:
            tally.add(result)
            told(result, tally)

        sink = FolderSink(folder, tell, policy.errors_in_row)
        try:
            jobs = jobs_of(folder, samples, systems, policy)
            known = sink.finished()
            tally.expect(task for job in jobs for task in job.tasks(dict.fromkeys(known)))
            (works or work_in_threads(1))(jobs, sink, open_film)
        finally:
            sink.close()
    return Finished(folder, tally, sink.stopped, sink.unreadable)


def jobs_of(
    folder: RunFolder, samples: Sequence[Sample], systems: Sequence[System], policy: Policy
) -> list[Job]:
    """Return a job a film, in the order of the samples."""
    hashes = folder.record()["systems"]
    films: dict[str, list[Sample]] = {}
    for sample in samples:
        films.setdefault(sample.video.id, []).append(sample)
    return [
        Job(
            film=film,
            path=Path(mine[0].video.path),
            subtitles=subtitle_file(mine[0], folder.path / "subtitles"),
            samples=tuple(mine),
            run_id=folder.path.name,
            systems=tuple((system, hashes[system.name]) for system in systems),
            epochs=policy.epochs,
            limits=policy.limits,
            retries=policy.retries,
        )
        for film, mine in films.items()
    ]
