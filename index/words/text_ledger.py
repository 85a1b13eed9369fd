"""On-screen text as it is kept: lines by the minute of film, and which stretches were read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..storage.annotations import CHUNK_SECONDS, Ledger
from ..video.frames import Box
from ..video.span import Span, merge_spans, subtract
from .lines import Line

COARSE, FINE = 1, 2  # read in passing, or at the film's own pixels
_SAME_PLACE = 0.5
_LOOK_BACK = 8


def read_lines(ledger: Ledger) -> list[Line]:
    """Return the lines read so far in time order, those that go on from minute to minute joined."""
    lines = [
        Line(
            span=Span(row["start"], row["end"]),
            text=row["text"],
            kind="text",
            source="screen",
            box=Box(*row["box"]) if row["box"] else None,
            confidence=row["score"],
            certain=row.get("certain", True),
        )
        for document in ledger.read()[0].values()
        for row in document["rows"]
    ]
    return _join(lines)


def read_stretches(ledger: Ledger, detail: int = COARSE) -> list[Span]:
    """Return the stretches of film that were read with this detail or more, in time order."""
    spans = [
        Span(start, end)
        for minute, document in ledger.read()[0].items()
        for start, end, level in document.get("read", [_whole(minute)])
        if level >= detail
    ]
    return merge_spans(spans, gap=1e-6)


def unread_stretches(ledger: Ledger) -> list[Span]:
    """Return when something looked like text and could not be read, in time order."""
    return merge_spans(
        [
            Span(start, end)
            for document in ledger.read()[0].values()
            for start, end in document.get("unread", [])
        ]
    )


def keep_reading(
    ledger: Ledger,
    minute: int,
    reader: str,
    stretch: Span,
    detail: int,
    lines: Iterable[Line],
    unread: Iterable[Span] = (),
) -> None:
    """Keep what was read in a stretch of one minute, in place of what was read there before.

    Args:
        ledger: of the film's screen text.
        minute: of the film.
        reader: its id.
        stretch: inside that minute.
        detail: `COARSE` or `FINE`.
        lines: that were read.
        unread: when something looked like text and nothing could be read in it.
    """
    document = ledger.read_one(minute) or {"rows": [], "read": []}
    rows = [rest for row in document["rows"] for rest in _without(row, stretch)]
    read = [
        [part.start, part.end, level]
        for start, end, level in document.get("read", [_whole(minute)])
        for part in subtract(Span(start, end), [stretch])
    ]
    rows += [_row(line) for line in lines]
    dark = [
        part
        for start, end in document.get("unread", [])
        for part in subtract(Span(start, end), [stretch])
    ]
    dark = merge_spans([*dark, *unread])
    rows.sort(key=lambda row: (row["start"], row["end"], row["text"]))
    read = sorted([*read, [stretch.start, stretch.end, detail]])
    kept = {"reader": reader, "read": read, "rows": rows}
    ledger.put(minute, {**kept, "unread": [[span.start, span.end] for span in dark]})


def _whole(minute: int) -> list[float]:
    return [minute * CHUNK_SECONDS, (minute + 1) * CHUNK_SECONDS, COARSE]


def _without(row: dict[str, Any], stretch: Span) -> list[dict[str, Any]]:
    parts = subtract(Span(row["start"], row["end"]), [stretch])
    return [{**row, "start": part.start, "end": part.end} for part in parts]


def _row(line: Line) -> dict[str, Any]:
    box = line.box
    return {
        "start": line.span.start,
        "end": line.span.end,
        "text": line.text,
        "box": [round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)] if box else None,
        "score": round(line.confidence, 3),
        "certain": line.certain,
    }


def _join(lines: Iterable[Line]) -> list[Line]:
    """Join lines of the same words in the same place that follow on from each other."""
    joined: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.span, line.text)):
        for at in range(len(joined) - 1, max(-1, len(joined) - 1 - _LOOK_BACK), -1):
            old = joined[at]
            same = old.box is None or line.box is None or old.box.iou(line.box) > _SAME_PLACE
            if old.text == line.text and same and line.span.start <= old.span.end + 1e-6:
                best = max(old, line, key=lambda read: read.confidence)
                span = Span(old.span.start, max(old.span.end, line.span.end))
                joined[at] = Line(
                    span, old.text, "text", old.source, old.box, best.confidence, best.certain
                )
                break
        else:
            joined.append(line)
    return joined
