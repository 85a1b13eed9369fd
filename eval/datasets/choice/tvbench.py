"""TVBench (Cores et al., arXiv 2410.07752): ten tasks that need the order of frames.

One JSON file a task, the answer as text. `action_sequence` and `action_localization` name a part of
the film by `start` and `end`. The films of `action_antonym` (NTU RGB+D) are to be had from their
owners.

Fields as in github.com/daniel-cores/tvbench (`infer.ipynb`) and lmms-eval's task.
"""

from __future__ import annotations

from pathlib import Path

from ...sample import Sample, Video
from ..answers import answer_of_text, clean_options
from ..files import find_video, read_tables
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

TASKS = (
    "action_antonym",
    "action_count",
    "action_localization",
    "action_sequence",
    "egocentric_sequence",
    "moving_direction",
    "object_count",
    "object_shuffle",
    "scene_transition",
    "unexpected_action",
)


def load(folder: Path, split: str) -> Loaded:
    """Load all tasks whose files are there."""
    paths = [p for p in read_tables(folder, "json/*.json", "*.json") if p.stem in TASKS]
    return load_tables("tvbench", folder, split, paths, _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("candidates"))
    answer = answer_of_text(row, row.get("answer"), options)
    name, task = row.text("video"), row.file.stem
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=f"{task}-{row.number}",
        video=Video(
            id=f"{task}/{name}",
            path=find_video(edition.folder, name, f"video/{task}", f"videos/{task}", "video"),
            start=row.seconds("start"),
            end=row.seconds("end"),
        ),
        question=row.text("question"),
        task_type=(task,),
    )
