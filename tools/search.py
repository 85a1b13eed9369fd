"""search_clips and search_speech: where in the film something is seen, said or written."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..index.search import Hit, search
from ..world.tools.footage import known_share
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, clean, fence, found
from .types import Args, Observation, Tool, ToolFailed

Modality = Literal["fused", "visual", "speech", "text", "caption"]


class SearchClipsArgs(Args):
    """What to search for in pictures, speech, on-screen text and captions."""

    query: str = Field(min_length=1, max_length=300, description="self-contained")
    top_k: int = Field(8, ge=1, le=30)
    modality: Modality = "fused"
    within: SpanArg | None = None
    exclude_seen: bool = Field(True, description="leave out what was already looked at closely")
    min_gap: float = Field(5.0, ge=0, le=600, description="seconds between two hits")


def run_clips(args: SearchClipsArgs, ctx: ToolContext) -> Observation:
    """Search the index.

    Data: `hits` [{start, end, score, second, snippet, modality}], best first; `known` (share of
    the film of a kind that the encoder was taught, None: cannot tell).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    hits = search(
        ctx.index,
        ctx.encoder,
        args.query,
        top_k=args.top_k,
        modality=args.modality,
        within=within,
        exclude=tuple(ctx.seen) if args.exclude_seen else (),
        min_gap=args.min_gap,
    )
    rows = [_row(hit, args.modality) for hit in hits]
    lines = [
        f"{i}. {hit.span} score {hit.score:.2f} {row['modality']}: {row['snippet']}"
        for i, (hit, row) in enumerate(zip(hits, rows, strict=True), 1)
    ]
    words = tuple(
        found(row["modality"], hit.span, row["snippet"], "search_clips", score=row["score"])
        for hit, row in zip(hits, rows, strict=True)
        if row["modality"] in ("speech", "text") and row["snippet"]
    )
    return Observation(
        "search_clips",
        args.model_dump(mode="json"),
        fence("search", lines) if lines else "no hits; try other words or a wider span",
        words,
        data={"hits": rows, "known": known_share(ctx.index, ctx.encoder)},
        notes=tuple(notes),
    )


def _row(hit: Hit, modality: Modality) -> dict[str, Any]:
    best = min(hit.ranks, key=lambda name: hit.ranks[name]) if hit.ranks else modality
    return {
        "start": hit.span.start,
        "end": hit.span.end,
        "score": float(hit.score),
        "second": float(hit.second),
        "snippet": clean(hit.snippet),
        "modality": best,
    }


class SearchSpeechArgs(Args):
    """Words to find in what is said."""

    query: str = Field(min_length=1, max_length=300)
    top_k: int = Field(10, ge=1, le=30)
    within: SpanArg | None = None


def run_speech(args: SearchSpeechArgs, ctx: ToolContext) -> Observation:
    """Search subtitles and transcripts.

    Data: `lines` [{start, end, text, score}], best first.

    Raises:
        ToolFailed: the film has neither (code `no_text`).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    if not ctx.index.cues():
        raise ToolFailed(
            "this film has no subtitles and no transcript: put a .srt or .vtt file beside it and "
            "index it again, or look at the frames",
            "no_text",
        )
    hits = ctx.index.search_words(args.query, "speech", args.top_k, within)
    rows = [
        {
            "start": hit.span.start,
            "end": hit.span.end,
            "text": clean(hit.text),
            "score": float(hit.score),
        }
        for hit in hits
    ]
    evidence = tuple(
        found("speech", hit.span, hit.text, "search_speech", score=float(hit.score)) for hit in hits
    )
    lines = [f"{at_time(row['start'])}: {row['text']}" for row in rows]
    text = fence("speech", lines) if lines else "nothing said matches; try other words"
    return Observation(
        "search_speech",
        args.model_dump(mode="json"),
        text,
        evidence,
        data={"lines": rows},
        notes=tuple(notes),
    )


SEARCH_CLIPS = Tool(
    "search_clips",
    "Find clips of the film by what is seen, said or written in them; costs no frames.",
    SearchClipsArgs,
    run_clips,
)
SEARCH_SPEECH = Tool(
    "search_speech", "Find lines of speech by words.", SearchSpeechArgs, run_speech
)
