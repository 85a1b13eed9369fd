"""All numbers of a run as plain JSON types; the report only lays them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..diagnostics import letter_histogram, on_the_spot
from ..result import FAILED
from ..statistics import (
    Estimate,
    cluster_interval,
    effective_n,
    few_clusters,
    icc,
    wilson,
)
from ..statistics.calibration import (
    accuracy_at,
    adaptive_error_interval,
    brier,
    risk_coverage,
)
from ..statistics.estimate import FEW_CLUSTERS
from ..systems.spec import AGENT
from .compared import compare_systems
from .intervals import metric_interval
from .order import order_rows
from .scored import ScoredRun, SystemRun

_COSTS = (
    "seconds",
    "tokens_in",
    "tokens_out",
    "frames_shown",
    "frames_decoded",
    "model_calls",
    "tool_calls",
    "usd",
)
_CURVE_POINTS = 50


def summarize(run: ScoredRun) -> dict[str, Any]:
    """Return everything that a run found: scores, intervals, differences, cost, warnings."""
    config = run.record["config"]
    films = {sample.video.id for sample in run.samples.values()}
    systems = [_system(run, system) for system in run.systems.values() if system.pairs]
    return {
        "run": run.folder.path.name,
        "dataset": {
            "name": run.dataset.name,
            "title": run.dataset.title,
            "split": config["split"],
            "revision": config["revision"],
            "samples": len(run.samples),
            "films": len(films),
            "licence": run.dataset.licence,
            "flags": dict(Counter(f for s in run.samples.values() for f in s.flags)),
        },
        "config": config,
        "command": run.record.get("command"),
        "systems": systems,
        "comparisons": compare_systems(run),
        "order": order_rows(run),
        "index": _index(run),
        "skipped": {
            name: {"samples": len(system.skipped), "why": system.skipped[0][1].error}
            for name, system in run.systems.items()
            if system.skipped
        },
        "warnings": _warnings(run, len(films)),
    }


def _warnings(run: ScoredRun, films: int) -> list[str]:
    found = [few_clusters(films)]
    if run.missing:
        found.append(f"{run.missing} answers are still missing: the run is not finished")
    if run.unreadable:
        numbers = ", ".join(map(str, run.unreadable[:5]))
        found.append(f"unreadable lines in the result file, left out: {numbers}")
    for system in run.systems.values():
        short = [r.frames.shown for _, r in system.pairs if "frames_wanted" in r.usage]
        if short:
            found.append(
                f"{system.name}: the model takes {max(short)} frames in a request, fewer than were "
                f"wanted, in {len(short)} of {len(system.pairs)} questions"
            )
    return [text for text in found if text]


def _system(run: ScoredRun, system: SystemRun) -> dict[str, Any]:
    ids = list(system.scores)
    values = [system.scores[name] for name in ids]
    films = run.films_of(ids)
    return {
        "name": system.name,
        "config_hash": system.digest,
        "n": len(values),
        "films": len(set(films)),
        "strict": _rate(values, films),
        "metrics": [_metric(metric) for metric in system.metrics],
        "status": dict(Counter(result.status for _, result in system.pairs)),
        "failed": sum(result.status in FAILED for _, result in system.pairs),
        "letters": _letters(system),
        "kinds": _kinds(run, system),
        "cost": _cost(system),
        "on_the_spot": _on_the_spot(system),
        "calibration": _calibration(system),
        "epochs": _epochs(system),
    }


def estimate_json(estimate: Estimate | None) -> dict[str, Any] | None:
    """Return an estimate as plain JSON types, its numbers rounded to six digits."""
    if estimate is None:
        return None
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in asdict(estimate).items()
    }


def _rate(values: Sequence[float], films: Sequence[str]) -> dict[str, Any] | None:
    """Return the mean strict score with both intervals and what the clusters do to it."""
    if not values:
        return None
    whole = all(value in (0.0, 1.0) for value in values)
    naive = wilson(int(sum(values)), len(values)) if whole else None
    correlation = icc(values, films)
    return {
        "value": round(float(np.mean(values)), 6),
        "wilson": estimate_json(naive),
        "by_film": estimate_json(cluster_interval(values, films)),
        "icc": None if correlation is None else round(correlation, 4),
        "effective_n": round(effective_n(values, films), 1),
    }


def _metric(metric: Any) -> dict[str, Any]:
    return {
        "name": metric.name,
        "rule": metric.rule,
        "headline": metric.headline,
        "left_out": metric.left_out,
        "note": metric.note,
        "estimate": estimate_json(metric_interval(metric)),
    }


def _kinds(run: ScoredRun, system: SystemRun) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for name in system.scores:
        for kind in run.samples[name].task_type or ("all",):
            groups.setdefault(kind, []).append(name)
    rows = []
    for kind, names in sorted(groups.items()):
        films = run.films_of(names)
        rate = _rate([system.scores[name] for name in names], films)
        few = len(names) < FEW_CLUSTERS
        rows.append({"kind": kind, "n": len(names), "films": len(set(films)), "few": few, **rate})  # pyright: ignore
    return rows


def _letters(system: SystemRun) -> dict[str, dict[str, int]]:
    """Count chosen and true letters: a model that prefers one shows it here."""
    counts = letter_histogram(system.pairs)
    chosen = {count.letter: count.chosen for count in counts if count.chosen}
    none = sum(s.options is not None and r.pred_index is None for s, r in system.pairs)
    return {
        "chosen": chosen | ({"none": none} if none else {}),
        "true": {count.letter: count.true for count in counts if count.true},
    }


def _cost(system: SystemRun) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _COSTS:
        values = [v for _, result in system.pairs if (v := _spent(result, name)) is not None]
        if values:
            found[name] = {
                "mean": round(float(np.mean(values)), 4),
                "p50": round(float(np.median(values)), 4),
                "p95": round(float(np.percentile(values, 95)), 4),
                "sum": round(float(np.sum(values)), 4),
            }
    right = sum(system.scores.values())
    if "usd" in found and right:
        found["usd_per_right"] = round(found["usd"]["sum"] / right, 6)
    return found


def _spent(result: Any, name: str) -> float | None:
    if name == "seconds":
        return result.timing.get("seconds")
    if name == "tool_calls":
        return float(result.n_tool_calls)
    if name == "frames_shown":
        return float(result.frames.shown)
    value = result.usage.get(name)
    return None if value is None else float(value)


def _on_the_spot(system: SystemRun) -> dict[str, Any] | None:
    """Compare cited times with the benchmark's evidence; None where no system cites any."""
    found = [
        (spot, system.scores.get(sample.sample_id, 0.0) > 0.5)
        for sample, result in system.pairs
        if (spot := on_the_spot(sample, result)) is not None
    ]
    if not found or not any(result.cited_spans for _, result in system.pairs):
        return None
    return {
        "n": len(found),
        "hit": round(float(np.mean([spot.hit for spot, _ in found])), 6),
        "precision": round(float(np.mean([spot.precision for spot, _ in found])), 6),
        "recall": round(float(np.mean([spot.recall for spot, _ in found])), 6),
        "right_and_hit": round(float(np.mean([spot.hit and ok for spot, ok in found])), 6),
    }


