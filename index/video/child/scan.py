"""One pass over all packets of a film, without decoding: times, sizes, flags, sound, text tracks.

Child side.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av.error

from .bits import DropRule, is_hidden
from .demux import Film, Refused, codec_name

_TEXT_CODECS = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
# seconds: a larger step, back or ahead, between packets of sound ends a run of it
_SOUND_BACK, _SOUND_AHEAD = 0.1, 10.0
_MAX_CUE_BYTES, _MAX_CUES_BYTES = 4096, 8 << 20


@dataclass
class SoundRun:
    """Sound without a gap.

    Attributes:
        start: seconds of the container.
        end: likewise, of the last packet with a time.
        position: pictures read before.
        timed: packets from the first to the last one with a time, when they have no lengths.
        untimed: packets after that.
    """

    start: float
    end: float
    position: int
    timed: int = 0
    untimed: int = 0

    def to_wire(self) -> tuple[float, float, int]:
        """Return start, end and position; the end with what has no time of its own."""
        step = (self.end - self.start) / self.timed if self.timed else 0.0
        return self.start, self.end + step * (1 + self.untimed), self.position


class Scan:
    """The result of one demux pass, in flat arrays so that an hour stays small."""

    def __init__(self, film: Film) -> None:
        context = film.stream.codec_context
        self.codec = film.codec
        self.rule = DropRule(film.codec, bytes(context.extradata or b""), context.field_order)
        self.pts, self.dts = array("q"), array("q")
        self.places = array("q")
        # whether decode times go back: then places in the file have to do for seeking
        self.backward = False
        self.sizes, self.flags = array("i"), array("B")
        self.last_pts, self.last_duration = None, 0
        self.without_pts = 0
        self.smallest = 1 << 30
        self.empty = 0
        self.sound: list[SoundRun] = []
        self.cues: list[dict[str, Any]] = []
        self.cue_bytes = 0

    @property
    def packed(self) -> bool:
        """Whether two pictures may share a packet, as old MPEG-4 encoders did in AVI.

        An empty picture then follows as filler. Times and entry points mean little in such a film:
        only a decode from the start gets it right.
        """
        return self.codec == "mpeg4" and self.smallest < 20

    def add_picture(self, packet: Any) -> None:
        """Take one packet of the video stream."""
        pts, dts, data = packet.pts, packet.dts, memoryview(packet)
        self.rule.look(data)
        if pts is None:
            self.without_pts += 1
        shown = pts is not None and not packet.is_discard and not is_hidden(self.codec, data)
        stamp = pts if pts is not None else dts if dts is not None else 0
        self.pts.append(stamp)
        self.backward = self.backward or (bool(self.dts) and dts is not None and dts < self.dts[-1])
        self.dts.append(dts if dts is not None else stamp)
        self.places.append(packet.pos if packet.pos is not None else -1)
        self.sizes.append(len(data))
        self.smallest = min(self.smallest, len(data))
        self.flags.append(packet.is_keyframe | shown << 1 | packet.is_corrupt << 2)
        if shown and (self.last_pts is None or stamp > self.last_pts):
            self.last_pts, self.last_duration = stamp, packet.duration or 0

    def add_sound(self, packet: Any) -> None:
        """Take one packet of the sound."""
        base, run = packet.time_base, self.sound[-1] if self.sound else None
        if packet.pts is None:
            if run:
                run.untimed += 1
            return
        start = packet.pts * base.numerator / base.denominator
        length = (packet.duration or 0) * base.numerator / base.denominator
        if run is None or not run.end - _SOUND_BACK <= start <= run.end + _SOUND_AHEAD:
            self.sound.append(SoundRun(start, start + length, len(self.pts)))
            return
        if length:
            run.end = max(run.end, start + length)
        else:
            # nothing decodes sound here, so that its packets may have no length, and in transport
            # streams only some a time
            run.timed += 1 + run.untimed
            run.end = max(run.end, start)
        run.untimed = 0

    def add_cue(self, packet: Any) -> None:
        """Take one packet of a text track, raw."""
        data = bytes(packet)[:_MAX_CUE_BYTES]
        if packet.pts is None or self.cue_bytes + len(data) > _MAX_CUES_BYTES:
            return
        self.cue_bytes += len(data)
        base = packet.time_base
        self.cues.append(
            {
                "track": packet.stream_index,
                "after": len(self.pts),
                "start": packet.pts * base.numerator / base.denominator,
                "length": (packet.duration or 0) * base.numerator / base.denominator,
                "data": data.decode("latin-1"),
            }
        )


def scan(film: Film, max_packets: int, tick: Callable[[], None]) -> Scan:
    """Read every packet of the picture, the sound and the text tracks, without decoding.

    Raises:
        Refused: more packets than `max_packets`.
    """
    result = Scan(film)
    texts = [
        s for s in film.container.streams if s.type == "subtitle" and codec_name(s) in _TEXT_CODECS
    ]
    # the first one: what libav calls the best one, it finds by decoding
    heard = next(iter(film.container.streams.audio), None)
    others = [*texts, *([heard] if heard is not None else [])]
    film.discard_others({film.stream.index, *(s.index for s in others)})
    picture, sound = film.stream.index, heard.index if heard is not None else None
    try:
        for packet in film.container.demux(film.stream, *others):
            if not packet.size:  # the end, or a repeat of the frame before (AVI)
                result.empty += packet.stream_index == picture and packet.dts is not None
                continue
            if packet.stream_index == picture:
                result.add_picture(packet)
                if len(result.pts) > max_packets:
                    raise Refused(f"more than {max_packets} frames")
                if not len(result.pts) & 1023:
                    tick()
            elif packet.stream_index == sound:
                result.add_sound(packet)
            else:
                result.add_cue(packet)
    except (av.error.FFmpegError, OSError):
        pass  # a damaged tail: what was read so far stands, and the duration is measured from it
    return result
