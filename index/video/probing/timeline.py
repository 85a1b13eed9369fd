"""The exact times of a film's frames, from one demux pass."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..span import Span
from .clock import spread_equal, usual_step

# a second that a caller computed from a frame's time must find that frame again
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Packets:
    """The coded pictures in decode order, those that are never shown included.

    Attributes:
        pts: int64 [M], presentation time on the film's clock, in time base units.
        dts: int64 [M], the container's decode time; its presentation time where it has none.
        size: int32 [M], bytes; with the times, how a packet is known again after a seek.
        keyframe: bool [M], marked as an entry point by the container.
        shown: bool [M], False where a picture is decoded but never displayed (outside an edit
            list, or a hidden reference).
        skippable: whether pictures that nothing refers to may be left out of decoding.
        stamps: int64 [M], the container's presentation times; None where they equal `pts`.
        places: int64 [M], byte of the file at which each begins, -1 where unknown; None in films
            that can be sought by time.
    """

    pts: np.ndarray
    dts: np.ndarray
    size: np.ndarray
    keyframe: np.ndarray
    shown: np.ndarray
    skippable: bool
    stamps: np.ndarray | None = None
    places: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Timeline:
    """Every frame that is shown, in display order.

    Attributes:
        pts: int64 [N], ascending and unique, in units of `time_base`.
        keyframe: bool [N].
        time_base: seconds a unit.
        origin: pts of the first frame shown; second 0 of the film.
        duration: seconds from the first frame to the end of the film: of the last frame, or of
            the sound where that goes on and the last frame is held.
        order: int64 [N], the position of each frame in `packets`.
        packets: what has to be read to decode them.
        pictures_end: seconds at which the last frame itself ends.
        joins: seconds at which the container's own clock starts again.
        holes: jumps of the clock, in which there is neither picture nor sound.
        sidecar_offset: seconds to add to the times of a subtitle file, which count from the start
            of the container, to have them count from the first frame.
        merged: pictures left out because they share the time of another one.
    """

    pts: np.ndarray
    keyframe: np.ndarray
    time_base: Fraction
    origin: int
    duration: float
    order: np.ndarray
    packets: Packets
    pictures_end: float = 0.0
    joins: tuple[float, ...] = ()
    holes: tuple[Span, ...] = ()
    sidecar_offset: float = 0.0
    merged: int = 0

    def __post_init__(self) -> None:
        if not len(self.pts) or len(self.pts) != len(self.order):
            raise ValueError(
                f"a timeline needs frames and one order each, "
                f"got {len(self.pts)} and {len(self.order)}"
            )
        if not self.pictures_end:
            object.__setattr__(self, "pictures_end", self.duration)

    def __len__(self) -> int:
        return len(self.pts)

    def __repr__(self) -> str:
        return f"Timeline({len(self)} frames, {self.duration:.3f} s)"

    @cached_property
    def seconds(self) -> np.ndarray:
        """Presentation seconds from the origin, float64 [N]."""
        base = self.time_base
        return (self.pts - self.origin) * base.numerator / base.denominator

    @property
    def filled(self) -> float:
        """Seconds of the film that are not holes."""
        return self.duration - sum(hole.duration for hole in self.holes)

    def at(self, second: float) -> int:
        """Return the row of the frame on screen at `second`, clamped into the film."""
        return int(self.rows([second])[0])

    def rows(self, seconds: np.ndarray | list[float]) -> np.ndarray:
        """Return the row of the frame on screen at each second, int64, clamped into the film.

        Raises:
            ValueError: a second is not finite.
        """
        wanted = np.asarray(seconds, np.float64)
        if not np.isfinite(wanted).all():
            raise ValueError(f"seconds must be finite, got {wanted[~np.isfinite(wanted)][0]!r}")
        rows = np.searchsorted(self.seconds, wanted + TOLERANCE, side="right") - 1
        return np.clip(rows, 0, len(self) - 1)

    def to_bytes(self) -> bytes:
        """Serialise, for a cache; read back by `from_bytes`."""
        head = {
            "rows": len(self),
            "packets": len(self.packets.pts),
            "time_base": [self.time_base.numerator, self.time_base.denominator],
            "origin": self.origin,
            "duration": self.duration,
            "skippable": self.packets.skippable,
            "stamped": self.packets.stamps is not None,
            "placed": self.packets.places is not None,
            "pictures_end": self.pictures_end,
            "joins": self.joins,
            "holes": [(hole.start, hole.end) for hole in self.holes],
            "sidecar_offset": self.sidecar_offset,
            "merged": self.merged,
        }
        text = json.dumps(head).encode()
        packets = self.packets
        columns = [(self.pts, "<i8"), (self.order, "<i8"), (self.keyframe, "u1")]
        columns += [(packets.pts, "<i8"), (packets.dts, "<i8"), (packets.size, "<i4")]
        columns += [(packets.keyframe, "u1"), (packets.shown, "u1")]
        if packets.stamps is not None:
            columns.append((packets.stamps, "<i8"))
        if packets.places is not None:
            columns.append((packets.places, "<i8"))
        data = [np.ascontiguousarray(column, kind).tobytes() for column, kind in columns]
        return b"".join([struct.pack("<I", len(text)), text, *data])

    @classmethod
    def from_bytes(cls, data: bytes) -> Timeline:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the bytes are not a whole timeline.
        """
        (size,) = struct.unpack_from("<I", data)
        head = json.loads(data[4 : 4 + size])
        at = 4 + size

        def column(kind: str, count: int) -> np.ndarray:
            nonlocal at
            values = np.frombuffer(data, kind, count, at)
            at += values.nbytes
            return values.astype(bool) if kind == "u1" else values

        rows, packets = head["rows"], head["packets"]
        pts, order, keyframe = column("<i8", rows), column("<i8", rows), column("u1", rows)
        return cls(
            pts=pts,
            keyframe=keyframe,
            time_base=Fraction(*head["time_base"]),
            origin=head["origin"],
            duration=head["duration"],
            order=order,
            packets=Packets(
                pts=column("<i8", packets),
                dts=column("<i8", packets),
                size=column("<i4", packets),
                keyframe=column("u1", packets),
                shown=column("u1", packets),
                skippable=head["skippable"],
                stamps=column("<i8", packets) if head.get("stamped") else None,
                places=column("<i8", packets) if head.get("placed") else None,
            ),
            # timelines of earlier releases know none of these
            pictures_end=head.get("pictures_end", 0.0),
            joins=tuple(head.get("joins", ())),
            holes=tuple(Span(*hole) for hole in head.get("holes", ())),
            sidecar_offset=head.get("sidecar_offset", 0.0),
            merged=head.get("merged", 0),
        )


