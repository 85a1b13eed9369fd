"""What of a film is missing or wrong: each a typed fact with its place and a sentence.

Coverage by decoding says nothing of what never arrives at the decoder. These facts compare what
the file holds with what lies on the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..span import Span, format_seconds, merge_spans
from .clock import BROADCAST, Clock, is_steady
from .timeline import Timeline

LossKind = (
    Literal["joined", "jump", "missing", "damaged", "merged", "undated", "unlisted", "mended"]
    | Literal["held", "sound_first", "text_outside", "declared", "derived"]
    | Literal["other_video", "encrypted", "unread"]
)
# what can fail to arrive without a trace in the container
_LOSSY = {*BROADCAST, "matroska", "flv"}
# seconds of sound before the first picture, or of text outside the pictures, that are worth a word
_WORTH = 0.25
_MOST_PLACES, _MOST_SPANS = 5, 1000


@dataclass(frozen=True, slots=True)
class Loss:
    """One fact.

    Attributes:
        kind: what it is about.
        spans: (start, end) of each place in seconds of the film; equal for an instant.
        text: one sentence for people.
    """

    kind: LossKind
    spans: tuple[tuple[float, float], ...]
    text: str

    def holds(self, second: float) -> bool:
        """Say whether an instant lies in it."""
        return any(start <= second < end for start, end in self.spans)


def find_losses(
    scan: dict[str, Any],
    timeline: Timeline,
    clock: Clock,
    corrupt: np.ndarray,
    sound: Sequence[tuple[float, float]],
    cues: Sequence[tuple[float, float]],
) -> list[Loss]:
    """Compare what the file holds with what is on the clock.

    Args:
        scan: the child's answer to `scan`.
        timeline: built from it.
        clock: likewise.
        corrupt: int64 [n], positions of packets that the container marks as damaged.
        sound: runs of sound without a gap, (start, end) in seconds of the film.
        cues: (start, end) of the lines of the text tracks, likewise; may be negative.
    """
    found = [
        *_joins(timeline),
        *_jumps(timeline),
        *_missing(scan, timeline),
        *_damaged(timeline, corrupt),
        *_ends(scan, timeline, sound),
        *_texts(timeline, cues),
    ]
    everywhere = ((0.0, timeline.duration),)
    if timeline.merged:
        text = f"{timeline.merged} pictures share the time of another one and are not shown"
        found.append(Loss("merged", everywhere, text))
    if clock.mended:
        text = f"{clock.mended} pictures carried impossible times, which were put right"
        found.append(Loss("mended", everywhere, text))
    if scan["undated"] > 0:
        text = f"{scan['undated']} pictures carry no time, none can be derived: not shown"
        found.append(Loss("undated", everywhere, text))
    if scan["derived"]:
        text = "the file stores no presentation times; they were derived from decode order"
        found.append(Loss("derived", everywhere, text))
    return found


def _joins(timeline: Timeline) -> list[Loss]:
    if not timeline.joins:
        return []
    places = _list([format_seconds(second) for second in timeline.joins])
    count = len(timeline.joins)
    text = (
        f"the file's own clock starts again {count} time{'s' if count > 1 else ''} (at {places}), "
        "as in joined recordings; times go on counting there"
    )
    return [Loss("joined", tuple((second, second) for second in timeline.joins), text)]


def _jumps(timeline: Timeline) -> list[Loss]:
    return [
        Loss(
            "jump",
            ((hole.start, hole.end),),
            f"the clock jumps from {format_seconds(hole.start)} to {format_seconds(hole.end)}: "
            "nothing is stored between",
        )
        for hole in timeline.holes
    ]


def _missing(scan: dict[str, Any], timeline: Timeline) -> list[Loss]:
    """Find pictures that never came: holes in a steady rate, and fewer than the index lists."""
    losses = []
    listed, found = int(scan["listed"]), len(timeline.packets.pts)
    if listed > found:
        text = f"the file lists {listed} pictures, {listed - found} of them cannot be read"
        losses.append(Loss("unlisted", ((0.0, timeline.duration),), text))
    steps = np.diff(timeline.seconds)
    if timeline.joins or timeline.holes:
        seams = [*timeline.joins, *(hole.end for hole in timeline.holes)]
        steps = np.where(np.isin(timeline.seconds[1:], seams), np.median(steps), steps)
    # an MP4 in fragments has no index of samples: one that is missing leaves no trace
    lossy = scan["format"] in _LOSSY or (scan["format"] == "mov" and listed <= 0)
    if not lossy or not is_steady(steps * 1e6):
        return losses
    usual = float(np.median(steps))
    rows = np.flatnonzero(steps > 1.5 * usual)
    count = int(np.round(steps[rows] / usual - 1).sum())
    spans = [Span(float(timeline.seconds[r]) + usual, float(timeline.seconds[r + 1])) for r in rows]
    if count and (count > 0.01 * len(timeline) or max(s.duration for s in spans) > 0.5):
        whole = merge_spans(spans, gap=0.5)
        places = _list([str(span) for span in whole])
        text = (
            f"{count} of about {len(timeline) + count} pictures are missing ({places}): no new "
            f"picture comes there, {1 / usual:.4g} a second elsewhere"
        )
        losses.append(Loss("missing", tuple((s.start, s.end) for s in whole), text))
    return losses


def _damaged(timeline: Timeline, corrupt: np.ndarray) -> list[Loss]:
    if not len(corrupt):
        return []
    base = timeline.time_base
    units = timeline.packets.pts[corrupt] - timeline.origin
    seconds = np.clip(units * base.numerator / base.denominator, 0, timeline.duration)
    spans = merge_spans([Span(float(s), float(s) + 0.04) for s in seconds], gap=0.5)
    text = (
        f"{len(corrupt)} picture{'s' if len(corrupt) > 1 else ''} may be stored incomplete "
        f"(near {_list([format_seconds(span.start) for span in spans])})"
    )
    return [Loss("damaged", tuple((span.start, span.end) for span in spans), text)]


def _ends(
    scan: dict[str, Any], timeline: Timeline, sound: Sequence[tuple[float, float]]
) -> list[Loss]:
    """Compare where pictures, sound and the header's length begin and end."""
    losses = []
    pictures, length, declared = timeline.pictures_end, timeline.duration, float(scan["declared"])
    if length > pictures + _WORTH:
        text = (
            f"the last picture, of {format_seconds(float(timeline.seconds[-1]))}, is held from "
            f"{format_seconds(pictures)} to the end of the sound at {format_seconds(length)}"
        )
        if max((end for _, end in sound), default=0.0) < length - _WORTH:
            text = text.replace("end of the sound", "end that the header gives")
        losses.append(Loss("held", ((pictures, length),), text))
    # a longer track of another kind makes a small difference in sound files too
    if declared > length + max(0.5, 0.02 * length):
        text = f"the container says {declared:.1f} s, its pictures end after {pictures:.1f} s"
        losses.append(Loss("declared", ((length, declared),), text))
    before = -min([0.0, *(start for start, _ in sound)])
    if before > _WORTH:
        text = (
            f"the sound begins {before:.1f} s before the first picture; times count from the "
            "first picture, and what is said before it is not in the index"
        )
        losses.append(Loss("sound_first", ((0.0, 0.0),), text))
    return losses


def _texts(timeline: Timeline, cues: Sequence[tuple[float, float]]) -> list[Loss]:
    length = timeline.duration
    outside = tuple((start, end) for start, end in cues if end <= 0 or start >= length)
    if not outside:
        return []
    text = (
        f"{len(outside)} line{'s' if len(outside) > 1 else ''} of the text tracks outside the "
        "film's pictures and sound: not in the index"
    )
    return [Loss("text_outside", outside[:_MOST_SPANS], text)]


def _list(places: Sequence[str]) -> str:
    return ", ".join(places[:_MOST_PLACES]) + (", …" if len(places) > _MOST_PLACES else "")
