"""The tool calls that recipes make, with their arguments in one place."""

from __future__ import annotations

from collections.abc import Sequence

from ...agent.planners.base import Action
from ...index.video.span import Span


def span_arg(span: Span) -> dict[str, float]:
    """Return a span as tools take it, to the millisecond."""
    return {"start": round(span.start, 3), "end": round(span.end, 3)}


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
        "query": query[:300], "modality": modality, "top_k": top_k, "exclude_seen": False,
    }  # fmt: skip
    if within is not None:
        args["within"] = span_arg(within)
    return Action("search_clips", args, f"clips for {query!r}")


def search_speech(query: str, top_k: int = 10) -> Action:
    """Search what is said."""
    return Action(
        "search_speech", {"query": query[:300], "top_k": top_k}, f"who speaks of {query!r}"
    )


def read_speech(span: Span) -> Action:
    """Read all that is said in a span."""
    return Action("read_speech", {"span": span_arg(span)}, "what is said there")


def zoom_time(
    question: str,
    spans: Sequence[Span],
    *,
    options: bool = True,
    max_frames: int = 24,
    turn: int = 0,
) -> Action:
    """Look at spans closely in time; the choices may be offered turned by some places."""
    args: dict[str, object] = {
        "question": question,
        "spans": [span_arg(span) for span in spans[:3]],
        "max_frames": max_frames,
        "with_options": options,
    }
    if turn:
        args["turns"] = [turn]
    return Action("zoom_time", args, "a closer look")


def zoom_space(question: str, second: float, region: str, *, options: bool = True) -> Action:
    """Look closely at a part of the frame, cut from the film at full resolution."""
    args = {
        "question": question, "at": round(second, 3), "region": region, "with_options": options,
        "out_side": CROP_SIDE,
    }  # fmt: skip
    return Action("zoom_space", args, f"a crop around {region}")


def read_text(span: Span, near: str | None = None, max_frames: int = 4) -> Action:
    """Read what is written in the picture."""
    args: dict[str, object] = {"span": span_arg(span), "max_frames": max_frames}
    if near:
        args["near"] = near
    return Action("read_text", args, "what is written there")


def verify(claim: str, span: Span) -> Action:
    """Put a statement about a span to the eye."""
    return Action("verify", {"claim": claim, "spans": [span_arg(span)], "kind": "frame"},
                  f"is it so: {claim}")  # fmt: skip


def caption(span: Span) -> Action:
    """Describe a span in a line."""
    return Action("caption_clip", {"span": span_arg(span)}, "what it shows, in words")


def rivals(question: str, spans: Sequence[Span], letters: Sequence[str]) -> Action:
    """Ask about spans together, with two of the choices only, in both orders."""
    args = {
        "question": question, "spans": [span_arg(span) for span in spans[:6]], "frames_each": 4,
        "only": list(letters), "turns": [0, 1],
    }  # fmt: skip
    return Action("compare", args, f"{' or '.join(letters)}, on all the evidence")


def overview(frames: int, *, options: bool = True, within: Span | None = None) -> Action:
    """Glance over the whole film, or a part of it."""
    args: dict[str, object] = {"n_frames": frames, "with_options": options}
    if within is not None:
        args["within"] = span_arg(within)
    return Action("overview", args, "the film as a whole")
