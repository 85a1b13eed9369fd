"""What a tool may use: the film, its index, the models, and the question being answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator, model_validator

from ..index.protocols import Encoder, Reader, Transcriber
from ..index.search import fitting_encoder
from ..index.video.frames import Box
from ..index.video.span import Span, format_seconds
from .protocols import VLM, note_room
from .tool import Args, ToolFailed, ToolRetry

if TYPE_CHECKING:
    from ..index.film_index import FilmIndex
    from ..index.video.decode import Decoder

KEPT = 96
"""Frames of a question's budget that a search leaves for the looks after it."""


@dataclass
class ToolContext:
    """Everything a tool call may touch; tools change none of it.

    Attributes:
        index: the film's index.
        decoder: gives frames of the film.
        encoder: the model that made the index's vectors; None where there is none. One with
            `covers(vectors) -> share` says how much of a film is of a kind that it was taught.
        vlm: the video LLM that looks at frames.
        ocr: reads text in frames; None when there is none.
        asr: hears speech; None when there is none.
        hearing_remedy: the command after which there would be one; empty where that is not wanted.
        text_encoder: embeds sentences; None when there is none.
        captioner: the VLM that captions clips; None for the same as `vlm`.
        reader: what answers from words alone; None for the same as `vlm`.
        question: the user's question, verbatim.
        options: its choices, empty for an open question.
        letters: the letter of each choice.
        seen: spans that were looked at closely; `search_clips` leaves them out on request.
        progress: told of slow work; may be None. What it raises ends the call.
        frames_left: how many more frames may be shown to a model; None for no limit.
        seconds_left: how long the question may still take; None for no limit.
        selector: how the first look chooses frames, a name in `SELECTORS`; None: its own way.
        presenter: how it lays them out, a name in `PRESENTERS`; None: a picture each.
        memory: what tools keep for later calls of the same run, by keys of their own.
    """

    index: FilmIndex
    decoder: Decoder
    encoder: Encoder | None
    vlm: VLM
    ocr: Reader | None = None
    asr: Transcriber | None = None
    hearing_remedy: str = ""
    text_encoder: Any | None = None
    captioner: VLM | None = None
    reader: VLM | None = None
    question: str = ""
    options: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    seen: list[Span] = field(default_factory=list)
    progress: Callable[[Any], None] | None = None
    frames_left: int | None = None
    seconds_left: float | None = None
    selector: str | None = None
    presenter: str | None = None
    memory: dict[Any, Any] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length of the film, seconds."""
        return self.index.info.duration

    @property
    def source(self) -> tuple[int, int]:
        """(width, height) of the film as displayed, pixels."""
        return self.index.info.width, self.index.info.height

    def frame_size(self, count: int) -> tuple[int, int]:
        """Return the (width, height) at which the VLM wants so many frames, pixels."""
        return self.vlm.frame_size(self.source, max(1, count))

    def note_room(self, wanted: int, *, frames: bool) -> int:
        """Return how many characters of words a call may show, beside frames or alone."""
        return note_room(self.vlm if frames else self.reader or self.vlm, wanted, frames=frames)

    def frame_cap(self, wanted: int) -> int:
        """Return how many frames a call may show to the VLM.

        Raises:
            ToolFailed: none are left (code `budget`).
        """
        if self.frames_left is not None and self.frames_left < 1:
            raise ToolFailed(
                "no frames are left in the budget: answer from what is known", "budget"
            )
        limits = [wanted, self.vlm.max_frames]
        return min(limits if self.frames_left is None else [*limits, self.frames_left])

    def spare_frames(self, wanted: int) -> int:
        """Return how many of the wanted frames a search may show, `KEPT` being left for looks."""
        return wanted if self.frames_left is None else min(wanted, max(0, self.frames_left - KEPT))

    def search_encoder(self) -> Encoder | None:
        """Return the encoder to search this film with; None where it was taught other pictures."""
        return fitting_encoder(self.index, self.encoder)


class SpanArg(Args):
    """A span as an argument: seconds, clamped into the film later. A [start, end] pair works."""

    start: float
    end: float

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if isinstance(value, Span):
            return {"start": value.start, "end": value.end}
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return {"start": value[0], "end": value[1]}
        return value


class BoxArg(Args):
    """A region of the frame as an argument, each side a share of the frame."""

    x0: float = Field(ge=0, le=1)
    y0: float = Field(ge=0, le=1)
    x1: float = Field(ge=0, le=1)
    y1: float = Field(ge=0, le=1)

    @field_validator("x1")
    @classmethod
    def _has_width(cls, value: float, info: Any) -> float:
        if value <= info.data.get("x0", 0.0):
            raise ValueError(f"x1 = {value!r} must be greater than x0")
        return value

    @field_validator("y1")
    @classmethod
    def _has_height(cls, value: float, info: Any) -> float:
        if value <= info.data.get("y0", 0.0):
            raise ValueError(f"y1 = {value!r} must be greater than y0")
        return value

    @property
    def box(self) -> Box:
        """The region as the library's own box."""
        return Box(self.x0, self.y0, self.x1, self.y1)


def clamp_span(ctx: ToolContext, wanted: SpanArg, notes: list[str]) -> Span:
    """Fit a span into the film and note what was cut off.

    Raises:
        ToolRetry: the span is empty, reversed or wholly outside the film (code `bad_span`).
    """
    lasts = f"the film lasts {format_seconds(ctx.duration)} ({ctx.duration:.1f} s)"
    given = f"{wanted.start:.1f} to {wanted.end:.1f} s"
    start, end = max(0.0, wanted.start), min(ctx.duration, wanted.end)
    if wanted.start >= wanted.end:
        raise ToolRetry(f"span = {given}: the end must come after the start; {lasts}", "bad_span")
    if start >= end:
        raise ToolRetry(f"span = {given} is outside the film; {lasts}", "bad_span")
    if start != wanted.start or end != wanted.end:
        notes.append(f"{given} was cut to {start:.1f} to {end:.1f} s: {lasts}")
    return Span(start, end)


def clamp_second(ctx: ToolContext, wanted: float, notes: list[str]) -> float:
    """Fit an instant into the film and note a change."""
    second = min(max(0.0, wanted), max(0.0, ctx.duration - 0.001))
    if second != wanted:
        notes.append(
            f"at = {wanted:.1f} s is outside the film and was moved to {second:.1f} s: "
            f"it lasts {format_seconds(ctx.duration)}"
        )
    return second


def clamp_within(ctx: ToolContext, wanted: SpanArg | None, notes: list[str]) -> Span:
    """Fit an optional span into the film; None is the whole film."""
    return Span(0.0, ctx.duration) if wanted is None else clamp_span(ctx, wanted, notes)
