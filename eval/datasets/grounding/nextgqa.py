"""NExT-GQA (Xiao et al., CVPR 2024): questions of NExT-QA with the times that show the answer.

Read beside the files of github.com/doc-doc/NExT-GQA.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..choice.nextqa import next_sample, read_places
from ..evidence import truth_spans
from ..files import find_file, find_video, read_json
from ..rows import Edition, Row, RowError, load_tables
from ..spec import Loaded


def load(folder: Path, split: str) -> Loaded:
    """Load `val` or `test`."""
    path = find_file(
        folder, f"nextgqa/{split}.csv", f"datasets/nextgqa/{split}.csv", f"{split}.csv"
    )
    key = find_file(path.parent, f"gsub_{split}.json")
    times = read_json(key)
    if not isinstance(times, dict):
        raise InputError(f"{key}: an object from video id to its times is expected")
    places = read_places(folder) or read_places(path.parent)
    return load_tables(
        "nextgqa",
        folder,
        split,
        [path],
        lambda row, edition: _sample(row, edition, times, places),
        keys=[key],
    )


def _sample(row: Row, edition: Edition, times: dict[str, Any], places: dict[str, str]) -> Sample:
    name, number = str(row.get("video_id")), str(row.get("qid"))
    film = times.get(name)
    spans = film.get("location", {}).get(number) if isinstance(film, dict) else None
    if film is None or spans is None:
        raise RowError(f"no times for question {number} of film {name}")
    row.raw["location"] = spans  # as published, for the authors' rule
    path = find_video(edition.folder, places.get(name, name), "videos", "NExTVideo")
    return next_sample(
        row,
        edition,
        places,
        video=Video(id=name, path=path, duration=float(film["duration"])),
        evidence_spans=truth_spans(row, spans),
    )
