"""A film told by a chat model: notes on segments, chapters from notes, the film from chapters.

Notes first, then chapters, then the whole, as in "A Video Is Worth 4096 Tokens" (Bhattacharyya et
al., EMNLP 2023), whose table of events is kept beside the story since stories invent links; steps
with their times come from narration as in HowToCaption (Shvetsova et al., ECCV 2024). A sentence
that its lines do not support is left out. Where the model gives nothing, the film's own sentences
stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...index.progress import Listener
from ...index.protocols import TextEncoder
from ...index.telling.names import Entity, merge_names
from ...index.video.span import Span, format_seconds, merge_spans
from ...index.words.lines import Line, WordKind
from ...tools.evidence import clean, fence
from ..chat import Chat
from ..cost.budget import Budget
from ..cost.rates import Rates
from . import schemas
from .outline import Outline, key_rows, named_in, relations_of
from .refining import refine, thinned
from .schemas import rows_of, text_of, texts_of, whole_numbers
from .scribe import Reply, Scribe
from .shelf import Shelf
from .story import Chapter, Event, Statement, Story
from .support import is_supported

SEGMENT_SECONDS, SEGMENT_LETTERS = 180.0, 5000
"""How long a segment is that notes are made of, at most; letters bound talk that is fast."""

NOTES, KEY_NOTES = 12, 4
"""Notes of a segment: the model's, and those taken from the film where there is no reply."""

GROUP_LETTERS = 6000
"""Letters of the notes of the chapters that are summed up in one request."""

STORY_LETTERS = 16_384
"""Length of the story, at most: 4096 tokens of four letters."""

_NAMES = 120


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing a telling takes.

    Attributes:
        scribe: asks the model.
        outline: of the film.
        encoder: compares meanings; None for words alone.
        progress: told as the work goes on.
        dropped: sentences that were left out for want of support.
    """

    scribe: Scribe
    outline: Outline
    encoder: TextEncoder | None
    progress: Listener | None
    dropped: list[str]

    def statement(self, text: str, lines: Sequence[Line]) -> Statement | None:
        """Return a sentence of the model with its lines; None, and a count, without support."""
        text = clean(text)
        said = [line.text for line in lines]
        if not is_supported(text, said, self.outline.languages, self.encoder):
            if text:
                self.dropped.append(text)
            return None
        kinds: list[WordKind] = [line.kind for line in lines]
        spans = tuple(merge_spans(line.span for line in lines))
        return Statement(text, spans, max(kinds, key=kinds.count), verbatim=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a segment and the lines that it rests on."""

    event: Event
    lines: tuple[Line, ...]


def write(
    story: Story,
    outline: Outline,
    chat: Chat,
    shelf: Shelf,
    *,
    encoder: TextEncoder | None = None,
    budget: Budget | None = None,
    rates: Rates | None = None,
    rounds: int = 5,
    progress: Listener | None = None,
) -> Story:
    """Return a story written by a chat model, as far as the budget reaches.

    Args:
        story: told in the film's own sentences; its parts stand where the model gives none.
        outline: of the film.
        chat: the model.
        shelf: keeps its replies.
        encoder: compares sentences by meaning; None for words.
        budget: limits of the model's work.
        rates: what the model costs.
        rounds: how often the summary is judged and written again, at most.
        progress: told as the work goes on.
    """
    scribe = Scribe(chat, shelf, budget or Budget(), rates)
    writer = Writer(scribe, outline, encoder, progress, [])
    found = _notes(writer)
    notes, names = [note for note, _ in found], [row for _, rows in found for row in rows]
    entities = _entities(writer, story.entities, names)
    flat = [note for group in notes for note in group]
    events = [
        replace(note.event, id=f"e{number}", who=_who(note, entities))
        for number, note in enumerate(flat, 1)
    ]
    chapters = _chapters(writer, story.chapters, flat)
    told = [statement for chapter in chapters for statement in chapter.summary]
    summaries = refine(scribe, told, writer.statement, outline.lines, rounds) or story.summaries
    caveats = list(story.caveats)
    if writer.dropped:
        caveats.append(f"{len(writer.dropped)} sentences had no support in the film: left out")
    if scribe.unread:
        caveats.append(f"{scribe.unread} replies of {chat.id} could not be read")
    if scribe.stopped:
        caveats.append(f"{scribe.reason}: the rest is told in the film's own sentences")
    return replace(
        story,
        method=chat.id,
        chapters=tuple(chapters),
        summaries=summaries,
        narrative=tuple(thinned(told, STORY_LETTERS)),
        events=tuple(events),
        relations=tuple(relations_of(events)),
        entities=tuple(entities),
        caveats=tuple(caveats),
        stopped=scribe.stopped,
        usage=scribe.usage(),
    )


