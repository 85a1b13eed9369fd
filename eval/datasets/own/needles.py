"""Needle films: drawn films whose every object, sign and spoken line is known.

`longtake film make` renders one with its questions beside it, `FILM.questions.json`. The folder
of the benchmark holds any number of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..answers import answer_of_index, clean_options
from ..evidence import truth_spans
from ..files import read_json, revision_of
from ..rows import Row, RowError, collect
from ..spec import Loaded

SUFFIX = ".questions.json"


def load(folder: Path, split: str) -> Loaded:
    """Load the questions of every film in a folder."""
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        raise InputError(
            f"{folder}: no films with questions in it",
            "render one with `longtake film make --out FOLDER/FILM.mp4`",
        )
    revision = revision_of(found)
    return collect(
        [(path, _entries(path)) for path in found],
        lambda row: _sample(row, _film_of(row.file), revision, split),
    )


def load_samples(questions: Path, film: Path) -> list[Sample]:
    """Read the questions of one rendered film.

    Raises:
        InputError: the file is missing, not JSON, or a question in it cannot be scored.
    """
    if not questions.is_file():
        raise InputError(
            f"{questions}: no questions beside the film",
            "render one with `longtake film make --out FILM.mp4`",
        )
    revision = revision_of([questions])
    loaded = collect(
        [(questions, _entries(questions))],
        lambda row: _sample(row, film, revision, "test"),
    )
    if loaded.refused:
        raise InputError(f"{questions.parent / str(loaded.refused[0])}", "render it again")
    return list(loaded.samples)


def _entries(path: Path) -> list[Any]:
    value = read_json(path)
    if not isinstance(value, dict) or not isinstance(value.get("questions"), list):
        raise InputError(f"{path}: not a questions file", "render it again")
    return value["questions"]


def _film_of(questions: Path) -> Path:
    return questions.with_name(f"{questions.name.removesuffix(SUFFIX)}.mp4")


def _sample(row: Row, film: Path, revision: str, split: str) -> Sample:
    spans = row.get("spans")
    answer = row.get("answer", default=None)
    common: dict[str, Any] = {
        "dataset": "needles",
        "revision": revision,
        "split": split,
        "sample_id": f"{film.stem}/{row.ident('id')}",
        "video": Video(id=film.stem, path=str(film.absolute())),
        "question": row.text("question"),
        "answer_text": answer,
        "answerable": answer is not None,
        "task_type": (row.text("kind"),),
        "meta": row.raw,
    }
    if row.get("choices", default=None) is None:
        times = truth_spans(row, spans) if answer is not None else None
        return Sample(**common, form="spans", answer_spans=times, evidence_spans=times)
    options = clean_options(row, row.get("choices"))
    index, also = answer_of_index(row, row.get("answer_index"), options)
    if options[index] != answer:
        raise RowError(f"answer_index = {index}: its option is not the answer, {answer!r:.60}")
    return Sample(
        **common,
        options=tuple(options),
        answer_index=index,
        also_right=also,
        evidence_spans=truth_spans(row, spans) if spans else None,
    )
