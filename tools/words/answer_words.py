"""answer_words: answer from what is said and written alone; no model looks at anything.

Extractive: an open question gets the line that answers, verbatim, with its time; a choice gets the
option that the passages support.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from ...index.text.language import informativeness, names_something
from ...index.text.medium import medium_stems
from ...index.text.names import named_words
from ...index.text.spelled_times import COUNTED, SPELT
from ...index.text.spelling import stem_of, words_of
from ...index.text.topic import topic_of
from ...index.video.span import Span, parse_seconds
from ...index.words.answering.extract import Extract, extract
from ...index.words.answering.option_support import supports
from ...index.words.lines import KINDS, WordKind
from ...index.words.passages import Passage
from ...index.words.units import Unit, units_of
from ..context import SpanArg, ToolContext, clamp_span
from ..evidence import fence, options_line
from ..results import Answered, Line, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Evidence
from .hear_speech import hear_speech
from .lines import evidence_of, of_index
from .screen_text import read_screen_text

FOUND = 0.6
"""Share of a question's information that an answer must hold to be one."""

TELLING = 0.03
"""From which a word that is common in questions still says something (`rows`, not `which`)."""

LEAST = 0.2
"""The same where one of several times has to be chosen."""

SHARPNESS = 6.0
"""How strongly the support of an option outweighs that of another."""

PASSAGES = 8
MOMENT = 5.0
"""Seconds up to which a stretch means one moment: the words nearest to its middle."""

WHOLE = 0.7
"""How sure words are by their time alone: nothing says which of them was asked for."""

NAMED = 0.7
"""How sure writing is that holds all that the question names: a sign has few words to match."""

LONGEST = 1200
"""Characters of a transcript that is given as the answer."""

_CLOCK = re.compile(r"(?:\d+:)?\d{1,3}:\d{2}(?:\.\d+)?")
TIMES = re.compile(rf"{_CLOCK.pattern}|\b(?:{COUNTED}|{SPELT})", re.I)
"""Times as a question names them: where to look, not what for."""


class AnswerWordsArgs(Args):
    """Where to look for the answer, and what else to look for."""

    cues: list[str] = Field(
        default_factory=list, max_length=12, description="what to look for beside the question"
    )
    within: SpanArg | None = Field(None, description="only what is said and written here")
    kind: str | None = Field(None, description="speech or text where the question says which")
    screen_text: bool = Field(False, description="read the film's screen text before")
    listen: bool = Field(False, description="hear the film before, where it has no subtitles")


def run(args: AnswerWordsArgs, ctx: ToolContext) -> ToolResult:
    """Answer the user's question from the words of the film.

    Raises:
        ToolFailed: nothing is said and nothing was read (code `no_text`).
    """
    notes: list[str] = []
    within = clamp_span(ctx, args.within, notes) if args.within else None
    if args.listen:
        notes += hear_speech(ctx, [within] if within else [], whole_film=within is None)
    if args.screen_text:
        first = [within] if within else []
        asked = [ctx.question, *args.cues]
        notes += read_screen_text(ctx, first, whole_film=not first, queries=asked)
    query = ctx.question if within is None else TIMES.sub(" ", ctx.question)
    topic = topic_of(query)
    cues = [*args.cues, *([topic] if topic else ())]
    queries = [query, *cues]
    found = ctx.index.passages(queries, _kinds(args), PASSAGES, within, ctx.text_encoder)
    names = _names(query)
    best = _best_extract(ctx, queries, found, names if args.kind == "text" else frozenset())
    if best is not None and not (cues or names_something(query) or _shares_words(best)):
        best = None
    if ctx.options:
        return _choose(args, ctx, within, best, cues, notes)
    if within is not None and (best is None or best.score < FOUND) and not names:
        return _all_within(args, ctx, within, notes)
    if best is None:
        raise ToolFailed("nothing that is said or written matches", "no_text", notes)
    line = _line_of(best)
    enough = best.score >= FOUND
    answered = Answered(
        f"{best.text} ({best.span})" if enough else "",
        method="words",
        cited=(best.span.middle,),
        enough=enough,
        stated=best.score if best.certain else best.score / 2,
        best_second=best.span.middle,
    )
    text = fence(line.kind, [f"{best.span}: {best.text}"])
    evidence = (evidence_of(line, "answer_words", answered.answer or None),)
    return _result(args, text, answered, evidence, notes)


def _names(query: str) -> frozenset[str]:
    """Return the words that a question names, without those that speak of the medium (`OCR`)."""
    return frozenset(w for w in named_words(query) if stem_of(w, "en") not in medium_stems())


def _best_extract(
    ctx: ToolContext, queries: Sequence[str], found: Sequence[Passage], names: frozenset[str]
) -> Extract | None:
    """Return the best line that answers the question, or that holds a cue or all names whole."""
    extracts = [e for query in queries if (e := extract(query, found, ctx.text_encoder))]
    if names:
        named = [p for p in found if p.kind == "text" and names <= {*words_of(p.text)}]
        whole = [e for query in queries if (e := extract(query, named, ctx.text_encoder))]
        extracts += [replace(e, score=max(e.score, NAMED)) for e in whole]
    return max(extracts, key=lambda e: (e.score, e.certain), default=None)


