"""A question of a benchmark with its truth, the same shape for every benchmark.

What a system said about it is a `Result` (`result.py`); how a benchmark's own rows become samples
is told in `datasets/`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..index.video.span import Span

Form = Literal["choice", "spans", "events", "text"]


class Record(BaseModel):
    """A line on disk: nothing unknown in it, no NaN, never changed after it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _interval(pair: tuple[float, float]) -> tuple[float, float]:
    start, end = pair
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError(f"[{start}, {end}]: the times have to be finite seconds")
    if start < 0 or end < start:
        raise ValueError(f"[{start}, {end}]: a span needs 0 <= start <= end, in seconds")
    return pair


Interval = Annotated[tuple[float, float], AfterValidator(_interval)]
"""Start and end in seconds of the film; equal where a benchmark names an instant."""


class Video(Record):
    """The film of a question.

    Attributes:
        id: as the benchmark names it; questions of one id are a cluster.
        path: absolute path of the file, whether it is there or not.
        start: where the asked part begins, in seconds; None for the whole file.
        end: where it ends.
        duration: in seconds, as the benchmark says; None where it does not.
    """

    id: str
    path: str
    start: float | None = None
    end: float | None = None
    duration: float | None = None


class Subtitles(Record):
    """The subtitle file that a benchmark gives to a film.

    Attributes:
        path: absolute path, whether it is there or not.
        format: `srt`, `longvideobench` (JSON, either shape) or `words` (a JSON word a line).
        offset: seconds to take from its times, since the film was cut from a longer one.
    """

    path: str
    format: Literal["srt", "longvideobench", "words"]
    offset: float = 0.0


class Sample(Record):
    """One question with its truth, in the shape that every benchmark is brought into.

    Attributes:
        dataset: name of the benchmark, a key of `DATASETS`.
        revision: first 12 hex digits of the SHA-256 of the annotation files.
        split: as the benchmark names it.
        sample_id: unique within the split.
        group_id: questions that are scored together (Video-MME-v2, VNBench).
        circular_of: the question of which this one is a rotation of the options (VNBench).
        video: the film.
        subtitles: its subtitle file; None where the benchmark has none.
        question: what is asked, without the options.
        options: None for a question without options; without the letters before them.
        form: what an answer is: an option, spans of time, timed captions, or free text.
        answer_index: the true option, counted from 0; None without options or where the
            benchmark keeps its answers back.
        also_right: other options with the very same text; choosing one of them is right.
        answer_text: the truth in words.
        answer_spans: the true times where times are the answer.
        evidence_spans: where the film shows the answer, if the benchmark says so.
        evidence_frames: single moments that show it, in seconds.
        answerable: False where the film does not hold the answer, and abstaining is right.
        task_type: the benchmark's own labels, the first one the main one.
        flags: what is odd about the row; see `datasets/rows.py`.
        row: where the raw row is, counted from 1, for messages.
        meta: the raw row, unchanged.
    """

    dataset: str
    revision: str
    split: str
    sample_id: str
    group_id: str | None = None
    circular_of: str | None = None
    video: Video
    subtitles: Subtitles | None = None
    question: str
    options: tuple[str, ...] | None = None
    form: Form = "choice"
    answer_index: int | None = None
    also_right: tuple[int, ...] = ()
    answer_text: str | None = None
    answer_spans: tuple[Interval, ...] | None = None
    evidence_spans: tuple[Interval, ...] | None = None
    evidence_frames: tuple[float, ...] | None = None
    answerable: bool = True
    task_type: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    row: int = 0
    meta: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _hangs_together(self) -> Sample:
        if (self.form == "choice") != (self.options is not None):
            raise ValueError("a question of form 'choice' has options, any other has none")
        if self.options is None:
            if self.answer_index is not None:
                raise ValueError(f"answer_index = {self.answer_index}: there are no options")
            return self
        if len(self.options) < 2:
            raise ValueError(f"options = {list(self.options)}: a choice needs two at least")
        for index in (*(() if self.answer_index is None else (self.answer_index,)),):
            if not 0 <= index < len(self.options):
                raise ValueError(f"answer_index = {index}: outside the {len(self.options)} options")
        return self

    @property
    def option_labels(self) -> tuple[str, ...]:
        """The letters of the options, A, B, C …; empty without options."""
        return labels(self.options or ())

    @property
    def right_indices(self) -> frozenset[int]:
        """Every option that counts as right; empty where the answer is not known."""
        own = () if self.answer_index is None else (self.answer_index, *self.also_right)
        return frozenset(own)

    @property
    def kind(self) -> str:
        """The main label of the question; `all` where the benchmark has none."""
        return self.task_type[0] if self.task_type else "all"

    @property
    def has_truth(self) -> bool:
        """Whether it can be scored here: some benchmarks keep the answers of a split back."""
        if not self.answerable:
            return True
        if self.form == "choice":
            return self.answer_index is not None
        return self.answer_spans is not None if self.form == "spans" else bool(self.answer_text)

    @property
    def truths(self) -> list[Span]:
        """Where the film shows the answer, as spans; instants are left out."""
        found = self.answer_spans or self.evidence_spans or ()
        return [Span(start, end) for start, end in found if end > start]


def labels(options: Sequence[str]) -> tuple[str, ...]:
    """Return the letters of so many options.

    Raises:
        ValueError: more options than letters.
    """
    if len(options) > len(ascii_uppercase):
        raise ValueError(f"{len(options)} options: there are only 26 letters")
    return tuple(ascii_uppercase[: len(options)])
