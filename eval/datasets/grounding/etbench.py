"""E.T. Bench (Liu et al., NeurIPS 2024): twelve tasks in which the answer is an event or its times.

`q` is the whole prompt, which says how to write the times; the reply is read by the authors'
own patterns (`scoring/etbench.py`). `tgt` is a span, a list of spans or, for highlights, a list of
lists; an option may be a span too.

Fields as in github.com/PolyU-ChenLab/ETBench.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...sample import Sample, Video
from ..answers import answer_of_index, clean_options
from ..evidence import truth_spans
from ..files import find_file, find_video, read_json
from ..rows import Edition, Row, RowError, choice, load_tables
from ..spec import Loaded

CHOICE = ("rar", "eca", "rvq", "gvq")
SPANS = ("tvg", "epm", "tal", "evs", "vhd", "tem")
CAPTIONS = ("dvc", "slc")
FILES = ("annotations/etbench_txt_v1.0.json", "etbench_txt_v1.0.json")


def load(folder: Path, split: str) -> Loaded:
    """Load the `full` set, or the `subset` of 470 that the authors asked costly models."""
    path = find_file(folder, *FILES)
    loaded = load_tables("etbench", folder, split, [path], _sample)
    if split == "full":
        return loaded
    chosen = read_json(find_file(folder, "evaluation/subset.json", "subset.json"))
    return loaded.only(lambda s: s.meta["idx"] in chosen.get(s.kind, {}).get(s.meta["source"], ()))


def _sample(row: Row, edition: Edition) -> Sample:
    task = row.text("task")
    if task not in (*CHOICE, *SPANS, *CAPTIONS):
        raise RowError(f"task = {task!r}: not one of the twelve")
    path = row.text("video")
    common: dict[str, Any] = {
        "sample_id": f"{task}/{row.text('source')}/{row.get('idx')}",
        "video": Video(
            id=path,
            path=find_video(edition.folder, path, "videos", "videos_compressed"),
            duration=row.seconds("duration"),
        ),
        "question": row.text("q"),
        "task_type": (task, row.text("source")),
    }
    spans = truth_spans(row, flat(row.get("tgt"))) if task not in ("rar", "eca", "rvq") else None
    if task in CHOICE:
        options = clean_options(row, [_option(o) for o in row.get("o")])
        answer = answer_of_index(row, row.get("p"), options)
        return choice(row, edition, options, answer, evidence_spans=spans, **common)
    captions = row.get("g", default=None)
    if task in CAPTIONS and (not isinstance(captions, list) or len(captions) != len(spans or ())):
        raise RowError("g: a caption for each span is expected")
    return Sample(
        **edition.fields,
        **common,
        form="events" if task in CAPTIONS else "spans",
        answer_spans=spans,
        evidence_spans=spans,
        answer_text="\n".join(map(str, captions)) if task in CAPTIONS else None,
        meta=row.raw,
    )


def flat(spans: Any) -> list[Any]:
    """Return the spans of a `tgt`, however deep they lie."""
    if not isinstance(spans, list) or not spans:
        raise RowError(f"tgt = {spans!r:.60}: spans are expected")
    if not isinstance(spans[0], list):
        return [spans]
    return [span for part in spans for span in flat(part)]


def _option(raw: Any) -> Any:
    return f"{raw[0]} - {raw[1]}" if isinstance(raw, list) and len(raw) == 2 else raw
