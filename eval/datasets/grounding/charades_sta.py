"""Charades-STA (Gao et al., ICCV 2017): find the time of a described event in half a minute.

Lines of text, `VIDEO start end##sentence.`, or a Parquet table whose times were rounded to half
precision. One in five descriptions fits more than one time (TimeLens, arXiv 2512.14698).

Fields of the Parquet table as in lmms-eval's `charades_sta/utils.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...sample import Sample, Video
from ..evidence import truth_spans
from ..files import find_file, find_video, read_rows
from ..rows import Edition, Row, RowError, load_tables
from ..spec import Loaded

FILES = ("charades_sta_{split}.txt", "{split}.txt", "data/{split}*.parquet", "{split}*.parquet")


def load(folder: Path, split: str) -> Loaded:
    """Load `test` or `train`."""
    path = find_file(folder, *(name.format(split=split) for name in FILES))
    rows_of = _lines if path.suffix == ".txt" else read_rows
    return load_tables("charades_sta", folder, split, [path], _sample, rows_of=rows_of)


def _lines(path: Path) -> list[Any]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}", "download the file again") from error
    if not any(map(str.strip, lines)):
        raise InputError(f"{path}: no rows in it", "download the file again")
    return [{"line": line} for line in lines if line.strip()]


def _sample(row: Row, edition: Edition) -> Sample:
    if "line" in row.raw:
        head, mark, sentence = row.raw["line"].partition("##")
        parts = head.split()
        if not mark or len(parts) != 3:
            raise RowError(f"{row.raw['line']!r:.60}: `VIDEO start end##sentence` is expected")
        name, times = parts[0], parts[1:]
    else:
        name, sentence, times = row.text("video"), row.text("caption"), row.get("timestamp")
    stem = name.rsplit(".", 1)[0] if name.endswith(".mp4") else name
    spans = truth_spans(row, [times])
    return Sample(
        **edition.fields,
        sample_id=str(row.number),
        video=Video(id=stem, path=find_video(edition.folder, stem, "Charades_v1_480", "videos")),
        question=f"When does this happen: {sentence.strip()}",
        form="spans",
        answer_spans=spans,
        evidence_spans=spans,
        meta=row.raw,
    )
