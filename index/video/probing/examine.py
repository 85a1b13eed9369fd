"""Ask a decode child what a film is: its facts, its exact times and its text tracks."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..picker import Picker
from ..plan import plan_runs
from ..sandbox import ChildDied, OpenFilm, refuse
from ..span import Span
from ..subtitles import Cue, cues_from_packets
from .clock import Clock, find_jumps, is_steady, run_clock, usual_step
from .left_out import ENCRYPTED, find_left_out
from .losses import find_losses
from .probe import FilmInfo, describe_film
from .sniff import is_scrambled
from .timeline import Packets, Timeline, build_timeline

# places at which a frame is looked for, should the first ones not decode
_PLACES = 12
# bytes of a broadcast in which encryption is looked for
_SCRAMBLED_HEAD = 1 << 20
# seconds: how much longer sound or header have to be than the pictures for the last one to be held,
# and how long a header alone may hold it
_WORTH_HOLDING, _LONGEST_HOLD = 0.25, 3600.0


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


@dataclass(frozen=True)
class FilmClock:
    """How times of the container become seconds of the film.

    Attributes:
        derived: libav has to derive times that the file leaves out.
    """

    story: _Story
    derived: bool

    def seconds(self, after: int, start: float) -> float:
        """Return the second of the film, for a packet of another track.

        Args:
            after: packets of the picture read before it.
            start: seconds of the container.
        """
        timeline = self.story.timeline
        origin = timeline.origin * float(timeline.time_base)
        return start + self.story.shift(after, start) - origin


def read_clock(picker: Picker, max_frames: int) -> FilmClock:
    """Read a film's packets for its clock alone.

    Raises:
        InputError: there is no frame in it.
        ChildDied: the child crashed or hung.
    """
    scan, payload = _scan(picker, max_frames)
    return FilmClock(_story_of(picker, scan, payload), bool(scan["derived"]))


def _scan(picker: Picker, max_frames: int) -> tuple[dict[str, Any], bytes]:
    """Return the child's answer to `scan` with the lines of text, and the columns of packets."""
    scan, payload = picker.ask({"op": "scan", "max_packets": max_frames})
    columns = len(payload) - int(scan["cues"])
    return {**scan, "cues": json.loads(payload[columns:])}, payload[:columns]


def _story_of(picker: Picker, scan: dict[str, Any], payload: bytes) -> _Story:
    story = _read(picker.film, scan, payload) if scan["packets"] else None
    if story is None:
        found = "a video track without a single frame to show"
        scrambled = is_scrambled(picker.film.head(_SCRAMBLED_HEAD))
        raise refuse(picker.film.path, ENCRYPTED if scrambled else found)
    return story


def _examine(picker: Picker, max_frames: int) -> Findings:
    scan, payload = _scan(picker, max_frames)
    story = _story_of(picker, scan, payload)
    timeline = story.timeline
    first = _look(picker, timeline)
    # a decoder may make pictures even of what is encrypted
    if not first["looked"] or 0 < scan["packets"] <= scan["encrypted"]:
        found = f"{scan['codec']} video, none of which decodes"
        raise refuse(picker.film.path, ENCRYPTED if scan["encrypted"] else found)
    base = timeline.time_base
    origin = timeline.origin * base.numerator / base.denominator
    cues = [
        cue | {"start": cue["start"] + story.shift(cue["after"], cue["start"])}
        for cue in scan["cues"]
    ]
    times = [(cue["start"] - origin, cue["start"] - origin + cue["length"]) for cue in cues]
    # what was said before the first picture has no time in the film
    seen = [cue for cue, (start, end) in zip(cues, times, strict=True) if max(start, end) > 0]
    losses = [
        *find_losses(scan, timeline, story.clock, story.corrupt, story.sound, times),
        *find_left_out(scan, picker.film.size, picker.film.joined_at(), story.seconds),
    ]
    info = describe_film(picker.film, scan, first, timeline, losses)
    return Findings(info, timeline, cues_from_packets(seen, info.subtitles, origin))


def _look(picker: Picker, timeline: Timeline) -> dict[str, Any]:
    """Decode a few pictures all over the film: entry points, else any."""
    rows = np.unique(np.linspace(0, len(timeline) - 1, _PLACES).astype(np.int64))
    keys = np.flatnonzero(timeline.keyframe)
    before = np.clip(np.searchsorted(keys, rows, side="right") - 1, 0, None)
    near = np.take(keys, np.unique(before)) if len(keys) else keys
    first: dict[str, Any] = {"looked": False}
    for places in (near, rows):
        if first["looked"] or not len(places):
            continue
        sent = [
            run.to_wire(timeline) for row in places for run in plan_runs(timeline, np.array([row]))
        ]
        header = {"op": "look", "runs": [run for run, _ in sent]}
        header["skip"] = timeline.packets.skippable
        first, _ = picker.ask(header, b"".join(columns for _, columns in sent))
    return first