def build_timeline(
    packets: Packets, time_base: Fraction, last_duration: int, *, fields: bool = False
) -> Timeline:
    """Sort the packets of a demux pass into display order.

    Args:
        packets: in decode order.
        time_base: seconds a unit.
        last_duration: duration of the frame shown last, in units; 0 when the container says none.
        fields: packets may hold single fields; the second one of a frame repeats its time.

    Raises:
        ValueError: nothing is shown.
    """
    order = np.flatnonzero(packets.shown)
    pts = packets.pts[order]
    if fields:
        # the first packet of a time is the frame
        second = np.diff(pts, prepend=pts[:1] - 1) == 0
        second &= np.diff(order, prepend=-1) == 1
        pts, order = pts[~second], order[~second]
    usual = usual_step(pts)
    pts, order, merged = spread_equal(pts, order, usual)
    if (packets.pts[order] != pts).any():
        clock = packets.pts.copy()
        clock[order] = pts
        stamps = packets.pts if packets.stamps is None else packets.stamps
        packets = replace(packets, pts=clock, stamps=stamps)
    last = last_duration if last_duration > 0 else usual
    units = int(pts[-1] - pts[0]) + last if len(pts) else 0
    return Timeline(
        pts=pts,
        keyframe=packets.keyframe[order],
        time_base=time_base,
        origin=int(pts[0]) if len(pts) else 0,
        duration=max(units, 1) * time_base.numerator / time_base.denominator,
        order=order,
        packets=packets,
        merged=merged,
    )
