"""Cut a film into shots: a coarse pass over the sampled thumbnails, then the exact frame.

A cut is one frame to the next; motion and fades spread over many. So a large step between two
samples is only a suspicion, and the frames between them decide. Encoders start a new group of
pictures at a cut: where one starts out of turn, that one picture decides alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from .frames import Frames
from .timeline import Timeline

MIN_SHOT = 0.5

# mean absolute luma difference, 0 to 255, that makes two samples worth a closer look, and how far
# it has to stand out from the steps around it
_SUSPECT, _SUSPECT_FACTOR = 6.0, 1.5
# a cut stands out from the steps around it by this factor, and by this much at least
_FACTOR, _STEP = 3.0, 5.0
_SIZE = (64, 36)
# gaps refined in one call: bounds the memory, 64 gaps of 30 frames at 64x36 are 13 MB
_GROUP = 64
# gaps decoded in full, those with the largest steps first: bounds the time, about a group of
# pictures each
_MOST_GAPS = 160
_LUMA = np.array([0.299, 0.587, 0.114])
# films sampled more sparsely than this are not worth decoding whole gaps of
_LONGEST_GAP = 4.0


class FrameSource(Protocol):
    """What is needed of a decoder."""

    @property
    def timeline(self) -> Timeline:
        """The exact times of the film's frames."""
        ...

    def frames(self, seconds: Sequence[float] | np.ndarray, size: tuple[int, int]) -> Frames:
        """Return the frames on screen at these seconds."""
        ...


def detect_shots(
    thumbs: np.ndarray,
    seconds: np.ndarray,
    decoder: FrameSource | None = None,
    *,
    min_shot: float = MIN_SHOT,
) -> list[float]:
    """Return the times of the cuts: each is the first frame of a new shot.

    Args:
        thumbs: uint8 [N, 16, 16] luma of the sampled frames.
        seconds: float64 [N], ascending.
        decoder: of the same film; without it a cut is placed at the first sample behind it.
        min_shot: seconds; of two cuts closer than this the stronger one stays.
    """
    if len(thumbs) != len(seconds):
        raise ValueError(f"{len(thumbs)} thumbs for {len(seconds)} seconds: give one each")
    if len(thumbs) < 2:
        return []
    steps = _steps(thumbs)
    usual = _usual_step(steps)
    plain = steps > np.maximum(2 * _SUSPECT, _FACTOR * usual)
    if decoder is None:
        return _apart(dict(zip(seconds[1:][plain].tolist(), steps[plain], strict=True)), min_shot)
    gaps = np.flatnonzero(steps > np.maximum(_SUSPECT, _SUSPECT_FACTOR * usual))
    at_entries = _cuts_at_entries(gaps, thumbs, seconds, decoder)
    found = {second: steps[gap] for gap, second in at_entries.items()}
    rest = np.setdiff1d(gaps, list(at_entries))
    rest = rest[np.argsort(-steps[rest], kind="stable")]
    found |= {float(seconds[gap + 1]): steps[gap] for gap in rest[_MOST_GAPS:] if plain[gap]}
    rest = np.sort(rest[:_MOST_GAPS])
    for at in range(0, len(rest), _GROUP):
        found |= _refine(rest[at : at + _GROUP], seconds, decoder)
    return _apart(found, min_shot)


def _cuts_at_entries(
    gaps: np.ndarray, thumbs: np.ndarray, seconds: np.ndarray, decoder: FrameSource
) -> dict[int, float]:
    """Return the gaps that an entry point out of turn explains, and the time of each cut."""
    timeline = decoder.timeline
    entries = np.flatnonzero(timeline.keyframe)
    lengths = np.diff(entries, prepend=entries[:1])
    # encoders close a group of its full length anyway: that says nothing about the picture
    full = lengths.max(initial=0)
    full = full if (lengths == full).sum() > 1 else full + 1
    early = entries[(lengths > 0) & (lengths < full)]
    times = timeline.seconds[early]
    after = np.searchsorted(times, seconds[gaps], side="right")
    until = np.searchsorted(times, seconds[gaps + 1], side="right")
    single = np.flatnonzero(until - after == 1)
    if not len(single):
        return {}
    frames = decoder.frames(times[after[single]], (16, 16))
    have = dict(zip(frames.seconds.tolist(), frames.pixels @ _LUMA, strict=True))
    cuts = {}
    for place in single:
        gap, second = int(gaps[place]), float(times[after[place]])
        if second not in have:
            continue
        before, behind = thumbs[gap].astype(float), thumbs[gap + 1].astype(float)
        from_before = np.abs(have[second] - before).mean()
        if from_before > _STEP and from_before > 2 * np.abs(have[second] - behind).mean():
            cuts[gap] = second
    return cuts


def _steps(pictures: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference of neighbours, float64 [N - 1]."""
    flat = pictures.reshape(len(pictures), -1)
    return np.array([np.abs(b.astype(np.int16) - a).mean() for a, b in pairwise(flat)])


def _usual_step(steps: np.ndarray, reach: int = 4) -> np.ndarray:
    """Return the median step around each step, itself left out."""
    padded = np.pad(steps, reach, mode="reflect" if len(steps) > reach else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.median(np.delete(windows, reach, axis=1), axis=1)


def _refine(gaps: np.ndarray, seconds: np.ndarray, decoder: FrameSource) -> dict[float, float]:
    """Look at every frame between the two samples of each gap; return cuts and their steps."""
    timeline = decoder.timeline
    rows: list[np.ndarray] = []
    for gap in gaps:
        if seconds[gap + 1] - seconds[gap] <= _LONGEST_GAP:
            first, last = timeline.at(float(seconds[gap])), timeline.at(float(seconds[gap + 1]))
            # a margin on both sides tells what steps are usual here
            rows.append(np.arange(max(0, first - 2), min(len(timeline), last + 3)))
    if not rows:
        return {}
    wanted = np.unique(np.concatenate(rows))
    frames = decoder.frames(timeline.seconds[wanted], _SIZE)
    have = {float(second): row for row, second in enumerate(frames.seconds)}
    cuts: dict[float, float] = {}
    for block in rows:
        places = [have[s] for s in timeline.seconds[block].tolist() if s in have]
        if len(places) >= 2:
            part = frames.take(places)
            cuts |= {float(part.seconds[row]): step for row, step in _cut_rows(part.pixels)}
    return cuts


def _cut_rows(pixels: np.ndarray) -> list[tuple[int, float]]:
    """Return the frames that do not continue the one before them, and how large the step is."""
    steps = _steps(pixels)
    # the upper fifth, not the median: one side of a cut may stand still while the other moves
    usual = float(np.quantile(steps, 0.8, method="lower"))
    rows = []
    for row in np.flatnonzero(steps > max(_STEP, _FACTOR * usual)):
        before, after = pixels[max(0, row - 1)], pixels[min(len(pixels) - 1, row + 2)]
        # a flash goes back to what was there
        changed = np.abs(after.astype(np.int16) - before).mean()
        if changed > steps[row] / 2:
            rows.append((int(row) + 1, float(steps[row])))
    return rows


def _apart(cuts: dict[float, float], min_shot: float) -> list[float]:
    """Drop the weaker of two cuts that are too close, and any too close to the start."""
    kept: list[float] = []
    for cut in sorted(cuts, key=lambda second: -cuts[second]):
        if cut >= min_shot and all(abs(cut - other) >= min_shot for other in kept):
            kept.append(cut)
    return sorted(kept)
