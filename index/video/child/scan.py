"""One pass over all packets of a film, without decoding: times, sizes, flags, sound, text tracks.

Child side.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av.error

from .bits import DropRule, is_hidden
from .demux import Film, Refused, codec_name, is_cover
from .picture_order import FILLER, H264Order, Mpeg4Order, times_as_shown

_TEXT_CODECS = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
# seconds: a larger step, back or ahead, between packets of sound ends a run of it
_SOUND_BACK, _SOUND_AHEAD = 0.1, 10.0
_MAX_CUE_BYTES, _MAX_CUES_BYTES = 1 << 14, 32 << 20
# of a line, beside its text
_CUE_BYTES = 100


@dataclass
class OtherVideo:
    """A video track that is not the one looked at.

    Attributes:
        index: of the stream.
        codec: libav's name.
        size: width and height in pixels, 0 where unknown.
        position: pictures of the main track read before its first one.
        pictures: packets.
        start: earliest presentation in seconds of the container.
        end: latest.
    """

    index: int
    codec: str
    size: tuple[int, int]
    position: int
    pictures: int = 0
    start: float = math.inf
    end: float = -math.inf


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
        self.encrypted = 0
        # byte behind the last packet that was read
        self.read_to = 0
        self.order: H264Order | Mpeg4Order | None = None
        if film.container.format.name == "avi" and self.codec in ("h264", "mpeg4"):
            h264 = self.codec == "h264"
            self.order = H264Order(bytes(context.extradata or b"")) if h264 else Mpeg4Order()
        self.sound: list[SoundRun] = []
        self.other_videos: dict[int, OtherVideo] = {}
        self.cues: list[dict[str, Any]] = []
        self.cue_bytes = self.cues_left_out = 0

    @property
    def packed(self) -> bool:
        """Whether two pictures may share a packet, as old MPEG-4 encoders did in AVI.

        An empty picture then follows as filler. Times and entry points mean little in such a film:
        only a decode from the start gets it right.
        """
        return self.codec == "mpeg4" and self.smallest < FILLER

    def put_in_order(self) -> None:
        """Give pictures times in the order of their own headers, where only these tell it."""
        order = self.order.places() if self.order and len(self.pts) else None
        if order is None or (self.codec == "mpeg4" and not self.packed):
            return
        late = min(self.pts) - min(self.dts)
        stamps = self.pts if self.packed else [late + stamp for stamp in self.dts]
        self.pts = array("q", times_as_shown(order, stamps))
        self.last_duration = 0

    def add_picture(self, packet: Any) -> None:
        """Take one packet of the video stream."""
        pts, dts, data = packet.pts, packet.dts, memoryview(packet)
        self.rule.look(data)
        if self.order:
            self.order.look(data)
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
        self.encrypted += packet.has_sidedata("encryption_info")
        if shown and (self.last_pts is None or stamp > self.last_pts):
            self.last_pts, self.last_duration = stamp, packet.duration or 0

    def add_sound(self, packet: Any) -> None:
        """Take one packet of the sound."""
        base, run = packet.time_base, self.sound[-1] if self.sound else None
        if packet.is_discard:  # cut away by an edit list
            return
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

    def add_other_video(self, packet: Any, stream: Any) -> None:
        """Take one packet of another video track."""
        context = stream.codec_context
        size = (context.width, context.height) if context is not None else (0, 0)
        track = self.other_videos.setdefault(
            packet.stream_index,
            OtherVideo(packet.stream_index, codec_name(stream), size, len(self.pts)),
        )
        track.pictures += 1
        if packet.pts is not None:
            second = float(packet.pts * packet.time_base)
            track.start = min(track.start, second)
            track.end = max(track.end, second + float((packet.duration or 0) * packet.time_base))

    def add_cue(self, packet: Any) -> None:
        """Take one packet of a text track, raw."""
        data = bytes(packet)[:_MAX_CUE_BYTES]
        self.cue_bytes += len(data) + _CUE_BYTES
        if packet.pts is None or self.cue_bytes > _MAX_CUES_BYTES:
            self.cues_left_out += 1
            return
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
    videos = {s.index for s in film.container.streams.video if not is_cover(s)}
    film.discard_others({film.stream.index, *videos, *(s.index for s in others)})
    picture, sound = film.stream.index, heard.index if heard is not None else None
    cued = {s.index for s in texts}
    try:
        # all that is not discarded: in broadcasts new tracks come up on the way
        for packet in film.container.demux():
            result.read_to = max(result.read_to, (packet.pos or 0) + packet.size)
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
            elif packet.stream_index in cued:
                result.add_cue(packet)
            elif packet.stream.type == "video" and not is_cover(packet.stream):
                result.add_other_video(packet, packet.stream)
    except (av.error.FFmpegError, OSError):
        pass  # a damaged tail: what was read so far stands, and the duration is measured from it
    result.put_in_order()
    return result
