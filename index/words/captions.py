"""Captions as they are kept: under which key, and which of several describe a stretch best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...prompts import digest
from ..storage.annotations import Ledger, minute_of
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


def read_captions(ledger: Ledger) -> list[Caption]:
    """Return the captions written so far, in time order."""
    rows = [
        Caption(Span(row["start"], row["end"]), row["key"], row["text"])
        for document in ledger.read()[0].values()
        for row in document["rows"]
    ]
    return sorted(rows, key=lambda caption: caption.span)


def read_caption(ledger: Ledger, span: Span, key: str) -> str | None:
    """Return the caption of exactly this span and key, None when there is none yet."""
    document = ledger.read_one(minute_of(span.start)) or {"rows": []}
    wanted = span.start, span.end, key
    return next((row["text"] for row in document["rows"] if _place(row) == wanted), None)


def keep_captions(ledger: Ledger, captions: Sequence[Caption]) -> None:
    """Keep captions, each in place of one of the same span and key.

    Raises:
        IndexProblem: the disk is full or read-only.
    """
    by_minute: dict[int, list[Caption]] = {}
    for caption in captions:
        by_minute.setdefault(minute_of(caption.span.start), []).append(caption)
    for minute, new in sorted(by_minute.items()):
        document = ledger.read_one(minute) or {"rows": []}
        rows = {_place(row): row for row in [*document["rows"], *map(_row, new)]}
        ledger.put(minute, {"rows": list(rows.values())})


def _place(row: dict[str, Any]) -> tuple[float, float, str]:
    return row["start"], row["end"], row["key"]


def _row(caption: Caption) -> dict[str, Any]:
    span = caption.span
    return {"start": span.start, "end": span.end, "key": caption.key, "text": caption.text}


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
