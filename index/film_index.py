"""A film's index, open for reading: what search and the tools look things up in."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .annotations import Ledger, minute_of
from .fulltext import OnScreenText, WordHit, WordKind, add_words, drop_words, find_words, join_lines
from .lock import write_lock
from .speech import choose_speech
from .tables import Derived, read_cues, read_derived
from .video.frames import Box
from .video.probe import FilmInfo
from .video.span import Span
from .video.subtitles import Cue, SubtitleTrack

# the writer of another process finishes a minute of text or a caption well within this
_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Caption:
    """A description of a span, kept under the key that made it (model, prompt, focus)."""

    span: Span
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """A sampled instant and the cosine of its vector with the one asked for."""

    second: float
    score: float


class FilmIndex:
    """A read view of one finished generation; safe to use from several threads.

    Attributes:
        info: the film.
        encoder_id: which encoder made the vectors.
        fps: sampled instants per second.
        sample_seconds: float64 [N], the sampled instants that decode.
        row_of_sample: int64 [N], row in `views`; near-duplicates share one.
        thumbs: uint8 [N, 16, 16], luma thumbnails of the samples.
        views: float32 [M, V, D], unit length: a frame's own vector, then those of its parts.
        shots, clips, coverage: as in `Derived`.
        caveats: what the user should know: gaps, warnings, stale stages, subtitles not used.
        subtitle_tracks: all of the film's, with their lines.
        subtitles: the one whose lines are searched and read; `uncertain` when what it says must
            not be taken as verified.
        lock_path: the lock of the film's one writer.
    """

    def __init__(
        self,
        directory: Path,
        lock_path: Path,
        record: Mapping[str, Any],
        vectors: np.ndarray,
        samples: np.ndarray,
        tables: sqlite3.Connection,
    ) -> None:
        self.directory = directory
        self.lock_path = lock_path
        self.record = record
        self.info = FilmInfo.from_json(json.dumps(record["film"]))
        self.encoder_id: str = record["encoder"]
        self.fps: float = record["stages"]["vectors"]["settings"]["fps"]
        self.sample_seconds = np.ascontiguousarray(samples["second"], np.float64)
        self.row_of_sample = samples["row"].astype(np.int64)
        self.thumbs = np.ascontiguousarray(samples["thumb"])
        self.views = vectors.astype(np.float32)
        self.text_ledger = Ledger(directory / "texts")
        self.caption_ledger = Ledger(directory / "captions")
        self._tables = tables
        self._guard = threading.RLock()
        self._loaded: set[WordKind] = set()
        derived: Derived = read_derived(tables)
        self.timeline = derived.timeline
        self.shots, self.clips = derived.shots, derived.clips
        self.coverage, self.caveats = derived.coverage, list(derived.caveats)
        self.subtitle_tracks = derived.tracks
        self.subtitles: SubtitleTrack | None = None
        self._told: tuple[str, ...] = ()
        self.choose_subtitles()

    def __enter__(self) -> FilmIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"FilmIndex({self.info.film_id}, {len(self.sample_seconds)} samples)"

    def close(self) -> None:
        """Free the memory. The index on disk needs no closing."""
        with self._guard:
            self._tables.close()

    @property
    def vectors(self) -> np.ndarray:
        """The frames' own vectors, float32 [M, D]."""
        return self.views[:, 0]

    def similarity(self, text_vector: np.ndarray, *, whole: bool = False) -> np.ndarray:
        """Return the cosine of every sample with a unit vector float32 [D], as float32 [N].

        Args:
            text_vector: what is looked for.
            whole: compare the frames only, not their parts; for what a whole frame is, as a place.
        """
        views = self.views[:, :1] if whole else self.views
        return (views @ np.asarray(text_vector, np.float32)).max(axis=1)[self.row_of_sample]

    def nearest(self, vector: np.ndarray, k: int) -> list[Near]:
        """Return the k sampled instants most like a unit vector float32 [D], best first.

        Of near-duplicates the first stands for all.
        """
        scores, rows = self._faiss.search(
            np.ascontiguousarray(vector, np.float32)[None], min(k, len(self.vectors))
        )
        first = np.searchsorted(self.row_of_sample, rows[0])
        seconds = self.sample_seconds[first]
        return [Near(float(t), float(s)) for t, s in zip(seconds, scores[0], strict=True)]

    @cached_property
    def _faiss(self) -> Any:
        from .store import flat_index

        return flat_index(self.vectors)

    def choose_subtitles(self, wanted: str = "auto", question: str = "") -> None:
        """Use one subtitle track from now on, and tell of the others in `caveats`.

        Args:
            wanted: a language, a subtitle file, `auto` or `none`.
            question: in words; with `auto` a track of its language is used where there is one.

        Raises:
            UsageError: `wanted` is no language and no subtitle file.
        """
        choice = choose_speech(self.subtitle_tracks, self.info, wanted, question)
        cues = choice.track.cues if choice.track else ()
        with self._guard:
            if list(cues) != read_cues(self._tables):
                drop_words(self._tables, "speech")
                add_words(self._tables, "speech", ((c.span, c.text, c.source) for c in cues))
            self.subtitles = choice.track
            kept = [caveat for caveat in self.caveats if caveat not in self._told]
            self.caveats, self._told = [*kept, *choice.notes], choice.notes

    def cues(self) -> list[Cue]:
        """Return the lines spoken, in time order."""
        with self._guard:
            return read_cues(self._tables)

    def texts(self) -> list[OnScreenText]:
        """Return the on-screen text read so far, in time order (see `text_pass.ensure_text`)."""
        rows = [
            OnScreenText(
                Span(row["start"], row["end"]),
                row["text"],
                Box(*row["box"]) if row["box"] else None,
                row["score"],
            )
            for _, document in sorted(self.text_ledger.read()[0].items())
            for row in document["rows"]
        ]
        return join_lines(rows)

    def text_minutes(self) -> set[int]:
        """Return the minutes of the film whose on-screen text has been read."""
        return set(self.text_ledger.read()[0])

    def captions(self) -> list[Caption]:
        """Return the captions written so far, in time order."""
        rows = [
            Caption(Span(row["start"], row["end"]), row["key"], row["text"])
            for document in self.caption_ledger.read()[0].values()
            for row in document["rows"]
        ]
        return sorted(rows, key=lambda caption: caption.span)

    def search_words(
        self, query: str, kind: WordKind, top_k: int = 10, within: Span | None = None
    ) -> list[WordHit]:
        """Return the lines said (`speech`), read (`text`) or written (`caption`) that match."""
        with self._guard:
            self._load_words(kind)
            return find_words(self._tables, query, kind, top_k, within)

    def reload(self, kind: WordKind) -> None:
        """Forget the words of one kind, so that the next search sees what was added since."""
        with self._guard:
            self._loaded.discard(kind)

    def _load_words(self, kind: WordKind) -> None:
        if kind == "speech" or kind in self._loaded:
            return
        drop_words(self._tables, kind)
        if kind == "text":
            add_words(
                self._tables, kind, ((line.span, line.text, "screen") for line in self.texts())
            )
        else:
            add_words(self._tables, kind, ((c.span, c.text, c.key) for c in self.captions()))
        self._loaded.add(kind)

    def get_caption(self, span: Span, key: str) -> str | None:
        """Return the caption of exactly this span and key, None when there is none yet."""
        document = self.caption_ledger.read_one(minute_of(span.start)) or {"rows": []}
        for row in document["rows"]:
            if (row["start"], row["end"], row["key"]) == (span.start, span.end, key):
                return row["text"]
        return None

    def put_caption(self, span: Span, key: str, text: str) -> None:
        """Keep a caption, in place of one of the same span and key.

        Raises:
            IndexLocked: another process keeps writing this index.
        """
        minute = minute_of(span.start)
        new = {"start": span.start, "end": span.end, "key": key, "text": text}
        with write_lock(self.lock_path, wait=_WAIT_SECONDS):
            document = self.caption_ledger.read_one(minute) or {"rows": []}
            rows = [
                row
                for row in document["rows"]
                if (row["start"], row["end"], row["key"]) != (span.start, span.end, key)
            ]
            self.caption_ledger.put(minute, {"rows": [*rows, new]})
        self.reload("caption")
