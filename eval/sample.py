"""What is asked and what came back: the two records of a benchmark, checked at the disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ..index.video.errors import InputError
from ..index.video.span import Span

Status = Literal["answered", "abstained", "budget", "error"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Sample(_Record):
    """One question with its truth.

    Attributes:
        id: unique over a benchmark, `<film>/<question>`.
        film: the film's path.
        revision: of the questions file, so that old results are not taken for new ones.
        kind: retrieve, when, order ... (see design, rendered world).
        options: None for an open question.
        answer_index: the true option; None without options.
        answer: the truth in words; None when the film holds no answer.
        spans: where the film shows it, [start, end] in seconds.
    """

    id: str
    film: str
    revision: str
    kind: str
    question: str
    options: tuple[str, ...] | None
    answer_index: int | None
    answer: str | None
    spans: tuple[tuple[float, float], ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Sample:
        if (self.options is None) != (self.answer_index is None):
            raise ValueError("options and answer_index come together or not at all")
        if self.options is not None and self.answer_index is not None:
            if not 0 <= self.answer_index < len(self.options):
                raise ValueError(f"answer_index = {self.answer_index}: outside the options")
            if self.options[self.answer_index] != self.answer:
                raise ValueError(f"answer = {self.answer!r}: not the option at answer_index")
        return self

    @property
    def truths(self) -> list[Span]:
        """The spans as spans."""
        return [Span(start, end) for start, end in self.spans]


class Prediction(_Record):
    """What one method said about one sample; a line of the result file.

    Attributes:
        method: `agent`, or the name of a baseline.
        choice: index of the chosen option; None when none was chosen.
        span: the time given as the answer, [start, end] in seconds; None without one.
        correct: by the rule of the kind (see `score.py`).
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


def load_samples(questions: Path, film: Path) -> list[Sample]:
    """Read the questions of one rendered film.

    Raises:
        InputError: the file is missing, not JSON, or a question in it does not hang together.
    """
    try:
        text = questions.read_bytes()
        revision = hashlib.sha256(text).hexdigest()[:12]
        return [_sample(entry, film, revision) for entry in json.loads(text)["questions"]]
    except FileNotFoundError as error:
        raise InputError(
            f"{questions}: no questions beside the film",
            "render one with `longtake film make --out FILM.mp4`",
        ) from error
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise InputError(
            f"{questions}: not a questions file: {error}", "render it again"
        ) from error


def _sample(entry: dict[str, Any], film: Path, revision: str) -> Sample:
    return Sample(
        id=f"{film.stem}/{entry['id']}",
        film=str(film),
        revision=revision,
        kind=entry["kind"],
        question=entry["question"],
        options=entry["choices"],
        answer_index=entry["answer_index"],
        answer=entry["answer"],
        spans=entry["spans"],
    )
