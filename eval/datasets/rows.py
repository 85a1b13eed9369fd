"""Rows of other people's files: typed access, and what is odd about them as flags.

The flags that a sample may carry:

* `id-not-text`: an id is a number where others are text.
* `number-options`: options are numbers.
* `empty-option`: an option is blank; it stays, so that the letters keep their places.
* `duplicate-options`: two options have the same text.
* `letters-in-options`: some options begin with a letter of their own.
* `padding-options`: filler such as `N/A` after the last real option, taken away.
* `picture-options`: the options are paths of pictures (HourVideo).
* `answer-matches-two`: the answer is the text of more than one option; each of them is right.
* `answer-loose`: the answer is an option's text only when case and punctuation are ignored.
* `evidence-unusable`: the times of the evidence are missing, reversed or no numbers.
* `span-before-start`: a span begins less than a second before the film; it begins at 0 here.
* `evidence-past-end`: they lie past the end of the film.

A row that cannot be scored raises a `RowError`; the others are loaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...index.video.errors import InputError
from ..sample import Sample
from .files import read_rows, revision_of
from .spec import Loaded, Refusal

MISSING = object()


class RowError(Exception):
    """A row that cannot be scored, and why."""


class Row:
    """One raw row, with the flags found while it is read.

    Attributes:
        file: where it comes from.
        number: counted from 1.
        raw: the row as it was read.
        flags: in the order found.
    """

    def __init__(self, file: Path, number: int, raw: Any) -> None:
        if not isinstance(raw, Mapping):
            raise RowError(f"an object with named fields is expected, not {raw!r:.60}")
        self.file, self.number, self.raw = file, number, dict(raw)
        self.flags: list[str] = []

    def flag(self, name: str) -> None:
        """Note something odd, once."""
        if name not in self.flags:
            self.flags.append(name)

    def get(self, *keys: str, default: Any = MISSING) -> Any:
        """Return the first of the fields that is there and not null.

        Raises:
            RowError: none is, and no default was given.
        """
        for key in keys:
            if self.raw.get(key) is not None:
                return self.raw[key]
        if default is not MISSING:
            return default
        raise RowError(f"no field {' or '.join(map(repr, keys))}")

    def text(self, *keys: str) -> str:
        """Return a field that has to be text with something in it."""
        value = self.get(*keys)
        if not isinstance(value, str) or not value.strip():
            raise RowError(f"{keys[0]} = {value!r:.60}: text is expected")
        return value.strip()

    def ident(self, *keys: str) -> str:
        """Return an id as text; a number is flagged."""
        value = self.get(*keys)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise RowError(f"{keys[0]} = {value!r:.60}: an id is expected")
        if isinstance(value, int):
            self.flag("id-not-text")
        if not str(value).strip():
            raise RowError(f"{keys[0]} is empty")
        return str(value).strip()

    def seconds(self, *keys: str) -> float | None:
        """Return a number of seconds; None where it is absent or no finite number."""
        return finite(self.get(*keys, default=None))


def finite(value: Any) -> float | None:
    """Read a number, or text that is one; None for anything else, NaN included."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def collect(tables: Iterable[tuple[Path, Sequence[Any]]], make: Callable[[Row], Sample]) -> Loaded:
    """Turn rows into samples; those that cannot be scored are refused by number.

    Args:
        tables: files with their rows.
        make: from a row to its sample; the row's flags and number are added here.

    Raises:
        InputError: there is no row, or not one of them can be used.
    """
    samples: list[Sample] = []
    refused: list[Refusal] = []
    seen: dict[str, int] = {}
    total = 0
    for path, rows in tables:
        for number, raw in enumerate(rows, 1):
            total += 1
            try:
                row = Row(path, number, raw)
                sample = make(row)
                if sample.sample_id in seen:
                    raise RowError(
                        f"its id {sample.sample_id!r} is that of row {seen[sample.sample_id]} too"
                    )
            except RowError as error:
                refused.append(Refusal(path.name, number, str(error)))
                continue
            except ValidationError as error:
                refused.append(Refusal(path.name, number, first_problem(error)))
                continue
            seen[sample.sample_id] = number
            flags = tuple(dict.fromkeys((*sample.flags, *row.flags)))
            samples.append(sample.model_copy(update={"flags": flags, "row": number}))
    if not total:
        raise InputError("the annotation files have no rows", "download them again")
    if not samples:
        raise InputError(
            f"not one of {total} rows can be used; {refused[0]}",
            "check that the file is the one that `longtake eval datasets` names",
        )
    return Loaded(tuple(samples), tuple(refused), total)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which files of which benchmark are read.

    Attributes:
        dataset: its name.
        folder: where its files were put.
        split: as the benchmark names it.
        revision: see `Sample`.
    """

    dataset: str
    folder: Path
    split: str
    revision: str

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a sample that all samples of an edition share."""
        return {"dataset": self.dataset, "split": self.split, "revision": self.revision}


def load_tables(
    dataset: str,
    folder: Path,
    split: str,
    paths: Sequence[Path],
    make: Callable[[Row, Edition], Sample],
    *,
    rows_of: Callable[[Path], Sequence[Any]] = read_rows,
    keys: Sequence[Path] = (),
) -> Loaded:
    """Read tables and turn their rows into samples.

    Args:
        dataset: name of the benchmark.
        folder: of the benchmark.
        split: to be loaded.
        paths: the tables.
        make: from a row to its sample.
        rows_of: reads the rows of a file.
        keys: further files that the samples depend on, such as the answers.
    """
    edition = Edition(dataset, folder, split, revision_of([*paths, *keys]))
    return collect([(path, rows_of(path)) for path in paths], lambda row: make(row, edition))


Answer = tuple[int, tuple[int, ...]]
"""The true option, and others with the same text."""


def choice(
    row: Row, edition: Edition, options: Sequence[str], answer: Answer | None, **fields: Any
) -> Sample:
    """Return a multiple-choice sample; the answer is None where it is kept back."""
    index, also = answer or (None, ())
    return Sample(
        **edition.fields,
        options=tuple(options),
        answer_index=index,
        also_right=also,
        answer_text=None if index is None else options[index],
        meta=row.raw,
        **fields,
    )


def first_problem(error: ValidationError) -> str:
    """Say in one line what the first problem of a record is."""
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    message = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
