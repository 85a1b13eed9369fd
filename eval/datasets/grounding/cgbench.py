"""CG-Bench (Chen et al., ICLR 2025): long films, up to 14 options, and the clues as times.

Read beside the files of github.com/CG-Bench/CG-Bench.
"""

from __future__ import annotations

from pathlib import Path

from ...sample import Sample, Video
from ..answers import answer_of_letter, clean_options
from ..evidence import evidence
from ..files import find_file, find_video, srt_beside
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

FILES = {"mini": "cgbench_mini.json", "full": "cgbench.json"}


def load(folder: Path, split: str) -> Loaded:
    """Load the `mini` set of 3,000 questions, or the `full` one."""
    return load_tables("cgbench", folder, split, [find_file(folder, FILES[split])], _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("choices"))
    name, duration = row.text("video_uid"), row.seconds("duration")
    return choice(
        row,
        edition,
        options,
        answer_of_letter(row, row.get("right_answer"), options),
        sample_id=str(row.get("qid")),
        video=Video(
            id=name,
            path=find_video(edition.folder, name, "cg_videos_720p", "videos"),
            duration=duration,
        ),
        subtitles=srt_beside(edition.folder / "cg_subtitles", name),
        question=row.text("question"),
        evidence_spans=evidence(row, row.get("clue_intervals", default=None), duration),
        task_type=(row.text("sub_category"), row.text("domain")),
    )
