"""Video-MME-v2 (arXiv 2604.05015): groups of four questions, eight options, scored as groups.

The options are one text of eight lines; `group_structure` is a Python list written as text.

Fields as in the authors' README and `evaluation/test_video_mme_v2.py`
(github.com/MME-Benchmarks/Video-MME-v2).
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from ...sample import Sample, Subtitles, Video
from ..answers import answer_of_letter, clean_options
from ..files import find_file, find_video
from ..rows import Edition, Row, RowError, choice, load_tables
from ..spec import Loaded

STRUCTURES: tuple[list[Any], ...] = ([1, 2, 3, 4], [1, [2, 3], 4], [[1, 2], 3, 4])
FILES = ("test.parquet", "data/test*.parquet", "test.json", "*.parquet")


def load(folder: Path, split: str) -> Loaded:
    """Load the questions of every group."""
    path = find_file(folder, *FILES)
    return load_tables("videomme_v2", folder, split, [path], _sample)


def structure_of(text: str) -> list[Any]:
    """Read a group structure such as `[1, [2, 3], 4]`.

    Raises:
        ValueError: it is none of the three that the authors use.
    """
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"group_structure = {text!r}: no list") from error
    if found not in STRUCTURES:
        raise ValueError(f"group_structure = {text!r}: not one of {STRUCTURES}")
    return found


def _sample(row: Row, edition: Edition) -> Sample:
    raw = row.get("options")
    lines = [line for line in raw.splitlines() if line.strip()] if isinstance(raw, str) else raw
    options = clean_options(row, lines, lettered=True)
    answer = answer_of_letter(row, row.get("answer"), options)
    name = row.ident("video_id")
    kind = row.text("group_type")
    if kind not in ("relevance", "logic"):
        raise RowError(f"group_type = {kind!r}: relevance or logic is expected")
    if kind == "logic":
        try:
            structure_of(row.text("group_structure"))
        except ValueError as error:
            raise RowError(str(error)) from error
    words = edition.folder / "subtitle" / f"{name}.jsonl"
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=row.ident("question_id"),
        group_id=name,
        video=Video(id=name, path=find_video(edition.folder, name, "video", "videos")),
        subtitles=Subtitles(path=str(words.absolute()), format="words")
        if words.is_file()
        else None,
        question=row.text("question"),
        task_type=(kind, *(str(row.raw[k]) for k in ("level", "second_head") if row.raw.get(k))),
    )
