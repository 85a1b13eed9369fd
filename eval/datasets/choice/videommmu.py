"""Video-MMMU (Hu et al., arXiv 2501.13826): lectures; perception, comprehension and adaptation.

Three tables of 300 questions. Most have options, up to ten; some of adaptation are open. The
picture that an adaptation question refers to is shown at the end of its film.

Fields as in lmms-eval's `videommmu/utils.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..answers import answer_of_letter, answer_of_text, clean_options
from ..files import find_video
from ..rows import Edition, Row, RowError, choice, load_tables
from ..spec import Loaded

TRACKS = ("Perception", "Comprehension", "Adaptation")
_SUBJECTS = {
    "Art": "Art Art_Theory Design Music",
    "Business": "Accounting Economics Finance Manage Marketing",
    "Engineering": "Agriculture Architecture_and_Engineering Computer_Science Electronics "
    "Energy_and_Power Materials Mechanical_Engineering",
    "Humanities": "History Literature Psychology Sociology",
    "Medicine": "Basic_Medical_Science Clinical_Medicine Diagnostics_and_Laboratory_Medicine "
    "Pharmacy Public_Health",
    "Science": "Biology Chemistry Geography Math Physics",
}
_FOLDER_OF = {s: folder for folder, names in _SUBJECTS.items() for s in names.split()}


def load(folder: Path, split: str) -> Loaded:
    """Load the tracks whose tables are there."""
    paths = [
        found
        for track in TRACKS
        for pattern in (f"{track}/*.parquet", f"{track}.parquet", f"{track}.json")
        for found in sorted(folder.glob(pattern))
    ]
    if not paths:
        raise InputError(
            f"{folder}: no Perception, Comprehension or Adaptation table in it",
            "`longtake eval datasets` says what to download and where to put it",
        )
    return load_tables("videommmu", folder, split, paths, _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    name = row.ident("id")
    subject = "_".join(name.split("_")[1:-1])
    if subject not in _FOLDER_OF:
        raise RowError(f"id = {name!r}: no subject in it that is known")
    track = next(t for t in TRACKS if t in (row.file.stem, row.file.parent.name))
    common: dict[str, Any] = {
        "sample_id": f"{track}/{name}",
        "video": Video(id=name, path=find_video(edition.folder, name, _FOLDER_OF[subject])),
        "question": row.text("question"),
        "task_type": (track, subject),
    }
    raw = row.get("options", default=None)
    if not raw:
        return Sample(
            **edition.fields,
            **common,
            form="text",
            answer_text=str(row.get("answer")),
            meta=row.raw,
        )
    options = clean_options(row, raw)
    answer = str(row.get("answer")).strip()
    read = answer_of_letter if len(answer) == 1 and answer.isalpha() else answer_of_text
    return choice(row, edition, options, read(row, answer, options), **common)
