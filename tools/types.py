"""What every tool shares: evidence, coverage, observations, and the seams it looks through.

Tools see the outside through small protocols: the `Eye` here (the video LLM), the `Encoder` and the
`Reader` of `index/seams.py`. Whoever builds the toolbox hands them in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from ..index.video.frames import Box, Frames
from ..index.video.span import Span

EvidenceKind = Literal["frame", "caption", "speech", "text"]
ErrorCode = Literal["bad_argument", "bad_span", "nothing", "no_text", "backend", "budget"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a visual tool really saw.

    Attributes:
        requested: the spans asked for, after clamping.
        frames: how many frames were looked at.
        achieved_fps: frames per second of requested film.
        max_gap: longest stretch of the requested spans without a frame, seconds.
        truncated: True when a frame cap lowered the rate or part of the film does not decode.
    """

    requested: tuple[Span, ...]
    frames: int
    achieved_fps: float
    max_gap: float
    truncated: bool


@dataclass(frozen=True, slots=True)
class FrameRef:
    """One frame named by its time and the sha256 of its pixels, with the crop looked at."""

    seconds: float
    sha256: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something seen, heard or read at a time of the film.

    Attributes:
        id: `e` + 8 hex, the same for the same finding (see `evidence_id`).
        span: when.
        kind: frame, caption, speech or text (on screen).
        text: what it says, one line.
        frames: the frames that show it.
        tool: which tool found it.
        supports: the option letter or answer text that it speaks for; None when neutral.
        verified: True once `verify` confirmed it on its own frames.
        score: the eye's or the searcher's strength, 0 to 1.
    """

    id: str
    span: Span
    kind: EvidenceKind
    text: str
    frames: tuple[FrameRef, ...] = ()
    tool: str = ""
    supports: str | None = None
    verified: bool = False
    score: float = 0.0


def evidence_id(kind: str, span: Span, text: str) -> str:
    """Name a finding by its content, so that finding it twice gives one id."""
    key = f"{kind}|{span.start:.2f}|{span.end:.2f}|{text}"
    return "e" + hashlib.sha256(key.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call used up; the loop adds it to its budget.

    Attributes:
        frames_decoded, frames_shown: frames taken from the film, and of those put to the eye.
        model_calls: how often a model was asked.
        tokens_in, tokens_out: tokens a language model read and wrote.
        cached: tokens of `tokens_in` that came from a server's prefix cache, as far as it says.
    """

    frames_decoded: int = 0
    frames_shown: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """What a tool found: text for the planner, evidence for the answer, data for recipes.

    Attributes:
        tool: the tool's name.
        args: its arguments as plain JSON.
        text: a short report; text that came out of the film is fenced as data.
        evidence: findings, best first.
        coverage: what was really seen; None for tools that look at no frames.
        data: plain JSON for the workflow planner; each tool documents its keys.
        cost: what was used up.
        error: an error code when the call failed; the text then says what to do.
        notes: clamps and caveats to pass on to the user.
    """

    tool: str
    args: dict[str, Any]
    text: str
    evidence: tuple[Evidence, ...] = ()
    coverage: Coverage | None = None
    data: dict[str, Any] = field(default_factory=dict)
    cost: Cost = Cost()
    error: ErrorCode | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types only (lists, dicts, numbers, strings, None)."""
        return asdict(self)


class ToolRetry(Exception):
    """The caller should try again with other arguments; the message says which."""

    def __init__(self, message: str, code: ErrorCode = "bad_argument") -> None:
        super().__init__(message)
        self.code: ErrorCode = code


class ToolFailed(Exception):
    """The tool cannot do this here; trying again will not help."""

    def __init__(self, message: str, code: ErrorCode = "nothing") -> None:
        super().__init__(message)
        self.code: ErrorCode = code


class Reply(Protocol):
    """What an eye says."""

    @property
    def text(self) -> str:
        """The answer in words (the option's text when options were given)."""
        ...

    @property
    def options(self) -> tuple[float, ...] | None:
        """Probability of each option, by position, summing to 1; None without options."""
        ...

    @property
    def method(self) -> str:
        """How the probabilities came about: `similarity`, `logprob`, `schema` or `samples`."""
        ...

    @property
    def frame_scores(self) -> tuple[float, ...]:
        """How strongly each frame supports the answer, [N], 0 to 1; may be empty."""
        ...

    @property
    def tokens_in(self) -> int:
        """Language-model tokens read; 0 for an encoder."""
        ...

    @property
    def tokens_out(self) -> int:
        """Language-model tokens written; 0 for an encoder."""
        ...


class Eye(Protocol):
    """The video LLM, or what stands in for it. Frames come in time order."""

    @property
    def id(self) -> str:
        """Name and version, as written into answers and run records."""
        ...

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) that frames for `answer` and `judge` are best decoded at."""
        ...

    @property
    def max_frames(self) -> int:
        """The most frames one call takes."""
        ...

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer a question about the frames.

        Args:
            frames: what is shown.
            question: self-contained.
            options: the choices; empty for an open question.
            notes: text evidence, fenced as data.
            letters: one an option, where they are not A, B, …: a question that is asked again with
                fewer options keeps their letters.
        """
        ...

    def judge(self, clips: Sequence[Frames], statement: str) -> list[float]:
        """Return for each clip the probability that the statement is true of it."""
        ...

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in words, shortly or densely, with an eye on `focus`."""
        ...

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the named thing is, None where it is not visible."""
        ...

    def knows(self, frames: Frames) -> float | None:
        """Return the share of frames of a kind this eye was trained on; None: cannot tell."""
        ...


class Args(BaseModel):
    """Base of every tool's arguments: unknown fields are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing the agent may do.

    Attributes:
        name: as the planner calls it.
        description: one sentence for the planner.
        args: its argument model.
        run: does it. Raises ToolRetry or ToolFailed; anything else is a bug.
    """

    name: str
    description: str
    args: type[Args]
    run: Callable[[Any, Any], Observation]


def supports_of(options: Sequence[float] | None, letters: Sequence[str]) -> Mapping[str, float]:
    """Pair option probabilities with their letters; empty without options."""
    return dict(zip(letters, options, strict=True)) if options is not None else {}
