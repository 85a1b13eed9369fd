"""The benchmarks that can be run, by name; each sub-room keeps a catalogue of its own."""

from __future__ import annotations

from pathlib import Path

from ...index.video.errors import UsageError
from .choice.catalogue import CHOICE
from .grounding.catalogue import GROUNDING
from .own.catalogue import OWN
from .spec import Dataset, Loaded

DATASETS: dict[str, Dataset] = {**CHOICE, **GROUNDING, **OWN}


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
