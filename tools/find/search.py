"""search_clips and search_words: where something is seen, said, written or captioned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from pydantic import Field

from ...index.protocols import Encoder
from ...index.search import Hit as IndexHit
from ...index.search import Modality, known_share, search
from ...index.video.span import Span
from ...index.words.lines import WordKind
from ..context import SpanArg, ToolContext, clamp_span, clamp_within
from ..evidence import at_time, clean, fence, found
from ..results import Hit, Hits, Line, Lines, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Cost
from ..words.hear_speech import hear_speech
from ..words.lines import evidence_of, lines_of, passages_of
from ..words.screen_text import read_screen_text
from .temporal_search import LookedAt, looked_at, temporal_search

MOST_LOOKED = 448
"""Frames that a search by looking shows the VLM at most."""

_KINDS: tuple[WordKind, ...] = ("speech", "text", "caption")
LEAST_WORDS = 0.4
"""Share of a query's information that words must hold to be a place of it."""

FOREIGN = "the encoder was taught other pictures than this film's: only words were searched"
NO_PICTURES = "there is no encoder for this film: only words were searched"


class SearchClipsArgs(Args):
    """What to search for in pictures, speech, on-screen text and captions."""

    queries: list[str] = Field(
        min_length=1, max_length=8, description="each self-contained; each adds its best places"
    )
    top_k: int = Field(8, ge=1, le=30)
    modality: Modality = "fused"
    within: SpanArg | None = None
    exclude_seen: bool = Field(True, description="leave out what was already looked at closely")
    min_gap: float = Field(5.0, ge=0, le=600, description="seconds between two hits")
    look: bool = Field(
        False, description="where no encoder can search, look at small frames; costs frames"
    )
    insist: bool = Field(
        False, description="with look: also where an encoder can search, since it missed something"
    )
    enough: int = Field(1, ge=1, le=16, description="with look: places from which it stops")


def run_clips(args: SearchClipsArgs, ctx: ToolContext) -> ToolResult:
    """Search the index; where no encoder knows this kind of film, words only, or the VLM looks.

    Raises:
        ToolFailed: only pictures were to be searched, and nothing here can.
    """
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    encoder = ctx.search_encoder()
    pictures = args.modality in ("fused", "visual")
    looks = pictures and args.look and (encoder is None or args.insist)
    if encoder is None and pictures and not looks:
        why = NO_PICTURES if ctx.encoder is None else FOREIGN
        if args.modality == "visual":
            why = why.split(":", maxsplit=1)[0]
            raise ToolFailed(f"{why}: search words, or look at frames")
        notes.append(why)
    ranked = [_search(args, ctx, encoder, query, within) for query in args.queries]
    hits, cost = _merged(ranked), Cost()
    if looks:
        seen, cost = _looked(args, ctx, within, hits)
        # what the VLM has seen there comes before what an encoder thinks is alike
        hits = _merged([seen, *ranked]) if encoder is None else _merged([[*seen, *hits]])
    hits = hits[: args.top_k]
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
        payload=looked_at(ctx, _sought(args), within).kept(
            hits, known_share(ctx.index, ctx.encoder)
        ),
        cost=cost,
        notes=tuple(notes),
    )


def recall_search(result: ToolResult, ctx: ToolContext) -> None:
    """Put back what a search by looking had seen, where an earlier process of the run made it."""
    found = result.payload
    if isinstance(found, Hits) and found.looked_at:
        args = SearchClipsArgs.model_validate(result.args)
        within = clamp_within(ctx, args.within, [])
        earlier = looked_at(ctx, _sought(args), within)
        if found.rounds > earlier.calls:
            vars(earlier).update(vars(LookedAt.recall(found)))


def _sought(args: SearchClipsArgs) -> str:
    return "; or: ".join(args.queries)


def _looked(
    args: SearchClipsArgs, ctx: ToolContext, within: Span, likely: Sequence[Hit]
) -> tuple[list[Hit], Cost]:
    """Let the VLM look for it in small frames, first also where the index has likely places."""
    return temporal_search(
        ctx,
        _sought(args),
        within,
        max_frames=ctx.spare_frames(MOST_LOOKED),
        enough=args.enough,
        exclude=_excluded(args, ctx),
        first=[hit.second for hit in likely if hit.modality == "visual"],
    )


