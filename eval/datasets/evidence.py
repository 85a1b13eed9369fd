"""Spans of raw rows: those that are the answer have to be right, those that only help need not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .rows import Row, RowError, finite


def evidence(
    row: Row, raw: Any, duration: float | None = None
) -> tuple[tuple[float, float], ...] | None:
    """Return spans that only help a diagnosis; those that make no sense are flagged and dropped."""
    kept = []
    for pair in raw if isinstance(raw, Sequence) and not isinstance(raw, str) else ():
        try:
            kept.append(interval(row, pair))
        except RowError:
            row.flag("evidence-unusable")
    if raw is not None and not kept:
        row.flag("evidence-unusable")
    if duration is not None and any(start >= duration for start, _ in kept):
        row.flag("evidence-past-end")
    return tuple(kept) or None


def truth_spans(row: Row, raw: Any) -> tuple[tuple[float, float], ...]:
    """Return spans that are the answer itself.

    Raises:
        RowError: there is none, or one is reversed, negative or not two finite numbers.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise RowError(f"spans = {raw!r:.60}: a list of [start, end] is expected")
    return tuple(interval(row, pair) for pair in raw)


def interval(row: Row, pair: Any) -> tuple[float, float]:
    """Read `[start, end]` in seconds; a start less than a second before 0 becomes 0.

    Raises:
        RowError: it is not two finite numbers in order.
    """
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise RowError(f"span = {pair!r:.60}: [start, end] in seconds is expected")
    start, end = finite(pair[0]), finite(pair[1])
    if start is None or end is None:
        raise RowError(f"span = {list(pair)!r:.60}: the times have to be finite seconds")
    if -1 < start < 0 <= end:
        row.flag("span-before-start")
        start = 0.0
    if start < 0 or end < start:
        raise RowError(f"span = [{start:g}, {end:g}]: it needs 0 <= start <= end")
    return start, end
