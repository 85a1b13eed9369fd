"""Predictions in the shapes that the authors' servers and scripts take."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..result import Result
from ..sample import Sample
from .spec import Scored


def letter_of(sample: Sample, result: Result) -> str | None:
    """Return the letter of the chosen option; None where none was chosen."""
    index, letters = result.pred_index, sample.option_labels
    return letters[index] if index is not None and 0 <= index < len(letters) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _lines(rows: Iterable[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def videomme(scored: Sequence[Scored]) -> str:
    """Return Video-MME's result file: films with their questions and the replies as text.

    The key is `video_subcategory`, as the script reads it, not as its README writes it.
    """
    films: dict[str, dict[str, Any]] = {}
    for sample, result in scored:
        row = sample.meta
        film = films.setdefault(
            str(row.get("video_id")),
            {
                "video_id": row.get("video_id"),
                "duration_category": row.get("duration"),
                "video_category": row.get("domain"),
                "video_subcategory": row.get("sub_category"),
                "url": row.get("url"),
                "questions": [],
            },
        )
        film["questions"].append(
            {
                "question_id": sample.sample_id,
                "task_type": row.get("task_type"),
                "question": sample.question,
                "choices": row.get("options"),
                "answer": row.get("answer"),
                "response": letter_of(sample, result) or "",
            }
        )
    return _json(list(films.values()))


def letters_by_id(scored: Sequence[Scored]) -> str:
    """Return `{id: letter}` of the answered questions (LVBench, LongVideoBench)."""
    found = {sample.sample_id: letter_of(sample, result) for sample, result in scored}
    return _json({name: letter for name, letter in found.items() if letter})


def mlvu(scored: Sequence[Scored]) -> str:
    """Return the list that MLVU's server takes."""
    return _json(
        [
            {"question_id": s.sample_id, "question_type": s.kind, "option": letter_of(s, r) or ""}
            for s, r in scored
        ]
    )


def egoschema(scored: Sequence[Scored]) -> str:
    """Return `{q_uid: index}`; -1 where nothing was chosen, since the server wants every key."""
    return _json({s.sample_id: -1 if r.pred_index is None else r.pred_index for s, r in scored})


def vnbench(scored: Sequence[Scored]) -> str:
    """Return the lines that VNBench's script reads."""
    return _lines(
        {
            "question_id": s.sample_id,
            "pred": letter_of(s, r),
            "gt": s.option_labels[s.answer_index or 0],
            "type": s.kind,
            "try": s.meta.get("try"),
        }
        for s, r in scored
    )


def qvhighlights(scored: Sequence[Scored]) -> str:
    """Return the lines that QVHighlights' script reads; scores fall with the rank of a window."""
    rows = []
    for sample, result in scored:
        spans = result.pred_spans or ()
        row = {
            "qid": sample.meta.get("qid"),
            "query": sample.meta.get("query"),
            "vid": sample.video.id,
            "pred_relevant_windows": [
                [start, end, round(1 - rank / len(spans), 4)]
                for rank, (start, end) in enumerate(spans)
            ],
        }
        if result.pred_clip_scores:
            row["pred_saliency_scores"] = list(result.pred_clip_scores)
        rows.append(row)
    return _lines(rows)


def hourvideo(scored: Sequence[Scored]) -> str:
    """Return one table of what HourVideo's evaluation joins by `qid`."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("qid", "video_uid", "task", "answer"))
    for sample, result in scored:
        letter = letter_of(sample, result) or ""
        table.writerow((sample.sample_id, sample.video.id, sample.kind, letter))
    return out.getvalue()


def cgbench(scored: Sequence[Scored]) -> str:
    """Return letters and clue intervals by question, for CG-Bench's long-acc and mIoU."""
    return _json(
        [
            {
                "qid": sample.meta.get("qid"),
                "video_uid": sample.video.id,
                "long_acc": {"result": letter_of(sample, result)},
                "miou": {"result": (result.pred_spans or result.cited_spans or ())[:5]},
            }
            for sample, result in scored
        ]
    )


def etbench(scored: Sequence[Scored]) -> str:
    """Return E.T. Bench's annotations with the reply under `a`."""
    return _json([{**sample.meta, "a": _reply(sample, result)} for sample, result in scored])


def _reply(sample: Sample, result: Result) -> str:
    if result.raw_text:
        return result.raw_text
    letter = letter_of(sample, result)
    if letter:
        return f"Best Option: ({letter})"
    spans = [f"{start:.1f} - {end:.1f} seconds" for start, end in result.pred_spans or ()]
    return ", ".join(spans)


def nextgqa(scored: Sequence[Scored]) -> str:
    """Return what NExT-GQA's scripts read: answers, and the first span of each."""
    answers, spans = {}, {}
    for sample, result in scored:
        chosen = result.pred_index
        if chosen is not None and sample.options:
            answers[sample.sample_id] = {
                "prediction": sample.options[chosen],
                "answer": sample.answer_text,
            }
        found = result.pred_spans or result.cited_spans
        if found:
            spans[sample.sample_id] = list(found[0])
    return _json({"qa": answers, "ground": spans})


def lmms_samples(scored: Sequence[Scored]) -> str:
    """Return lines as lmms-eval writes them for each sample; for any benchmark."""
    rows = []
    for number, (sample, result) in enumerate(scored):
        document = json.dumps(sample.meta, sort_keys=True, ensure_ascii=False, default=str)
        reply = letter_of(sample, result) or result.raw_text or ""
        index = sample.answer_index
        rows.append(
            {
                "doc_id": number,
                "input": sample.question,
                "target": sample.answer_text if index is None else sample.option_labels[index],
                "resps": [[result.raw_text or reply]],
                "filtered_resps": [reply],
                "doc_hash": hashlib.sha256(document.encode()).hexdigest(),
            }
        )
    return _lines(rows)
