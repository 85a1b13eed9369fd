"""Cut a film into shots: the samples say where to look, the frames between them decide.

A cut is one frame to the next; motion and fades spread over many. Two samples that differ much, or
more than the samples around them, are a suspicion, and so is a second between two that hold cuts.
There every frame is looked at, small. Encoders start a new group of pictures at a cut: where one
starts out of turn, that one picture decides alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..frames import Frames
from ..probing.timeline import Timeline
from .cuts import AROUND, LUMA, cut_rows, shifted_steps, steps_of

MIN_SHOT = 0.5
# two samples are worth a closer look when no shift of the picture makes them more alike than this
# (mean absolute luma difference, 0 to 255) and their brightnesses differ by this, sorted by size
_UNLIKE, _UNLIKE_LIGHT = 10.0, 3.0
# or when they differ by more than this and more than the samples around them, by this factor
_SUSPECT, _SUSPECT_FACTOR = 0.8, 2.0
# an entry point between two samples must differ as much as this from the first one
_PLAIN_CUT = 25.0
# without a decoder the samples alone decide
_PLAIN, _PLAIN_FACTOR = 12.0, 3.0
# so many cuts within so many seconds: it is cut fast there, and no second is left out
_FAST_CUTS, _FAST_SECONDS = 3, 3.5
# a picture as large as this beside the entry point that was to explain a cut explains it as well
_OTHER_PICTURE = 0.4
_SIZE = (64, 36)
# gaps refined in one call: bounds the memory, 64 gaps of 30 frames at 64x36 are 13 MB
_GROUP = 64
# share of the film's gaps that may be decoded in full, those with the largest steps first
_MOST, _FEWEST_GAPS = 0.6, 160
# films sampled more sparsely than this are not worth decoding whole gaps of, unless they have
# no more frames than this between two samples
_LONGEST_GAP, _FEW_FRAMES = 4.0, 6


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
) -> list[float]:
    """Return the times of the cuts: each is the first frame of a new shot.

    Args:
        thumbs: uint8 [N, 16, 16] luma of the sampled frames.
        seconds: float64 [N], ascending.
        decoder: of the same film; without it a cut is placed at the first sample behind it.
    """
    if len(thumbs) != len(seconds):
        raise ValueError(f"{len(thumbs)} thumbs for {len(seconds)} seconds: give one each")
    if decoder is None:
        return _plain_cuts(thumbs, seconds)
    if not len(thumbs):
        return []
    # the last sample is not the last frame
    ends = np.append(seconds, max(float(decoder.timeline.seconds[-1]), float(seconds[-1])))
    frames = np.diff(decoder.timeline.rows(ends))
    few = (frames > 0) & (frames <= _FEW_FRAMES)
    steps = steps_of(thumbs)
    usual = _usual_step(steps) if len(steps) else steps
    marked = _unlike(thumbs) | (steps > np.maximum(_SUSPECT, _SUSPECT_FACTOR * usual))
    entries = _cuts_at_entries(np.flatnonzero(marked & ~few[:-1]), thumbs, seconds, decoder)
    found = {second: float(steps[gap]) for gap, second in entries.items()}
    # nothing is known of what comes after the last sample: that gap is marked too
    gaps = np.setdiff1d(np.flatnonzero(np.append(marked, True) | few), list(entries))
    most = max(_FEWEST_GAPS, round(_MOST * len(steps)))
    gaps, left = _affordable(gaps, np.append(steps, steps.max(initial=0.0)), ends, few, most)
    # too many, or too long to decode: a plain step between two samples has to do
    plain = left[(steps > np.maximum(_PLAIN, _PLAIN_FACTOR * usual))[left]]
    found |= {float(ends[gap + 1]): float(steps[gap]) for gap in plain}
    found |= _refine(gaps, ends, decoder)
    seen = np.append(gaps, list(entries)).astype(np.int64)
    while len(more := _fast_gaps(found, ends, seen)) and len(seen) < most:
        found |= _refine(more[: most - len(seen)], ends, decoder)
        seen = np.append(seen, more)
    return _apart(found)


def _affordable(
    gaps: np.ndarray, steps: np.ndarray, ends: np.ndarray, few: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide gaps into those decoded in full, ascending, and the others, less the film's last."""
    gaps = gaps[np.argsort(-steps[gaps], kind="stable")]
    long = (np.diff(ends)[gaps] > _LONGEST_GAP) & ~few[gaps]
    left = np.append(gaps[~long][most:], gaps[long])
    return np.sort(gaps[~long][:most]), left[left < len(steps) - 1]


