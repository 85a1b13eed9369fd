"""From a film to vectors, chunk by chunk, so that a killed run goes on where it stopped.

Chunks are fixed stretches of the sampling grid, whatever the decoder hands over at once: which
frames are compared and which share a batch then never depends on where an earlier run stopped, and
an interrupted index ends byte for byte like an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .journal import Chunk, Journal
from .protocols import Encoder
from .sampling import Deduper, signatures
from .video.decode import stream_frames
from .video.probing.probe import FilmInfo
from .video.probing.timeline import Timeline

CHUNK = 64
BATCH = 32
THUMB = 16
# grid positions int32 [n], pixels uint8 [n, H, W, 3], thumbs uint8 [n, 16, 16]
Piece = tuple[np.ndarray, np.ndarray, np.ndarray]
SAMPLE = np.dtype([("second", "<f8"), ("row", "<i4"), ("thumb", "u1", (THUMB, THUMB))])


@dataclass(frozen=True)
class Embedded:
    """The vectors of a film and its samples.

    Attributes:
        vectors: float16 [M, V, D], unit length, of the frames and their parts.
        samples: structured [N] of `SAMPLE`: instant, row in `vectors`, thumbnail.
    """

    vectors: np.ndarray
    samples: np.ndarray


def embed_film(
    path: Path,
    grid: np.ndarray,
    encoder: Encoder,
    journal: Journal,
    *,
    known: tuple[FilmInfo, Timeline],
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Embedded:
    """Embed the frames on screen at the instants of the grid; go on after the finished chunks.

    Decoding runs ahead in its own processes while this thread embeds.

    Args:
        path: the film.
        grid: float64 [G], seconds in ascending order.
        encoder: makes the vectors.
        journal: where finished chunks are.
        known: the film's facts and times, so that the workers need no pass of their own.
        workers: decoding processes.
        progress: called with the number of instants that are done.
    """
    chunks = journal.open()
    if progress:
        progress(min(len(chunks) * CHUNK, len(grid)))
    deduper = Deduper(chunks[-1].last if chunks and chunks[-1].last.size else None)
    if len(chunks) * CHUNK < len(grid):
        pieces = _fixed_pieces(path, grid, len(chunks), encoder.size, known, workers)
        with closing(pieces):
            for positions, pixels, thumbs in pieces:
                chunk = _embed_piece(positions, pixels, thumbs, encoder, deduper)
                journal.put(len(chunks), chunk)
                chunks.append(chunk)
                if progress:
                    progress(min(len(chunks) * CHUNK, len(grid)))
    return join_chunks(chunks, grid, encoder.dim)


def _embed_piece(
    positions: np.ndarray,
    pixels: np.ndarray,
    thumbs: np.ndarray,
    encoder: Encoder,
    deduper: Deduper,
) -> Chunk:
    kept = deduper.keep(signatures(pixels)) if len(pixels) else np.zeros(0, bool)
    fresh = np.flatnonzero(kept)
    vectors = [
        views_of(encoder, pixels[fresh[start : start + BATCH]]).astype(np.float16)
        for start in range(0, len(fresh), BATCH)
    ]
    last = deduper.last if deduper.last is not None else np.zeros((0, 0, 3), np.float32)
    return Chunk(positions, kept, thumbs, _join_vectors(vectors, encoder.dim), last)


def views_of(encoder: Encoder, pixels: np.ndarray) -> np.ndarray:
    """Return the vectors [N, V, D] of frames: several each, or one if the encoder has no more."""
    views = getattr(encoder, "encode_views", None)
    return np.asarray(views(pixels) if views else encoder.encode_frames(pixels)[:, None])


def _join_vectors(parts: Sequence[np.ndarray], dim: int) -> np.ndarray:
    """Join [n, V, D] arrays; those without rows do not know V."""
    full = [part for part in parts if len(part)]
    return np.concatenate(full or [np.zeros((0, 1, dim), np.float16)])


def _fixed_pieces(
    path: Path,
    grid: np.ndarray,
    done: int,
    size: tuple[int, int],
    known: tuple[FilmInfo, Timeline],
    workers: int,
) -> Generator[Piece]:
    """Yield the frames of every chunk of the grid after the first `done`."""
    number = done
    held = _no_frames(size)
    wanted = grid[done * CHUNK :]
    with closing(
        stream_frames(path, wanted, size, workers=workers, chunk=CHUNK, known=known)
    ) as stream:
        for part in stream:
            assert part.thumbs is not None, "stream_frames was asked for thumbnails"
            rows = np.asarray(part.rows, np.int32) + done * CHUNK
            held = _join(held, (rows, part.frames.pixels, part.thumbs))
            # frames come in time order: one beyond a chunk's end means that chunk is complete
            while len(rows) and rows[-1] >= (number + 1) * CHUNK:
                number += 1
                piece, held = _split(held, number * CHUNK)
                yield piece
    while number * CHUNK < len(grid):
        number += 1
        piece, held = _split(held, number * CHUNK)
        yield piece


def _join(a: Piece, b: Piece) -> Piece:
    joined = [np.concatenate(pair) for pair in zip(a, b, strict=True)]
    return joined[0], joined[1], joined[2]


def _split(piece: Piece, end: int) -> tuple[Piece, Piece]:
    positions, pixels, thumbs = piece
    at = int(np.searchsorted(positions, end))
    return (positions[:at], pixels[:at], thumbs[:at]), (positions[at:], pixels[at:], thumbs[at:])


def _no_frames(size: tuple[int, int]) -> Piece:
    return (
        np.zeros(0, np.int32),
        np.zeros((0, size[1], size[0], 3), np.uint8),
        np.zeros((0, THUMB, THUMB), np.uint8),
    )


def join_chunks(chunks: list[Chunk], grid: np.ndarray, dim: int) -> Embedded:
    """Put the chunks of a whole film together."""
    positions = np.concatenate([np.zeros(0, np.int32), *(c.positions for c in chunks)])
    kept = np.concatenate([np.zeros(0, bool), *(c.kept for c in chunks)])
    samples = np.zeros(len(positions), SAMPLE)
    samples["second"] = grid[positions]
    samples["row"] = np.cumsum(kept) - 1
    samples["thumb"] = np.concatenate(
        [np.zeros((0, THUMB, THUMB), np.uint8), *(c.thumbs for c in chunks)]
    )
    return Embedded(_join_vectors([c.vectors for c in chunks], dim), samples)


class Recorded:
    """An encoder that hands out the vectors of an earlier run again, in their order.

    Args:
        vectors: float16 [M, V, D].
        size: (width, height) that frames had in that run.
    """

    id = "recorded"

    def __init__(self, vectors: np.ndarray, size: tuple[int, int]) -> None:
        self.vectors = vectors
        self.dim = vectors.shape[2]
        self.size = size
        self.used = 0

    def encode_views(self, pixels: np.ndarray) -> np.ndarray:
        """Return the next vectors, zeros once there are no more."""
        rows = self.vectors[self.used : self.used + len(pixels)]
        self.used += len(pixels)
        return np.pad(rows, ((0, len(pixels) - len(rows)), (0, 0), (0, 0)))

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Return the next frames' own vectors."""
        return self.encode_views(pixels)[:, 0]

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Not a model: there is nothing to embed words with."""
        raise NotImplementedError
