"""The tables of a comparison: methods by budget, paired differences, by kind and by need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..simulated.traffic import HEAD
from ..statistics import Estimate, bootstrap_mean, few_clusters, wilson
from .rows import Row

BASELINE = "uniform"


def tables(rows: Sequence[Row], against: tuple[str, int] | None = None) -> str:
    """Return the tables in Markdown.

    Args:
        rows: of one VLM; each encoder has tables of its own.
        against: method and budget that every other one is paired with; `uniform` within the same
            budget when None.
    """
    parts = [HEAD, ""] if any("simulated" in row.vlm for row in rows) else []
    for encoder in dict.fromkeys(row.encoder for row in rows):
        mine = [row for row in rows if row.encoder == encoder]
        films = len({row.film for row in mine})
        asked = len({(row.film, row.item) for row in mine})
        parts.append(f"Encoder `{encoder}`, {asked} questions about {films} films.")
        for budget in sorted({row.budget for row in mine}):
            parts += ["", _methods([row for row in mine if row.budget == budget], mine, against)]
        if any(row.correct is not None for row in mine):
            parts += ["", _groups(mine, "kind", lambda row: (row.kind,))]
            parts += ["", _groups(mine, "need", lambda row: row.needs or ("none",))]
        warning = few_clusters(films)
        parts += ["", f"Intervals: 95 %, over films where there are several. {warning or ''}", ""]
    return "\n".join(parts)


def _methods(rows: Sequence[Row], every: Sequence[Row], against: tuple[str, int] | None) -> str:
    budget, unit = rows[0].budget, rows[0].unit
    name = BASELINE if against is None else f"{against[0]}-{against[1]}"
    lines = [
        f"| {budget} {unit} | evidence % | all of it % | right % (95 %) | - {name}, points (95 %) "
        "| near precision, recall, F1 % | shown | decoded | pictures | tokens | calls "
        "| chosen in ms, median and p95 | s |",
        "|---|---:|---:|---|---|---|---:|---:|---:|---:|---:|---|---:|",
    ]
    for method in dict.fromkeys(row.method for row in rows):
        mine = [row for row in rows if row.method == method]
        cells = [
            method,
            _percent([row.evidence for row in mine]),
            _percent([row.complete for row in mine]),
            _right(mine),
            _gain(mine, every, against or (BASELINE, budget)),
            ", ".join(
                _percent([getattr(row, part) for row in mine])
                for part in ("precision", "recall", "f1")
            ),
            _mean([row.shown for row in mine]),
            _mean([row.decoded for row in mine]),
            _mean([row.pictures for row in mine]),
            _mean([row.tokens for row in mine]),
            f"{np.mean([row.calls for row in mine]):.1f}",
            f"{np.median([row.select_ms for row in mine]):.0f}, "
            f"{np.percentile([row.select_ms for row in mine], 95):.0f}",
            f"{np.mean([row.seconds for row in mine]):.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def gain_over(
    rows: Sequence[Row], others: Sequence[Row], score: Callable[[Row], float]
) -> Estimate | None:
    """Return how much more rows score than others about the same question; None without pairs.

    The interval is over films: questions about one film share its difficulty.
    """
    theirs = {(row.film, row.item): row for row in others}
    pairs = [
        (row.film, score(row) - score(theirs[row.film, row.item]))
        for row in rows
        if (row.film, row.item) in theirs
    ]
    if not pairs:
        return None
    films, gains = zip(*pairs, strict=True)
    # with one film there is nothing to draw films from: its questions are drawn
    clusters = films if len(set(films)) > 1 else list(range(len(gains)))
    return bootstrap_mean(gains, clusters)


def _gain(mine: Sequence[Row], every: Sequence[Row], against: tuple[str, int]) -> str:
    theirs = [row for row in every if (row.method, row.budget) == against]
    answered = all(row.correct is not None for row in [*mine, *theirs])
    score = (lambda row: float(bool(row.correct))) if answered else (lambda row: row.evidence)
    if not theirs or theirs == list(mine):
        return "-"
    found = gain_over(mine, theirs, score)
    if found is None:
        return "-"
    of = "" if answered else " (evidence)"
    return f"{100 * found.value:+.0f} ({100 * found.low:+.0f} to {100 * found.high:+.0f}){of}"


def _groups(rows: Sequence[Row], title: str, of: Callable[[Row], tuple[str, ...]]) -> str:
    """Return right answers by group, within the budget nearest to 32."""
    budget = min({row.budget for row in rows}, key=lambda one: (abs(one - 32), one))
    mine = [row for row in rows if row.budget == budget]
    names = sorted({name for row in mine for name in of(row)})
    methods = list(dict.fromkeys(row.method for row in mine))
    counts = {name: len({(r.film, r.item) for r in mine if name in of(r)}) for name in names}
    heads = " | ".join(f"{name} (n = {counts[name]})" for name in names)
    lines = [f"| right % at {budget}, by {title} | {heads} |", "|---|" + "---:|" * len(names)]
    for method in methods:
        cells = [
            _percent([bool(r.correct) for r in mine if r.method == method and name in of(r)])
            for name in names
        ]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _right(rows: Sequence[Row]) -> str:
    if any(row.correct is None for row in rows):
        return "-"
    rate = wilson(sum(bool(row.correct) for row in rows), len(rows))
    return (
        f"{100 * rate.value:.0f} ({100 * rate.low:.0f} to {100 * rate.high:.0f}; n = {len(rows)})"
    )


def _percent(values: Sequence[float]) -> str:
    return f"{100 * float(np.mean(values)):.0f}" if values else "-"


def _mean(values: Sequence[float]) -> str:
    return f"{float(np.mean(values)):,.0f}"
