"""What one system said about one sample: a line of a run's `samples.jsonl`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .sample import Interval, Record

Status = Literal["ok", "abstained", "parse_fail", "error", "limit", "missing_media", "skipped"]
"""`ok`: an answer. `abstained`: the system declined. `parse_fail`: a reply without an answer in it.
`limit`: a budget ended it, scored by the best answer so far. `skipped`: not asked."""

FAILED: tuple[Status, ...] = ("parse_fail", "error", "missing_media", "skipped")
"""Each of these counts as wrong in a strict score, and is counted apart."""


class FramesUsed(Record):
    """Where the pictures came from.

    Attributes:
        decoded: frames decoded.
        shown: frames put before a model, repeats included.
        pts: the time of each different frame shown, in seconds.
        backend: name and version of the decoder.
    """

    decoded: int = 0
    shown: int = 0
    pts: tuple[float, ...] = ()
    backend: str | None = None


class Result(Record):
    """One answer of one system, with what it cost.

    Attributes:
        run_id: of the run.
        config_hash: of everything that can change an answer.
        system: `agent`, `blind`, `uniform:64` ….
        dataset: name of the benchmark.
        sample_id: of the sample.
        epoch: which repetition, from 0.
        film: id of the video, the cluster of the statistics.
        raw_text: the reply as it came; for the agent, its answer.
        pred_index: the chosen option, counted from 0.
        pred_spans: the times given as the answer, best first.
        pred_frames: moments that the system picked as evidence, in seconds.
        pred_clip_scores: how well each clip of two seconds fits (QVHighlights).
        cited_spans: the spans of the evidence it cites.
        parse_rule: which rule of the answer parser fired (`models/choice_reader.py`, `times.py`);
            any other word, or None, means that the answer came as an option or a time, not as text.
        confidence: 0 to 1, as said with the answer.
        scores: by rule: `strict`, and `official` (None: outside the authors' denominator).
        usage: model calls, tokens, money.
        timing: seconds by part.
        n_tool_calls: tools used.
        trace_ref: id or path of the trace.
        error: class and message of a failure.
        retries: messages of the tries before.
        started: UTC, ISO 8601.
        ended: the same.
    """

    run_id: str = ""
    config_hash: str = ""
    system: str
    dataset: str
    sample_id: str
    epoch: int = 0
    film: str
    status: Status
    raw_text: str | None = None
    pred_index: int | None = None
    pred_spans: tuple[Interval, ...] | None = None
    pred_frames: tuple[float, ...] | None = None
    pred_clip_scores: tuple[float, ...] | None = None
    cited_spans: tuple[Interval, ...] | None = None
    parse_rule: str | None = None
    confidence: float | None = None
    scores: dict[str, float | None] = Field(default_factory=dict)
    usage: dict[str, Any] = Field(default_factory=dict)
    timing: dict[str, float] = Field(default_factory=dict)
    frames: FramesUsed = FramesUsed()
    n_tool_calls: int = 0
    trace_ref: str | None = None
    error: str | None = None
    retries: tuple[str, ...] = ()
    started: str | None = None
    ended: str | None = None
