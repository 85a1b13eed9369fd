"""answer_text: a model answers from the film's words alone; it is shown no frame.

After Vamos (Wang et al., ECCV 2024): speech, screen text and captions as the film's only
representation. All of it goes along where there is room; else the passages about the question and,
of the rest, lines spread evenly over the film. With `spans` only their words count, as Goldfish
(Ataallah et al., ECCV 2024) answers from the clips that it retrieved. With `best` only the best
passages: a small model finds a line among a thousand tokens quicker and more surely than in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from pydantic import Field

from ...index.telling.key_sentences import languages_of, terms_of
from ...index.text.numbers import unsaid_numbers
from ...index.text.spelling import words_of
from ...index.video.frames import empty_frames
from ...index.video.span import Span
from ...index.words.lines import KINDS
from ..context import SpanArg, ToolContext, clamp_span
from ..evidence import fence
from ..protocols import Reply
from ..results import Answered, Line, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Cost, Evidence
from ..words.hear_speech import hear_speech
from ..words.lines import evidence_of, of_index, overlaps, passages_of
from ..words.screen_text import read_screen_text
from .film_notes import LEAST_SHARE, REACH, ROOM, SAME_TIME, length_of, note_of, notes_at, thinned
from .vlm_query import question_text

MOST_CITED = 3
LANGUAGE_SAMPLE = 200  # lines that tell the languages of a film
FEW_WORDS = 5_000  # characters with times, about 1,500 tokens, that are read as they are


class AnswerTextArgs(Args):
    """Which of the film's words to answer from, and what they should be about."""

    cues: list[str] = Field(
        default_factory=list, max_length=12, description="what to look for beside the question"
    )
    spans: list[SpanArg] = Field(
        default_factory=list, max_length=16, description="only the words of these; default: all"
    )
    best: int = Field(
        0, ge=0, le=32, description="only so many of the best passages; 0: all that is known"
    )
    screen_text: bool = Field(False, description="read the film's screen text before")
    listen: bool = Field(False, description="hear the film before, where it has no subtitles")