def _segments(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines in stretches short enough for one request each."""
    segments: list[list[Line]] = []
    letters = 0
    for line in lines:
        long = segments and line.span.end - segments[-1][0].span.start > SEGMENT_SECONDS
        letters += len(line.text)
        if not segments or long or letters > SEGMENT_LETTERS:
            segments.append([])
            letters = len(line.text)
        segments[-1].append(line)
    return segments


def _notes(writer: Writer) -> list[tuple[list[Note], list[str]]]:
    """Return the notes on each segment, and the names in them."""
    segments = _segments(writer.outline.lines)

    def ask(segment: Sequence[Line]) -> Reply | None:
        shown = fence("lines", (_numbered(n, line) for n, line in enumerate(segment, 1)))
        return writer.scribe.ask("tell_notes", schemas.notes(NOTES), 1500, lines=shown, most=NOTES)

    replies = writer.scribe.ask_each(ask, segments, "notes", writer.progress)
    return [_read_notes(writer, *pair) for pair in zip(segments, replies, strict=True)]


def _numbered(number: int, line: Line) -> str:
    kind = {"speech": "said", "text": "written", "caption": "seen"}[line.kind]
    return f"{number}. [{format_seconds(line.span.start)}] {kind}: {line.text}"


def _read_notes(
    writer: Writer, segment: Sequence[Line], reply: Reply | None
) -> tuple[list[Note], list[str]]:
    notes, names = [], []
    for row in rows_of(reply, "notes")[:NOTES]:
        cited = [segment[n - 1] for n in whole_numbers(row.get("lines"), len(segment))]
        statement = writer.statement(text_of(row.get("what")), cited)
        if statement is None:
            continue
        where = text_of(row.get("where"))
        held = " ".join(line.text for line in cited).casefold()
        where = where if where.casefold() in held else ""
        event = Event("", statement, (), where, row.get("step") is True)
        notes.append(Note(event, tuple(cited)))
        names += texts_of(row.get("who"))
        names += [where] if where else []
    if not notes:
        notes = _own_notes(writer.outline, segment)
    notes.sort(key=lambda note: note.event.what.spans)
    return notes, names


def _own_notes(outline: Outline, segment: Sequence[Line]) -> list[Note]:
    """Return the key sentences of a segment as its notes."""
    span = Span(segment[0].span.start, max(line.span.end for line in segment))
    inside = [k for k, s in enumerate(outline.sentences) if span.contains(s.span.middle)]
    return [
        Note(Event("", outline.statement(row)), outline.sentences[row].lines)
        for row in sorted(key_rows(outline, inside, KEY_NOTES))
    ]


def _entities(writer: Writer, known: Sequence[Entity], names: Sequence[str]) -> list[Entity]:
    """Return who and what is named, aliases joined by the model; those of `known` else."""
    forms = list(dict.fromkeys([*(form for entity in known for form in entity.names), *names]))
    # a form that no line holds would have no time
    found = merge_names({form: () for form in forms}, writer.outline.lines)
    if not found:
        return list(known)
    listed = [form for entity in found for form in entity.names][:_NAMES]
    reply = writer.scribe.ask("tell_names", schemas.names(), 1500, names=fence("names", listed))
    named: dict[str, Sequence[str]] = {}
    kinds: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows_of(reply, "names"):
        name = text_of(row.get("name"))
        if name not in listed or name in taken:
            continue
        also = [form for form in texts_of(row.get("also")) if form in listed]
        named[name] = [form for form in also if form not in taken | {name}]
        taken |= {name, *named[name]}
        kinds[name] = text_of(row.get("kind"))
    if not named:
        return list(known)
    return merge_names(named, writer.outline.lines, kinds=kinds)


def _who(note: Note, entities: Sequence[Entity]) -> tuple[str, ...]:
    """Return the entities that a note names, or its lines where it names none."""
    said = " ".join(line.text for line in note.lines)
    return named_in(note.event.what.text, entities) or named_in(said, entities)


def _chapters(writer: Writer, chapters: Sequence[Chapter], notes: Sequence[Note]) -> list[Chapter]:
    """Return the chapters with titles and sentences of the model, a few in each request."""
    inside = [
        [note for note in notes if chapter.span.contains(note.event.what.spans[0].start)]
        for chapter in chapters
    ]
    groups: list[list[int]] = []
    letters = 0
    for at, group in enumerate(inside):
        size = sum(len(note.event.what.text) for note in group)
        letters += size
        if not groups or letters > GROUP_LETTERS:
            groups.append([])
            letters = size
        groups[-1].append(at)

    def ask(group: Sequence[int]) -> Reply | None:
        rows = []
        for at in group:
            rows.append(f"Chapter {at + 1} ({chapters[at].span})")
            texts = (note.event.what.text for note in inside[at])
            rows += [f"{number}. {text}" for number, text in enumerate(texts, 1)]
        shown = fence("notes", rows)
        return writer.scribe.ask("tell_chapters", schemas.chapters(), 2000, chapters=shown)

    replies = writer.scribe.ask_each(ask, groups, "chapters", writer.progress)
    written = {
        int(row["number"]) - 1: row
        for reply in replies
        for row in rows_of(reply, "chapters")
        if isinstance(row.get("number"), int)
    }
    return [
        _chapter(writer, chapter, inside[at], written.get(at, {}))
        for at, chapter in enumerate(chapters)
    ]


def _chapter(
    writer: Writer, chapter: Chapter, notes: Sequence[Note], row: dict[str, Any]
) -> Chapter:
    told: list[Statement] = []
    for sentence in rows_of(row, "sentences")[:3]:
        rested = [notes[n - 1] for n in whole_numbers(sentence.get("sources"), len(notes))]
        lines = list(dict.fromkeys(line for note in rested for line in note.lines))
        statement = writer.statement(text_of(sentence.get("text")), lines)
        told += [statement] if statement is not None else []
    title = text_of(row.get("title"))[:80]
    held = [line.text for note in notes for line in note.lines]
    # a title is a claim as well
    if not title or not is_supported(title, held, writer.outline.languages, writer.encoder):
        title = chapter.title
    told.sort(key=lambda statement: statement.spans)
    return Chapter(chapter.span, title, tuple(told) or chapter.summary)
