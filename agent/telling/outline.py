"""The outline of a film: its sentences, chapters, key sentences and names, without a chat model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...index.progress import Listener
from ...index.protocols import TextEncoder
from ...index.telling.key_sentences import key_phrases, key_sentences, languages_of, tf_idf
from ...index.telling.names import Entity, find_entities
from ...index.telling.topics import Parts, find_topics, unit
from ...index.text.spelling import words_of
from ...index.video.span import Span, merge_spans
from ...index.words.captions import telling_captions
from ...index.words.lines import Line
from ...index.words.text_vectors import TextVectors
from ...index.words.units import Sentence, sentences_of, units_of
from .story import Chapter, Event, Length, Relation, Statement

if TYPE_CHECKING:
    from ...index.film_index import FilmIndex

KEPT = 0.4
"""Share of the sentences of a chapter that the long summary holds."""

MOST_LONG, MOST_MEDIUM, MOST_SHORT, MOST_CHAPTER = 120, 12, 3, 2
"""Statements of a summary, at most: long, medium, short, and of a chapter's own."""

_TITLE_LETTERS = 60


@dataclass(frozen=True)
class Outline:
    """What a film's words and pictures amount to.

    Attributes:
        lines: all that it is told from, in time order.
        sentences: in time order, each once; `times` says when each is said.
        times: by sentence, all its spans.
        vectors: float32 [N, D], unit length, what each sentence is about.
        languages: of the words.
        spans: of the chapters.
        rows: by chapter, the sentences in it.
        entities: by string.
        by_pictures: the chapters were told apart by pictures, for want of words.
    """

    lines: tuple[Line, ...]
    sentences: tuple[Sentence, ...]
    times: tuple[tuple[Span, ...], ...]
    vectors: np.ndarray
    languages: tuple[str, ...]
    spans: tuple[Span, ...]
    rows: tuple[tuple[int, ...], ...]
    entities: tuple[Entity, ...]
    by_pictures: bool

    def statement(self, row: int) -> Statement:
        """Return a sentence of the film as a statement."""
        sentence = self.sentences[row]
        return Statement(" ".join(sentence.text.split()), self.times[row], sentence.kind)


def film_lines(index: FilmIndex) -> tuple[list[Line], int]:
    """Return the lines that a film is told from, in time order, and how many are in doubt."""
    words = index.words()
    captions = (
        Line(c.span, c.text, "caption", "captions") for c in telling_captions(index.captions())
    )
    lines = [*words.lines(("speech", "text")), *captions]
    sure = [line for line in lines if line.certain and words_of(line.text)]
    return sorted(sure, key=lambda line: line.span), len(lines) - len(sure)


def make_outline(
    index: FilmIndex,
    lines: Sequence[Line],
    encoder: TextEncoder | None = None,
    progress: Listener | None = None,
) -> Outline:
    """Find chapters, sentences and names.

    Args:
        index: of the film.
        lines: of the film, see `film_lines`.
        encoder: compares sentences by meaning; by their words where it is None.
        progress: told while sentences are embedded.
    """
    found = [sentence for unit_ in units_of(lines) for sentence in sentences_of(unit_)]
    found.sort(key=lambda sentence: (sentence.span, sentence.kind))
    texts = [sentence.text for sentence in found]
    languages = languages_of(texts)
    if encoder is not None and found:
        vectors = TextVectors(index.directory, encoder).vectors(texts, progress=progress)
    else:
        vectors = tf_idf(texts, languages)
    duration = index.info.duration
    parts = _parts(found, vectors) if found else _picture_parts(index)
    spans = find_topics(parts, [shot.start for shot in index.shots[1:]], duration)
    first = _first_of_each(texts)
    times = [merge_spans(found[k].span for k in same) for same in first.values()]
    kept = [same[0] for same in first.values()]
    sentences = tuple(found[k] for k in kept)
    return Outline(
        tuple(lines),
        sentences,
        tuple(map(tuple, times)),
        vectors[kept],
        languages,
        tuple(spans),
        tuple(tuple(rows) for rows in _by_chapter(sentences, spans)),
        tuple(find_entities(lines, languages)),
        not found,
    )


