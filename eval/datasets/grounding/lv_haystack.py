"""LV-Haystack (Ye et al., CVPR 2025): questions about hours of Ego4D, with the frames that answer.

Rows, or one object of columns as pandas writes it. The true frames are indices at the film's frame
rate, counted in the film or, in the older edition, in a clip of it; here they are seconds of the
film. A question without frames is loaded, and counts for its answer only.

Fields as in github.com/mll-lab-nu/TStar (`LVHaystackBench/run_TStar_onDataset.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..answers import answer_of_letter, answer_of_text, clean_options
from ..files import find_file, find_video, read_json, read_rows
from ..rows import Edition, Row, RowError, choice, finite, load_tables
from ..spec import Loaded

FILES = ("{split}-00000-of-00001.parquet", "data/{split}-*.parquet", "LVHaystack_{tail}.json")


def load(folder: Path, split: str) -> Loaded:
    """Load `test_tiny`, `test`, `val` or `train`."""
    tail = split.removeprefix("test_")
    path = find_file(folder, *(name.format(split=split, tail=tail) for name in FILES))
    return load_tables("lv_haystack", folder, split, [path], _sample, rows_of=_rows)


def _rows(path: Path) -> list[Any]:
    if path.suffix != ".json":
        return read_rows(path)
    value = read_json(path)
    if isinstance(value, list):
        return value
    columns = value if isinstance(value, dict) else {}
    if not columns or len({len(c) if isinstance(c, list) else -1 for c in columns.values()}) != 1:
        raise InputError(f"{path}: rows, or columns of one length, are expected")
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, row.get("options"))
    answer = str(row.get("answer"))
    read = answer_of_letter if len(answer.strip()) == 1 else answer_of_text
    about = row.get("video_metadata")
    if not isinstance(about, dict):
        raise RowError(f"video_metadata = {about!r:.60}: an object is expected")
    name = row.text("video_id")
    return choice(
        row,
        edition,
        options,
        read(row, answer, options),
        sample_id=f"{name}/{row.number}",
        video=Video(
            id=name,
            path=find_video(edition.folder, name, "videos", "ego4d_data/v1/256p"),
            duration=finite(about.get("video_duration")),
        ),
        question=row.text("question"),
        evidence_frames=_moments(row, about) or None,
    )


def _moments(row: Row, about: dict[str, Any]) -> tuple[float, ...]:
    """Return the true frames as seconds of the film."""
    start = 0.0
    frames = row.get("frame_indexes_video", default=None)
    if frames is None:
        frames = row.get("frame_indexes", "frame_indexes_vclip", default=[])
        clip = about.get("vclip_interval_in_video")
        start = finite(clip[0]) if isinstance(clip, list) and clip else None
    rate = finite(about.get("frame_rate"))
    if frames and (not rate or start is None):
        raise RowError("video_metadata: frame_rate and the clip's start turn frames into seconds")
    moments = [finite(index) for index in frames]
    if any(index is None or index < 0 for index in moments):
        row.flag("evidence-unusable")
    kept = [index for index in moments if index is not None and index >= 0]
    return tuple((start or 0.0) + index / (rate or 1.0) for index in kept)
