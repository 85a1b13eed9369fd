"""LVBench (Wang et al., arXiv 2406.08035): 103 films of half an hour to over two, 1,549 questions.

One line a film; a question carries its four options as further lines, `(A) …`. `uid` is text, and a
number in a few rows. `time_reference` is minutes and seconds, the minutes going past 59.

Read beside a copy of the authors' file and their script (github.com/THUDM/LVBench). The Parquet
mirror of lmms-eval has a row a question, with `video_path`, and may have `options` of their own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ....index.video.span import parse_seconds
from ...sample import Sample, Video
from ..answers import answer_of_letter, clean_options
from ..evidence import evidence
from ..files import find_video, read_rows, read_tables
from ..rows import Edition, Row, RowError, choice, load_tables
from ..spec import Loaded

FILES = ("video_info.meta.jsonl", "data/video_info.meta.jsonl", "*.parquet", "data/*.parquet")
_OPTION = re.compile(r"^\s*\(([A-Z])\)\s*(.*)$")


def load(folder: Path, split: str) -> Loaded:
    """Load the questions of every film; a row is a question, counted through the file."""
    paths = read_tables(folder, *FILES)
    return load_tables("lvbench", folder, split, paths, _sample, rows_of=_rows)


def _rows(path: Path) -> list[Any]:
    return [question for film in read_rows(path) for question in _questions(film)]


def _questions(film: Any) -> list[Any]:
    if not isinstance(film, dict) or not isinstance(film.get("qa"), list):
        return [film]  # a row of the mirror, or refused with its number
    about = {key: value for key, value in film.items() if key != "qa"}
    return [{**about, **entry} if isinstance(entry, dict) else entry for entry in film["qa"]]


def _sample(row: Row, edition: Edition) -> Sample:
    question, raw = row.text("question"), row.get("options", default=None)
    if not raw:
        question, raw = _split(question)
    options = clean_options(row, raw)
    answer = answer_of_letter(row, row.get("answer"), options)
    name = row.text("key", "video_path").removesuffix(".mp4")
    info = row.get("video_info", default={})
    minutes = info.get("duration_minutes") if isinstance(info, dict) else None
    seconds = float(minutes) * 60 if isinstance(minutes, int | float) else None
    kinds = row.get("question_type", default=[])
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=row.ident("uid"),
        video=Video(
            id=name,
            path=find_video(
                edition.folder, name, "videos", "video", "all_videos", "scripts/videos"
            ),
            duration=seconds,
        ),
        question=question,
        evidence_spans=evidence(row, _reference(row.get("time_reference", default=None))),
        task_type=tuple(kinds if isinstance(kinds, list) else [kinds]),
    )


def _split(text: str) -> tuple[str, list[str]]:
    """Return the question and its options; a line without a letter goes on with the one before."""
    stem: list[str] = []
    options: list[str] = []
    for line in text.splitlines():
        match = _OPTION.match(line)
        if match and match[1] == chr(ord("A") + len(options)):
            options.append(match[2])
        elif options:
            options[-1] = f"{options[-1]} {line.strip()}".strip()
        else:
            stem.append(line)
    if not stem or not options:
        raise RowError("question: its options, a line each as `(A) …`, are missing")
    return "\n".join(stem).strip(), options


def _reference(text: Any) -> list[list[float]] | None:
    """Read `62:30-63:10`; None for an absent one, an unusable one stays so."""
    if not isinstance(text, str):
        return None
    try:
        start, end = text.split("-")
        return [[parse_seconds(start), parse_seconds(end)]]
    except ValueError:
        return [[float("nan"), float("nan")]]
