"""Numbers in words, the same in Markdown and on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def percent(value: float | None) -> str:
    """Return a share in percent with one digit."""
    return "–" if value is None else f"{100 * value:.1f}"


def interval(estimate: Mapping[str, Any] | None) -> str:
    """Return `low to high` in percent; a dash where there is none."""
    if estimate is None:
        return "–"
    low, high = max(0.0, estimate["low"]), min(1.0, estimate["high"])
    return f"{100 * low:.1f} to {100 * high:.1f}"


def points(estimate: Sequence[float] | None) -> str:
    """Return a difference in points with its interval; a dash where there is none."""
    if estimate is None:
        return "–"
    value, low, high = (100 * min(1.0, max(-1.0, number)) for number in estimate)
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def detectable(value: float | None) -> str:
    """Return the smallest difference that would show, in points; more than 100 never does."""
    return "> 100" if value is not None and value > 1 else percent(value)


def chance(p: float) -> str:
    """Return a p value with three digits."""
    return "< 0.0001" if p < 1e-4 else f"{p:.3g}"


def amount(value: float | None, digits: int = 1) -> str:
    """Return a number with its thousands apart, a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.{0 if abs(value) >= 100 else digits}f}"


def cost(system: Mapping[str, Any], name: str, which: str = "p50") -> float | None:
    """Return one number of a system's cost; None where it is not known."""
    found = system["cost"].get(name)
    return None if found is None else found[which]


def failures(system: Mapping[str, Any]) -> str:
    """Return what went wrong, each kind with its share."""
    total = sum(system["status"].values())
    found = [
        f"{name} {count} ({100 * count / total:.1f} %)"
        for name, count in sorted(system["status"].items())
        if name != "ok"
    ]
    return ", ".join(found) or "none"


def headline(system: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the metric that papers quote; else the first strict one."""
    strict = [metric for metric in system["metrics"] if metric["rule"] == "strict"]
    quoted = [metric for metric in strict if metric["headline"]]
    return next(iter([*quoted, *strict]), None)


def many(count: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
