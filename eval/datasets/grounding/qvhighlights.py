"""QVHighlights (Lei et al., NeurIPS 2021): find all the moments that a query fits, and rate clips.

A film is 150 s of a longer one; clips are two seconds. The answers of `test` were published when
the server was closed; where the file lacks them the truth is None.

Read beside the files of github.com/jayleicn/moment_detr.
"""

from __future__ import annotations

from pathlib import Path

from ...sample import Sample, Video
from ..evidence import truth_spans
from ..files import find_file, find_video
from ..rows import Edition, Row, load_tables
from ..spec import Loaded

FILES = {
    "val": ("highlight_val_release.jsonl",),
    "test": ("highlight_test_with_gt.jsonl", "highlight_test_release.jsonl"),
    "train": ("highlight_train_release.jsonl",),
}


def load(folder: Path, split: str) -> Loaded:
    """Load `val`, `test` or `train`."""
    names = [name for file in FILES[split] for name in (file, f"data/{file}")]
    return load_tables("qvhighlights", folder, split, [find_file(folder, *names)], _sample)


def _sample(row: Row, edition: Edition) -> Sample:
    name = row.text("vid")
    windows = row.get("relevant_windows", default=None)
    spans = None if windows is None else truth_spans(row, windows)
    return Sample(
        **edition.fields,
        sample_id=str(row.get("qid")),
        video=Video(
            id=name,
            path=find_video(edition.folder, f"{name}.mp4", "videos", "."),
            duration=row.seconds("duration"),
        ),
        question=f"When does this happen: {row.text('query')}",
        form="spans",
        answer_spans=spans,
        evidence_spans=spans,
        meta=row.raw,
    )
