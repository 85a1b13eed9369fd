"""Small annotation files in the exact shapes in which benchmarks publish them, traps included."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from longtake.eval.result import Result
from longtake.eval.sample import Sample


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_lines(path: Path, rows: Iterable[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def result(sample: Sample, **fields: Any) -> Result:
    """Return a result of a sample; an index alone is an answer that came as an option."""
    return Result(
        **{
            "system": "agent",
            "dataset": sample.dataset,
            "sample_id": sample.sample_id,
            "film": sample.video.id,
            "status": "ok",
            **fields,
        }
    )


def videomme_rows() -> list[dict[str, Any]]:
    rows = []
    for video, duration in (("001", "short"), ("601", "long")):
        for k in range(1, 4):
            rows.append(
                {
                    "video_id": video,
                    "duration": duration,
                    "domain": "Knowledge",
                    "sub_category": "Humanity & History",
                    "url": f"https://www.youtube.com/watch?v=vid{video}",
                    "videoID": f"vid{video}",
                    "question_id": f"{video}-{k}",
                    "task_type": "Counting Problem",
                    "question": "How many candles are lit?",
                    "options": ["A. One.", "B. Two.", "C. Three.", "D. Four."],
                    "answer": "ABC"[k - 1],
                }
            )
    rows[1]["options"][3] = "D. One."  # two options of one text
    return rows


LVBENCH_LINES = [
    {
        "key": "28CIeC8cZks",
        "type": "cartoon",
        "video_info": {
            "duration_minutes": 68,
            "fps": 30.0,
            "resolution": {"width": 1280, "height": 720},
        },
        "qa": [
            {
                "uid": "0",
                "question": "What year appears in the opening caption?\n"
                "(A) 1636\n(B) 1366\n(C) 1363\n(D) 1633",
                "answer": "D",
                "question_type": ["key information retrieval"],
                "time_reference": "00:15-00:19",
            },
            {
                "uid": 4004,
                "question": "Who comes in?\n(A) a cook\n(B) a king\n(C) both\n(D) nobody",
                "answer": "B",
                "question_type": ["entity recognition", "event understanding"],
                "time_reference": "62:30-63:10",
            },
            {
                "uid": "2",
                "question": "What is it about?\n(A) love\n(B) war\n(C) food\n(D) sleep",
                "answer": "A",
                "question_type": ["summarization"],
                "time_reference": "None-None",
            },
            {
                "uid": "3",
                "question": "Which?\n(A) one\n(B) two\n(C) three\n(D) four",
                "answer": "E",
                "question_type": ["reasoning"],
                "time_reference": "08:17-None",
            },
        ],
    }
]

LONGVIDEOBENCH_ROW = {
    "video_id": "86CxyhFV9MI",
    "question": "Which subtitles appear at the same time as the man in grey?",
    "question_wo_referring_query": "Which subtitles appear at the same time?",
    "candidates": ["one", "two", "three", "four"],
    "correct_choice": 1,
    "position": [854, 948, 1373],
    "topic_category": "NP-News-Programs",
    "question_category": "TOS",
    "level": "L2-Relation",
    "id": "86CxyhFV9MI_0",
    "video_path": "86CxyhFV9MI.mp4",
    "subtitle_path": "86CxyhFV9MI_en.json",
    "duration_group": 600,
    "starting_timestamp_for_subtitles": 100,
    "duration": 190.16,
    "view_count": 259852,
}

ETBENCH_ROWS = [
    {
        "version": 1.0,
        "idx": 0,
        "task": "tvg",
        "source": "charades_sta",
        "video": "charades_sta/AO8RW.mp4",
        "duration": 33.0,
        "tgt": [15.0, 35.0],
        "q": "Localize the event: a person puts a book on a shelf.",
    },
    {
        "version": 1.0,
        "idx": 1,
        "task": "tal",
        "source": "thumos14",
        "video": "thumos14/v.mp4",
        "duration": 100.0,
        "tgt": [[10.0, 20.0], [40.0, 50.0]],
        "q": "Find all high jumps.",
    },
    {
        "version": 1.0,
        "idx": 2,
        "task": "vhd",
        "source": "qvhighlights",
        "video": "qvhighlights/w.mp4",
        "duration": 150.0,
        "tgt": [[[10.0, 12.0], [40.0, 42.0]], [[90.0, 92.0]]],
        "q": "Find a highlight.",
    },
    {
        "version": 1.0,
        "idx": 3,
        "task": "rvq",
        "source": "star",
        "video": "star/x.mp4",
        "duration": 30.0,
        "src": [1.2, 15.0],
        "p": 1,
        "o": ["a cup", "a door", "a box", "a bag"],
        "q": "What does he open? (A) a cup (B) a door (C) a box (D) a bag. Best Option: (",
    },
    {
        "version": 1.0,
        "idx": 4,
        "task": "gvq",
        "source": "qaego4d",
        "video": "qaego4d/y.mp4",
        "duration": 480.0,
        "tgt": [15.0, 35.0],
        "p": 0,
        "o": ["table", "floor", "bag", "sink"],
        "q": "Where was the knife?",
    },
    {
        "version": 1.0,
        "idx": 5,
        "task": "slc",
        "source": "hirest",
        "video": "hirest/z.mp4",
        "duration": 60.0,
        "tgt": [[0.0, 10.0], [10.0, 30.0]],
        "g": ["cut the paper", "fold it"],
        "q": "List the steps.",
    },
    {
        "version": 1.0,
        "idx": 6,
        "task": "eca",
        "source": "perception_test",
        "video": "perception_test/p.mp4",
        "duration": 30.0,
        "p": 2,
        "o": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.5], [7.0, 8.0]],
        "q": "When does it happen?",
    },
]
