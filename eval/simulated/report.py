"""The tables of a simulated run; every one says that it is simulated."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from ..statistics import paired_difference, wilson
from .run import Row

HEAD = "**Simulated VLM**: says how evidence was found and used, nothing about seeing."


def report(rows: Sequence[Row]) -> str:
    """Return Markdown tables: methods, paired differences, and right answers by group."""
    methods = list(dict.fromkeys(row.method for row in rows))
    parts = [HEAD, "", _methods(rows, methods), "", _differences(rows, methods), ""]
    parts += [_groups(rows, methods, "kind", lambda row: row.kind), ""]
    parts.append(_groups(rows, methods, "wording", lambda r: "tuning" if r.tuning else "held out"))
    return "\n".join(parts)


def _methods(rows: Sequence[Row], methods: Sequence[str]) -> str:
    lines = [
        "| simulated | n | right % (95 %) | abstains | errors | requests median / p90 "
        "| answering calls with the whole question % | malformed | evidence sent % "
        "| images median | tokens median | seconds median |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for method in methods:
        mine = [row for row in rows if row.method == method]
        requests = [row.requests for row in mine]
        calls, whole = sum(row.answering for row in mine), sum(row.whole for row in mine)
        cells = [
            method,
            str(len(mine)),
            _rate(mine),
            str(sum(row.status == "abstained" for row in mine)),
            str(sum(row.status == "error" for row in mine)),
            f"{np.median(requests):.0f} / {np.percentile(requests, 90):.0f}",
            f"{100 * whole / calls:.1f} of {calls}" if calls else "-",
            str(sum(row.malformed for row in mine)),
            f"{100 * np.mean([row.shown for row in mine]):.0f}",
            f"{np.median([row.images for row in mine]):.0f}",
            f"{np.median([row.tokens for row in mine]):.0f}",
            f"{np.median([row.seconds for row in mine]):.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _differences(rows: Sequence[Row], methods: Sequence[str]) -> str:
    lines = ["| simulated, paired | n | points (95 %) |", "|---|---:|---|"]
    for number, first in enumerate(methods):
        for second in methods[number + 1 :]:
            pairs: dict[Hashable, list[tuple[float, float]]] = {}
            theirs = {row.key[:-1]: row for row in rows if row.method == second}
            for row in rows:
                if row.method == first and row.key[:-1] in theirs:
                    pair = (row.correct, theirs[row.key[:-1]].correct)
                    pairs.setdefault(row.film, []).append(pair)
            if pairs:
                d = paired_difference(pairs)
                interval = f"{100 * d.value:+.1f} ({100 * d.low:+.1f} to {100 * d.high:+.1f})"
                lines.append(f"| {first} - {second} | {d.n} | {interval} |")
    return "\n".join(lines)


def _groups(
    rows: Sequence[Row], methods: Sequence[str], title: str, group: Callable[[Row], str]
) -> str:
    lines = [f"| simulated, by {title} | " + " | ".join(f"{m} right %" for m in methods) + " |"]
    lines.append("|---|" + "---|" * len(methods))
    for name in sorted({group(row) for row in rows}):
        cells = [[r for r in rows if r.method == m and group(r) == name] for m in methods]
        lines.append(f"| {name} | " + " | ".join(_rate(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _rate(rows: Sequence[Row]) -> str:
    if not rows:
        return "-"
    rate = wilson(sum(row.correct for row in rows), len(rows))
    return (
        f"{100 * rate.value:.1f} ({100 * rate.low:.0f} to {100 * rate.high:.0f}; n = {len(rows)})"
    )
