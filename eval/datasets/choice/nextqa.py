"""NExT-QA, multiple choice (Xiao et al., CVPR 2021): why, when and what, five options.

Two lineages of CSV files: the first gives the answer as a number from 0, the one that comes with
NExT-GQA as text. Questions are numbered within a film.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..answers import answer_of_index, answer_of_text, clean_options
from ..files import find_file, find_video, read_json
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded


def load(folder: Path, split: str) -> Loaded:
    """Load `val` or `test`."""
    path = find_file(folder, f"nextqa/{split}.csv", f"{split}.csv")
    places = read_places(folder)
    return load_tables(
        "nextqa", folder, split, [path], lambda row, edition: next_sample(row, edition, places)
    )


def read_places(folder: Path) -> dict[str, str]:
    """Return where the films lie below `videos`, by id; empty where the map is not there."""
    for name in (
        "map_vid_vidorID.json",
        "nextgqa/map_vid_vidorID.json",
        "nextqa/map_vid_vidorID.json",
    ):
        if (folder / name).is_file():
            found = read_json(folder / name)
            if not isinstance(found, dict):
                raise InputError(f"{folder / name}: an object from video id to path is expected")
            return found
    return {}


def next_sample(row: Row, edition: Edition, places: dict[str, str], **fields: Any) -> Sample:
    """Return a sample of NExT-QA or, with `fields` for its times, of NExT-GQA."""
    options = clean_options(row, [row.get(f"a{k}") for k in range(5)])
    answer = str(row.get("answer"))
    number = answer.isdigit() and answer not in options
    name = str(row.get("video_id", "video"))
    path = find_video(edition.folder, places.get(name, name), "videos", "NExTVideo")
    return choice(
        row,
        edition,
        options,
        (answer_of_index if number else answer_of_text)(row, answer, options),
        sample_id=f"{name}_{row.get('qid')}",
        question=row.text("question"),
        task_type=(row.text("type"),),
        **{"video": Video(id=name, path=path), **fields},
    )
