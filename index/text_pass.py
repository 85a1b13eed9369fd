"""On-screen text of a whole film, read the first time a question needs it.

Looking for text costs more than decoding, so it is looked for where something changed: not in
near-duplicates, at most every two seconds inside a shot, and always after a cut. What was read
stays read while its pixels stay the same. Finished minutes are on disk at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from .annotations import CHUNK_SECONDS, minute_of, minute_span
from .film_index import FilmIndex
from .fulltext import OnScreenText
from .lock import write_lock
from .page import Page
from .progress import Listener, Meter
from .protocols import Reader
from .sealed import sweep
from .video.decode import Decoder, stream_frames
from .video.frames import Box
from .video.span import Span

STRIDE_SECONDS = 2.0
# wide enough to read letters of 2.5 % of the height, and never more than the film has
_LONG_SIDE = 1280
# so few frames are quicker had from the warm decoder than from new processes
_FEW = 24
_WAIT_SECONDS = 900.0
# frames looked at side by side; one thread each wastes less than two threads on one
_DETECTORS = 2


@dataclass(frozen=True, slots=True)
class Look:
    """One frame to look for text in.

    Attributes:
        minute: of the film, counted from 0.
        second: the sampled instant.
        start, end: the time that it stands for, up to the next look or the cut before it.
    """

    minute: int
    second: float
    start: float
    end: float


def ensure_text(
    index: FilmIndex,
    decoder: Decoder,
    reader: Reader,
    *,
    within: Span | None = None,
    progress: Listener | None = None,
) -> None:
    """Read the on-screen text of a film, or of a span of it, unless that was done before.

    Args:
        index: the film's index; `index.texts()` and word search have the text afterwards.
        decoder: of the same film.
        reader: finds and reads text.
        within: only the minutes that this touches.
        progress: called after every look; it may raise to stop, finished minutes are kept.

    Raises:
        IndexLocked: another process has been reading this film's text for very long.
    """
    wanted = minutes_of(index, within)
    if wanted <= index.text_minutes():
        return
    with write_lock(index.lock_path.with_suffix(".text"), wait=_WAIT_SECONDS):
        sweep(index.text_ledger.folder)
        # another process may have read them while this one waited
        todo = sorted(wanted - index.text_minutes())
        looks = {minute: looks_of(index, minute) for minute in todo}
        flat = [look for minute in todo for look in looks[minute]]
        meter = Meter(progress, "text", len(flat), "frames")
        with closing(_detect(_decode(index, decoder, flat), reader)) as found:
            done = 0
            for minute in todo:
                page = Page(reader)
                for look in looks[minute]:
                    pixels, boxes = next(found)
                    if pixels is not None:
                        page.look(pixels, boxes, look.start, look.end)
                    done += 1
                    meter.tell(done)
                rows = [_row(line) for line in page.close()]
                index.text_ledger.put(minute, {"reader": reader.id, "rows": rows})
    index.reload("text")


def minutes_of(index: FilmIndex, within: Span | None) -> set[int]:
    """Return the minutes of a film that a span touches; all of them without a span."""
    film = Span(0.0, index.info.duration)
    span = within.clamp(film.end)[0] if within else film
    if span is None:
        return set()
    last = int(np.ceil(span.end / CHUNK_SECONDS))
    return set(range(minute_of(span.start), max(last, minute_of(span.start) + 1)))


def looks_of(index: FilmIndex, minute: int) -> list[Look]:
    """Return the frames of one minute to look for text in."""
    span = minute_span(minute, index.info.duration)
    low, high = np.searchsorted(index.sample_seconds, [span.start, span.end])
    seconds, rows = index.sample_seconds[low:high], index.row_of_sample[low:high]
    cuts = np.array([shot.start for shot in index.shots])
    shots = np.searchsorted(cuts, seconds, side="right") - 1
    starts: list[tuple[float, float]] = []
    last = -1
    for at in range(len(seconds)):
        if last >= 0:
            same_shot = shots[at] == shots[last]
            soon = seconds[at] - seconds[last] < STRIDE_SECONDS
            if rows[at] == rows[last] or (same_shot and soon):
                continue
        cut = float(cuts[shots[at]]) if at and shots[at] != shots[at - 1] else -1.0
        starts.append(
            (float(seconds[at]), max(cut, span.start) if cut >= 0 else float(seconds[at]))
        )
        last = at
    ends = [start for _, start in starts[1:]] + [span.end]
    return [
        Look(minute, second, start, end)
        for (second, start), end in zip(starts, ends, strict=True)
        if end > start
    ]


def _decode(
    index: FilmIndex, decoder: Decoder, looks: Sequence[Look]
) -> Generator[np.ndarray | None]:
    """Yield the frame of every look in turn, uint8 [H, W, 3], None where it does not decode."""
    width, height = index.info.width, index.info.height
    share = min(1.0, _LONG_SIDE / max(width, height))
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
    frames: Generator[np.ndarray | None], reader: Reader
) -> Generator[tuple[np.ndarray | None, list[Box]]]:
    """Yield every frame with the places of its text, a few frames being looked at ahead."""
    ahead: deque[tuple[np.ndarray | None, Future[list[Box]] | None]] = deque()

    def take() -> tuple[np.ndarray | None, list[Box]]:
        pixels, boxes = ahead.popleft()
        return pixels, boxes.result() if boxes else []

    with closing(frames), ThreadPoolExecutor(_DETECTORS) as pool:
        for pixels in frames:
            work = None if pixels is None else pool.submit(reader.detect, pixels)
            ahead.append((pixels, work))
            if len(ahead) > _DETECTORS:
                yield take()
        while ahead:
            yield take()


def _row(line: OnScreenText) -> dict[str, Any]:
    box = line.box
    return {
        "start": line.span.start,
        "end": line.span.end,
        "text": line.text,
        "box": [round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)] if box else None,
        "score": round(line.score, 3),
    }
