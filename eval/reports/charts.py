"""Charts as SVG: intervals side by side, accuracy against cost, risk against coverage."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

COLOURS = ("#0b6e4f", "#7b8794", "#c77700", "#2f6fde", "#7c4dbd", "#b3261e", "#00838f", "#5d4037")


def colour(place: int) -> str:
    """Return the colour of the system at a place."""
    return COLOURS[place % len(COLOURS)]


def intervals(rows: Sequence[tuple[str, float, float, float]], *, signed: bool = False) -> str:
    """Draw values with their intervals, one below the other.

    Args:
        rows: label, value, low and high, as shares.
        signed: differences around 0 instead of shares from 0 to 1.
    """
    left, width, step = 210, 430, 28
    ends = [abs(number) for row in rows for number in row[1:]]
    most = max(0.05, math.ceil(max(ends, default=0.1) * 10) / 10) if signed else 1.0
    least = -most if signed else 0.0

    def x(share: float) -> float:
        inside = min(max(share, least), most)
        return left + (inside - least) / (most - least) * width

    height = step * len(rows) + 30
    parts = [f'<svg viewBox="0 0 {left + width + 90} {height}" role="img" class="chart">']
    for k in range(5):
        share = least + (most - least) * k / 4
        zero = ' class="zero"' if signed and k == 2 else ' class="rule"'
        ends_at = f'x1="{x(share):.1f}" x2="{x(share):.1f}" y1="6" y2="{height - 20}"'
        label = f"{100 * share:+.0f}" if signed else f"{100 * share:.0f} %"
        parts.append(f"<line {ends_at}{zero}/>" + _tick(x(share), height - 4, label))
    for place, (name, value, low, high) in enumerate(rows):
        y = step * place + 20
        ink = colour(place + 1 if signed else place)
        parts.append(f'<text x="{left - 12}" y="{y + 4}" class="name">{html.escape(name)}</text>')
        parts.append(
            f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}" stroke="{ink}" '
            f'stroke-width="7" stroke-opacity=".28" stroke-linecap="round"/>'
            f'<circle cx="{x(value):.1f}" cy="{y}" r="5" fill="{ink}"/>'
        )
        label = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f} %"
        parts.append(f'<text x="{left + width + 14}" y="{y + 4}" class="value">{label}</text>')
    return "".join([*parts, "</svg>"])


def pareto(rows: Sequence[tuple[str, float, float]], unit: str) -> str:
    """Draw accuracy against cost on a log scale; the front is what nothing else beats on both.

    Args:
        rows: label, cost above 0, share of right answers.
        unit: of the cost, for the axis.
    """
    left, top, width, height = 56, 16, 560, 300
    logs = [math.log10(cost) for _, cost, _ in rows]
    low, high = math.floor(min(logs) * 2) / 2, math.ceil(max(logs) * 2) / 2
    high = high if high > low else low + 1

    def x(cost: float) -> float:
        return left + (math.log10(cost) - low) / (high - low) * width

    def y(share: float) -> float:
        return top + (1 - share) * height

    parts = [f'<svg viewBox="0 0 {left + width + 190} {top + height + 44}" class="chart">']
    for k in range(6):
        at = y(k / 5)
        parts.append(_rule(left, width, at))
        parts.append(f'<text x="{left - 8}" y="{at + 4:.1f}" class="name">{20 * k} %</text>')
    for k in range(round((high - low) * 2) + 1):
        cost = 10 ** (low + k / 2)
        parts.append(_tick(x(cost), top + height + 20, _short(cost)))
    parts.append(_tick(left + width / 2, top + height + 40, html.escape(unit)))
    front = [row for row in rows if not any(_beats(other, row) for other in rows)]
    path = " ".join(f"{x(c):.1f},{y(a):.1f}" for _, c, a in sorted(front, key=lambda row: row[1]))
    parts.append(f'<polyline points="{path}" class="front"/>')
    parts += _dots([(name, x(cost), y(share)) for name, cost, share in rows])
    return "".join([*parts, "</svg>"])


def _dots(rows: Sequence[tuple[str, float, float]]) -> list[str]:
    """Draw points with labels that give way to each other and to the points."""
    parts, taken = [], list[tuple[float, float]]()
    for place, (name, x, y) in enumerate(rows):
        label, reach = y + 4, 16 + 7 * len(name)
        while any(abs(x - a) < 110 and abs(label - b) < 14 for a, b in taken) or any(
            0 < a - x < reach and abs(label - 4 - b) < 10 for _, a, b in rows
        ):
            label += 14
        taken.append((x, label))
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour(place)}"/>'
            f'<text x="{x + 10:.1f}" y="{label:.1f}" class="value">{html.escape(name)}</text>'
        )
    return parts


def _rule(left: float, width: float, y: float) -> str:
    return f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" class="rule"/>'


def _tick(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="tick">{text}</text>'


def _beats(one: tuple[str, float, float], other: tuple[str, float, float]) -> bool:
    return one[1] <= other[1] and one[2] >= other[2] and one[1:] != other[1:]


def _short(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:.3g} M"
    if value >= 1000:
        return f"{value / 1000:.3g} k"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def risk(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> str:
    """Draw how many of the surest answers are wrong, a line a system.

    Args:
        rows: place of the system and its calibration.
    """
    left, top, width, height = 56, 12, 560, 220
    most = max(0.1, max(r for _, found in rows for _, r in found["risk_coverage"]))

    def at(coverage: float, share: float) -> str:
        return f"{left + coverage * width:.1f},{top + (1 - share / most) * height:.1f}"

    parts = [f'<svg viewBox="0 0 {left + width + 20} {top + height + 44}" class="chart">']
    for k in range(5):
        y = top + height * k / 4
        share = 100 * most * (1 - k / 4)
        parts.append(_rule(left, width, y))
        parts.append(f'<text x="{left - 8}" y="{y + 4}" class="name">{share:.0f} %</text>')
        parts.append(_tick(left + width * k / 4, top + height + 20, f"{25 * k} %"))
    told = "share of the surest answers that are kept; upwards: how many of them are wrong"
    parts.append(_tick(left + width / 2, top + height + 40, told))
    for place, found in rows:
        path = " ".join(at(coverage, share) for coverage, share in found["risk_coverage"])
        ink = f'fill="none" stroke="{colour(place)}" stroke-width="2"'
        parts.append(f'<polyline points="{path}" {ink}/>')
    return "".join([*parts, "</svg>"])