def _shares_words(found: Extract) -> bool:
    """Say whether a passage holds several words of a question that names nothing by one of them."""
    told = informativeness(found.passage.matched)
    return sum(tells >= TELLING for tells in told) >= 2


def _kinds(args: AnswerWordsArgs) -> list[WordKind] | None:
    """Return the kinds of words that count; None for all."""
    return [kind for kind in KINDS if kind == args.kind] or None


def _choose(
    args: AnswerWordsArgs,
    ctx: ToolContext,
    within: Span | None,
    best: Extract | None,
    cues: Sequence[str],
    notes: list[str],
) -> ToolResult:
    """Choose the option that passages support; options that are times, by where the words are."""
    queries = [ctx.question, *cues, *ctx.options]
    passages = ctx.index.passages(queries, _kinds(args), 2 * PASSAGES, within, ctx.text_encoder)
    support = supports(ctx.question, ctx.options, passages, ctx.text_encoder)
    scores: Sequence[float] = support.scores
    by = support.passages
    times = _times_in(ctx.options)
    if times and best is not None and best.score >= LEAST:
        # a time in whole seconds stands for all of its second
        spans = [Span(second, second + 1.0) for second in times]
        scores = [math.exp(-best.span.distance(span) / 10.0) for span in spans]
        by = (best.passage,) * len(times)
    shares = _shares(scores)
    place = max(range(len(shares)), key=shares.__getitem__)
    supported = scores[place] > 0 and (max(shares) > 1.2 / len(shares))
    passage = by[place] if supported else None
    evidence: tuple[Evidence, ...] = ()
    if passage is not None:
        evidence = (evidence_of(_passage_line(passage), "answer_words", ctx.letters[place]),)
    answered = Answered(
        ctx.options[place],
        dict(zip(ctx.letters, shares, strict=True)),
        "words",
        (passage.span.middle,) if passage is not None else (),
        supported,
        best_second=passage.span.middle if passage is not None else None,
        relevant=supported,
    )
    text = options_line(answered.options)
    if passage is not None:
        text += "\n" + fence(passage.kind, [f"{passage.span}: {passage.text}"])
    return _result(args, text, answered, evidence, notes)


def _all_within(
    args: AnswerWordsArgs, ctx: ToolContext, within: Span, notes: list[str]
) -> ToolResult:
    """Answer with all that is said (or written) in a stretch that the question names by times."""
    units = _units_within(args, ctx, within)
    if not units:
        raise ToolFailed(f"nothing is said or written in {within}", "no_text", notes)
    spoken = [of_index(line) for unit in units for line in unit.lines]
    said = "\n".join(unit.text for unit in units)[:LONGEST]
    answered = Answered(said, method="words", cited=(within.middle,), enough=True, stated=WHOLE)
    evidence = tuple(evidence_of(line, "answer_words", said) for line in spoken[:8])
    text = fence(spoken[0].kind, [f"{line.span}: {line.text}" for line in spoken])
    return _result(args, text, answered, evidence, notes)


def _units_within(args: AnswerWordsArgs, ctx: ToolContext, within: Span) -> list[Unit]:
    """Return what is said, or else written, in a stretch; of one moment, what is nearest to it."""
    either: list[list[WordKind]] = [["speech"], ["text"]]
    for kinds in [_kinds(args) or [*KINDS]] if args.kind else either:
        lines = [line for line in ctx.index.words().lines(kinds, within) if line.certain]
        if lines and within.duration <= MOMENT:
            at = within.middle
            nearest = min(_away(line.span, at) for line in lines)
            lines = [line for line in lines if _away(line.span, at) <= nearest]
            if args.kind != "text":
                lines = lines[-1:]
        if lines:
            return sorted(units_of(lines), key=lambda unit: unit.span)
    return []


def _away(span: Span, second: float) -> float:
    """Return how many seconds lie between a span and an instant; 0 within the span."""
    return max(span.start - second, second - span.end, 0.0)


def _result(
    args: AnswerWordsArgs,
    text: str,
    answered: Answered,
    evidence: tuple[Evidence, ...],
    notes: list[str],
) -> ToolResult:
    return ToolResult(
        "answer_words",
        args.model_dump(mode="json"),
        text,
        evidence,
        payload=answered,
        notes=tuple(notes),
    )


def _line_of(found: Extract) -> Line:
    kind = found.passage.kind
    return Line(found.span, found.text, kind, found.score, None, found.certain)


def _passage_line(passage: Passage) -> Line:
    sure = all(line.certain for line in passage.lines)
    return Line(passage.span, passage.text, passage.kind, passage.score, None, sure)


def _shares(scores: Sequence[float]) -> list[float]:
    """Turn support into probabilities: even where nothing is supported."""
    weights = [math.exp(SHARPNESS * score) for score in scores]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _times_in(options: Sequence[str]) -> list[float]:
    """Return the second that each option names; empty unless all of them name one."""
    found = [_CLOCK.search(option) for option in options]
    return [parse_seconds(match[0]) for match in found if match] if all(found) else []


ANSWER_WORDS = Tool(
    "answer_words",
    "Answer the user's question from what is said and written alone, verbatim, with its time.",
    AnswerWordsArgs,
    run,
)
