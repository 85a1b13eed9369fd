"""A benchmark from its files to a folder of answers, with the user's settings."""

from __future__ import annotations

import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.batch.simulated import SimulatedFilms
    from longtake.eval.runner import Finished
    from longtake.eval.sample import Sample
    from longtake.eval.systems import System


def load(dataset: str, data: Path | None, split: str | None) -> Any:
    """Load a benchmark (`datasets.spec.Loaded`).

    Args:
        dataset: its name, a `.jsonl` file of one's own questions, or a folder of needle films.
        data: the benchmark's folder.
        split: of it.

    Raises:
        UsageError: an unknown benchmark or split, or its folder is not named.
        InputError: its files are missing or not as published.
    """
    from longtake.eval.datasets.registry import DATASETS, load_dataset

    named, folder = dataset, data
    if dataset not in DATASETS and Path(dataset).exists():
        named = "jsonl" if Path(dataset).is_file() else "needles"
        folder = Path(dataset)
    elif dataset in DATASETS and data is None:
        raise UsageError(
            f"data: where are the files of {dataset}?",
            "give their folder with --data; `longtake eval datasets` says what to download",
        )
    return load_dataset(named, folder or Path(), split)


def choose(
    samples: Sequence[Sample],
    limit: int | None = None,
    films: int | None = None,
    per_film: int | None = None,
    kinds: Sequence[str] | None = None,
    per_kind: int | None = None,
) -> list[Sample]:
    """Keep what is asked for.

    Args:
        samples: of a benchmark.
        limit: the first so many questions.
        films: those about the first so many films.
        per_film: the first so many of each film.
        kinds: only these kinds.
        per_kind: the first so many of each kind in each film.

    Raises:
        UsageError: nothing is left.
    """
    by_film: dict[str, list[Sample]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        if kinds and not set(kinds) & set(sample.task_type):
            continue
        counts[sample.video.id, sample.kind] += 1
        if per_kind is None or counts[sample.video.id, sample.kind] <= per_kind:
            by_film.setdefault(sample.video.id, []).append(sample)
    chosen = {id(s) for name in list(by_film)[:films] for s in by_film[name][:per_film]}
    kept = [sample for sample in samples if id(sample) in chosen][:limit]
    if not kept:
        there = sorted({name for sample in samples for name in sample.task_type})
        raise UsageError(
            f"kind = {', '.join(kinds or ['all'])}: none of the {len(samples)} questions is left",
            f"the kinds are: {', '.join(there) or 'none'}",
        )
    return kept


def run_samples(
    samples: Sequence[Sample],
    systems: Sequence[System],
    path: Path,
    flags: Mapping[str, Any],
    *,
    policy: Any = None,
    told: Callable[[Any, Any], None] = lambda result, tally: None,
    works: Any = None,
    simulated: SimulatedFilms | None = None,
) -> Finished:
    """Run systems on samples with the user's settings.

    Args:
        samples: the questions.
        systems: what is put to the test.
        path: folder of the run.
        flags: settings by name; None for those that were not given.
        policy: repetition and trouble (`runner.Policy`).
        told: called with every result and the tally.
        works: works the films off; one thread when None.
        simulated: plays the video LLM over truth films.

    Raises:
        UsageError: as `run_benchmark`.
    """
    from longtake.batch.films import FilmOpener, identity
    from longtake.config import load_settings
    from longtake.eval.runner import RunConfig, RunFolder, run_benchmark

    settings = {name: value for name, value in flags.items() if value is not None}
    settings["runs"] = RunFolder(path).traces.absolute()
    if simulated is not None:
        settings = simulated.with_settings(settings).settings
    chosen = load_settings(settings)
    # all of them by value: a worker on another machine has another environment
    values = {k: v for k, v in chosen.values.items() if v is not None}
    opener = FilmOpener(values) if simulated is None else simulated.with_settings(values)
    models, others, limits = identity(chosen)
    if simulated is not None:
        others |= simulated.facts
    one = samples[0]
    config = RunConfig.of_now(
        one.dataset, one.split, one.revision, models=models, settings=others, limits=limits
    )
    command = "longtake " + shlex.join(sys.argv[1:])
    epochs = 1 if policy is None else policy.epochs
    return run_benchmark(
        path,
        config,
        samples,
        systems,
        opener,
        policy=policy,
        told=told,
        works=works,
        facts={"command": command, "epochs": epochs, "created": time.time()},
    )
