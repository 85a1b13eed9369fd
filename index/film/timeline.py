"""The exact times of a film's frames, from one demux pass."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

# a second that a caller computed from a frame's time must find that frame again
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Packets:
    """The coded pictures in decode order, those that are never shown included.

    Attributes:
        pts: int64 [M], presentation time in time base units.
        dts: int64 [M], decode time; equals pts where the container has none.
        keyframe: bool [M], marked as an entry point by the container.
    """

    pts: np.ndarray
    dts: np.ndarray
    keyframe: np.ndarray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Every frame that is shown, in display order.

    Attributes:
        pts: int64 [N], ascending and unique, in units of `time_base`.
        keyframe: bool [N].
        time_base: seconds a unit.
        origin: pts of the first frame shown; second 0 of the film.
        duration: seconds from the first frame to the end of the last.
        order: int64 [N], the position of each frame in `packets`.
        packets: what has to be read to decode them.
    """

    pts: np.ndarray
    keyframe: np.ndarray
    time_base: Fraction
    origin: int
    duration: float
    order: np.ndarray
    packets: Packets

    def __post_init__(self) -> None:
        if not len(self.pts) or len(self.pts) != len(self.order):
            raise ValueError(
                f"a timeline needs frames and one order each, "
                f"got {len(self.pts)} and {len(self.order)}"
            )

    def __len__(self) -> int:
        return len(self.pts)

    def __repr__(self) -> str:
        return f"Timeline({len(self)} frames, {self.duration:.3f} s)"

    @cached_property
    def seconds(self) -> np.ndarray:
        """Presentation seconds from the origin, float64 [N]."""
        base = self.time_base
        return (self.pts - self.origin) * base.numerator / base.denominator

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
        }
        text = json.dumps(head).encode()
        parts = (self.pts, self.order, self.packets.pts, self.packets.dts)
        flags = (self.keyframe, self.packets.keyframe)
        return b"".join(
            [struct.pack("<I", len(text)), text]
            + [np.ascontiguousarray(part, "<i8").tobytes() for part in parts]
            + [np.ascontiguousarray(flag, np.uint8).tobytes() for flag in flags]
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Timeline:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the bytes are not a whole timeline.
        """
        (size,) = struct.unpack_from("<I", data)
        head = json.loads(data[4 : 4 + size])
        rows, packets = head["rows"], head["packets"]
        ints = np.frombuffer(data, "<i8", 2 * (rows + packets), 4 + size)
        flags = np.frombuffer(data, np.uint8, rows + packets, 4 + size + ints.nbytes).astype(bool)
        pts, order, packet_pts, packet_dts = np.split(ints, [rows, 2 * rows, 2 * rows + packets])
        return cls(
            pts=pts,
            keyframe=flags[:rows],
            time_base=Fraction(*head["time_base"]),
            origin=head["origin"],
            duration=head["duration"],
            order=order,
            packets=Packets(packet_pts, packet_dts, flags[rows:]),
        )


def build_timeline(
    packets: Packets, shown: np.ndarray, time_base: Fraction, last_duration: int
) -> Timeline:
    """Sort the packets of a demux pass into display order.

    Args:
        packets: in decode order.
        shown: bool [M], False where a packet is decoded but never displayed (outside an edit
            list, or a hidden reference frame).
        time_base: seconds a unit.
        last_duration: duration of the frame shown last, in units; 0 when the container says none.

    Raises:
        ValueError: nothing is shown.
    """
    candidates = np.flatnonzero(shown)
    # the second field of a frame may repeat its pts; the first packet of a pts is the frame
    pts, first = np.unique(packets.pts[candidates], return_index=True)
    order = candidates[first]
    if last_duration <= 0:
        last_duration = int(np.median(np.diff(pts))) if len(pts) > 1 else 0
    units = int(pts[-1] - pts[0]) + last_duration if len(pts) else 0
    return Timeline(
        pts=pts,
        keyframe=packets.keyframe[order],
        time_base=time_base,
        origin=int(pts[0]) if len(pts) else 0,
        duration=max(units, 1) * time_base.numerator / time_base.denominator,
        order=order,
        packets=packets,
    )
