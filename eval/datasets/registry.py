"""The benchmarks that can be run: a table from name to what is known of each."""

from __future__ import annotations

from pathlib import Path

from ...index.video.errors import UsageError
from ..scoring.needle import needle_metrics
from ..scoring.own import own_metrics
from .own import jsonl, needles
from .spec import Dataset, Loaded, Source

DATASETS: dict[str, Dataset] = {
    "needles": Dataset(
        name="needles",
        title="Needle films",
        splits=("test",),
        size="about 60 questions a film of an hour",
        licence="Apache-2.0, rendered on this machine",
        sources=(
            Source("films and questions", "`longtake film make --out FOLDER/FILM.mp4`", "*.mp4"),
        ),
        load=needles.load,
        metrics=needle_metrics,
    ),
    "jsonl": Dataset(
        name="jsonl",
        title="Questions of your own",
        splits=("test",),
        size="as many as you write",
        licence="yours",
        sources=(Source("questions", "one JSON object a line", "questions.jsonl"),),
        load=jsonl.load,
        metrics=own_metrics,
    ),
}


def dataset_named(name: str) -> Dataset:
    """Return a benchmark by its name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in DATASETS:
        raise UsageError(
            f"dataset = {name!r}: not one of {', '.join(sorted(DATASETS))}",
            "`longtake eval datasets` lists them",
        )
    return DATASETS[name]


def load_dataset(name: str, folder: Path, split: str | None = None) -> Loaded:
    """Load a split of a benchmark from its folder.

    Args:
        name: a key of `DATASETS`.
        folder: where its files were put.
        split: the first one of the benchmark when left out.

    Raises:
        UsageError: no such benchmark or split.
        InputError: a file is missing or not as published.
    """
    dataset = dataset_named(name)
    split = split or dataset.splits[0]
    if split not in dataset.splits:
        raise UsageError(
            f"split = {split!r}: {name} has {', '.join(dataset.splits)}", "choose one of them"
        )
    return dataset.load(folder, split)
