"""Words said, shown and written about a film, in one full-text index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .video.frames import Box
from .video.span import Span

WordKind = Literal["speech", "text", "caption"]

SCHEMA = """
CREATE TABLE words (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, start REAL NOT NULL, stop REAL NOT NULL,
    text TEXT NOT NULL, source TEXT NOT NULL
);
CREATE VIRTUAL TABLE word_index USING fts5(
    text, content='words', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
"""

_TERM = re.compile(r"\w+")
_MAX_TERMS = 32
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "can",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "of",
        "on",
        "or",
        "say",
        "says",
        "seen",
        "see",
        "shown",
        "show",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "you",
        "your",
        "according",
        "film",
        "video",
        "movie",
    ]
)


@dataclass(frozen=True, slots=True)
class WordHit:
    """A line of words that answers a query.

    Attributes:
        span: when it is said or shown.
        text: the line.
        score: share of the query's terms that the line contains, 0 to 1.
        source: where the line comes from, for example `sidecar:film.srt`.
    """

    span: Span
    text: str
    score: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class OnScreenText:
    """A line of text visible in the film: when, what, and where in the frame."""

    span: Span
    text: str
    box: Box | None = None
    score: float = 1.0


def join_lines(rows: list[OnScreenText]) -> list[OnScreenText]:
    """Join lines of the same words in the same place that follow on from each other."""
    joined: list[OnScreenText] = []
    for row in sorted(rows, key=lambda line: (line.span, line.text)):
        for at in range(len(joined) - 1, max(-1, len(joined) - 9), -1):
            old = joined[at]
            same_place = old.box is None or row.box is None or old.box.iou(row.box) > 0.5
            if old.text == row.text and same_place and row.span.start <= old.span.end + 1e-6:
                end = max(old.span.end, row.span.end)
                joined[at] = OnScreenText(
                    Span(old.span.start, end), old.text, old.box, max(old.score, row.score)
                )
                break
        else:
            joined.append(row)
    return joined


def terms_of(query: str) -> list[str]:
    """Return the words of a query worth looking for, lower case, in order, each once."""
    found = list(dict.fromkeys(term.casefold() for term in _TERM.findall(query)))
    telling = [term for term in found if term not in _STOP]
    return (telling or found)[:_MAX_TERMS]


def match_expression(terms: Sequence[str]) -> str:
    """Return an FTS5 expression for any of the terms, each quoted, long ones as prefixes.

    Terms hold word characters only, so that nothing in them can act as query syntax.
    """
    return " OR ".join(f'"{term}"*' if len(term) > 2 else f'"{term}"' for term in terms)


def add_words(
    connection: sqlite3.Connection, kind: WordKind, rows: Iterable[tuple[Span, str, str]]
) -> None:
    """Put lines (span, text, source) into the index."""
    for span, text, source in rows:
        cursor = connection.execute(
            "INSERT INTO words (kind, start, stop, text, source) VALUES (?, ?, ?, ?, ?)",
            (kind, span.start, span.end, text, source),
        )
        connection.execute(
            "INSERT INTO word_index (rowid, text) VALUES (?, ?)", (cursor.lastrowid, text)
        )


def drop_words(connection: sqlite3.Connection, kind: WordKind) -> None:
    """Take every line of one kind out of the index."""
    connection.execute(
        "INSERT INTO word_index (word_index, rowid, text) "
        "SELECT 'delete', id, text FROM words WHERE kind = ?",
        (kind,),
    )
    connection.execute("DELETE FROM words WHERE kind = ?", (kind,))


def find_words(
    connection: sqlite3.Connection, query: str, kind: WordKind, top_k: int, within: Span | None
) -> list[WordHit]:
    """Return the lines that hold any of the query's words, best first.

    Lines with more of the words come first, then by bm25. Without one full match inside words are
    tried, for text that is read without its spaces (`GATE42`).
    """
    terms = terms_of(query)
    if not terms or top_k < 1:
        return []
    low, high = (within.start, within.end) if within else (-1.0, 1e18)
    rows = connection.execute(
        "SELECT w.start, w.stop, w.text, w.source, bm25(word_index) FROM word_index "
        "JOIN words w ON w.id = word_index.rowid WHERE word_index MATCH ? "
        "AND w.kind = ? AND w.start < ? AND w.stop > ?",
        (match_expression(terms), kind, high, low),
    ).fetchall()
    if not rows:
        inside = " OR ".join("instr(lower(text), ?) > 0" for _ in terms)
        rows = connection.execute(
            "SELECT start, stop, text, source, 0.0 FROM words "
            f"WHERE kind = ? AND start < ? AND stop > ? AND ({inside})",
            (kind, high, low, *terms),
        ).fetchall()
    scored = [
        (-_share(terms, text), rank, start, stop, text, source)
        for start, stop, text, source, rank in rows
    ]
    return [
        WordHit(Span(start, stop), text, -share, source)
        for share, _, start, stop, text, source in sorted(scored)[:top_k]
    ]


def _share(terms: Sequence[str], text: str) -> float:
    line = text.casefold()
    words = _TERM.findall(line)
    return sum(_holds(term, words, line) for term in terms) / len(terms)


def _holds(term: str, words: Sequence[str], line: str) -> bool:
    # the ending may differ as far as stemming forgives: at most three letters of a long word
    stem = term[: max(4, len(term) - 3)] if term.isalpha() else term
    if len(term) <= 2:
        return term in words
    return any(word.startswith(stem) for word in words) or (not term.isalpha() and term in line)
