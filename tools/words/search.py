"""search_clips and search_words: where in the film something is seen, said, written or captioned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...index.fulltext import WordKind
from ...index.search import Hit as IndexHit
from ...index.search import Modality, search
from ..context import SpanArg, ToolContext, clamp_span
from ..evidence import at_time, clean, fence, found
from ..results import Hit, Hits, Line, Lines, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Evidence
from .lines import lines_of

FOREIGN = "the encoder was taught other pictures than this film's: only words were searched"
NO_PICTURES = "there is no encoder for this film: only words were searched"


class SearchClipsArgs(Args):
    """What to search for in pictures, speech, on-screen text and captions."""

    query: str = Field(min_length=1, max_length=300, description="self-contained")
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
    encoder = ctx.search_encoder()
    if encoder is None and args.modality in ("fused", "visual"):
        why = NO_PICTURES if ctx.encoder is None else FOREIGN
        if args.modality == "visual":
            why = why.split(":", maxsplit=1)[0]
            raise ToolFailed(f"{why}: search words, or look at frames")
        notes.append(why)
    found_hits = search(
        ctx.index,
        encoder,
        args.query,
        top_k=args.top_k,
        modality=args.modality,
        within=within,
        exclude=tuple(ctx.seen) if args.exclude_seen else (),
        min_gap=args.min_gap,
    )
    hits = tuple(_hit(hit, args.modality) for hit in found_hits)
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
        payload=Hits(hits, ctx.encoder_covers()),
        notes=tuple(notes),
    )


def _hit(hit: IndexHit, modality: Modality) -> Hit:
    best = min(hit.ranks, key=lambda name: hit.ranks[name]) if hit.ranks else modality
    return Hit(hit.span, float(hit.score), float(hit.second), best, clean(hit.snippet))


class SearchWordsArgs(Args):
    """Words to find in what is said, written on screen, or captioned."""

    query: str = Field(min_length=1, max_length=300)
    kinds: list[Literal["speech", "text", "caption"]] = Field(
        default_factory=lambda: ["speech", "text", "caption"],
        min_length=1,
        max_length=3,
        description="speech (subtitles, transcript), text (on screen), caption",
    )
    top_k: int = Field(10, ge=1, le=30)
    within: SpanArg | None = None


def run_words(args: SearchWordsArgs, ctx: ToolContext) -> ToolResult:
    """Search the film's lines of words.

    Raises:
        ToolFailed: the film has no words of these kinds (code `no_text`).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    kinds = list(dict.fromkeys(args.kinds))
    missing = [kind for kind in kinds if not _has(ctx, kind)]
    if len(missing) == len(kinds):
        raise ToolFailed(_nothing_there(kinds), "no_text")
    ranked = [lines_of(ctx, args.query, kind, args.top_k + 1, within) for kind in kinds]
    every = sorted((line for rows in ranked for line in rows), key=lambda line: -line.score)
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
