"""The tool calls that recipes make, with their arguments in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...agent.planners.actions import span_arg
from ...agent.planners.base import Action
from ...index.video.span import Span

_CLOSE_BY = re.compile(
    r"\b(?:tiny|small|little|beside|next to|near|close to|by the)\b", re.IGNORECASE
)

CROP_SIDE = 1152
"""Pixels of a crop's long side: as many as the film has there, so that tiny things keep theirs."""

FAINT = 0.2
"""Score from which a sighting is worth a second thought, though not believed by itself."""


def enumerate_all(phrase: str, within: Span | None = None) -> Action:
    """List every time something is seen, even faintly, in the film or in a part of it."""
    args: dict[str, object] = {"predicate": phrase, "min_score": FAINT}
    if within is not None:
        args["within"] = span_arg(within)
    return Action("enumerate", args, f"every time that shows {phrase}")


def search(
    query: str, modality: str = "fused", top_k: int = 8, within: Span | None = None
) -> Action:
    """Search clips by what is seen, said or written."""
    args: dict[str, object] = {
        "queries": [query[:300]],
        "modality": modality,
        "top_k": top_k,
        "exclude_seen": False,
    }
    if within is not None:
        args["within"] = span_arg(within)
    return Action("search_clips", args, f"clips for {query!r}")


def search_speech(query: str) -> Action:
    """Search what is said."""
    args = {"queries": [query[:300]], "kinds": ["speech"], "top_k": 10}
    return Action("search_words", args, f"who speaks of {query!r}")


def search_written(query: str, top_k: int = 8) -> Action:
    """Search what is written on screen; the film's screen text is read first."""
    args = {"queries": [query[:300]], "kinds": ["text"], "top_k": top_k}
    return Action("search_words", args, f"where {query!r} is written")


def read_transcript(span: Span) -> Action:
    """Read all that is said in a span."""
    return Action("read_transcript", {"span": span_arg(span)}, "what is said there")


def zoom_time(spans: Sequence[Span], *, ask: str | None = None) -> Action:
    """Look at spans closely in time; `ask` puts a part of the question in its place."""
    args: dict[str, object] = {
        "spans": [span_arg(span) for span in spans[:3]],
        "max_frames": 24,
    }
    if ask:
        args["ask"] = ask
    return Action("zoom_time", args, "a closer look")


def zoom_space(question: str, second: float, region: str) -> Action:
    """Look closely at a part of the frame, cut from the film at full resolution.

    What is tiny or beside the named thing is looked for around it.
    """
    args = {
        "at": round(second, 3),
        "region": region,
        "margin": 1.0 if _CLOSE_BY.search(question) else 0.1,
        "out_side": CROP_SIDE,
    }
    return Action("zoom_space", args, f"a crop around {region}")


def read_text(span: Span, near: str | None = None) -> Action:
    """Read what is written in the picture."""
    args: dict[str, object] = {"span": span_arg(span), "max_frames": 4}
    if near:
        args["near"] = near
    return Action("read_text", args, "what is written there")


def verify(claim: str, span: Span) -> Action:
    """Put a statement about a span to the VLM."""
    args = {"claim": claim, "spans": [span_arg(span)], "kind": "frame"}
    return Action("verify", args, f"is it so: {claim}")


def caption(span: Span) -> Action:
    """Describe a span in a line."""
    return Action("caption_clip", {"span": span_arg(span)}, "what it shows, in words")


def overview(frames: int, within: Span | None = None) -> Action:
    """Glance over the whole film, or a part of it."""
    args: dict[str, object] = {"n_frames": frames}
    if within is not None:
        args["within"] = span_arg(within)
    return Action("overview", args, "the film as a whole")


def footage() -> Action:
    """Tell whether this is a film of the drawn world; costs no frames."""
    return Action("footage", {}, "what kind of film this is")


def option_shares(half: str | None = None) -> Action:
    """Compare how much of the film, or of a half of it, shows each choice; costs no frames."""
    args = {"half": half} if half else {}
    return Action("option_shares", args, "how much of the film shows each choice")
