"""Ask a decode child what a film is: its facts, its exact times and its text tracks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from .picker import Picker
from .plan import plan_runs
from .probe import FilmInfo, describe_film
from .sandbox import ChildDied, refuse
from .subtitles import Cue, cues_from_packets
from .timeline import Packets, Timeline, build_timeline

# places at which a frame is looked for, should the first ones not decode
_PLACES = 6


@dataclass(frozen=True)
class Findings:
    """What one examination of a film found."""

    info: FilmInfo
    timeline: Timeline
    cues: list[Cue]


def examine(picker: Picker, max_frames: int) -> Findings:
    """Read a film's packets once and decode its first sound frame.

    Raises:
        InputError: it is not a film that we decode.
        ChildDied: the child crashed, hung, or answered nonsense.
    """
    try:
        return _examine(picker, max_frames)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        picker.child.close()
        raise ChildDied(f"its answer makes no sense ({error!r})") from error


def _examine(picker: Picker, max_frames: int) -> Findings:
    scan, payload = picker.ask({"op": "scan", "max_packets": max_frames})
    timeline = _timeline_of(scan, payload) if scan["packets"] else None
    if timeline is None:
        raise refuse(picker.film.path, "a video track without a single frame to show")
    rows = np.unique(np.linspace(0, len(timeline) - 1, _PLACES).astype(np.int64))
    sent = [run.to_wire(timeline) for row in rows for run in plan_runs(timeline, row[None])]
    first, _ = picker.ask(
        {
            "op": "look",
            "runs": [header for header, _ in sent],
            "skip": timeline.packets.skippable,
        },
        b"".join(columns for _, columns in sent),
    )
    if not first["looked"]:
        raise refuse(picker.film.path, f"{scan['codec']} video, none of which decodes")
    info = describe_film(picker.film, scan, first, timeline)
    base = timeline.time_base
    origin = timeline.origin * base.numerator / base.denominator
    return Findings(info, timeline, cues_from_packets(scan["cues"], info.subtitles, origin))


def _timeline_of(scan: dict[str, Any], payload: bytes) -> Timeline | None:
    count = scan["packets"]
    if len(payload) != 21 * count:
        raise ValueError(f"{len(payload)} bytes for {count} packets")
    flags = np.frombuffer(payload, np.uint8, count, 20 * count)
    keyframe, shown = (flags & 1).astype(bool), (flags & 2).astype(bool)
    if scan["packed"]:
        keyframe = np.arange(count) == 0
    if not shown.any():
        return None
    packets = Packets(
        pts=np.frombuffer(payload, np.int64, count),
        dts=np.frombuffer(payload, np.int64, count, 8 * count),
        size=np.frombuffer(payload, np.int32, count, 16 * count),
        keyframe=keyframe,
        shown=shown,
        skippable=bool(scan["skippable"]),
    )
    return build_timeline(packets, Fraction(*scan["time_base"]), scan["last_duration"])
