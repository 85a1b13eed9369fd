"""search_clips and search_words: where in the film something is seen, said, written or captioned."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated, Literal

from pydantic import Field

from ...index.fulltext import WordKind
from ...index.search import Hit as IndexHit
from ...index.search import Modality, search
from ...index.video.span import Span
from ..context import SpanArg, ToolContext, clamp_span
from ..evidence import at_time, clean, fence, found
from ..results import Hit, Hits, Line, Lines, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Evidence
from .lines import lines_of

NO_PICTURES = "no encoder knows this film's pictures: only words were searched"
Query = Annotated[str, Field(min_length=1, max_length=2000)]


class SearchClipsArgs(Args):
    """What to search for in pictures, speech, on-screen text and captions."""

    queries: list[Query] = Field(
        min_length=1, max_length=8, description="self-contained; each adds its best places"
    )
    top_k: int = Field(8, ge=1, le=30)
    modality: Modality = "fused"
    within: SpanArg | None = None
    exclude_seen: bool = Field(True, description="leave out what was already looked at closely")
    min_gap: float = Field(5.0, ge=0, le=600, description="seconds between two hits")


def run_clips(args: SearchClipsArgs, ctx: ToolContext) -> ToolResult:
    """Search the index; pictures are left out where no encoder knows this kind of film.

    Raises:
        ToolFailed: only pictures were to be searched, and there is no encoder that can.
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    if ctx.encoder is None and args.modality in ("fused", "visual"):
        if args.modality == "visual":
            raise ToolFailed(
                "no encoder knows this film's pictures: search words, or look at frames"
            )
        notes.append(NO_PICTURES)
    ranked = [
        search(
            ctx.index,
            ctx.encoder,
            query,
            top_k=args.top_k,
            modality=args.modality,
            within=within,
            exclude=tuple(ctx.seen) if args.exclude_seen else (),
            min_gap=args.min_gap,
        )
        for query in dict.fromkeys(args.queries)
    ]
    hits = tuple(_hit(hit, args.modality) for hit in _in_turn(ranked, args.top_k))
    lines = [
        f"{i}. {hit.span} score {hit.score:.2f} {hit.modality}: {hit.snippet}"
        for i, hit in enumerate(hits, 1)
    ]
    words = tuple(
        found(hit.modality, hit.span, hit.snippet, "search_clips", score=hit.score)
        for hit in hits
        if hit.snippet and (hit.modality == "speech" or hit.modality == "text")
    )
    return ToolResult(
        "search_clips",
        args.model_dump(mode="json"),
        fence("search", lines) if lines else "no hits; try other words or a wider span",
        words,
        payload=Hits(hits),
        notes=tuple(notes),
    )


def _in_turn(ranked: list[list[IndexHit]], top_k: int) -> list[IndexHit]:
    """Take the best of each query in turn; what is mostly one place with a hit before is left out."""
    kept: list[IndexHit] = []
    for hit in (hit for turn in zip_longest(*ranked) for hit in turn if hit is not None):
        if len(kept) < top_k and all(hit.span.iou(other.span) < 0.5 for other in kept):
            kept.append(hit)
    return kept


def _hit(hit: IndexHit, modality: Modality) -> Hit:
    best = min(hit.ranks, key=lambda name: hit.ranks[name]) if hit.ranks else modality
    return Hit(hit.span, float(hit.score), float(hit.second), best, clean(hit.snippet))


class SearchWordsArgs(Args):
    """Words to find in what is said, written on screen, or captioned."""

    queries: list[Query] = Field(
        min_length=1, max_length=8, description="words or sentences; each adds its best lines"
    )
    kinds: list[Literal["speech", "text", "caption"]] | None = Field(
        None,
        min_length=1,
        max_length=3,
        description="speech (subtitles, transcript), text (on screen; naming it reads the film's "
        "screen text first), caption; default: all that is known",
    )
    top_k: int = Field(10, ge=1, le=30)
    within: SpanArg | None = None


def run_words(args: SearchWordsArgs, ctx: ToolContext) -> ToolResult:
    """Search the film's lines of words, of all queries together.

    Raises:
        ToolFailed: the film has no words of these kinds (code `no_text`).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    kinds: list[WordKind] = list(dict.fromkeys(args.kinds or ("speech", "text", "caption")))
    if args.kinds and "text" in args.kinds:
        read_screen_text(ctx, notes)
    if not any(_has(ctx, kind) for kind in kinds):
        raise ToolFailed(_nothing_there(kinds), "no_text")
    best: dict[tuple[Span, str], Line] = {}
    for query in dict.fromkeys(args.queries):
        for kind in kinds:
            for line in lines_of(ctx, query, kind, args.top_k + 1, within):
                key = (line.span, line.text)
                if key not in best or best[key].score < line.score:
                    best[key] = line
    every = sorted(best.values(), key=lambda line: (-line.score, line.span))
    lines = every[: args.top_k]
    said = [f"{at_time(line.span.start)} {line.kind}: {line.text}" for line in lines]
    return ToolResult(
        "search_words",
        args.model_dump(mode="json"),
        fence("words", said) if said else "no words match; try other words",
        tuple(evidence_of(line, "search_words") for line in lines),
        payload=Lines(tuple(lines), len(every) > len(lines)),
        notes=tuple(notes),
    )


def read_screen_text(ctx: ToolContext, notes: list[str]) -> None:
    """Read the film's on-screen text, once a film, unless there is no OCR."""
    if ctx.ocr is None:
        notes.append("no OCR is set: text on screen was not read")
        return
    from ...index.text_pass import ensure_text

    ensure_text(ctx.index, ctx.decoder, ctx.ocr, progress=ctx.progress)


def evidence_of(line: Line, tool: str) -> Evidence:
    """Write a line of words down as evidence; one in doubt counts half."""
    score = line.score if line.certain else line.score / 2
    return found(line.kind, line.span, line.text, tool, score=score)


def _has(ctx: ToolContext, kind: WordKind) -> bool:
    if kind == "speech":
        return bool(ctx.index.cues())
    return bool(ctx.index.texts() if kind == "text" else ctx.index.captions())


def _nothing_there(kinds: list[WordKind]) -> str:
    says = {
        "speech": "no subtitles and no transcript",
        "text": "no text on screen that was read",
        "caption": "no captions",
    }
    listed = " and ".join(says[kind] for kind in kinds)
    remedy = "put a .srt or .vtt file beside it and index it again, or " * ("speech" in kinds)
    return f"this film has {listed}: {remedy}look at the frames"


SEARCH_CLIPS = Tool(
    "search_clips",
    "Find clips of the film by what is seen, said or written in them; costs no frames.",
    SearchClipsArgs,
    run_clips,
)
SEARCH_WORDS = Tool(
    "search_words",
    "Find lines of speech, text on screen or captions by words; costs no frames.",
    SearchWordsArgs,
    run_words,
)
