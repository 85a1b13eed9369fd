"""HourVideo (Chandrasegaran et al., NeurIPS 2024): egocentric films of 20 to 120 minutes, 18 tasks.

An object from film to its questions. The options of three tasks are pictures, named by their paths;
they are loaded and flagged `picture-options`. `dev` has public answers; `test` has not. The
files carry a canary: they must not be trained on.

Fields as the authors' code reads them (github.com/keshik6/HourVideo, `hv_utils.py`,
`gpt4_utils.py`): `relevant_timestamps` is `HH:MM:SS-HH:MM:SS`, and a question of
`reasoning/predictive` is asked about the film up to where these begin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ....index.video.span import parse_seconds
from ...sample import Sample, Video
from ..answers import answer_of_letter, clean_options
from ..evidence import evidence
from ..files import find_file, find_video, read_json
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

FILES = {
    "dev": "dev_v1.0_annotations.json",
    "samples": "samples_v1.0.json",
    "test": "test_v1.0.json",
}
PREDICTIVE = "reasoning/predictive"
_PICTURES = (".png", ".jpg", ".jpeg")


def load(folder: Path, split: str) -> Loaded:
    """Load the questions of every film; a row is a question, counted through the file."""
    name = FILES[split]
    path = find_file(folder, f"v1.0_release/json/{name}", f"json/{name}", name)
    return load_tables("hourvideo", folder, split, [path], _sample, rows_of=_rows)


def _rows(path: Path) -> list[Any]:
    films = read_json(path)
    if not isinstance(films, dict):
        raise InputError(f"{path}: an object from video_uid to its questions is expected")
    return [
        {"video_uid": uid, "video_metadata": film.get("video_metadata"), **entry}
        for uid, film in films.items()
        if isinstance(film, dict)
        for entry in film.get("benchmark_dataset", [])
    ]


def _sample(row: Row, edition: Edition) -> Sample:
    options = clean_options(row, [row.get(f"answer_{k}", default=None) for k in range(1, 6)])
    if all(option.casefold().endswith(_PICTURES) for option in options):
        row.flag("picture-options")
    answer = None
    if edition.split != "test":
        answer = answer_of_letter(row, row.get("correct_answer_label"), options)
    name, task = row.ident("video_uid"), row.text("task")
    spans = evidence(row, _spans(row.get("relevant_timestamps", default=None)))
    ahead = task == PREDICTIVE and spans is not None
    about = row.get("video_metadata", default={})
    seconds = about.get("duration_in_seconds") if isinstance(about, dict) else None
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=row.ident("qid"),
        video=Video(
            id=name,
            path=find_video(edition.folder, name, "videos", "videos/v2/video_540ss", "video_540ss"),
            end=spans[0][0] if ahead and spans else None,
            duration=float(seconds) if isinstance(seconds, int | float) else None,
        ),
        question=row.text("question"),
        evidence_spans=None if ahead else spans,
        task_type=(task,),
    )


def _spans(raw: Any) -> list[list[Any]] | None:
    """Read `00:10:00-00:12:30`, several by commas, or pairs of seconds or of clock times."""
    if isinstance(raw, str):
        raw = [part.strip("[]() ").split("-") for part in raw.split(",") if part.strip()]
    if not isinstance(raw, list) or not raw:
        return None
    pairs = raw if isinstance(raw[0], list) else [raw]
    return [[_second(value) for value in pair] for pair in pairs]


def _second(value: Any) -> Any:
    try:
        return parse_seconds(value.strip()) if isinstance(value, str) else value
    except ValueError:
        return None
