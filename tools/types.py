"""Types that all tools share: coverage, frame references, evidence, and cost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from ..index.video.frames import Box
from ..index.video.span import Span

EvidenceKind = Literal["frame", "caption", "speech", "text"]


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
        score: the model's or the search's strength, 0 to 1.
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
        frames_decoded, frames_shown: frames taken from the film, and of those shown to a model.
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


def added(*costs: Cost) -> Cost:
    """Return what several pieces of work cost together."""
    return Cost(**{name: sum(getattr(cost, name) for cost in costs) for name in Cost.__slots__})
