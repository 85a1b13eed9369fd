"""A line of the needle benchmark's result file."""

from __future__ import annotations

from typing import Literal

from .sample import Record

Status = Literal["answered", "abstained", "budget", "error"]


class Prediction(Record):
    """What one method said about one sample; a line of the result file.

    Attributes:
        method: `agent`, or the name of a baseline.
        choice: index of the chosen option; None when none was chosen.
        span: the time given as the answer, [start, end] in seconds; None without one.
        correct: by the rule of the kind (see `scoring/needle.py`).
        overlap: intersection over union of `span` with the truth, for questions about time.
        seconds: wall time.
        frames: frames shown to a model.
        error: class and message when the method failed; such a sample counts as wrong.
    """

    sample: str
    film: str
    revision: str
    kind: str
    method: str
    status: Status
    correct: bool
    text: str | None = None
    choice: int | None = None
    truth: int | None = None
    span: tuple[float, float] | None = None
    overlap: float | None = None
    confidence: float | None = None
    stop_reason: str | None = None
    run_id: str | None = None
    seconds: float = 0.0
    frames: int = 0
    error: str | None = None