def _search(
    args: SearchClipsArgs, ctx: ToolContext, encoder: Encoder | None, query: str, within: Span
) -> list[Hit]:
    """Search for one query: the index where an encoder can, else words that say enough of it."""
    if encoder is None and args.modality == "visual":
        return []
    if encoder is None and args.modality == "fused":
        passages = passages_of(ctx, [query], args.top_k, within)
        return [
            Hit(line.span, line.score, line.span.middle, line.kind, line.text)
            for line in passages
            if line.score >= LEAST_WORDS
        ]
    hits = search(
        ctx.index,
        encoder,
        query,
        top_k=args.top_k,
        modality=args.modality,
        within=within,
        exclude=_excluded(args, ctx),
        min_gap=args.min_gap,
        text_encoder=ctx.text_encoder,
    )
    return [_hit(hit, args.modality) for hit in hits]


def _excluded(args: SearchClipsArgs, ctx: ToolContext) -> tuple[Span, ...]:
    return tuple(ctx.seen) if args.exclude_seen else ()


def _merged(ranked: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Take the best of each ranking in turn, and leave out what lies in a better place's span."""
    hits: list[Hit] = []
    for turn in zip_longest(*ranked):
        for hit in turn:
            if hit is not None and not any(hit.span.iou(other.span) > 0.5 for other in hits):
                hits.append(hit)
    return hits


def _hit(hit: IndexHit, modality: Modality) -> Hit:
    best = min(hit.ranks, key=lambda name: hit.ranks[name]) if hit.ranks else modality
    return Hit(hit.span, float(hit.score), float(hit.second), best, clean(hit.snippet))


class SearchWordsArgs(Args):
    """Words to find in what is said, written on screen, or captioned."""

    queries: list[str] = Field(min_length=1, max_length=8, description="each self-contained")
    kinds: list[Literal["speech", "text", "caption"]] = Field(
        default_factory=list,
        max_length=3,
        description="speech (subtitles; else what is heard: the film is heard first), text (on "
        "screen; the film's screen text is read first), caption; default: all that is there",
    )
    top_k: int = Field(10, ge=1, le=30)
    within: SpanArg | None = None
    first: list[SpanArg] = Field(
        default_factory=list, max_length=16, description="with text: where to read first"
    )
    rest: bool = Field(True, description="with text: then read the rest of the film")
    listen: bool = Field(False, description="hear the film first, where it has no subtitles")


def run_words(args: SearchWordsArgs, ctx: ToolContext) -> ToolResult:
    """Search the film's lines of words.

    Raises:
        ToolFailed: the film has no words of these kinds (code `no_text`).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    kinds: list[WordKind] = list(dict.fromkeys(args.kinds)) or [*_KINDS]
    if args.listen or "speech" in args.kinds:
        notes += hear_speech(ctx, [within] if within else [], whole_film=within is None)
    if "text" in args.kinds:
        first = [clamp_span(ctx, span, notes) for span in args.first]
        notes += read_screen_text(
            ctx, first, whole_film=args.rest or not first, queries=args.queries
        )
    if not any(_has(ctx, kind) for kind in kinds):
        raise ToolFailed(_nothing_there(kinds), "no_text", notes)
    every: dict[tuple[Span, str], Line] = {}
    for query in args.queries:
        for line in lines_of(ctx, query, kinds, args.top_k + 1, within):
            key = (line.span, line.text)
            if key not in every or every[key].score < line.score:
                every[key] = line
    ranked = sorted(every.values(), key=lambda line: (-line.score, line.span))
    lines = ranked[: args.top_k]
    said = [f"{at_time(line.span.start)} {line.kind}: {line.text}" for line in lines]
    return ToolResult(
        "search_words",
        args.model_dump(mode="json"),
        fence("words", said) if said else "no words match; try other words",
        tuple(evidence_of(line, "search_words") for line in lines),
        payload=Lines(tuple(lines), len(ranked) > len(lines)),
        notes=tuple(notes),
    )


def _has(ctx: ToolContext, kind: WordKind) -> bool:
    if kind == "speech":
        return bool(ctx.index.speech_lines())
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
    "Find clips by what is seen, said or written in them; costs no frames unless `look`.",
    SearchClipsArgs,
    run_clips,
)
SEARCH_WORDS = Tool(
    "search_words",
    "Find lines of speech, text on screen or captions by words; costs no frames.",
    SearchWordsArgs,
    run_words,
)