def _calibration(system: SystemRun) -> dict[str, Any] | None:
    rows = [
        (result.confidence, system.scores[result.sample_id] > 0.5, result.film)
        for _, result in system.pairs
        if result.confidence is not None and result.sample_id in system.scores
    ]
    if len(rows) < 10:
        return None
    sure, right, films = zip(*rows, strict=True)
    curve = risk_coverage(sure, right)
    step = max(1, len(curve.coverage) // _CURVE_POINTS)
    places = sorted({*range(0, len(curve.coverage), step), len(curve.coverage) - 1})
    return {
        "n": len(rows),
        "brier": round(brier(sure, right), 4),
        "adaptive_error": estimate_json(adaptive_error_interval(sure, right, films)),
        "right_at_80": round(accuracy_at(sure, right, 0.8), 4),
        "aurc": round(curve.area, 4),
        "risk_coverage": [
            [round(curve.coverage[place], 4), round(curve.risk[place], 4)] for place in places
        ],
    }


def _epochs(system: SystemRun) -> dict[str, Any] | None:
    """Return how far repetitions differ: the spread between runs, apart from that of samples."""
    means: dict[int, list[float]] = {}
    for metric in system.metrics:
        if metric.rule == "strict" and metric.headline:
            for unit in metric.units:
                _, _, number = unit.id.rpartition("#")
                epoch = int(number) if "#" in unit.id and number.isdigit() else 0
                means.setdefault(epoch, []).append(unit.value)
    if len(means) < 2:
        return None
    rates = [float(np.mean(values)) for _, values in sorted(means.items())]
    return {"rates": rates, "deviation": round(float(np.std(rates, ddof=1)), 5)}


def _index(run: ScoredRun) -> dict[str, Any]:
    films: Mapping[str, Mapping[str, Any]] = run.folder.films()
    stages: Counter[str] = Counter()
    for cost in films.values():
        stages.update({k: float(v) for k, v in cost.get("stages", {}).items()})  # pyright: ignore
    made = float(sum(stages.values()))
    agent = run.systems.get(AGENT)
    questions = len(agent.pairs) if agent else len(run.samples)
    return {
        "films": len(films),
        "hours": round(sum(cost.get("duration", 0.0) for cost in films.values()) / 3600, 3),
        "seconds_when_made": round(made, 2),
        "seconds_here": round(sum(cost["index_seconds"] for cost in films.values()), 2),
        "text_seconds": round(sum(cost.get("text_seconds", 0.0) for cost in films.values()), 2),
        "seconds_a_question": round(made / questions, 3) if questions else None,
        "stages": {name: round(seconds, 2) for name, seconds in sorted(stages.items())},
        "backends": sorted({cost.get("backend", "") for cost in films.values()}),
        "caveats": {film: cost["caveats"] for film, cost in films.items() if cost.get("caveats")},
    }