def run(args: AnswerTextArgs, ctx: ToolContext) -> ToolResult:
    """Let the model answer the user's question from words.

    Raises:
        ToolFailed: there are no words (code `no_text`).
    """
    remarks: list[str] = []
    spans = [clamp_span(ctx, span, remarks) for span in args.spans]
    question = question_text(ctx, None)
    asked = [question, *args.cues, *ctx.options]
    if args.listen:
        remarks += hear_speech(ctx, spans, whole_film=not spans)
    if args.screen_text:
        remarks += read_screen_text(ctx, spans, whole_film=not spans, queries=asked)
    every = [of_index(line) for line in ctx.index.words().lines(KINDS)]
    notes, passages = _notes(args, ctx, every, spans, asked)
    if not notes:
        raise ToolFailed(
            "no words are known here: nothing is said, written or captioned", "no_text", remarks
        )
    # screen text that adds nothing is no reason to ask the same again
    request = ("answer_text", question, ctx.options, ctx.letters, tuple(notes))
    reply, calls = ctx.memory.get(request), 0
    if reply is None:
        reader, letters = ctx.reader or ctx.vlm, "".join(ctx.letters)
        reply, calls = reader.answer(empty_frames(), question, ctx.options, notes, letters), 1
        ctx.memory[request] = reply
    known = [question, *(line.text for line in every)]
    # a choice has no words or numbers of its own
    sample = [] if ctx.options else known[:: 1 + len(known) // LANGUAGE_SAMPLE]
    languages = languages_of(sample)
    answered = _answered(ctx, reply, known, languages)
    passages = passages or _passages(ctx, asked, spans)
    # what one word like "no" holds proves nothing
    telling = not answered.letter and terms_of(answered.answer, languages)
    words = set(words_of(answered.answer)) if telling else set()
    evidence = _cited(reply, every, passages, words, answered)
    said = [f"answer: {reply.text or 'none'}", f"from {len(notes)} lines of words"]
    said += [f"no line says {number}" for number in answered.unsaid]
    return ToolResult(
        "answer_text",
        args.model_dump(mode="json"),
        fence("vlm", said),
        evidence,
        payload=answered,
        cost=Cost(0, 0, calls),
        notes=tuple(remarks),
    )


def _notes(
    args: AnswerTextArgs,
    ctx: ToolContext,
    every: Sequence[Line],
    spans: Sequence[Span],
    asked: Sequence[str],
) -> tuple[list[str], list[Line]]:
    """Return the notes that the model reads, and the passages among them about the question."""
    if spans:
        chosen = [line for line in every if overlaps(line.span, spans)]
        room = ctx.note_room(ROOM, frames=False)
        return [note_of(line) for line in thinned(chosen, room)], []
    few = sum(map(length_of, every)) <= FEW_WORDS
    best = [] if few or not args.best else passages_of(ctx, asked, args.best)
    if not best:
        return notes_at(ctx, [], asked, room=ROOM)
    best = _fitting(best, ctx.note_room(FEW_WORDS, frames=False))
    notes = [note_of(line) for line in sorted(best, key=lambda line: line.span)]
    return notes, [line for line in best if line.score >= LEAST_SHARE]


def _fitting(lines: Sequence[Line], room: int) -> list[Line]:
    """Return the first lines, at least one, that so many characters hold."""
    ends = accumulate(map(length_of, lines))
    return [line for line, end in zip(lines, ends, strict=True) if end <= room] or [*lines[:1]]


def _passages(ctx: ToolContext, asked: Sequence[str], spans: Sequence[Span]) -> list[Line]:
    found = passages_of(ctx, asked, 2 * MOST_CITED)
    return [p for p in found if p.score >= LEAST_SHARE and (not spans or overlaps(p.span, spans))]


def _answered(
    ctx: ToolContext, reply: Reply, known: Sequence[str], languages: Sequence[str]
) -> Answered:
    shares = dict(zip(ctx.letters, reply.options, strict=True)) if reply.options else {}
    cited = tuple(float(second) for second in reply.cited)
    return Answered(
        reply.text,
        shares,
        reply.method,
        cited,
        reply.enough,
        reply.confidence,
        cited[0] if cited else None,
        relevant=bool(reply.text) and reply.enough is not False,
        unsaid=() if ctx.options else unsaid_numbers(reply.text, known, languages),
    )


def _cited(
    reply: Reply,
    every: Sequence[Line],
    passages: Sequence[Line],
    words: set[str],
    answered: Answered,
) -> tuple[Evidence, ...]:
    """Return the lines that the model cited by their times, then passages that it may rest on.

    What holds all words of an answer, a line or else a passage, stands before what does not.
    """
    named: dict[Line, None] = {}
    for second in reply.cited:
        exact = [line for line in every if abs(line.span.start - second) < SAME_TIME]
        near = Span(max(0.0, second - REACH), second + REACH)
        around = [line for line in every if line.span.overlap(near) > 0]
        around.sort(key=lambda line: abs(line.span.middle - second))
        named |= dict.fromkeys((exact or around)[:2])
    of_passages = [
        line
        for passage in passages
        for line in every
        if line.kind == passage.kind and overlaps(line.span, [passage.span])
    ]
    held = (*named, *of_passages, *passages) if words else ()
    holding = [line for line in held if words <= set(words_of(line.text))]
    named = dict.fromkeys([*holding[:1], *named])
    others = [line for line in passages if line not in named][:MOST_CITED]
    supports = answered.letter or answered.answer
    return (
        *(evidence_of(line, "answer_text", supports) for line in list(named)[:MOST_CITED]),
        *(evidence_of(line, "answer_text") for line in others),
    )


ANSWER_TEXT = Tool(
    "answer_text",
    "Let the model answer the user's question from the film's words alone; costs no frames.",
    AnswerTextArgs,
    run,
)