def _first_of_each(texts: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    """Return the sentences by their words: what is said again is the same sentence."""
    same: dict[tuple[str, ...], list[int]] = {}
    for row, text in enumerate(texts):
        same.setdefault(tuple(words_of(text)), []).append(row)
    return same


def _by_chapter(sentences: Sequence[Sentence], spans: Sequence[Span]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in spans]
    starts = [span.start for span in spans]
    for row, sentence in enumerate(sentences):
        at = int(np.searchsorted(starts, sentence.span.middle, side="right")) - 1
        rows[max(0, at)].append(row)
    return rows


def _parts(sentences: Sequence[Sentence], vectors: np.ndarray) -> Parts:
    """Return what a film is made of: its sentences of speech, with what is shown meanwhile."""
    spoken = [k for k, sentence in enumerate(sentences) if sentence.kind == "speech"]
    homes = np.array([sentences[k].span.middle for k in spoken])
    spans = {k: sentences[k].span for k in spoken}
    sums = {k: vectors[k].astype(np.float64) for k in spoken}
    for row, sentence in enumerate(sentences):
        if sentence.kind == "speech":
            continue
        near = spoken[int(np.abs(homes - sentence.span.middle).argmin())] if spoken else row
        beside = near != row and sentences[near].span.overlap(sentence.span) > 0
        home = near if beside else row
        spans.setdefault(home, sentence.span)
        sums[home] = sums.get(home, 0.0) + (0.5 if beside else 1.0) * vectors[row]
    order = sorted(spans, key=lambda k: spans[k])
    return Parts(tuple(spans[k] for k in order), unit(np.stack([sums[k] for k in order])))


def _picture_parts(index: FilmIndex) -> Parts:
    """Return what a film without words is made of: its clips, by what they look like."""
    looks = index.vectors[index.row_of_sample]
    if not looks.any() or looks.shape[1] < 2:
        looks = index.thumbs.reshape(len(index.thumbs), -1).astype(np.float32) / 255.0
    looks = unit(looks - looks.mean(axis=0)) if len(looks) else looks
    spans, rows = [], []
    for clip in index.clips:
        low, high = np.searchsorted(index.sample_seconds, [clip.span.start, clip.span.end])
        if high > low:
            spans.append(clip.span)
            rows.append(looks[low:high].mean(axis=0))
    return Parts(tuple(spans), unit(np.stack(rows)) if rows else np.zeros((0, 1), np.float32))


def chapters_of(outline: Outline) -> list[Chapter]:
    """Return the chapters, titled with words of the film, summed up by its sentences."""
    texts = [" \n".join(outline.sentences[k].text for k in rows) for rows in outline.rows]
    chapters = []
    for at, (span, rows) in enumerate(zip(outline.spans, outline.rows, strict=True)):
        chosen = sorted(key_rows(outline, rows, MOST_CHAPTER))
        phrases = key_phrases(texts[at], texts[:at] + texts[at + 1 :], outline.languages, 2)
        title = ", ".join(phrases)
        if not title and chosen:
            title = outline.sentences[chosen[0]].text
        title = _short(title) or f"Part {at + 1}"
        chapters.append(Chapter(span, title, tuple(outline.statement(k) for k in chosen)))
    return chapters


def _short(title: str) -> str:
    title = " ".join(title.split())
    title = title if len(title) <= _TITLE_LETTERS else title[: _TITLE_LETTERS - 1].rstrip() + "…"
    return title[:1].upper() + title[1:]


def key_rows(outline: Outline, rows: Sequence[int], most: int) -> list[int]:
    """Return which of some sentences say most together, the best first."""
    told = [k for k in rows if outline.sentences[k].kind != "text"] or list(rows)
    texts, vectors = [outline.sentences[k].text for k in told], outline.vectors[told]
    return [told[k] for k in key_sentences(texts, vectors, outline.languages, most)]


def summaries_of(outline: Outline) -> dict[Length, tuple[Statement, ...]]:
    """Return the film's key sentences at three lengths, in time order."""
    held = [rows for rows in outline.rows if rows]
    share = max(1, MOST_LONG // max(1, len(held)))
    ranked = [key_rows(outline, rows, min(share, max(1, round(KEPT * len(rows))))) for rows in held]
    long = [row for rows in ranked for row in rows]
    # the longest chapters first, where there are more than a summary of one sentence each holds
    first = sorted(ranked, key=lambda rows: -len(rows))[:MOST_MEDIUM]
    medium = [row for rows in first for row in rows[:1]]
    if len(medium) < min(MOST_SHORT + 1, len(long)):
        medium = key_rows(outline, long, MOST_SHORT + 1)
    short = key_rows(outline, medium, MOST_SHORT)
    lengths: dict[Length, list[int]] = {"short": short, "medium": medium, "long": long}
    return {
        name: tuple(outline.statement(row) for row in sorted(rows))
        for name, rows in lengths.items()
    }


def events_of(statements: Sequence[Statement], entities: Sequence[Entity]) -> list[Event]:
    """Return statements as events, with whom they name."""
    ordered = sorted(statements, key=lambda statement: (statement.spans[0], statement.text))
    events = [Event(f"e{number}", statement) for number, statement in enumerate(ordered, 1)]
    return [replace(event, who=named_in(event.what.text, entities)) for event in events]


def named_in(text: str, entities: Sequence[Entity]) -> tuple[str, ...]:
    """Return the names of the entities that a text names by any of their forms, in its order."""
    said = f" {' '.join(words_of(text))} "
    places: dict[str, int] = {}
    for entity in entities:
        found = [said.find(f" {' '.join(words_of(form))} ") for form in entity.names]
        places[entity.name] = min((at for at in found if at >= 0), default=-1)
    return tuple(sorted((n for n, at in places.items() if at >= 0), key=lambda n: places[n]))


def relations_of(events: Sequence[Event]) -> list[Relation]:
    """Return the edges between events: one after the other, and the same name again."""
    found = [Relation(a.id, b.id, "next") for a, b in pairwise(events)]
    last: dict[str, str] = {}
    for event in events:
        for name in event.who:
            if name in last:
                found.append(Relation(last[name], event.id, "same_entity", name))
            last[name] = event.id
    return found
