"""One clock for a whole film, from the time stamps of its packets.

Where a transport or program stream was joined from several, or a recorder started again, the time
stamps of the container jump back. Players then go on counting; so does this module: the part after
the jump follows the part before it. A jump forward keeps its length, as ffprobe and players have
it, and is reported. A single wild stamp between two that fit is no jump: it is put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

# containers made for broadcasting, in which the clock may jump at any packet
BROADCAST = {"mpegts", "mpeg"}
# seconds: a step back by more starts a new part; a longer step forward is a jump
_BACK, _BACK_LOOSE = 0.1, 0.5
_JUMP, _JUMP_ELSEWHERE = 10.0, 3600.0
# a jump is also that many usual steps
_JUMP_STEPS = 100
# pictures by which decoding may be ahead of showing
_REORDERED = 20


@dataclass(frozen=True, eq=False)
class Clock:
    """Where each packet lies on the clock of the film.

    Attributes:
        pts: int64 [M], presentation time on the film's clock, for packets in decode order.
        starts: int64 [K], position of the first packet of each part; the first is 0.
        shifts: int64 [K], clock time minus the container's time, in each part.
        lows: int64 [K], the container's first time in each part.
        highs: int64 [K], its last.
        mended: packets whose time stamps were corrected.
    """

    pts: np.ndarray
    starts: np.ndarray
    shifts: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    mended: int

    @cached_property
    def joins(self) -> list[int]:
        """Clock times at which a new part begins."""
        return (self.lows + self.shifts)[1:].tolist()

    def shift_of(self, position: int, stamp: float) -> int:
        """Return the shift for a packet of another track.

        Args:
            position: packets of the picture read before it.
            stamp: its time in the container, in the units of the picture.
        """
        part = int(np.searchsorted(self.starts, position, side="right")) - 1
        near = range(max(0, part - 1), min(len(self.starts), part + 2))

        def distance(at: int) -> tuple[float, bool]:
            outside = max(self.lows[at] - stamp, stamp - self.highs[at], 0)
            return float(outside), at != part

        return int(self.shifts[min(near, key=distance)])


def run_clock(
    pts: np.ndarray, dts: np.ndarray, shown: np.ndarray, second: float, container: str
) -> Clock:
    """Lay the packets of a demux pass on one clock.

    Args:
        pts: int64 [M], the container's presentation times, in decode order.
        dts: int64 [M], its decode times.
        shown: bool [M].
        second: units in a second.
        container: libav's name.
    """
    pts, dts, mended = _mend(pts, dts, second)
    steps = np.diff(dts)
    usual = usual_step(pts[shown]) or max(1, round(second / 25))
    loose = container not in BROADCAST
    slack = max(_BACK_LOOSE * second, 20 * usual) if loose else _BACK * second
    starts = np.concatenate([[0], np.flatnonzero(steps < -slack) + 1]).astype(np.int64)
    shifts, lows, highs = (np.zeros(len(starts), np.int64) for _ in range(3))
    clock = pts.copy()
    end = None
    for part, (first, last) in enumerate(zip(starts, [*starts[1:], len(pts)], strict=True)):
        stamps = pts[first:last][shown[first:last]]
        stamps = stamps if len(stamps) else pts[first:last]
        lows[part], highs[part] = stamps.min(), stamps.max()
        shifts[part] = 0 if end is None else end - lows[part]
        clock[first:last] += shifts[part]
        end = highs[part] + shifts[part] + usual
    return Clock(clock, starts, shifts, lows, highs, mended)


def usual_step(pts: np.ndarray) -> int:
    """Return the median distance of neighbours in time, 0 when there is none."""
    steps = np.diff(np.unique(pts))
    return int(np.median(steps)) if len(steps) else 0


def is_steady(steps: np.ndarray) -> bool:
    """Say whether pictures come at one rate, but for gaps."""
    if len(steps) < 10:
        return False
    usual = np.median(steps)
    return bool((np.abs(steps - usual) <= usual / 10 + 1.5).mean() > 0.9)


def find_jumps(
    pts: np.ndarray, second: float, container: str, sound: list[tuple[float, float]]
) -> list[tuple[int, int]]:
    """Return where the clock jumps forward: the last time before and the first behind.

    A picture that stands still while the sound goes on is no jump.

    Args:
        pts: int64 [N], ascending, on the film's clock.
        second: units in a second.
        container: libav's name.
        sound: runs of sound without a gap, on the same clock in units.
    """
    steps = np.diff(pts)
    least = (_JUMP if container in BROADCAST else _JUMP_ELSEWHERE) * second
    least = max(least, _JUMP_STEPS * usual_step(pts))
    found = []
    for row in np.flatnonzero(steps > least):
        before, behind = int(pts[row]), int(pts[row + 1])
        heard = sum(max(0.0, min(end, behind) - max(start, before)) for start, end in sound)
        if heard < (behind - before) / 2:
            found.append((before, behind))
    return found


def spread_equal(
    pts: np.ndarray, positions: np.ndarray, usual: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Give pictures that carry one and the same time a time each, before the next picture's.

    Args:
        pts: int64 [n], in decode order.
        positions: int64 [n], where each is among the packets.
        usual: how long the last one may last.

    Returns:
        Times in ascending order and unique, the positions in that order, and how many pictures
        had to be left out because there is no time between.
    """
    order = np.argsort(pts, kind="stable")
    times, places = pts[order], positions[order]
    if (np.diff(times) > 0).all():
        return times, places, 0
    distinct, first, count = np.unique(times, return_index=True, return_counts=True)
    room = np.append(np.diff(distinct), max(usual, int(count[-1])))
    rank = np.arange(len(times)) - np.repeat(first, count)
    keep = rank < np.repeat(room, count)
    spread = times + rank * np.repeat(room, count) // np.repeat(count, count)
    spread = np.where(np.repeat(room >= count, count), spread, times + rank)
    return spread[keep], places[keep], int((~keep).sum())


def _mend(pts: np.ndarray, dts: np.ndarray, second: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Put single wild stamps right: those off by seconds between two that fit together."""
    if len(dts) < 4:
        return pts, dts, 0
    steps = np.diff(dts)
    usual = max(1, int(np.median(np.abs(steps))))
    # pictures that come every few seconds are decoded as long before they are shown
    far = max(_JUMP * second, _REORDERED * usual)
    across = dts[2:] - dts[:-2]
    wild = np.zeros(len(dts), bool)
    wild[1:-1] = (np.abs(steps[:-1]) > far) & (across > 0) & (across <= max(10 * usual, second))
    delay = pts - dts
    typical = int(np.median(delay))
    apart = ~wild & (np.abs(delay - typical) > far)
    if not wild.any() and not apart.any():
        return pts, dts, 0
    pts, dts = pts.copy(), dts.copy()
    rows = np.flatnonzero(wild)
    dts[rows] = dts[rows - 1] + np.minimum(usual, (dts[rows + 1] - dts[rows - 1]) // 2)
    pts[wild | apart] = dts[wild | apart] + typical
    return pts, dts, int((wild | apart).sum())
