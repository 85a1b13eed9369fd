"""A run with its results scored: the samples, each system's answers, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.errors import InputError
from ..datasets.registry import dataset_named
from ..datasets.spec import Dataset
from ..result import Result
from ..runner.config import config_hash
from ..runner.folder import RunFolder
from ..sample import Sample
from ..scoring.accuracy import unit_id
from ..scoring.metric import Metric

Pair = tuple[Sample, Result]
SKIPPED = "skipped"


@dataclass(frozen=True)
class SystemRun:
    """What one system said, scored.

    Attributes:
        name: of the system.
        digest: hash of configuration and system.
        pairs: samples with results, repetitions included; skipped ones left out.
        skipped: samples that it was not asked, with the reasons.
        dataset: whose rules score it.
    """

    name: str
    digest: str
    pairs: tuple[Pair, ...]
    skipped: tuple[Pair, ...]
    dataset: Dataset

    @cached_property
    def metrics(self) -> list[Metric]:
        """Every metric of the benchmark; none where nothing was asked."""
        return self.dataset.metrics(self.pairs) if self.pairs else []

    @cached_property
    def scores(self) -> dict[str, float]:
        """Sample id to its strict score, 0 to 1; the mean of its repetitions."""
        found: dict[str, float] = {}
        strict = [metric for metric in self.metrics if metric.rule == "strict"]
        for metric in sorted(strict, key=lambda metric: not metric.headline):
            for unit in metric.units:
                found.setdefault(unit.id, unit.value)
        by_sample: dict[str, list[float]] = {}
        for sample, result in self.pairs:
            if (score := found.get(unit_id(result))) is not None:
                by_sample.setdefault(sample.sample_id, []).append(score)
        return {name: float(np.mean(values)) for name, values in by_sample.items()}

    def score_of(self, result: Result) -> float | None:
        """Return the strict score of a sample; None where the benchmark has no truth for it."""
        return self.scores.get(result.sample_id)


@dataclass(frozen=True)
class ScoredRun:
    """A run, scored.

    Attributes:
        folder: of the run.
        record: its `run.json`.
        dataset: the benchmark.
        samples: by id, in the order of the run.
        systems: by name.
        unreadable: lines of the result file that were no results.
        missing: answers that were to be given and are not there yet.
    """

    folder: RunFolder
    record: Mapping[str, Any]
    dataset: Dataset
    samples: Mapping[str, Sample]
    systems: Mapping[str, SystemRun]
    unreadable: tuple[int, ...]
    missing: int

    def films_of(self, ids: Sequence[str]) -> list[str]:
        """Return the film of each sample."""
        return [self.samples[name].video.id for name in ids]


def load_run(path: Path) -> ScoredRun:
    """Read and score the folder of a run.

    Raises:
        InputError: it is none, it has no results yet, or its results are of other samples.
        UsageError: the benchmark is not known here.
    """
    folder = RunFolder.find(path)
    record, config = folder.record(), folder.config()
    dataset = dataset_named(config.dataset)
    samples = {sample.sample_id: sample for sample in folder.samples()}
    read = folder.read_results(times=False)
    _must_fit(folder, read.by_key.values(), samples)
    order = {sample_id: place for place, sample_id in enumerate(samples)}
    systems = {}
    for name, digest in record["systems"].items():
        mine = [
            (samples[result.sample_id], result)
            for result in read.by_key.values()
            if result.config_hash == digest
        ]
        mine.sort(key=lambda pair: (pair[1].epoch, order[pair[0].sample_id]))
        asked = tuple(pair for pair in mine if pair[1].status != SKIPPED)
        skipped = tuple(pair for pair in mine if pair[1].status == SKIPPED)
        systems[name] = SystemRun(name, digest, asked, skipped, dataset)
    if not any(system.pairs for system in systems.values()):
        raise InputError(
            f"{folder.results_path}: no results yet", "run `longtake eval run` with this --out"
        )
    have = sum(len(system.pairs) + len(system.skipped) for system in systems.values())
    wanted = len(samples) * len(systems) * int(record.get("epochs", 1))
    return ScoredRun(
        folder, record, dataset, samples, systems, read.unreadable, max(0, wanted - have)
    )


def _must_fit(folder: RunFolder, results: Any, samples: Mapping[str, Sample]) -> None:
    config = folder.config()
    known = {config_hash(config, name): name for name in folder.record()["systems"]}
    for result in results:
        if result.sample_id not in samples:
            raise InputError(
                f"{folder.results_path}: a result of sample {result.sample_id!r}, which is not "
                f"one of the {len(samples)} in samples.jsonl",
                "score results with the samples that they were made of",
            )
        if result.config_hash not in known:
            raise InputError(
                f"{folder.results_path}: a result of another configuration "
                f"({result.config_hash}, system {result.system}, sample {result.sample_id})",
                "keep each configuration in a folder of its own; compare them with "
                "`longtake eval diff`",
            )
