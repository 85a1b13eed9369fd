"""Captions as they are kept: under which key, and which of several describe a stretch best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ...prompts import digest
from ..video.span import Span

Detail = Literal["short", "dense"]
_PROMPTS = {"short": "vlm_caption", "dense": "vlm_caption_dense"}
_SEEN = 0.5  # share of a caption's time that others describe, from which it says nothing new


@dataclass(frozen=True, slots=True)
class Caption:
    """A description of a span, kept under the key that made it (see `caption_key`)."""

    span: Span
    key: str
    text: str


def caption_key(model: str, detail: Detail, focus: str | None = None) -> str:
    """Return what a caption is kept under: the model, the prompt by its digest, and the focus."""
    prompt = "vlm_caption_focus" if focus and detail == "short" else _PROMPTS[detail]
    return f"{model}|{detail}|{focus or ''}|{digest(prompt)}"


def telling_captions(captions: Iterable[Caption]) -> list[Caption]:
    """Return the captions that describe the film once, without a focus, in time order.

    Dense ones come before short ones and short spans before long ones; a caption whose time is
    described already is left out.
    """

    def rank(caption: Caption) -> tuple[bool, bool, float]:
        parts = [*caption.key.split("|"), "", ""]
        return bool(parts[2]), parts[1] != "dense", caption.span.duration

    chosen: list[Caption] = []
    for caption in sorted(captions, key=lambda c: (*rank(c), c.span)):
        shared = sum(caption.span.overlap(other.span) for other in chosen)
        if shared < _SEEN * caption.span.duration:
            chosen.append(caption)
    return sorted(chosen, key=lambda caption: caption.span)
