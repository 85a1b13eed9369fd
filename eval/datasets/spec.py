"""What is known of a benchmark: its licence, its files, how to load and how to score it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..result import Result
from ..sample import Sample
from ..scoring.metric import Metric

HUB = "huggingface.co/datasets"

Scored = tuple[Sample, Result]
"""A sample with what one system said about it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be scored.

    Attributes:
        file: the annotation file.
        row: counted from 1; of a JSON list or a table, the entry, not the line.
        reason: one sentence.
    """

    file: str
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A split of a benchmark, as read.

    Attributes:
        samples: in the order of the files.
        refused: rows that cannot be scored, each to be printed.
        rows: how many rows the files have.
    """

    samples: tuple[Sample, ...]
    refused: tuple[Refusal, ...]
    rows: int

    def only(self, wanted: Callable[[Sample], bool]) -> Loaded:
        """Keep some samples; what was refused stays told."""
        return Loaded(tuple(filter(wanted, self.samples)), self.refused, self.rows)

    @property
    def flags(self) -> Counter[str]:
        """How many samples carry each flag."""
        return Counter(flag for sample in self.samples for flag in sample.flags)


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to download, or to make.

    Attributes:
        what: annotations, films or subtitles.
        where: address, or who hands it out.
        put: path below the benchmark's folder.
    """

    what: str
    where: str
    put: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A benchmark that can be loaded and scored.

    Attributes:
        name: what the command line calls it.
        title: what its authors call it.
        splits: the first one is the default.
        size: questions and films of the default split, in words.
        licence: of the annotations, and of the films where they differ.
        sources: what to download and where to put it.
        load: from the benchmark's folder and a split to samples.
        metrics: from samples with results to every metric, strict and official.
        export: writes the file that the authors' server or script takes; None where none exists.
        paper: of the benchmark.
    """

    name: str
    title: str
    splits: tuple[str, ...]
    size: str
    licence: str
    sources: tuple[Source, ...]
    load: Callable[[Path, str], Loaded]
    metrics: Callable[[Sequence[Scored]], list[Metric]]
    export: Callable[[Sequence[Scored]], str] | None = None
    paper: str = ""
