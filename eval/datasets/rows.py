"""Rows of other people's files: typed access, and what is odd about them as flags.

The flags that a sample may carry:

* `id-not-text`: an id is a number, or text that lacks leading zeros, where others are text.
* `number-options`: options are numbers.
* `empty-option`: an option is blank; it stays, so that the letters keep their places.
* `duplicate-options`: two options have the same text.
* `letters-in-options`: some options begin with a letter of their own.
* `padding-options`: filler such as `N/A` after the last real option, taken away.
* `answer-matches-two`: the answer is the text of more than one option; each of them is right.
* `answer-loose`: the answer is an option's text only when case and punctuation are ignored.
* `evidence-unusable`: the times of the evidence are missing, reversed or no numbers.
* `span-before-start`: a span begins less than a second before the film; it begins at 0 here.
* `evidence-past-end`: they lie past the end of the film.

A row that cannot be scored raises a `RowError`; the others are loaded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...index.video.errors import InputError
from ..sample import Sample, labels
from .files import read_rows, revision_of
from .spec import Loaded, Refusal

MISSING = object()
_PADDING = ("n/a", "na", "none", "null", "")
_LETTER = re.compile(r"^\s*(?:\(([A-Za-z])\)|([A-Za-z])\s*[.):：])\s*")
_LOOSE = re.compile(r"[^\w]+")


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


def clean_options(row: Row, raw: Any, *, lettered: bool = False, padded: bool = False) -> list[str]:
    """Return the options as text, without letters before them, and flag what is odd.

    Args:
        row: takes the flags.
        raw: a list, or a mapping from letter to option.
        lettered: whether the benchmark publishes them with letters before them.
        padded: whether it pads short lists.

    Raises:
        RowError: it is no list, or fewer than two options are left.
    """
    if isinstance(raw, Mapping):
        raw = [raw[key] for key in sorted(raw)]
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise RowError(f"options = {raw!r:.60}: a list is expected")
    for item in raw:
        if not isinstance(item, str | int | float | None):
            raise RowError(f"an option is {item!r:.60}: text is expected")
    if any(isinstance(item, int | float) for item in raw):
        row.flag("number-options")
    options = ["" if item is None else str(item).strip() for item in raw]
    if padded:
        options = _without_padding(row, options)
    options = _without_letters(row, options, lettered)
    if len(options) < 2:
        raise RowError(f"{len(options)} options: a choice needs two at least")
    if not all(options):
        row.flag("empty-option")
    if len(set(options)) < len(options):
        row.flag("duplicate-options")
    return options


def _without_padding(row: Row, options: list[str]) -> list[str]:
    kept = len(options)
    while kept and options[kept - 1].casefold() in _PADDING:
        kept -= 1
    if kept < len(options):
        row.flag("padding-options")
    return options[:kept]


def _without_letters(row: Row, options: list[str], lettered: bool) -> list[str]:
    found = [_LETTER.match(option) for option in options]
    own = [
        bool(match) and (match[1] or match[2]).upper() == label
        for match, label in zip(found, labels(options), strict=True)
    ]
    if all(own):
        if not lettered:
            row.flag("letters-in-options")
        return [
            option[match.end() :] for option, match in zip(options, found, strict=True) if match
        ]
    if lettered:
        row.flag("letters-in-options")
        return [
            option[match.end() :] if match and mine else option
            for option, match, mine in zip(options, found, own, strict=True)
        ]
    if any(own):
        row.flag("letters-in-options")
    return options


def answer_of_text(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Find the option that an answer spells; more than one with the same text are all right.

    Returns:
        The first such option, and the others.

    Raises:
        RowError: none, or two options that differ, fit equally well.
    """
    wanted = str(answer).strip()
    exact = [k for k, option in enumerate(options) if option == wanted]
    if not exact:
        exact = [k for k, option in enumerate(options) if loose(option) == loose(wanted)]
        if not exact or not loose(wanted):
            raise RowError(f"answer = {answer!r:.60}: not one of the options")
        row.flag("answer-loose")
        if len({options[k] for k in exact}) > 1:
            raise RowError(f"answer = {answer!r:.60}: it fits options {_named(exact)} equally")
    if len(exact) > 1:
        row.flag("answer-matches-two")
    return exact[0], tuple(exact[1:])


def answer_of_letter(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Find the option that a letter names, and others with the same text.

    Raises:
        RowError: it is no letter of an option.
    """
    letter = str(answer).strip().strip("().").upper()
    if letter not in labels(options):
        raise RowError(f"answer = {answer!r:.60}: not a letter of A to {labels(options)[-1]}")
    return answer_of_index(row, labels(options).index(letter), options)


def answer_of_index(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Take an index counted from 0, and find others with the same text.

    Raises:
        RowError: it is no index of an option.
    """
    number = finite(answer)
    if isinstance(answer, bool) or number is None or number != int(number):
        raise RowError(f"answer = {answer!r:.60}: an index from 0 is expected")
    index = int(number)
    if not 0 <= index < len(options):
        raise RowError(f"answer = {index}: there are {len(options)} options, counted from 0")
    others = tuple(k for k, option in enumerate(options) if k != index and option == options[index])
    if others:
        row.flag("answer-matches-two")
    return index, others


def _named(indices: Sequence[int]) -> str:
    return " and ".join(chr(ord("A") + k) for k in indices)


def loose(text: str) -> str:
    """Return a text without case, punctuation and space."""
    return _LOOSE.sub("", text).casefold()


def evidence(
    row: Row, raw: Any, duration: float | None = None
) -> tuple[tuple[float, float], ...] | None:
    """Return spans that only help a diagnosis; those that make no sense are flagged and dropped."""
    kept = []
    for pair in raw if isinstance(raw, Sequence) and not isinstance(raw, str) else ():
        try:
            kept.append(interval(row, pair))
        except RowError:
            row.flag("evidence-unusable")
    if raw is not None and not kept:
        row.flag("evidence-unusable")
    if duration is not None and any(start >= duration for start, _ in kept):
        row.flag("evidence-past-end")
    return tuple(kept) or None


def truth_spans(row: Row, raw: Any) -> tuple[tuple[float, float], ...]:
    """Return spans that are the answer itself.

    Raises:
        RowError: there is none, or one is reversed, negative or not two finite numbers.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise RowError(f"spans = {raw!r:.60}: a list of [start, end] is expected")
    return tuple(interval(row, pair) for pair in raw)


def interval(row: Row, pair: Any) -> tuple[float, float]:
    """Read `[start, end]` in seconds; a start less than a second before 0 becomes 0.

    Raises:
        RowError: it is not two finite numbers in order.
    """
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise RowError(f"span = {pair!r:.60}: [start, end] in seconds is expected")
    start, end = finite(pair[0]), finite(pair[1])
    if start is None or end is None:
        raise RowError(f"span = {list(pair)!r:.60}: the times have to be finite seconds")
    if -1 < start < 0 <= end:
        row.flag("span-before-start")
        start = 0.0
    if start < 0 or end < start:
        raise RowError(f"span = [{start:g}, {end:g}]: it needs 0 <= start <= end")
    return start, end
