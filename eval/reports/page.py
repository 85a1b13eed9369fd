"""A run's report as one page of HTML that needs nothing else: no network, no other file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ..systems.spec import AGENT
from .charts import colour, intervals, pareto, risk
from .scored import ScoredRun
from .traces import pictures, traces
from .words import amount, chance, cost, detectable, failures, interval, many, percent, points

_TEXT = 300  # characters of a reply
_WORDS = {
    function.__name__: function
    for function in (amount, chance, cost, detectable, failures, interval, many, percent, points)
}
_COSTS = (
    ("usd", "mean", "US dollars a question"),
    ("tokens_in", "mean", "tokens read a question"),
    ("seconds", "mean", "seconds a question"),
)


def page(
    run: ScoredRun, summary: Mapping[str, Any], *, traces: int = 300, pictures: int = 60
) -> str:
    """Return the page.

    Args:
        run: scored.
        summary: its numbers.
        traces: how many of the agent's traces go along.
        pictures: how many of these come with frames.
    """
    from jinja2 import Environment, StrictUndefined

    source = files("longtake.eval.reports").joinpath("page.html").read_text(encoding="utf-8")
    made = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    systems = summary["systems"]
    return made.from_string(source).render(
        s=summary,
        w=_WORDS,
        zip=zip,
        colours=[colour(place) for place in range(len(systems))],
        kinds=_kinds(systems),
        scores_chart=_scores(systems),
        differences_chart=_differences(summary),
        pareto_chart=_pareto(systems),
        risk_chart=_risk(systems),
        data=_embedded(_data(run, traces, pictures)),
    )


def _kinds(systems: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each kind of question, with a cell for each system."""
    by = [{row["kind"]: row for row in system["kinds"]} for system in systems]
    rows = []
    for kind in sorted({name for found in by for name in found}):
        cells = [found.get(kind) for found in by]
        first = next(cell for cell in cells if cell)
        rows.append({"kind": kind, "n": first["n"], "few": first["few"], "cells": cells})
    return rows


def _scores(systems: list[Mapping[str, Any]]) -> str:
    rows = []
    for system in systems:
        rate = system["strict"]
        if rate is not None:
            ends = (
                rate["by_film"] or rate["wilson"] or {"low": rate["value"], "high": rate["value"]}
            )
            rows.append((system["name"], rate["value"], ends["low"], ends["high"]))
    return intervals(rows) if rows else ""


def _differences(summary: Mapping[str, Any]) -> str:
    rows = [
        (f"{pair['first']} − {pair['second']}", *pair["difference"])
        for pair in summary["comparisons"]
    ]
    return intervals(rows, signed=True) if rows else ""


def _pareto(systems: list[Mapping[str, Any]]) -> str:
    """Draw the first cost that all systems but at most one have, money before tokens and time."""
    for name, which, unit in _COSTS:
        rows = [
            (system["name"], spent, system["strict"]["value"])
            for system in systems
            if system["strict"] and (spent := cost(system, name, which))
        ]
        if len(rows) >= max(2, len(systems) - 1):
            return pareto(rows, unit)
    return ""


def _risk(systems: list[Mapping[str, Any]]) -> str:
    rows = [(k, s["calibration"]) for k, s in enumerate(systems) if s["calibration"]]
    return risk(rows) if rows else ""


def _data(run: ScoredRun, most_traces: int, most_pictures: int) -> dict[str, Any]:
    """Return the samples with all answers, for the table of the page."""
    agent = run.systems.get(AGENT)
    steps = traces(run, agent, most_traces) if agent else {}
    frames = pictures(agent, most_pictures) if agent else {}
    answers: dict[str, dict[str, Any]] = {name: {} for name in run.samples}
    for name, system in run.systems.items():
        for _, result in (*system.pairs, *system.skipped):
            if result.epoch == 0:
                answers[result.sample_id][name] = _answer(result, system.score_of(result))
    return {
        "systems": [name for name, system in run.systems.items() if system.pairs],
        "samples": [
            {
                "id": sample.sample_id,
                "film": sample.video.id,
                "kinds": sample.task_type,
                "question": sample.question,
                "options": sample.options,
                "truth": sample.answer_index,
                "text": sample.answer_text,
                "spans": sample.answer_spans or sample.evidence_spans,
                "answerable": sample.answerable,
                "answers": answers[sample.sample_id],
                "steps": steps.get(sample.sample_id),
                "frames": frames.get(sample.sample_id),
            }
            for sample in run.samples.values()
        ],
    }


def _answer(result: Any, score: float | None) -> dict[str, Any]:
    found = {
        "status": result.status,
        "score": score,
        "choice": result.pred_index,
        "said": (result.raw_text or "")[:_TEXT],
        "spans": result.pred_spans,
        "sure": None if result.confidence is None else round(result.confidence, 3),
        "seconds": result.timing.get("seconds"),
        "frames": result.frames.shown,
        "tokens": result.usage.get("tokens_in"),
        "cited": (result.cited_spans or ())[:6],
        "error": result.error,
    }
    return {name: value for name, value in found.items() if value not in (None, "", ())}


def _embedded(value: Any) -> str:
    """Return JSON that may stand in a script element: no `<` in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