def _unlike(thumbs: np.ndarray) -> np.ndarray:
    """Return bool [N - 1]: neighbours that neither a moving camera nor moving things explain."""
    light = np.sort(thumbs.reshape(len(thumbs), -1), axis=1)
    moved = shifted_steps(thumbs[:-1], thumbs[1:], 4, 4)
    return (moved > _UNLIKE) & (steps_of(light) > _UNLIKE_LIGHT)


def _plain_cuts(thumbs: np.ndarray, seconds: np.ndarray) -> list[float]:
    """Return the samples that do not continue the one before them."""
    if len(thumbs) < 2:
        return []
    steps = steps_of(thumbs)
    plain = steps > np.maximum(_PLAIN, _PLAIN_FACTOR * _usual_step(steps))
    return _apart(dict(zip(seconds[1:][plain].tolist(), steps[plain], strict=True)))


def _fast_gaps(found: dict[float, float], ends: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the gaps not looked at yet where cuts follow fast: two in one gap show nothing."""
    gaps = np.setdiff1d(np.arange(len(ends) - 1), seen)
    cuts = np.array(sorted(found))
    middles = (ends[gaps] + ends[gaps + 1]) / 2
    near = np.searchsorted(cuts, middles + _FAST_SECONDS) - np.searchsorted(
        cuts, middles - _FAST_SECONDS
    )
    return gaps[near >= _FAST_CUTS]


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
    alone = [
        _is_alone(timeline, int(early[after[p]]), seconds[gaps[p] : gaps[p] + 2]) for p in single
    ]
    single = single[np.array(alone, bool)]
    if not len(single):
        return {}
    frames = decoder.frames(times[after[single]], (16, 16))
    have = dict(zip(frames.seconds.tolist(), frames.pixels @ LUMA, strict=True))
    cuts = {}
    for place in single:
        gap, second = int(gaps[place]), float(times[after[place]])
        if second not in have:
            continue
        before, behind = thumbs[gap].astype(float), thumbs[gap + 1].astype(float)
        from_before = np.abs(have[second] - before).mean()
        if from_before > _PLAIN_CUT and from_before > 3 * np.abs(have[second] - behind).mean():
            cuts[gap] = second
    return cuts


def _is_alone(timeline: Timeline, entry: int, gap: np.ndarray) -> bool:
    """Say whether no other picture between two samples is as large as one after a cut would be."""
    first, last = timeline.rows(gap)
    if entry == last:
        return False  # the sample itself: that it looks like the sample says nothing
    sizes = timeline.packets.size[timeline.order]
    around = np.delete(sizes[first + 1 : last + 1], entry - first - 1)
    return len(around) == 0 or int(around.max()) < _OTHER_PICTURE * int(sizes[entry])


def _usual_step(steps: np.ndarray) -> np.ndarray:
    """Return the median step around each step, itself left out."""
    reach = 4
    padded = np.pad(steps, reach, mode="reflect" if len(steps) > reach else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.median(np.delete(windows, reach, axis=1), axis=1)


def _refine(gaps: np.ndarray, ends: np.ndarray, decoder: FrameSource) -> dict[float, float]:
    """Look at every frame of these gaps; return cuts and their steps.

    Args:
        gaps: numbers of gaps, ascending; gap n lies between `ends[n]` and `ends[n + 1]`.
        ends: float64, seconds.
        decoder: of the film.
    """
    timeline = decoder.timeline
    rows = timeline.rows(ends)
    cuts: dict[float, float] = {}
    for at in range(0, len(gaps), _GROUP):
        group = gaps[at : at + _GROUP]
        inside = np.zeros(len(timeline), bool)
        wanted = np.zeros(len(timeline), bool)
        for gap in group:
            inside[rows[gap] + 1 : rows[gap + 1] + 1] = True
            # a margin on both sides tells what steps are usual here
            wanted[max(0, rows[gap] - AROUND) : rows[gap + 1] + AROUND + 1] = True
        frames = decoder.frames(timeline.seconds[wanted], _SIZE)
        place = timeline.rows(frames.seconds)
        for part in np.split(np.arange(len(place)), np.flatnonzero(np.diff(place) > 1) + 1):
            for row, step in cut_rows(frames.take(part)):
                if inside[place[part[row]]]:
                    cuts[float(frames.seconds[part[row]])] = step
    return cuts


def _apart(cuts: dict[float, float]) -> list[float]:
    """Drop the weaker of two cuts that are too close, and any too close to the start."""
    kept: list[float] = []
    for cut in sorted(cuts, key=lambda second: -cuts[second]):
        if cut >= MIN_SHOT and all(abs(cut - other) >= MIN_SHOT for other in kept):
            kept.append(cut)
    return sorted(kept)
