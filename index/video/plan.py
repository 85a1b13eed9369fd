"""Which packets have to be read to decode some frames: the groups of pictures they live in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .probing.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Run:
    """Frames that one pass from one entry point decodes.

    Attributes:
        rows: int64 [n], rows of the timeline, ascending.
        starts: positions in `timeline.packets` to start from; the first is the nearest entry
            point, the others are earlier ones for when that does not suffice.
    """

    rows: np.ndarray
    starts: tuple[int, ...]

    def to_wire(self, timeline: Timeline) -> tuple[dict[str, Any], bytes]:
        """Return what the child needs to know, and the packets to expect as columns of bytes."""
        order, packets = timeline.order[self.rows], timeline.packets
        first, end = min(self.starts), int(order.max()) + 1
        header = {
            "first": first,
            "count": end - first,
            "starts": list(self.starts),
            "wanted": order.tolist(),
        }
        if timeline.joins:
            header["joined"] = True
            if packets.places is not None:
                header["places"] = packets.places[list(self.starts)].tolist()
        flags = packets.keyframe[first:end] | packets.shown[first:end].astype(np.uint8) << 1
        columns = [
            np.ascontiguousarray(packets.pts[first:end], np.int64),
            np.ascontiguousarray(packets.dts[first:end], np.int64),
            np.ascontiguousarray(packets.size[first:end], np.int32),
            flags.astype(np.uint8),
        ]
        if packets.stamps is not None:
            header["stamped"] = True
            columns.append(np.ascontiguousarray(packets.stamps[first:end], np.int64))
        return header, b"".join(column.tobytes() for column in columns)


def plan_runs(timeline: Timeline, rows: np.ndarray) -> list[Run]:
    """Group frames by the entry point that they decode from.

    A frame shown before the entry point that precedes it in the file (a leading picture of an open
    group) refers to pictures of the group before: it belongs to that one.

    Args:
        timeline: of the film.
        rows: int64 [n], ascending and unique.

    Returns:
        Runs in order of time.
    """
    if not len(rows):
        return []
    packets = timeline.packets
    keys = np.flatnonzero(packets.keyframe)
    if not len(keys) or keys[0] != 0:
        keys = np.concatenate([[0], keys])
    entry = np.searchsorted(keys, timeline.order[rows], side="right") - 1
    while True:
        leading = (packets.pts[keys[entry]] > timeline.pts[rows]) & (entry > 0)
        if not leading.any():
            break
        entry = entry - leading
    runs = []
    cuts = np.flatnonzero(np.diff(entry)) + 1
    for part in np.split(np.arange(len(rows)), cuts):
        first = int(entry[part[0]])
        earlier = max(0, first - 1)
        starts = dict.fromkeys((int(keys[first]), int(keys[earlier])))
        runs.append(Run(rows[part], tuple(starts)))
    return runs
