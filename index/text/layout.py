"""In which order the lines of a slide or a sign are read."""

from __future__ import annotations

from collections.abc import Sequence

from ..video.frames import Box

# boxes that share so much of their height stand in one row
_SAME_ROW = 0.5
# running text, not a table: lines fill this share of their column, and are so many times as wide as
# high (both as shares of the frame: some twenty letters)
_RUNNING, _LONG = 0.7, 5.0
_LEAST_COLUMN = 3


def reading_rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Group boxes into rows, in reading order.

    A label and its value beside it are one row; running text in columns is read column by column.

    Returns:
        Indices of the boxes, row by row from the top, each row from left to right.
    """
    ordered: list[list[int]] = []
    block: list[list[int]] = []
    for row in [*_rows(boxes, range(len(boxes))), []]:
        # a line across the page parts what stands above it from what stands below
        if len(row) == 1 and boxes[row[0]].x1 - boxes[row[0]].x0 > 0.5:
            ordered += [*_columns(boxes, block), row]
            block = []
        elif row:
            block.append(row)
    return ordered + _columns(boxes, block)


def _rows(boxes: Sequence[Box], members: Sequence[int]) -> list[list[int]]:
    rows: list[list[int]] = []
    for at in sorted(members, key=lambda k: boxes[k].centre[1]):
        box = boxes[at]
        last = boxes[rows[-1][-1]] if rows else None
        if last is not None:
            shared = min(box.y1, last.y1) - max(box.y0, last.y0)
            if shared >= _SAME_ROW * min(box.y1 - box.y0, last.y1 - last.y0):
                rows[-1].append(at)
                continue
        rows.append([at])
    return [sorted(row, key=lambda k: boxes[k].x0) for row in rows]


def _columns(boxes: Sequence[Box], rows: list[list[int]]) -> list[list[int]]:
    """Read a block column by column where it is running text in columns, else row by row."""
    members = [at for row in rows for at in row]
    gutter = _gutter(boxes, members)
    if gutter is None:
        return rows
    left = [at for at in members if boxes[at].x1 <= gutter]
    right = [at for at in members if boxes[at].x0 >= gutter]
    paired = sum(any(boxes[a].x1 <= gutter for a in row) and len(row) > 1 for row in rows)
    aligned = paired >= 0.6 * min(len(left), len(right))
    if min(len(left), len(right)) < _LEAST_COLUMN and aligned:
        return rows
    if aligned and not (_is_running(boxes, left) and _is_running(boxes, right)):
        return rows
    return [*_rows(boxes, left), *_columns(boxes, _rows(boxes, right))]


def _gutter(boxes: Sequence[Box], members: Sequence[int]) -> float | None:
    """Return the first x that no box crosses, with two boxes or more on each side."""
    ordered = sorted(members, key=lambda k: boxes[k].x0)
    reach = 0.0
    for count, at in enumerate(ordered):
        if count >= 2 and len(ordered) - count >= 2 and boxes[at].x0 > reach:
            return (reach + boxes[at].x0) / 2
        reach = max(reach, boxes[at].x1)
    return None


def _is_running(boxes: Sequence[Box], column: Sequence[int]) -> bool:
    if len(column) < _LEAST_COLUMN:
        return False
    width = max(boxes[k].x1 for k in column) - min(boxes[k].x0 for k in column)
    filled = sum(boxes[k].x1 - boxes[k].x0 for k in column) / len(column)
    height = sum(boxes[k].y1 - boxes[k].y0 for k in column) / len(column)
    return filled >= _RUNNING * width and filled >= _LONG * height
