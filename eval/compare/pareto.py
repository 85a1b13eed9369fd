"""The plot of a comparison: what each method gets for what it costs, and which are not beaten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.errors import UsageError
from .report import BASELINE
from .rows import Row

Point = tuple[float, float]


def front_of(points: Sequence[Point]) -> list[int]:
    """Return the rows of (cost, worth) points that no other one beats, cheapest first.

    A point is beaten by one that costs no more and is worth more, or costs less and is worth as
    much.
    """
    order = sorted(range(len(points)), key=lambda row: (points[row][0], -points[row][1]))
    front: list[int] = []
    best = -np.inf
    for row in order:
        if points[row][1] > best:
            front.append(row)
            best = points[row][1]
    return front


def draw_pareto(rows: Sequence[Row], path: Path) -> Path:
    """Draw right answers (evidence, where nothing was asked) over tokens (frames).

    Args:
        rows: of one VLM and one encoder.
        path: where the picture is written; its ending says how: png, svg, pdf.

    Raises:
        UsageError: matplotlib is not installed, or there is nothing to draw.
    """
    if not rows:
        raise UsageError("nothing to draw", "compare at least one selector")
    answered = all(row.correct is not None for row in rows)
    methods = list(dict.fromkeys(row.method for row in rows))
    points: list[tuple[str, int, Point]] = []
    for method in methods:
        for budget in sorted({row.budget for row in rows if row.method == method}):
            mine = [row for row in rows if row.method == method and row.budget == budget]
            cost = np.mean([row.tokens if answered else row.shown for row in mine])
            worth = np.mean([bool(r.correct) if answered else r.evidence for r in mine])
            points.append((method, budget, (float(cost), 100 * float(worth))))
    asked = {(row.film, row.item) for row in rows}
    films = len({film for film, _ in asked})
    title = f"{rows[0].vlm}, encoder {rows[0].encoder}: {len(asked)} questions, {films} films"
    figure = _figure(points, methods, title, answered)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    return path


def _figure(
    points: Sequence[tuple[str, int, Point]], methods: Sequence[str], title: str, answered: bool
) -> Any:
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
    except ImportError as error:
        raise UsageError(
            "a plot needs matplotlib, which is not installed", "pip install 'longtake[eval]'"
        ) from error
    figure = Figure(figsize=(9.5, 5.5), layout="constrained")
    axes = figure.subplots()
    colours = _colours(len(methods))
    front = front_of([place for _, _, place in points])
    ahead = {points[number][0] for number in front} | {BASELINE}
    for number, method in enumerate(methods):
        own = [(budget, place) for name, budget, place in points if name == method]
        xs, ys = zip(*(place for _, place in own), strict=True)
        axes.plot(
            xs,
            ys,
            "--" if method == BASELINE else "-",
            color=colours[number],
            marker="osD^v<>PX*"[number % 10],
            ms=5,
            lw=2.2 if method in ahead else 0.9,
            label=method,
        )
    xs, ys = zip(*(points[number][2] for number in front), strict=True)
    right = max(place[0] for _, _, place in points)
    axes.step(
        [*xs, right], [*ys, ys[-1]], where="post", color="0.75", lw=5, zorder=0, label="not beaten"
    )
    for number in front:
        _, budget, place = points[number]
        axes.annotate(
            f"{points[number][0]}, {budget}",
            place,
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("tokens read by the video LLM, mean" if answered else "frames shown, mean")
    axes.set_ylabel("right, %" if answered else "evidence hit, %")
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.25)
    axes.margins(y=0.12)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _colours(count: int) -> list[Any]:
    from matplotlib import colormaps

    wheel = colormaps["tab20"]
    return [wheel(number % 20) for number in range(count)]
