"""The tool calls that scripts make, with their arguments in one place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ...index.video.span import Span
from ...tools.types import Evidence
from ..understanding.intent import Cue, each_once
from .base import Action

CONTEXT = 16
"""Frames of the whole film that a closer look is judged together with."""


def span_arg(span: Span) -> dict[str, float]:
    """Return a span as tools take it, to the millisecond."""
    return {"start": round(span.start, 3), "end": round(span.end, 3)}


def overview(
    cues: Sequence[Cue],
    within: Span | None,
    frames: int = 64,
    *,
    scope: str = "",
    needs: Collection[str] = (),
    listen: bool = False,
) -> Action:
    """Look over the film, by the run's selector; words beside the frames.

    Args:
        cues: what to look for.
        within: the part of the film that counts.
        frames: how many.
        scope: how much of the film holds the answer; empty: not known.
        needs: what the answer takes beyond a look.
        listen: a film without subtitles is heard before.
    """
    cues = each_once(cues)[:12]
    args: dict[str, Any] = {"n_frames": frames, "cues": [cue.text for cue in cues], "notes": True}
    args["roles"] = [cue.role for cue in cues]
    args["modalities"] = [cue.modality or "" for cue in cues]
    if scope:
        args["scope"] = scope
    if needs:
        args["needs"] = sorted(needs)
    if listen:
        args["listen"] = True
    return Action("overview", _within(args, within), "the film as a whole")


def search(
    queries: Sequence[str],
    within: Span | None,
    *,
    modality: str = "fused",
    top_k: int = 8,
    look: bool = True,
    enough: int = 1,
    fresh: bool = False,
    insist: bool = False,
) -> Action:
    """Search clips by what is seen, said or written; each query adds its best places.

    Where no encoder can search the film, the VLM looks for it in small frames, until it has found
    `enough` places; with `insist` also where one can. With `fresh`, places that were looked at
    closely do not count.
    """
    args: dict[str, Any] = {
        "queries": [query[:300] for query in queries[:8]],
        "modality": modality,
        "top_k": min(30, top_k),
        "exclude_seen": fresh,
        "look": look,
        "insist": insist,
        "enough": enough,
    }
    return Action("search_clips", _within(args, within), f"where {queries[0][:80]!r} is")


def words(
    queries: Sequence[str],
    within: Span | None,
    kinds: Sequence[str] = (),
    *,
    first: Sequence[Span] = (),
    rest: bool = True,
    listen: bool = False,
) -> Action:
    """Search what is said and written; naming `text` reads screen text before.

    Args:
        queries: what to search for.
        within: the part of the film that counts.
        kinds: speech, text, caption; empty for all that is there.
        first: where screen text is read first.
        rest: whether the rest of the film is read then.
        listen: hear a film without subtitles before.
    """
    args: dict[str, Any] = {"queries": [query[:2000] for query in queries[:8]], "top_k": 12}
    if kinds:
        args["kinds"] = list(kinds)
    if first:
        args |= {"first": [span_arg(span) for span in first[:16]], "rest": rest}
    if listen:
        args["listen"] = True
    return Action("search_words", _within(args, within), "what is said and written about it")


def answer_words(
    cues: Sequence[str], within: Span | None, kind: str | None, *, screen_text: bool
) -> Action:
    """Answer from what is said and written alone; a film without subtitles is heard before."""
    args: dict[str, Any] = {"cues": list(cues)[:12], "screen_text": screen_text}
    if kind != "text":
        args["listen"] = True
    if kind is not None:
        args["kind"] = kind
    return Action("answer_words", _within(args, within), "what the film's words say of it")


def answer_text(
    cues: Sequence[str],
    spans: Sequence[Span],
    *,
    best: int = 0,
    listen: bool = False,
    screen_text: bool = False,
) -> Action:
    """Let a model answer from words: the best passages, those of the spans, or all the film's."""
    args: dict[str, Any] = {"cues": list(cues)[:12], "listen": listen, "screen_text": screen_text}
    if best:
        args["best"] = best
    if spans:
        args["spans"] = [span_arg(span) for span in spans[:16]]
    return Action("answer_text", args, "what the film's words say of it")


def verify(statement: str, evidence: Sequence[Evidence]) -> Action:
    """Judge a claim anew on the pieces of evidence that it rests on, three at most, together."""
    args: dict[str, Any] = {
        "claim": statement,
        "spans": [span_arg(item.span) for item in evidence[:3]],
        "kind": evidence[0].kind,
    }
    return Action("verify", args, "whether the evidence says so")


def look(
    spans: Sequence[Span],
    *,
    frames: int = 32,
    fps: float = 2.0,
    context: int = CONTEXT,
    notes: bool = True,
    only: Sequence[str] = (),
    cues: Sequence[str] = (),
    turn: int = 0,
    why: str = "a closer look",
) -> Action:
    """Look at spans closely, with the question and all its options, beside the film as a whole."""
    args: dict[str, Any] = {
        "spans": [span_arg(span) for span in spans[:16]],
        "fps": fps,
        "max_frames": frames,
        "context": context,
        "notes": notes,
    }
    if only:
        args["only"] = list(only)
    if cues:
        args["cues"] = list(cues)[:12]
    if turn:
        args["turns"] = [turn]
    return Action("zoom_time", args, why)


def crop(second: float, region: str) -> Action:
    """Look closely at a part of the frame, cut from the film's own pixels."""
    args = {"at": round(second, 3), "region": region[:200], "out_side": 1152}
    return Action("zoom_space", args, f"a crop around {region[:80]!r}")


def enumerate_all(what: str, within: Span | None) -> Action:
    """List every time something is seen."""
    args: dict[str, Any] = {"predicate": what[:400]}
    return Action("enumerate", _within(args, within), f"every time of {what[:80]!r}")


def caption(span: Span) -> Action:
    """Describe a span."""
    args = {"span": span_arg(span), "detail": "dense"}
    return Action("caption_clip", args, "what it shows, in words")


def _within(args: dict[str, Any], within: Span | None) -> dict[str, Any]:
    return args if within is None else {**args, "within": span_arg(within)}
