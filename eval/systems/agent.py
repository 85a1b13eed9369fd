"""The agent as a system: asked through the public API, taken up again after a kill."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...agent.runs.trace import read_trace
from ...index.video.span import Span, format_seconds
from ..sample import Sample
from ..scoring.needle import named_span
from .film import FilmUnderTest, part_of
from .reply import Reply

SPENT = (
    "model_calls",
    "frames_decoded",
    "frames_shown",
    "tokens_in",
    "tokens_out",
    "tokens_cached",
    "usd",
)


SHOWN = "frames_shown.jsonl"
"""In the folder of the agent's run: which frames its video LLM was shown."""


def run_name(config_hash: str, sample_id: str, epoch: int) -> str:
    """Name the agent's run of a sample; the same after a kill, so that it is taken up again."""
    key = f"{config_hash}\n{sample_id}\n{epoch}".encode()
    return f"eval-{hashlib.sha256(key).hexdigest()[:20]}"


def ask_agent(
    film: FilmUnderTest, sample: Sample, run_id: str, limits: Mapping[str, float]
) -> Reply:
    """Let the agent answer a sample, or go on with its answer where a kill broke it off.

    Args:
        film: the film.
        sample: the question.
        run_id: of the agent's run.
        limits: budgets a sample, as `Film.ask` takes them.
    """
    folder = Path(film.film.settings.runs_root) / run_id
    if (folder / "run.json").is_file():
        film.vlm.keep_in(folder / SHOWN)
        answer = film.film.resume(run_id)
    else:
        if folder.is_dir():  # killed before a word of it was written
            shutil.rmtree(folder)
        film.vlm.keep_in(folder / SHOWN)
        options = list(sample.options) if sample.options else None
        answer = film.film.ask(_question(sample, film), options, run_id=run_id, **limits)
    calls = sum(event["type"] == "observation" for event in read_trace(folder / "trace.jsonl"))
    return _reply(answer, sample, calls)


def _question(sample: Sample, film: FilmUnderTest) -> str:
    part = part_of(sample, film.duration)
    if part == Span(0.0, film.duration):
        return sample.question
    ends = f"{format_seconds(part.start)} to {format_seconds(part.end)}"
    return f"{sample.question} (From {ends} of the film.)"


def _reply(answer: Any, sample: Sample, calls: int) -> Reply:
    usage = answer.usage
    cited = tuple((item.start, item.end) for item in answer.evidence)
    moments = sorted({frame.seconds for item in answer.evidence for frame in item.frames})
    index = None if answer.choice is None else ord(answer.choice) - ord("A")
    status = {"answered": "ok", "abstained": "abstained", "budget": "limit"}[answer.status]
    if sample.options is not None and status == "ok" and index is None:
        status = "parse_fail"
    spans = None
    if sample.options is None and status != "abstained":
        named = named_span(answer.answer, [Span(*pair) for pair in cited])
        spans = ((named.start, named.end),) if named else None
    spent: dict[str, Any] = {name: getattr(usage, name) for name in SPENT}
    return Reply(
        status,  # pyright: ignore[reportArgumentType]
        answer.answer,
        index,
        pred_spans=spans,
        pred_frames=tuple(moments),
        cited_spans=cited,
        parse_rule="choice" if index is not None else "text",
        confidence=_sure(answer),
        usage={
            **spent,
            "stop_reason": answer.stop_reason,
            "raw_confidence": answer.confidence.raw,
        },
        timing={name: round(float(value), 3) for name, value in answer.timings.items()},
        decoded=usage.frames_decoded,
        n_tool_calls=calls,
        trace_ref=answer.run_id,
    )


def _sure(answer: Any) -> float | None:
    confidence = answer.confidence
    return confidence.raw if confidence.calibrated is None else confidence.calibrated
