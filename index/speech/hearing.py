"""The pass over a film's sound: what was heard is kept chunk by chunk, and never heard twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import numpy as np

from ..film_index import FilmIndex
from ..progress import FILM_SECONDS, Listener, Meter
from ..protocols import Transcriber, Utterance
from ..storage.lock import SPEECH_PASS, write_lock
from ..storage.sealed import sweep
from ..video.sound import Damage, stream_sound
from ..video.span import Span, merge_spans, subtract
from .chunks import OVERLAP, Chunk, chunks_of
from .joining import Heard
from .ledger import SpeechLedger, shifted

_WAIT_SECONDS = 3600.0
# a stretch that is shorter holds no word
_SLIVER = 0.2


class _Stopped(Exception):
    """The time is up."""


def ensure_speech(
    index: FilmIndex,
    transcriber: Transcriber,
    *,
    spans: Sequence[Span] | None = None,
    whole_film: bool | None = None,
    until: Callable[[], bool] | None = None,
    progress: Listener | None = None,
) -> bool:
    """Hear what is said, unless that was done before; the index's words have it afterwards.

    Args:
        index: the film's index.
        transcriber: hears speech.
        spans: hear these first, in this order.
        whole_film: then hear all the rest; by default only where no spans are given.
        until: asked after every utterance; once it says True, hearing stops.
        progress: called after every utterance; it may raise to stop. What was heard is kept.

    Returns:
        Whether all that was asked for has been heard, now or before.

    Raises:
        InputError: the film has no sound that we decode.
        IndexLocked: another process has been hearing this film for very long.
    """
    whole = spans is None if whole_film is None else whole_film
    index.use_heard(transcriber.id)
    if not _pieces(index, spans or (), whole):
        return True
    ledger = SpeechLedger.of_model(index.directory, transcriber.id)
    with write_lock(index.lock_path.with_suffix(SPEECH_PASS), wait=_WAIT_SECONDS):
        sweep(ledger.folder)
        # another process may have heard it while this one waited
        pieces = _pieces(index, spans or (), whole)
        job = _Job(index, transcriber, ledger, until, pieces, progress)
        try:
            for piece in pieces:
                job.hear(piece)
        except _Stopped:
            return False
        finally:
            index.reload()
    return True


def _pieces(index: FilmIndex, spans: Sequence[Span], whole: bool) -> list[Span]:
    """Return the stretches that are still to be heard, in the order wanted."""
    film = Span(0.0, index.info.duration)
    seen = index.heard_spans()
    pieces: list[Span] = []
    for span in [*spans, *([film] if whole else [])]:
        inside = span.clamp(film.end)[0]
        parts = subtract(inside, seen) if inside else []
        pieces += parts
        seen = merge_spans([*seen, *parts])
    return [piece for piece in pieces if piece.duration > _SLIVER]


class _Job:
    """Hears stretches of a film, telling how far it is in seconds of film."""

    def __init__(
        self,
        index: FilmIndex,
        transcriber: Transcriber,
        ledger: SpeechLedger,
        until: Callable[[], bool] | None,
        pieces: Sequence[Span],
        progress: Listener | None,
    ) -> None:
        self.index, self.transcriber, self.ledger = index, transcriber, ledger
        self.until = until
        self.damage = Damage()
        total = round(sum(piece.duration for piece in pieces))
        self.meter = Meter(progress, "hearing", max(1, total), FILM_SECONDS)
        self.done = 0.0

    def hear(self, piece: Span) -> None:
        """Hear one stretch, chunk by chunk."""
        if self.until is not None and self.until():
            raise _Stopped
        sound = stream_sound(
            self.index.info.path,
            (self.index.info, self.index.timeline),
            start=max(0.0, piece.start - OVERLAP),
            damage=self.damage,
        )
        before = self.damage.lost = 0.0
        with closing(sound):
            for chunk in chunks_of(sound, piece):
                self._hear_chunk(chunk, self.damage.lost - before)
                before = self.damage.lost
                self.done += chunk.span.duration

    def _hear_chunk(self, chunk: Chunk, lost: float) -> None:
        said: list[Utterance] = []
        whole = False
        try:
            samples = chunk.samples.astype(np.float32) / 32768.0
            for utterance in self.transcriber.transcribe(samples):
                said.append(shifted(utterance, chunk.start))
                reached = min(chunk.span.end, max(chunk.span.start, said[-1].end))
                self.meter.tell(int(self.done + reached - chunk.span.start))
                if self.until is not None and self.until():
                    raise _Stopped
            whole = True
        finally:
            # what an interrupted chunk has heard up to its last pause is kept as well
            end = chunk.span.end if whole else min(chunk.span.end, said[-1].end) if said else 0.0
            if end > chunk.span.start + _SLIVER:
                kept = Heard(Span(chunk.span.start, end), tuple(said), lost)
                self.ledger.put(kept, self.transcriber.name)
        self.meter.tell(int(self.done + chunk.span.duration))
