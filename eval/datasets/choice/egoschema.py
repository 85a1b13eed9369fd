"""EgoSchema (Mangalam et al., NeurIPS 2023): three minutes from the head, five options.

`questions.json` has all 5,031 questions, with keys such as `option 0`; `subset_answers.json` the
answers of 500. The others are scored by the authors' server.

Fields as in github.com/egoschema/EgoSchema (README) and lmms-eval's task.
"""

from __future__ import annotations

from pathlib import Path

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..answers import answer_of_index, clean_options
from ..files import find_file, find_video, read_json
from ..rows import Edition, Row, choice, load_tables
from ..spec import Loaded

SECONDS = 180.0


def load(folder: Path, split: str) -> Loaded:
    """Load the `subset` with public answers, or the `full` set."""
    path = find_file(folder, "questions.json")
    key = find_file(folder, "subset_answers.json")
    answers = read_json(key)
    if not isinstance(answers, dict):
        raise InputError(f"{key}: an object from q_uid to answer is expected", "download it again")
    loaded = load_tables(
        "egoschema",
        folder,
        split,
        [path],
        lambda row, edition: _sample(row, edition, answers),
        keys=[key],
    )
    return loaded if split == "full" else loaded.only(lambda found: found.has_truth)


def _sample(row: Row, edition: Edition, answers: dict[str, object]) -> Sample:
    options = clean_options(row, [row.get(f"option {k}", default=None) for k in range(5)])
    name = row.ident("q_uid")
    answer = None
    if name in answers:
        answer = answer_of_index(row, answers[name], options)
    return choice(
        row,
        edition,
        options,
        answer,
        sample_id=name,
        video=Video(
            id=name,
            path=find_video(edition.folder, name, "videos", "good_clips_git"),
            duration=SECONDS,
        ),
        question=row.text("question"),
    )
