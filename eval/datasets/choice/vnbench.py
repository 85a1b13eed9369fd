"""VNBench (Zhao et al., arXiv 2406.09367): text and pictures hidden in films, asked four times.

A question is asked with its options in four orders and counts once, when all four are right. The
answer, `gt`, is text or, for counting, a number; `needle_time` says when the needles are shown.

Fields as in github.com/joez17/VideoNIAH (`llava_examples/model_video_niah.py`).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ...sample import Sample, Video
from ..answers import answer_of_text, clean_options
from ..files import find_file, find_video
from ..rows import Edition, Row, choice, finite, load_tables
from ..spec import Loaded

FILES = ("VNBench-main-4try.json", "*4try*.json", "*.json")


def load(folder: Path, split: str) -> Loaded:
    """Load every question in its four orders."""
    path = find_file(folder, *FILES)
    return load_tables("vnbench", folder, split, [path], _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("options"))
    answer = answer_of_text(row, row.get("gt"), options)
    file = PurePosixPath(row.text("video"))
    kind = row.text("type")
    group = file.stem if file.stem.endswith(f"_{kind}") else f"{file.stem}_{kind}"
    times = row.get("needle_time", default=None)
    moments = [finite(t) for t in times] if isinstance(times, list) else []
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=f"{group}_{row.get('try')}",
        group_id=group,
        circular_of=f"{group}_0",
        video=Video(
            id=file.stem,
            path=find_video(edition.folder, file.name, "VNBench_new", "VNBench", "videos", "."),
            duration=row.seconds("length"),
        ),
        question=row.text("question"),
        evidence_frames=tuple(t for t in moments if t is not None and t >= 0) or None,
        task_type=(kind,),
    )
