"""A film's index, open for reading: what search and the tools look things up in."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .protocols import TextEncoder
from .speech.ledger import SpeechLedger
from .storage.annotations import Ledger
from .storage.lock import write_lock
from .storage.tables import Derived, read_derived
from .telling.known_names import keep_names, other_names, read_names
from .video.probing.probe import FilmInfo
from .video.span import Span
from .video.subtitles import Cue, SubtitleTrack
from .words.captions import Caption, keep_captions, read_caption, read_captions
from .words.lines import Line, WordHit, WordKind, check_kinds
from .words.passages import FilmWords, Passage
from .words.picture_subtitles import with_read_lines
from .words.speech import choose_speech
from .words.text_ledger import read_lines, read_stretches, unread_stretches

# the writer of another process finishes a minute of text or a caption well within this
_WAIT_SECONDS = 60.0


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
        self._words: FilmWords | None = None
        self._names: list[list[str]] | None = None
        derived: Derived = read_derived(tables)
        self.timeline = derived.timeline
        self.shots, self.clips = derived.shots, derived.clips
        self.coverage, self.caveats = derived.coverage, list(derived.caveats)
        self.subtitle_tracks = with_read_lines(self, derived.tracks)
        self.subtitles: SubtitleTrack | None = None
        self._told: tuple[str, ...] = ()
        self._heard_by: str | None = None
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
        from .storage.store import flat_index

        return flat_index(self.vectors)

    def choose_subtitles(self, wanted: str = "auto", question: str = "") -> None:
        """Use one subtitle track from now on, and name the others in `caveats`.

        Args:
            wanted: a language, a subtitle file, `ocr`, `ocr:LANG`, `auto` or `none`.
            question: in words; with `auto` a track of its language is used where there is one.

        Raises:
            UsageError: `wanted` is no language and no subtitle file.
        """
        offset = self.timeline.sidecar_offset
        choice = choose_speech(self.subtitle_tracks, self.info, wanted, question, offset)
        with self._guard:
            if choice.track != self.subtitles:
                self._words = None
            self.subtitles = choice.track
            kept = [caveat for caveat in self.caveats if caveat not in self._told]
            self.caveats, self._told = [*kept, *choice.notes], choice.notes

    def reload_subtitles(self) -> None:
        """See what OCR has read of picture subtitles since the index was opened."""
        with self._guard:
            self.subtitle_tracks = with_read_lines(self, self.subtitle_tracks)

    def cues(self) -> list[Cue]:
        """Return the lines spoken, in time order."""
        return list(self.subtitles.cues) if self.subtitles is not None else []

    def use_heard(self, model: str | None) -> None:
        """Use what this model heard (by its id); None for the model that heard most."""
        with self._guard:
            if model != self._heard_by:
                self._heard_by, self._words = model, None

    def _heard(self) -> SpeechLedger | None:
        return SpeechLedger.find(self.directory, self._heard_by)

    def heard(self) -> list[Line]:
        """Return the lines heard so far, in time order (see `speech.hearing.ensure_speech`)."""
        ledger = self._heard()
        return ledger.lines(self.info.duration) if ledger is not None else []

    def heard_spans(self) -> list[Span]:
        """Return the stretches of the film whose sound has been heard, in time order."""
        ledger = self._heard()
        return ledger.spans() if ledger is not None else []

    def speech_lines(self) -> list[Line]:
        """Return what is said: the lines of the subtitles in use, else those that were heard."""
        if self.subtitles is None:
            return self.heard()
        sure = not self.subtitles.uncertain
        return [
            Line(c.span, c.text, "speech", c.source, certain=sure and c.certain)
            for c in self.cues()
        ]

    def speech_sources(self) -> list[str]:
        """Say where speech is known from, the one in use first: `subtitles en`, `whisper base`."""
        sources = []
        if self.subtitles is not None:
            sources.append(f"subtitles {self.subtitles.language or 'of unknown language'}")
        ledger = self._heard()
        if ledger is not None:
            sources.append(ledger.describe(self.info.duration))
        return sources

    def texts(self) -> list[Line]:
        """Return the on-screen text read so far, in time order (see `text_pass.ensure_text`)."""
        return read_lines(self.text_ledger)

    def text_read(self) -> list[Span]:
        """Return the stretches of the film whose on-screen text has been read, in time order."""
        return read_stretches(self.text_ledger)

    def text_unread(self) -> list[Span]:
        """Return when something looked like text and the OCR could not read it, in time order."""
        return unread_stretches(self.text_ledger)

    def captions(self) -> list[Caption]:
        """Return the captions written so far, in time order."""
        return read_captions(self.caption_ledger)

    def words(self) -> FilmWords:
        """Return all words known of the film so far: speech, on-screen text, captions."""
        with self._guard:
            if self._words is None:
                spoken = self.speech_lines()
                written = [Line(c.span, c.text, "caption", c.key) for c in self.captions()]
                self._words = FilmWords([*spoken, *self.texts(), *written], self.directory)
            return self._words

    def search_words(
        self,
        query: str,
        kinds: WordKind | Sequence[WordKind] | None = None,
        top_k: int = 10,
        within: Span | None = None,
        text_encoder: TextEncoder | None = None,
    ) -> list[WordHit]:
        """Return the lines that hold words of a query, or mean the like, best first.

        Args:
            query: words or a whole question, in any script.
            kinds: `speech`, `text` (on screen), `caption`; all where it is None.
            top_k: how many lines at most.
            within: only lines that touch this span.
            text_encoder: also finds lines by meaning.

        Raises:
            UsageError: an unknown kind.
        """
        with self._guard:
            words, wanted = self.words(), check_kinds(kinds)
            hits = words.search(query, wanted, top_k, within, text_encoder)
            # the same person or thing by its other names; what the query itself found stays first
            for name in other_names(query, self.names()):
                hits += words.search(name, wanted, top_k, within)
            found: dict[Line, WordHit] = {}
            for hit in hits:
                found.setdefault(hit.line, hit)
            return list(found.values())[:top_k]

    def passages(
        self,
        queries: str | Sequence[str],
        kinds: WordKind | Sequence[WordKind] | None = None,
        top_k: int = 5,
        within: Span | None = None,
        text_encoder: TextEncoder | None = None,
    ) -> list[Passage]:
        """Return the passages that answer any of the queries, best first.

        A passage of speech is 15 to 60 s of whole sentences where the film has them; one of
        on-screen text is a whole slide. Its `score` is the share of the query's information that
        was found in it, so that an absent phrase scores low. Arguments as in `search_words`.

        Raises:
            UsageError: an unknown kind.
        """
        asked = [queries] if isinstance(queries, str) else list(queries)
        asked = [query for query in asked if query.strip()]
        names = self.names()
        asked += [name for query in asked for name in other_names(query, names)]
        with self._guard:
            return self.words().passages(asked, check_kinds(kinds), top_k, within, text_encoder)

    def names(self) -> list[list[str]]:
        """Return who and what the film names, all forms of each, once it was told."""
        with self._guard:
            if self._names is None:
                self._names = read_names(self.directory)
            return self._names

    def keep_names(self, forms: Sequence[Sequence[str]]) -> None:
        """Keep who and what the film names: a search by one form finds the others.

        Raises:
            IndexProblem: the disk is full or read-only.
        """
        with self._guard:
            keep_names(self.directory, forms)
            self._names = None

    def reload(self) -> None:
        """Forget the words, so that the next search sees what was added since."""
        with self._guard:
            self._words = None

    def get_caption(self, span: Span, key: str) -> str | None:
        """Return the caption of exactly this span and key, None when there is none yet."""
        return read_caption(self.caption_ledger, span, key)

    def put_caption(self, span: Span, key: str, text: str) -> None:
        """Keep a caption, in place of one of the same span and key (see `put_captions`)."""
        self.put_captions([Caption(span, key, text)])

    def put_captions(self, captions: Sequence[Caption]) -> None:
        """Keep captions, each in place of one of the same span and key.

        Raises:
            IndexLocked: another process keeps writing this index.
            IndexProblem: the disk is full or read-only.
        """
        with write_lock(self.lock_path, wait=_WAIT_SECONDS):
            keep_captions(self.caption_ledger, captions)
        self.reload()
