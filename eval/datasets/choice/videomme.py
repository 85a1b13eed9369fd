"""Video-MME (Fu et al., CVPR 2025): 900 films in three lengths, three questions each.

Published as one Parquet file, every column text but `options`, which carry their letters. The same
rows go round as JSON.

Fields as in lmms-eval's `videomme/utils.py`.
"""

from __future__ import annotations

from pathlib import Path

from ...sample import Sample, Video
from ..answers import answer_of_letter, clean_options
from ..files import find_file, find_video, srt_beside
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

FILES = (
    "videomme/test-00000-of-00001.parquet",
    "test-00000-of-00001.parquet",
    "videomme.json",
    "*.parquet",
)


def load(folder: Path, split: str) -> Loaded:
    """Load all questions, or those about films of one length."""
    path = find_file(folder, *FILES)
    loaded = load_tables("videomme", folder, split, [path], _sample)
    return loaded if split == "test" else loaded.only(lambda found: split in found.task_type)


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("options"), lettered=True)
    answer = answer_of_letter(row, row.get("answer"), options)
    name = row.text("videoID")
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=row.ident("question_id"),
        video=Video(id=name, path=find_video(edition.folder, name, "data", "video", "videos")),
        subtitles=srt_beside(edition.folder / "subtitle", name),
        question=row.text("question"),
        task_type=(row.text("task_type"), row.text("duration"), row.text("domain")),
    )
