"""`index.sqlite`: everything about a film that is derived from its vectors and its packets.

The database is made in memory and written as one sealed piece, and read back the same way: the
bytes that were checked are the bytes that are used, and no lock or journal is ever on disk.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..clips import Clip
from ..video.probing.timeline import Timeline
from ..video.span import Span
from ..video.subtitles import Cue, SubtitleTrack

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE timeline (packed BLOB NOT NULL);
CREATE TABLE shots (id INTEGER PRIMARY KEY, start REAL NOT NULL, stop REAL NOT NULL);
CREATE TABLE clips (id INTEGER PRIMARY KEY, start REAL NOT NULL, stop REAL NOT NULL);
CREATE TABLE coverage (start REAL NOT NULL, stop REAL NOT NULL);
CREATE TABLE words (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, start REAL NOT NULL, stop REAL NOT NULL,
    text TEXT NOT NULL, source TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Derived:
    """The content of `index.sqlite`."""

    timeline: Timeline
    shots: list[Span]
    clips: list[Clip]
    coverage: list[Span]
    tracks: list[SubtitleTrack]
    caveats: list[str]


def write_tables(derived: Derived) -> bytes:
    """Return the database file; the same content gives the same bytes."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_SCHEMA)
        connection.execute(
            "INSERT INTO facts VALUES (?, ?)", ("caveats", json.dumps(derived.caveats))
        )
        facts = json.dumps([track.to_json() for track in derived.tracks])
        connection.execute("INSERT INTO facts VALUES (?, ?)", ("subtitles", facts))
        packed = zlib.compress(derived.timeline.to_bytes())
        connection.execute("INSERT INTO timeline VALUES (?)", (packed,))
        _insert_spans(connection, "shots", enumerate(derived.shots))
        _insert_spans(connection, "clips", ((clip.id, clip.span) for clip in derived.clips))
        connection.executemany(
            "INSERT INTO coverage VALUES (?, ?)", [(s.start, s.end) for s in derived.coverage]
        )
        cues = sorted(
            (cue for track in derived.tracks for cue in track.cues),
            key=lambda cue: (cue.span, cue.source, cue.text),
        )
        connection.executemany(
            "INSERT INTO words (kind, start, stop, text, source) VALUES ('speech', ?, ?, ?, ?)",
            [(cue.span.start, cue.span.end, cue.text, cue.source) for cue in cues],
        )
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _insert_spans(connection: sqlite3.Connection, table: str, rows) -> None:
    connection.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)", [(n, s.start, s.end) for n, s in rows]
    )


def load_tables(data: bytes) -> sqlite3.Connection:
    """Open a database file that was read and checked before; changes stay in memory."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.deserialize(data)
    return connection


def read_derived(connection: sqlite3.Connection) -> Derived:
    """Return what `write_tables` was given."""
    facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    (packed,) = connection.execute("SELECT packed FROM timeline").fetchone()
    cues = read_cues(connection)
    clips = connection.execute("SELECT id, start, stop FROM clips ORDER BY id").fetchall()
    return Derived(
        timeline=Timeline.from_bytes(zlib.decompress(packed)),
        shots=_spans(connection, "SELECT start, stop FROM shots ORDER BY id"),
        clips=[Clip(number, Span(start, stop)) for number, start, stop in clips],
        coverage=_spans(connection, "SELECT start, stop FROM coverage ORDER BY start"),
        tracks=_tracks(json.loads(facts.get("subtitles", "[]")), cues),
        caveats=json.loads(facts["caveats"]),
    )


def _tracks(facts: list[dict[str, Any]], cues: Sequence[Cue]) -> list[SubtitleTrack]:
    """Give the tracks their lines; an older index has lines of tracks that it does not list."""
    listed = {fact["source"] for fact in facts}
    others = dict.fromkeys(cue.source for cue in cues if cue.source not in listed)
    return [
        SubtitleTrack.from_json(fact, cues) for fact in [*facts, *({"source": o} for o in others)]
    ]


def read_cues(connection: sqlite3.Connection) -> list[Cue]:
    """Return the speech cues in time order."""
    rows: Sequence[tuple[float, float, str, str]] = connection.execute(
        "SELECT start, stop, text, source FROM words WHERE kind = 'speech' ORDER BY start, id"
    ).fetchall()
    return [Cue(Span(start, stop), text, source) for start, stop, text, source in rows]


def _spans(connection: sqlite3.Connection, query: str) -> list[Span]:
    return [Span(start, stop) for start, stop in connection.execute(query).fetchall()]
