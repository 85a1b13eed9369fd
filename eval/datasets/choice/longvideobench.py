"""LongVideoBench (Wu et al., NeurIPS 2024): questions that refer to a moment, with subtitles.

JSON has `candidates`; the Parquet edition has `option0` to `option4`, padded with `N/A`. The
answers of `test` are kept back. Films were cut out of longer uploads, so
`starting_timestamp_for_subtitles` has to be taken from the times of their subtitles.

Fields and both subtitle shapes as lmms-eval's `longvideobench/utils.py` reads them.
"""

from __future__ import annotations

from pathlib import Path

from ...sample import Sample, Subtitles, Video
from ..answers import answer_of_index, clean_options
from ..files import find_file, find_video
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

FILES = {
    "val": ("lvb_val.json", "validation-00000-of-00001.parquet", "validation*.parquet"),
    "test": ("lvb_test_wo_gt.json", "test-00000-of-00001.parquet", "test*.parquet"),
}


def load(folder: Path, split: str) -> Loaded:
    """Load `val`, or `test`, whose answers are not public."""
    path = find_file(folder, *FILES[split])
    return load_tables("longvideobench", folder, split, [path], _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    raw = row.get("candidates", default=None)
    if raw is None:
        raw = [row.get(f"option{k}", default=None) for k in range(5)]
    options = clean_options(row, raw, padded=True)
    answer = None
    if edition.split != "test" or row.get("correct_choice", default=None) is not None:
        answer = answer_of_index(row, row.get("correct_choice"), options)
    offset = row.seconds("starting_timestamp_for_subtitles") or 0.0
    subtitles = edition.folder / "subtitles" / row.text("subtitle_path")
    group = row.get("duration_group", default=None)
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=row.ident("id"),
        video=Video(
            id=row.ident("video_id"),
            path=find_video(edition.folder, row.text("video_path"), "videos", "video"),
            duration=row.seconds("duration"),
        ),
        subtitles=Subtitles(path=str(subtitles.absolute()), format="longvideobench", offset=offset),
        question=row.text("question"),
        task_type=(row.text("question_category"), *([str(group)] if group is not None else [])),
    )
