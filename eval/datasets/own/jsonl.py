"""People's own questions: one JSON object a line.

    {"video": "a.mp4", "question": "Who speaks first?", "options": ["Ann", "Bob"], "answer": "Ann"}
    {"video": "a.mp4", "question": "When does it rain?", "spans": [[61.5, 70]]}

`video` and `subtitles` are paths from the folder of the file. `answer` is the text of an option or
its letter; `answer_index` counts from 0. `spans` are the true times of a question without options,
`evidence` the times that show the answer of one with options. `id`, `type`, `start`, `end`,
`duration` and `answerable` (false: the film does not hold the answer) may be left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...sample import Sample, Subtitles, Video, labels
from ..answers import answer_of_index, answer_of_letter, answer_of_text, clean_options
from ..evidence import evidence, truth_spans
from ..files import find_file, read_rows, revision_of
from ..rows import Row, RowError, collect
from ..spec import Loaded

FIELDS = (
    *("id", "video", "question", "options", "answer", "answer_index", "spans", "evidence"),
    *("subtitles", "subtitles_offset", "type", "start", "end", "duration", "answerable"),
)


def load(folder: Path, split: str) -> Loaded:
    """Load a file of questions, or the one `questions.jsonl` (or first `*.jsonl`) of a folder."""
    path = folder if folder.is_file() else find_file(folder, "questions.jsonl", "*.jsonl")
    revision = revision_of([path])
    return collect([(path, read_rows(path))], lambda row: _sample(row, revision, split))


def _sample(row: Row, revision: str, split: str) -> Sample:
    unknown = sorted(set(row.raw).difference(FIELDS))
    if unknown:
        raise RowError(f"unknown field {unknown[0]!r}; allowed: {', '.join(sorted(FIELDS))}")
    folder = row.file.parent.absolute()
    video = row.text("video")
    subtitles = row.get("subtitles", default=None)
    kind = row.get("type", default=[])
    answerable = row.get("answerable", default=True)
    if not isinstance(answerable, bool):
        raise RowError(f"answerable = {answerable!r}: true or false is expected")
    common: dict[str, Any] = {
        "dataset": "jsonl",
        "revision": revision,
        "split": split,
        "sample_id": row.ident("id") if "id" in row.raw else str(row.number),
        "video": Video(
            id=video,
            path=str(folder / video),
            start=row.seconds("start"),
            end=row.seconds("end"),
            duration=row.seconds("duration"),
        ),
        "subtitles": subtitles
        and Subtitles(
            path=str(folder / row.text("subtitles")),
            format="srt",
            offset=row.seconds("subtitles_offset") or 0.0,
        ),
        "question": row.text("question"),
        "answerable": answerable,
        "task_type": tuple(map(str, kind if isinstance(kind, list) else [kind])),
        "meta": row.raw,
    }
    if row.get("options", default=None) is not None:
        return _choice(row, common)
    if row.get("spans", default=None) is not None:
        times = truth_spans(row, row.get("spans"))
        return Sample(**common, form="spans", answer_spans=times, evidence_spans=times)
    answer = row.get("answer", default=None)
    if answer is None and answerable:
        raise RowError("no field 'options', 'spans' or 'answer': it could not be scored")
    return Sample(**common, form="text", answer_text=None if answer is None else str(answer))


def _choice(row: Row, common: dict[str, Any]) -> Sample:
    options = clean_options(row, row.get("options"))
    index, also = None, ()
    if row.get("answer_index", default=None) is not None:
        index, also = answer_of_index(row, row.get("answer_index"), options)
    elif common["answerable"]:
        index, also = _answer(row, options)
    return Sample(
        **common,
        options=tuple(options),
        answer_index=index,
        also_right=also,
        answer_text=None if index is None else options[index],
        evidence_spans=evidence(row, row.get("evidence", default=None)),
    )


def _answer(row: Row, options: list[str]) -> tuple[int, tuple[int, ...]]:
    answer = row.get("answer", "answer_index")
    letter = str(answer).strip().upper()
    if str(answer).strip() not in options:
        if letter in labels(options):
            return answer_of_letter(row, answer, options)
        return answer_of_text(row, answer, options)
    index, also = answer_of_text(row, answer, options)
    if letter in labels(options) and labels(options).index(letter) not in (index, *also):
        raise RowError(
            f"answer = {answer!r}: the letter of one option and the text of another; "
            "give answer_index, counted from 0"
        )
    return index, also
