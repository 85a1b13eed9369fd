"""On-screen text of a film: read where a question needs it first, then the rest, never twice.

Looking for text costs more than decoding, so it is looked for where something changed: not in
near-duplicates, at most every two seconds inside a shot, and always after a cut. What was read
stays read while its pixels stay the same. A pass that is stopped keeps what it read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..film_index import FilmIndex
from ..progress import Listener, Meter
from ..protocols import Reader
from ..storage.annotations import minute_of, minute_span
from ..storage.lock import TEXT_PASS, write_lock
from ..storage.sealed import sweep
from ..video.decode import Decoder, stream_frames
from ..video.frames import Box
from ..video.span import Span, merge_spans, subtract
from .page import Page, detect_in_tiles
from .text_ledger import COARSE, FINE, keep_reading, read_stretches

# seconds between two looks inside a shot: in passing, and where the text is wanted
STRIDE_SECONDS = {COARSE: 2.0, FINE: 1.0}
# wide enough to read letters of 2.5 % of the height; where text is wanted, the film's own pixels
_LONG_SIDE = {COARSE: 1280, FINE: 3840}
# so few frames are quicker had from the warm decoder than from new processes
_FEW = 24
_WAIT_SECONDS = 900.0
# frames looked at side by side; one thread each wastes less than two threads on one
_DETECTORS = 2
# frames found ahead of the reading, so that the detectors do not wait while a line is read
_AHEAD = 4
_SLIVER = 1e-3


@dataclass(frozen=True, slots=True)
class Look:
    """One frame to look for text in.

    Attributes:
        second: the sampled instant.
        start, end: the time that it stands for, up to the next look or the cut before it.
        piece: the stretch, inside one minute, that is read and kept together.
    """

    second: float
    start: float
    end: float
    piece: Span


def ensure_text(
    index: FilmIndex,
    decoder: Decoder,
    reader: Reader,
    *,
    spans: Sequence[Span] | None = None,
    whole_film: bool | None = None,
    until: Callable[[], bool] | None = None,
    progress: Listener | None = None,
) -> bool:
    """Read on-screen text, unless that was done before; the index's words have it afterwards.

    Args:
        index: the film's index.
        decoder: of the same film.
        reader: finds and reads text.
        spans: read these first, in this order, at the film's own pixels.
        whole_film: then read all the rest; by default only where no spans are given.
        until: asked before every frame; once it says True, reading stops.
        progress: called after every frame; it may raise to stop. What was read is kept.

    Returns:
        Whether all that was asked for has been read, now or before.

    Raises:
        IndexLocked: another process has been reading this film's text for very long.
    """
    whole = spans is None if whole_film is None else whole_film
    if not _pieces(index, spans or (), whole):
        return True
    with write_lock(index.lock_path.with_suffix(TEXT_PASS), wait=_WAIT_SECONDS):
        sweep(index.text_ledger.folder)
        # another process may have read them while this one waited
        pieces = _pieces(index, spans or (), whole)
        work = [
            (detail, [look for _, _, piece in group for look in looks_of(index, piece, detail)])
            for (detail, _), group in groupby(pieces, key=lambda item: item[:2])
        ]
        total = sum(len(looks) for _, looks in work)
        meter = Meter(progress, "text", total, "frames")
        done = 0
        try:
            for detail, looks in work:
                with closing(_read(index, decoder, reader, detail, looks, until)) as read:
                    for _ in read:
                        done += 1
                        meter.tell(done)
                if until is not None and until():
                    break
        finally:
            index.reload()
    return done == total


def _pieces(index: FilmIndex, spans: Sequence[Span], whole: bool) -> list[tuple[int, int, Span]]:
    """Return (detail, turn, stretch) of what is still to be read, cut at full minutes."""
    film = Span(0.0, index.info.duration)
    seen = read_stretches(index.text_ledger, FINE)
    pieces: list[tuple[int, int, Span]] = []
    for turn, span in enumerate(spans):
        inside = span.clamp(film.end)[0]
        parts = subtract(inside, seen) if inside else []
        pieces += [(FINE, turn, piece) for part in parts for piece in _by_minute(part)]
        seen = merge_spans([*seen, *parts])
    if whole:
        seen = merge_spans([*seen, *read_stretches(index.text_ledger, COARSE)])
        rest = subtract(film, seen)
        pieces += [(COARSE, 0, piece) for part in rest for piece in _by_minute(part)]
    return [item for item in pieces if item[2].duration > _SLIVER]


def _by_minute(span: Span) -> list[Span]:
    minutes = range(minute_of(span.start), minute_of(span.end - _SLIVER / 2) + 1)
    parts = (minute_span(minute, span.end) for minute in minutes)
    return [Span(max(part.start, span.start), min(part.end, span.end)) for part in parts]


def _read(
    index: FilmIndex,
    decoder: Decoder,
    reader: Reader,
    detail: int,
    looks: Sequence[Look],
    until: Callable[[], bool] | None,
) -> Generator[Look]:
    """Read looks in turn and keep each piece once it is finished, or as far as it came."""
    detect = detect_in_tiles(reader) if detail == FINE else reader.detect
    with closing(_detect(_decode(index, decoder, looks, _LONG_SIDE[detail]), detect)) as found:
        for piece, group in groupby(looks, key=lambda look: look.piece):
            page, reached = Page(reader), piece.start
            try:
                for look in group:
                    if until is not None and until():
                        return
                    pixels, boxes = next(found)
                    if pixels is not None:
                        page.look(pixels, boxes, look.start, look.end)
                    reached = look.end
                    yield look
            finally:
                if reached > piece.start:
                    stretch = Span(piece.start, reached)
                    minute = minute_of(piece.start)
                    lines = page.close()
                    keep_reading(
                        index.text_ledger, minute, reader.id, stretch, detail, lines, page.unread
                    )


def looks_of(index: FilmIndex, piece: Span, detail: int = COARSE) -> list[Look]:
    """Return the frames of a stretch to look for text in; together they stand for all of it."""
    low, high = np.searchsorted(index.sample_seconds, [piece.start, piece.end])
    if low == high:  # between two samples
        return [Look(piece.middle, piece.start, piece.end, piece)]
    seconds, rows = index.sample_seconds[low:high], index.row_of_sample[low:high]
    cuts = np.array([shot.start for shot in index.shots])
    shots = np.searchsorted(cuts, seconds, side="right") - 1
    chosen = [0]
    for at in range(1, len(seconds)):
        last = chosen[-1]
        soon = seconds[at] - seconds[last] < STRIDE_SECONDS[detail] - _SLIVER
        if rows[at] != rows[last] and not (shots[at] == shots[last] and soon):
            chosen.append(at)
    starts = [piece.start]
    for at in chosen[1:]:
        cut = float(cuts[shots[at]]) if shots[at] != shots[at - 1] else -1.0
        starts.append(max(cut, starts[-1] + _SLIVER) if cut >= 0 else float(seconds[at]))
    ends = [*starts[1:], piece.end]
    return [
        Look(float(seconds[at]), start, end, piece)
        for at, start, end in zip(chosen, starts, ends, strict=True)
        if end > start
    ]


def _decode(
    index: FilmIndex, decoder: Decoder, looks: Sequence[Look], long_side: int
) -> Generator[np.ndarray | None]:
    """Yield the frame of every look in turn, uint8 [H, W, 3], None where it does not decode."""
    width, height = index.info.width, index.info.height
    share = min(1.0, long_side / max(width, height))
    size = max(1, round(width * share)), max(1, round(height * share))
    seconds = [look.second for look in looks]
    if len(seconds) <= _FEW:
        for second in seconds:
            frames = decoder.frames([second], size)
            yield frames.pixels[0] if len(frames) else None
        return
    known = decoder.info, decoder.timeline
    given = 0
    with closing(
        stream_frames(decoder.path, seconds, size, workers=1, chunk=16, thumbs=False, known=known)
    ) as stream:
        for part in stream:
            for row, pixels in zip(part.rows, part.frames.pixels, strict=True):
                yield from [None] * (int(row) - given)
                yield pixels
                given = int(row) + 1
    yield from [None] * (len(seconds) - given)


def _detect(
    frames: Generator[np.ndarray | None], detect: Callable[[np.ndarray], list[Box]]
) -> Generator[tuple[np.ndarray | None, list[Box]]]:
    """Yield every frame with the places of its text, a few frames being looked at ahead."""
    ahead: deque[tuple[np.ndarray | None, Future[list[Box]] | None]] = deque()

    def take() -> tuple[np.ndarray | None, list[Box]]:
        pixels, boxes = ahead.popleft()
        return pixels, boxes.result() if boxes else []

    with closing(frames), ThreadPoolExecutor(_DETECTORS) as pool:
        for pixels in frames:
            work = None if pixels is None else pool.submit(detect, pixels)
            ahead.append((pixels, work))
            if len(ahead) > _AHEAD:
                yield take()
        while ahead:
            yield take()
