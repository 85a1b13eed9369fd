"""The report of a run: JSON, CSV, Markdown and one self-contained page of HTML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...index.storage.sealed import write_atomically
from ..runner.lines import OUT
from .markdown import markdown
from .page import page
from .scored import ScoredRun, load_run
from .summary import summarize

COLUMNS = (
    *("system", "sample_id", "epoch", "film", "kind", "status", "score", "answer", "truth"),
    *("raw_text", "confidence", "seconds", "tokens_in", "tokens_out", "frames_shown"),
    *("frames_decoded", "model_calls", "tool_calls", "usd", "parse_rule", "trace", "error"),
)


def write_report(path: Path, *, traces: int = 300, pictures: int = 60) -> dict[str, Any]:
    """Score a run and write `report.json`, `report.csv`, `report.md` and `report.html` into it.

    Args:
        path: folder of the run.
        traces: how many of the agent's traces the page holds, wrong answers first.
        pictures: how many of these come with frames.

    Returns:
        The numbers, as in `report.json`.

    Raises:
        InputError: the folder is no run, or its results do not belong to its samples.
        UsageError: the folder cannot be written, or scipy is not installed.
    """
    run = load_run(path)
    summary = summarize(run)
    texts = {
        "report.json": json.dumps(summary, ensure_ascii=False, indent=1) + "\n",
        "report.csv": table(run),
        "report.md": markdown(summary),
        "report.html": page(run, summary, traces=traces, pictures=pictures),
    }
    for name, text in texts.items():
        write_atomically(path / name, text.encode("utf-8", "backslashreplace"), OUT)
    return summary


def table(run: ScoredRun) -> str:
    """Return a row of CSV for every answer."""
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for system in run.systems.values():
        for sample, result in (*system.pairs, *system.skipped):
            rows.writerow(_row(system.name, sample, result, system.score_of(result)))
    return out.getvalue()


def _row(name: str, sample: Any, result: Any, score: float | None) -> Mapping[str, Any]:
    return {
        "system": name,
        "sample_id": sample.sample_id,
        "epoch": result.epoch,
        "film": result.film,
        "kind": sample.kind,
        "status": result.status,
        "score": score,
        "answer": _answer(result),
        "truth": None if sample.answer_index is None else chr(65 + sample.answer_index),
        "raw_text": result.raw_text,
        "confidence": result.confidence,
        "seconds": result.timing.get("seconds"),
        "tokens_in": result.usage.get("tokens_in"),
        "tokens_out": result.usage.get("tokens_out"),
        "frames_shown": result.frames.shown,
        "frames_decoded": result.frames.decoded,
        "model_calls": result.usage.get("model_calls"),
        "tool_calls": result.n_tool_calls,
        "usd": result.usage.get("usd"),
        "parse_rule": result.parse_rule,
        "trace": result.trace_ref,
        "error": result.error,
    }


def _answer(result: Any) -> str | None:
    if result.pred_index is not None:
        return chr(65 + result.pred_index)
    spans = result.pred_spans or ()
    return "; ".join(f"{start:g}-{end:g}" for start, end in spans) or None
