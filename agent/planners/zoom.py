"""Zooming: which stretch to look at next, and what that may cost.

The rules for intervals are LOVE-R1's (arXiv 2509.24786), the shares of the budget are Video-MTR's
(arXiv 2508.20478).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...index.video.span import Span

PAD = 5.0  # seconds added on both sides
SHORTEST = 3.0  # seconds below which there is nothing to zoom into
LEAST, SHARE = 30.0, 8  # an interval is widened to 30 s, or an eighth of a shorter film
SAME = 0.3  # overlap over union from which an interval was looked at before
FPS, MOST_FRAMES = 2.0, 32
FIRST_SHARE, LATER_SHARE = 0.5, 0.25


def zoom_span(named: Span, duration: float, earlier: Sequence[Span] = ()) -> Span | None:
    """Return the stretch to look at for an interval that a model names; None: stop zooming.

    In this order: padded by `PAD` and cut to the film; stop if that is under `SHORTEST`; widened
    around its middle to `LEAST` or an eighth of the film, whichever is less; stop if it overlaps an
    earlier one by more than `SAME`.

    Args:
        named: the interval, seconds.
        duration: of the film, seconds.
        earlier: what was looked at before.
    """
    start, end = max(0.0, named.start - PAD), min(duration, named.end + PAD)
    if end - start < SHORTEST:
        return None
    least = min(LEAST, duration / SHARE)
    if end - start < least:
        middle = (start + end) / 2
        start = min(max(0.0, middle - least / 2), duration - least)
        end = start + least
    found = Span(start, end)
    return None if any(found.iou(span) > SAME for span in earlier) else found


def zoom_frames(span: Span) -> int:
    """Return the most frames of a zoom: two a second, 32 at most, one at least."""
    return max(1, min(math.floor(FPS * span.duration), MOST_FRAMES))


def turn_frames(budget: int, turn: int) -> int:
    """Return the frames of a turn: half of the budget for the first look, a quarter for later ones.

    Args:
        budget: frames of the question.
        turn: 0 for the first look; there are three turns, the rest gets none.
    """
    first = math.ceil(budget * FIRST_SHARE)
    second = min(math.ceil(budget * LATER_SHARE), budget - first)
    return (first, second, budget - first - second)[turn] if turn < 3 else 0
