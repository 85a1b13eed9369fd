"""Two runs compared on the samples that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...index.video.errors import InputError, UsageError
from ..runner.config import RunConfig
from ..statistics import few_clusters
from .compared import compare_scores
from .scored import ScoredRun, load_run


def compare_runs(one: Path, other: Path, system: str | None = None) -> dict[str, Any]:
    """Compare what systems scored in two runs.

    Args:
        one: folder of the first run.
        other: folder of the second.
        system: only this one; None for all that both have, or, where they have none in common,
            the first of each.

    Raises:
        InputError: one is no run, or they share no sample.
        UsageError: not both have the system.
    """
    first, second = load_run(one), load_run(other)
    shared = set(first.samples) & set(second.samples)
    if first.dataset.name != second.dataset.name or not shared:
        raise InputError(
            f"{one} ({first.dataset.name}, {len(first.samples)} samples) and {other} "
            f"({second.dataset.name}, {len(second.samples)} samples) share no sample",
            "compare runs of the same benchmark",
        )
    changed = [
        name
        for name in shared
        if first.samples[name].model_dump(exclude={"video", "subtitles", "revision"})
        != second.samples[name].model_dump(exclude={"video", "subtitles", "revision"})
    ]
    return {
        "first": str(one),
        "second": str(other),
        "shared": len(shared),
        "only_first": len(first.samples) - len(shared),
        "only_second": len(second.samples) - len(shared),
        "configs": _configs(first, second),
        "changed_samples": len(changed),
        "comparisons": [
            compare_scores(f"{a} of A", f"{b} of B", ours, theirs, first.samples)
            for a, b in _systems(first, second, system)
            if set(ours := first.systems[a].scores) & set(theirs := second.systems[b].scores)
        ],
        "warnings": _warnings(first, shared, len(changed)),
    }


def _warnings(first: ScoredRun, shared: set[str], changed: int) -> list[str]:
    films = {first.samples[name].video.id for name in shared}
    found = [few_clusters(len(films))]
    if changed:
        found.append(f"{changed} shared samples differ in their text or truth between the runs")
    return [text for text in found if text]


def _configs(first: ScoredRun, second: ScoredRun) -> list[str]:
    """Name everything in which the configurations differ; nothing when they are the same."""
    ours = RunConfig.model_validate(first.record["config"])
    theirs = RunConfig.model_validate(second.record["config"])
    return ours.differences(theirs)


def _systems(first: ScoredRun, second: ScoredRun, wanted: str | None) -> list[tuple[str, str]]:
    if wanted is not None:
        for run in (first, second):
            if wanted not in run.systems:
                raise UsageError(
                    f"system = {wanted!r}: {run.folder.path} has {', '.join(run.systems)}",
                    "choose one that both runs have",
                )
        return [(wanted, wanted)]
    both = [name for name in first.systems if name in second.systems]
    if both:
        return [(name, name) for name in both]
    return [(next(iter(first.systems)), next(iter(second.systems)))]
