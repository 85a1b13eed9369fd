"""Notes beside frames: what is said and written at their times, and passages about given cues."""

from __future__ import annotations

from collections.abc import Sequence

from ...index.video.span import Span, merge_spans
from ...index.words.lines import KINDS
from ..context import ToolContext
from ..evidence import clean
from ..results import Line
from ..types import Evidence
from ..words.lines import evidence_of, lines_within, of_index, overlaps, passages_of
from .vlm_query import VlmAnswer

ROOM = 40_000  # characters of notes beside a view of the whole film: about 10,000 tokens
NARROW = 12_000  # beside a closer look
PER_CUE = 3
PASSAGE = 8.0  # seconds from which a piece of speech is more than a line
SAME_TIME = 0.15  # seconds: a model may round the time that a note carries
REACH = 2.0  # seconds around a frame in which what is said belongs to it
LEAST_SHARE = 0.35  # of a cue's information that a passage must hold
_SAYS = {"speech": "said", "text": "on screen", "caption": "caption"}


def notes_at(
    ctx: ToolContext, spans: Sequence[Span], cues: Sequence[str] = (), *, room: int = NARROW
) -> tuple[list[str], list[Line]]:
    """Return notes for the VLM, and the passages among them that answer a cue.

    All that is said and written goes along where there is room for it: what the question means is
    for the model to tell. Else the passages about the cues, the words at the frames' times, and of
    the rest what the room holds, evenly.

    Args:
        ctx: the call's context.
        spans: where the frames are.
        cues: what to find in all that is said, written and captioned.
        room: characters.

    Returns:
        A line each in time order, with its time and whether it is said, on screen or a caption;
        and the passages, best first.
    """
    room = ctx.note_room(room, frames=bool(spans))
    passages = _passages(ctx, cues)
    every = [of_index(line) for line in ctx.index.words().lines(KINDS)]
    near = [line for line in every if overlaps(line.span, spans)]
    chosen: dict[Line, None] = {}
    for part in (passages, near, every):
        fresh = [line for line in part if line not in chosen]
        fresh = thinned(fresh, room - sum(map(length_of, chosen)))
        chosen |= dict.fromkeys(fresh)
    lines = sorted(_apart(list(chosen)), key=lambda line: (line.span, line.kind, line.text))
    return [note_of(line) for line in lines], passages


def thinned(lines: Sequence[Line], room: int) -> list[Line]:
    """Return the lines that the room holds, evenly: an end matters as much as a beginning."""
    total = sum(map(length_of, lines))
    if total <= room:
        return list(lines)
    count = max(0, int(len(lines) * room / max(1, total)))
    return [lines[i * len(lines) // count] for i in range(count)]


def length_of(line: Line) -> int:
    """Return the characters of a line as a note, with its time."""
    return len(line.text) + 18


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Leave out single lines whose words are in a passage already."""
    wide = [line for line in lines if line.span.duration > PASSAGE]
    return [
        line
        for line in lines
        if not any(
            other is not line
            and other.kind == line.kind
            and other.span.start <= line.span.start
            and line.span.end <= other.span.end
            and line.text in other.text
            for other in wide
        )
    ]


def cites_words(said: VlmAnswer, evidence: Sequence[Evidence]) -> bool:
    """Say whether an answer cites a line by its own time."""
    return any(
        abs(item.span.start - second) < SAME_TIME
        for item in evidence
        if item.supports is not None
        for second in said.reply.cited
    )


def cited_lines(
    ctx: ToolContext,
    said: VlmAnswer,
    passages: Sequence[Line],
    spans: Sequence[Span],
    tool: str,
) -> list[Evidence]:
    """Return the words that an answer may rest on as evidence: cited ones first, then passages.

    A time that is that of a line, to the tenth, cites the line and not the frame beside it.

    Args:
        ctx: the call's context.
        said: the answer, with the seconds that it rests on.
        passages: the passages that were among the notes, best first.
        spans: where the frames were.
        tool: which tool reports them.
    """
    near = [Span(max(0.0, second - REACH), second + REACH) for second in said.reply.cited]
    lines = lines_within(ctx.index, near)
    named = [line for line in passages if overlaps(line.span, near)]
    cited = dict.fromkeys([*named, *lines[:2]])
    others = [line for line in passages[:3] if line not in cited]
    return [
        *(evidence_of(line, tool, said.supports) for line in cited),
        *(evidence_of(line, tool) for line in others),
    ]


def note_of(line: Line) -> str:
    """Write a line of the film as a note.

    Its time is in seconds alone, as a frame's is and as the reply names it: of two forms a small
    model named the wrong one.
    """
    doubt = "" if line.certain else ", perhaps misread"
    return f"[{line.span.start:.1f} s, {_SAYS[line.kind]}{doubt}] {clean(line.text)}"


def around(seconds: Sequence[float], duration: float) -> list[Span]:
    """Return the spans whose words belong to frames at these seconds."""
    return merge_spans(
        Span(max(0.0, s - REACH), min(duration, s + REACH)) for s in seconds if s < duration
    )


def _passages(ctx: ToolContext, cues: Sequence[str]) -> list[Line]:
    """Return the passages that hold enough of a cue, best first, each once."""
    best: dict[tuple[Span, str], Line] = {}
    for cue in cues:
        for line in passages_of(ctx, [cue], PER_CUE):
            key = (line.span, line.text)
            if line.score >= LEAST_SHARE and (key not in best or best[key].score < line.score):
                best[key] = line
    return sorted(best.values(), key=lambda line: (-line.score, line.span))
