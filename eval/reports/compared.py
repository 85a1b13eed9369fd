"""Systems beside each other on the samples that both answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sample import Sample
from ..statistics import cluster_interval, compare, holm
from ..statistics.comparison import Comparison, cluster_p
from ..statistics.estimate import FEW_CLUSTERS, Estimate
from ..systems.spec import AGENT, BLIND
from .scored import ScoredRun


def compare_systems(run: ScoredRun) -> list[dict[str, Any]]:
    """Compare the agent with every other system; without it, the first system with the others."""
    present = [name for name, system in run.systems.items() if system.scores]
    if len(present) < 2:
        return []
    first = AGENT if AGENT in present else present[0]
    return [
        compare_scores(
            first, other, run.systems[first].scores, run.systems[other].scores, run.samples
        )
        for other in present
        if other != first and set(run.systems[first].scores) & set(run.systems[other].scores)
    ]


def compare_scores(
    first: str,
    second: str,
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    samples: Mapping[str, Sample],
) -> dict[str, Any]:
    """Compare two sets of scores on the samples that are in both.

    Args:
        first: name of the first system.
        second: name of the other.
        ours: sample id to the first one's score.
        theirs: the other's.
        samples: by id.
    """
    shared = [name for name in ours if name in theirs]
    films = [samples[name].video.id for name in shared]
    found = compare([ours[name] for name in shared], [theirs[name] for name in shared], films)
    return {
        "first": first,
        "second": second,
        "visual_gain": (first, second) == (AGENT, BLIND),
        "n": len(shared),
        "films": len(set(films)),
        "first_value": round(sum(ours[name] for name in shared) / len(shared), 6),
        "second_value": round(sum(theirs[name] for name in shared) / len(shared), 6),
        **comparison_json(found),
        "kinds": _kinds(shared, ours, theirs, samples),
    }


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain JSON types."""
    return {
        "difference": _plain(found.difference),
        "by_t": _plain(found.by_t),
        "first_only": found.first_only,
        "second_only": found.second_only,
        "mcnemar_p": round(found.mcnemar_p, 8),
        "detectable": None if found.detectable is None else round(found.detectable, 6),
    }


def _plain(estimate: Estimate | None) -> list[float] | None:
    if estimate is None:
        return None
    return [round(estimate.value, 6), round(estimate.low, 6), round(estimate.high, 6)]


def _kinds(
    shared: list[str],
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    samples: Mapping[str, Sample],
) -> list[dict[str, Any]]:
    """Return the difference of each kind of question, p values adjusted for their number."""
    groups: dict[str, list[str]] = {}
    for name in shared:
        for kind in samples[name].task_type or ("all",):
            groups.setdefault(kind, []).append(name)
    rows: list[dict[str, Any]] = []
    for kind, names in sorted(groups.items()):
        gains = [ours[name] - theirs[name] for name in names]
        films = [samples[name].video.id for name in names]
        rows.append(
            {
                "kind": kind,
                "n": len(names),
                "films": len(set(films)),
                "few": len(names) < FEW_CLUSTERS,
                "difference": round(sum(gains) / len(gains), 6),
                "by_t": _plain(cluster_interval(gains, films)),
                "p": cluster_p(gains, films),
                "p_holm": None,
            }
        )
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_holm"] = round(adjusted, 8)
    return rows
