"""MLVU (Zhou et al., CVPR 2025): long films; `dev` has four options, `test` has six.

The authors' files, one a task, give the answer as text; a mirror gives its letter, and options
within the question. The two open tasks, sub-scene and summary, need a judge and are not loaded.

Fields as in github.com/JUNJIE99/MLVU and lmms-eval's `mlvu/utils.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...sample import Sample, Video, labels
from ..answers import answer_of_letter, answer_of_text, clean_options
from ..files import find_file, find_video, read_tables
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

DEV = ("json/[1-7]_*.json", "[1-7]_*.json", "data/[1-7]_*.json", "*.parquet")
TEST = ("test_question.json", "test_multi_choice_tasks.json", "*.parquet")
_TAIL = re.compile(r"\n\s*\([A-Z]\).*", re.DOTALL)


def load(folder: Path, split: str) -> Loaded:
    """Load `dev`, or `test`, whose answers are not public."""
    paths = read_tables(folder, *DEV) if split == "dev" else [find_file(folder, *TEST)]
    return load_tables("mlvu", folder, split, paths, _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("candidates"))
    raw, answer = row.get("answer", default=None), None
    if raw is not None or edition.split == "dev":
        mirror = str(raw) in labels(options) and str(raw) not in options
        read = answer_of_letter if mirror else answer_of_text
        answer = read(row, row.get("answer"), options)
    name = row.text("video", "video_name")
    kind = row.text("question_type", "task_type")
    stem = row.file.stem
    given = row.get("question_id", default=None)
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=f"{stem}-{row.number}" if given is None else row.ident("question_id"),
        video=Video(
            id=name,
            path=find_video(edition.folder, name, f"video/{stem}", "video", "videos", "."),
            duration=row.seconds("duration"),
        ),
        question=_TAIL.sub("", row.text("question")),
        task_type=({"findNeedle": "needle"}.get(kind, kind),),
    )
