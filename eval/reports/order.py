"""What a run tells of the questions themselves: do they need the film, and its order?

Where `uniform:N` was run beside `uniform:N:shuffled` or `uniform:N:reversed`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..diagnostics import order_check, question_classes
from ..systems.spec import BLIND
from .scored import Pair, ScoredRun

ORDERS = ("shuffled", "reversed")


def order_rows(run: ScoredRun) -> list[dict[str, Any]]:
    """Return a row for each number of frames that was shown in several orders; choices only."""
    found = []
    for name in run.systems:
        runs = {order: _choices(run, f"{name}:{order}") for order in ORDERS}
        runs = {"in order": _choices(run, name)} | {k: pairs for k, pairs in runs.items() if pairs}
        shared = [{sample.sample_id for sample, _ in pairs} for pairs in runs.values()]
        if len(runs) < 2 or not set.intersection(*shared):
            continue
        check = order_check(runs)
        found.append(
            {
                "system": name,
                "n": check.n,
                "chance": round(check.chance, 6),
                "accuracy": {name: round(value, 6) for name, value in check.accuracy.items()},
                "needs_order": check.needs_order,
                "classes": _classes(run, runs),
            }
        )
    return found


def _choices(run: ScoredRun, name: str) -> list[Pair]:
    system = run.systems.get(name)
    return [pair for pair in system.pairs if pair[0].options] if system else []


def _classes(run: ScoredRun, runs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the VBenchComp classes with how often each system was right in them."""
    if "shuffled" not in runs:
        return []
    classes = question_classes(_choices(run, BLIND), runs["in order"], runs["shuffled"])
    rows = []
    for name, count in Counter(classes.values()).most_common():
        ids = [sample for sample, found in classes.items() if found == name]
        right = {
            system.name: round(float(np.mean(scores)), 6)
            for system in run.systems.values()
            if (scores := [system.scores[k] for k in ids if k in system.scores])
        }
        rows.append({"class": name, "n": count, "right": right})
    return rows
