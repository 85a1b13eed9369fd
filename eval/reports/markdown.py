"""A run's report in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .words import (
    amount,
    chance,
    cost,
    detectable,
    failures,
    headline,
    interval,
    many,
    percent,
    points,
)

_CELL = {"|": "\\|", "\n": " "}


def markdown(summary: Mapping[str, Any]) -> str:
    """Return the whole report."""
    about = summary["dataset"]
    parts = [
        f"# {about['title']}: {summary['run']}",
        f"{many(about['samples'], 'question')} about {many(about['films'], 'film')}, "
        f"split {about['split']}, revision {about['revision']}. Intervals are of 95 %.",
        *(f"**{warning[0].upper()}{warning[1:]}.**" for warning in summary["warnings"]),
        scores(summary),
        metrics(summary),
        differences(summary),
        _kinds(summary),
        _costs(summary),
        _index(summary),
        _evidence(summary),
        _order(summary),
        _calibration(summary),
        _letters(summary),
        _skipped(summary),
        _config(summary),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> str:
    """Return a table; `right` holds an `r` for each column of numbers."""
    marks = ["---:" if flag == "r" else "---" for flag in right.ljust(len(head), "l")[: len(head)]]
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    for mark, instead in _CELL.items():
        text = text.replace(mark, instead)
    return text


def scores(summary: Mapping[str, Any]) -> str:
    """Return the table of systems."""
    rows = []
    for system in summary["systems"]:
        rate = system["strict"] or {}
        rows.append(
            [
                system["name"],
                str(system["n"]),
                percent(rate.get("value")),
                interval(rate.get("wilson")),
                interval(rate.get("by_film")),
                amount(rate.get("effective_n"), 0),
                failures(system),
            ]
        )
    head = ["system", "n", "right %", "Wilson", "over films", "effective n", "not answered"]
    return grid(head, rows, "lrrllrl")


def metrics(summary: Mapping[str, Any]) -> str:
    """Return the table of the metrics of the benchmark, strict and official."""
    rows, notes = [], {}
    for system in summary["systems"]:
        for metric in system["metrics"]:
            estimate = metric["estimate"]
            value = None if estimate is None else estimate["value"]
            rows.append(
                [
                    system["name"],
                    metric["name"],
                    metric["rule"],
                    percent(value),
                    interval(estimate),
                    str(metric["left_out"]),
                ]
            )
            if metric["note"]:
                notes[metric["name"]] = metric["note"]
    table = grid(["system", "metric", "rule", "%", "95 %", "left out"], rows, "lllrlr")
    told = "".join(f"\n* {name}: {note}" for name, note in notes.items())
    return "## Metrics of the benchmark\n\n" + table + ("\n" + told if told else "")


def differences(summary: Mapping[str, Any]) -> str:
    """Return the table of paired differences."""
    if not summary["comparisons"]:
        return ""
    rows = [
        [
            f"{row['first']} − {row['second']}" + (" (visual gain)" if row["visual_gain"] else ""),
            str(row["n"]),
            points(row["difference"]),
            points(row["by_t"]),
            f"{row['first_only']} : {row['second_only']}",
            chance(row["mcnemar_p"]),
            detectable(row["detectable"]),
        ]
        for row in summary["comparisons"]
    ]
    head = ["paired, points", "n", "bootstrap over films", "t over films", "only one right"]
    table = grid([*head, "McNemar p", "detectable"], rows, "lrllrrr")
    return "## Differences on the same questions\n\n" + table


def _kinds(summary: Mapping[str, Any]) -> str:
    systems = summary["systems"]
    names = sorted({row["kind"] for system in systems for row in system["kinds"]})
    if len(names) < 2:
        return ""
    by = [{row["kind"]: row for row in system["kinds"]} for system in systems]
    rows = []
    for name in names:
        first = next(kinds[name] for kinds in by if name in kinds)
        few = " *" if first["few"] else ""
        cells = [_kind(kinds.get(name)) for kinds in by]
        rows.append([f"{name}{few}", str(first["n"]), *cells])
    head = ["kind", "n", *(system["name"] for system in systems)]
    text = "## By kind of question\n\nRight in percent, Wilson's interval. * fewer than 30.\n\n"
    return text + grid(head, rows, "lr") + _flagged(summary)


def _kind(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "–"
    return f"{percent(row['value'])} ({interval(row['wilson'])})"


def _flagged(summary: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{pair['first']} − {pair['second']}",
            row["kind"],
            str(row["n"]),
            points(row["by_t"]),
            chance(row["p_holm"]),
        ]
        for pair in summary["comparisons"]
        for row in pair["kinds"]
        if row["p_holm"] is not None and row["p_holm"] < 0.05 and not row["few"]
    ]
    if not rows:
        return ""
    head = ["paired", "kind", "n", "points", "p (Holm)"]
    return "\n\nDifferences that hold after Holm's correction:\n\n" + grid(head, rows, "llrlr")


def _costs(summary: Mapping[str, Any]) -> str:
    rows = [
        [
            system["name"],
            f"{amount(cost(system, 'seconds'))} / {amount(cost(system, 'seconds', 'p95'))}",
            amount(cost(system, "frames_shown"), 0),
            amount(cost(system, "frames_decoded"), 0),
            amount(cost(system, "model_calls"), 0),
            amount(cost(system, "tool_calls"), 0),
            amount(cost(system, "tokens_in"), 0),
            amount(cost(system, "tokens_out"), 0),
            amount(cost(system, "usd", "sum"), 4),
            amount(system["cost"].get("usd_per_right"), 5),
        ]
        for system in summary["systems"]
    ]
    head = ["median a question", "seconds (p95 behind /)", "frames shown", "decoded"]
    head += [
        "model calls",
        "tool calls",
        "tokens in",
        "tokens out",
        "USD in all",
        "USD a right one",
    ]
    return "## Cost of the questions\n\n" + grid(head, rows, "lrrrrrrrrr")


def _index(summary: Mapping[str, Any]) -> str:
    index = summary["index"]
    if not index["films"]:
        return ""
    text = (
        f"## Cost of the indexes\n\n{many(index['films'], 'film')}, {index['hours']:.2f} hours: "
        f"{amount(index['seconds_when_made'])} s when they were made "
        f"({amount(index['seconds_here'])} s of it in this run), which is "
        f"{amount(index['seconds_a_question'], 2)} s a question. Reading all screen text for "
        f"text-only: {amount(index['text_seconds'])} s. Decoded with "
        f"{', '.join(index['backends'])}."
    )
    told = [f"* {film}: {'; '.join(caveats)}" for film, caveats in index["caveats"].items()]
    return text + ("\n\n" + "\n".join(told) if told else "")


def _evidence(summary: Mapping[str, Any]) -> str:
    names = ("hit", "precision", "recall", "right_and_hit")
    rows = [
        [system["name"], str(found["n"]), *(percent(found[name]) for name in names)]
        for system in summary["systems"]
        if (found := system["on_the_spot"])
    ]
    if not rows:
        return ""
    head = ["system", "n", "hits %", "precision %", "recall %", "right and hit %"]
    title = "## Cited evidence against the benchmark's own\n\n"
    return title + grid(head, rows, "lrrrrr")


def _order(summary: Mapping[str, Any]) -> str:
    if not summary["order"]:
        return ""
    rows, classes = [], []
    for found in summary["order"]:
        said = {True: "yes", False: "no", None: "cannot be told"}[found["needs_order"]]
        right = [percent(found["accuracy"].get(k)) for k in ("in order", "shuffled", "reversed")]
        rows.append([found["system"], str(found["n"]), percent(found["chance"]), *right, said])
        for row in found["classes"]:
            told = ", ".join(f"{name} {percent(value)}" for name, value in row["right"].items())
            classes.append([found["system"], row["class"], str(row["n"]), told])
    head = ["frames", "n", "chance %", "in order %", "shuffled %", "reversed %", "order needed"]
    text = "## Do the questions need the order of frames?\n\n" + grid(head, rows, "lrrrrrl")
    if classes:
        text += "\n\nClasses after VBenchComp, by this one model:\n\n"
        text += grid(["frames", "class", "n", "right %"], classes, "llrl")
    return text


def _calibration(summary: Mapping[str, Any]) -> str:
    rows = [
        [
            system["name"],
            str(found["n"]),
            f"{found['brier']:.3f}",
            f"{found['adaptive_error']['value']:.3f} ({found['adaptive_error']['low']:.3f} to "
            f"{found['adaptive_error']['high']:.3f})",
            percent(found["right_at_80"]),
            f"{found['aurc']:.3f}",
        ]
        for system in summary["systems"]
        if (found := system["calibration"])
    ]
    if not rows:
        return ""
    head = ["system", "n", "Brier", "adaptive calibration error", "right % of the surest 80 %"]
    return "## Confidence\n\n" + grid([*head, "AURC"], rows, "lrrlrr")


def _letters(summary: Mapping[str, Any]) -> str:
    systems = [system for system in summary["systems"] if system["letters"]["chosen"]]
    if not systems:
        return ""
    names = sorted({k for s in systems for part in s["letters"].values() for k in part})
    rows = []
    for system in systems:
        for which in ("chosen", "true"):
            counts = system["letters"][which]
            rows.append([system["name"], which, *(str(counts.get(name, 0)) for name in names)])
    return "## Letters chosen and true\n\n" + grid(["system", "", *names], rows, "ll" + "r" * 30)


def _skipped(summary: Mapping[str, Any]) -> str:
    lines = [
        f"* {name}: {many(found['samples'], 'question')} not asked: {found['why']}"
        for name, found in summary["skipped"].items()
    ]
    return "## Not asked\n\n" + "\n".join(lines) if lines else ""


def _config(summary: Mapping[str, Any]) -> str:
    config = summary["config"]
    lines = [f"* {role}: {name}" for role, name in config["models"].items()]
    lines += [f"* {name}: {value}" for name, value in config["versions"].items()]
    lines += [f"* prompts: {config['prompts']}"]
    lines += [f"* {name} = {value}" for name, value in config["settings"].items()]
    lines += [f"* {name} ≤ {value:g} a question" for name, value in config["limits"].items()]
    lines += [f"* {s['name']}: configuration {s['config_hash']}" for s in summary["systems"]]
    if summary["command"]:
        lines.append(f"* command: `{summary['command']}`")
    told = [headline(system) for system in summary["systems"]]
    note = f"\n\nScored by `{told[0]['name']}`, strict." if told and told[0] else ""
    return "## How it was made\n\n" + "\n".join(lines) + note