@dataclass(frozen=True)
class _Story:
    """What one pass over the packets tells: everything on the film's clock.

    Attributes:
        sound: runs of sound, (start, end) in seconds of the film.
        corrupt: int64 [n], positions of the packets that the container marks as damaged.
    """

    timeline: Timeline
    clock: Clock
    sound: list[tuple[float, float]]
    corrupt: np.ndarray

    def seconds(self, position: int, seconds: float) -> float:
        """Return the second of the film for a time of another track, as `shift` takes it."""
        base = self.timeline.time_base
        origin = self.timeline.origin * base.numerator / base.denominator
        return seconds + self.shift(position, seconds) - origin

    def shift(self, position: int, seconds: float) -> float:
        """Return the seconds to add to the container's time of a packet of another track."""
        base = self.timeline.time_base
        units = seconds * base.denominator / base.numerator
        return self.clock.shift_of(position, units) * base.numerator / base.denominator


def _read(film: OpenFilm, scan: dict[str, Any], payload: bytes) -> _Story | None:
    count = scan["packets"]
    if len(payload) != (29 if scan["placed"] else 21) * count:
        raise ValueError(f"{len(payload)} bytes for {count} packets")
    flags = np.frombuffer(payload, np.uint8, count, 20 * count)
    keyframe, shown = (flags & 1).astype(bool), (flags & 2).astype(bool)
    if scan["packed"]:
        keyframe = np.arange(count) == 0
    if not shown.any():
        return None
    base = Fraction(*scan["time_base"])
    stamps = np.frombuffer(payload, np.int64, count)
    dts = np.frombuffer(payload, np.int64, count, 8 * count)
    places = np.frombuffer(payload, np.int64, count, 21 * count) if scan["placed"] else None
    clock = run_clock(stamps, dts, shown, float(1 / base), scan["format"])
    packets = Packets(
        pts=clock.pts,
        dts=dts,
        size=np.frombuffer(payload, np.int32, count, 16 * count),
        keyframe=keyframe,
        shown=shown,
        skippable=bool(scan["skippable"]),
        stamps=None if np.array_equal(clock.pts, stamps) else stamps,
        places=places if len(clock.starts) > 1 else None,
    )
    # two pictures in a packet share its time, and so do two fields of a frame
    paired = bool(scan["fields"] or scan["packed"])
    last = int(scan["last_duration"])
    if scan["format"] == "mov" and scan["declared"] and not scan["encrypted"]:
        # with B-pictures libav's length of the last one may be that of another
        first, final = (int(edge) for edge in (clock.pts[shown].min(), clock.pts[shown].max()))
        left = round(scan["declared"] / base) - (final - first)
        last = min(last, left) if left > 0 else last
    timeline = build_timeline(packets, base, last, fields=paired)
    corrupt = np.flatnonzero(flags & 4)
    return _add_sound(film, scan, _Story(timeline, clock, [], corrupt))


def _add_sound(film: OpenFilm, scan: dict[str, Any], story: _Story) -> _Story:
    """Add what lies outside the pictures: sound, the header's length, jumps of the clock."""
    timeline, clock = story.timeline, story.clock
    base = timeline.time_base
    second = base.denominator / base.numerator
    origin = timeline.origin / second
    sound = []
    for start, end, position in scan["sound"]:
        shift = story.shift(int(position), start) - origin
        sound.append((float(start) + shift, float(end) + shift))
    begin = scan["start"] if scan["start"] is not None else origin
    jumps = find_jumps(
        timeline.pts,
        second,
        scan["format"],
        [
            (start * second + timeline.origin, end * second + timeline.origin)
            for start, end in sound
        ],
    )
    step = usual_step(timeline.pts)
    holes = tuple(
        Span((before + step - timeline.origin) / second, (behind - timeline.origin) / second)
        for before, behind in jumps
    )
    last = max([timeline.pictures_end, *(end for _, end in sound)])
    steady = is_steady(np.diff(timeline.pts))
    if film.is_whole and not steady and scan["length"] > 0:
        # a recorder that stores only changes: nothing but the header tells how long the last lasts
        header = scan["length"] - origin
        last = max(last, header if header < timeline.pictures_end + _LONGEST_HOLD else 0.0)
    held = last > timeline.pictures_end + _WORTH_HOLDING
    timeline = replace(
        timeline,
        duration=last if held else timeline.duration,
        joins=tuple((join - timeline.origin) / second for join in clock.joins),
        holes=holes,
        sidecar_offset=round(begin - origin, 6),
    )
    return replace(story, timeline=timeline, sound=sound)
