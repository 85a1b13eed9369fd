"""Costs in a terminal: the plan of a question, and the ledger of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from longtake.cli.output import OUT, bold, dim
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.agent.runs.record import RunFolder
    from longtake.plan import Plan

_COLUMNS = ("calls", "frames", "tokens in", "cached", "out", "seconds", "usd")
_FIELDS = (
    "model_calls",
    "frames_shown",
    "tokens_in",
    "tokens_cached",
    "tokens_out",
    "seconds",
    "usd",
)


def money(usd: float | None) -> str:
    """Return US dollars as people write them, `-` where they are not known."""
    if usd is None:
        return "-"
    return f"${usd:.2f}" if usd >= 1 or usd == 0 else f"${usd:.4f}"


def print_plan(plan: Plan) -> None:
    """Print what a question would cost."""
    value = plan.to_json()
    expected, worst = value["expected"], value["worst"]
    OUT.say(bold(printable(plan.question, 100)))
    OUT.say(dim("  " + " · ".join(f"{role} {name}" for role, name in plan.models.items())))
    rows = [("expected", expected)]
    if len(expected["by_role"]) > 1:
        rows += expected["by_role"].items()
    _table("", [*rows, ("at worst", {**worst, "tokens_in": worst["tokens"]})])
    OUT.say(dim("  at worst: what the budget lets through; its tokens are in and out together"))
    OUT.say(dim(f"  expected from {plan.estimate.forecast.basis}"))
    near = plan.estimate.nearest
    limit = plan.estimate.limits[near]
    share = f"{limit.expected:,.4g} of {limit.limit:,.8g} {near}"
    if plan.estimate.stops_at:
        OUT.say(f"  would stop at the budget: {share}; raise --max-{near}")
    else:
        OUT.say(f"  within the budget; nearest limit: {share}")
    _sources(value["prices"])
    for note in plan.notes:
        OUT.say(f"  note: {note}")


def run_costs(folder: RunFolder) -> dict[str, Any]:
    """Return what a run cost, finished or not: in all, by role, by tool and call by call."""
    from longtake.agent.cost.ledger import (
        Sum,
        by_role,
        by_tool,
        entries_of,
        steps_of_trace,
        total_usd,
    )
    from longtake.agent.cost.rates import Rates
    from longtake.agent.runs.trace import read_trace

    record, answer = folder.record(), folder.answer()
    rates = Rates.of_record(record) or Rates()
    entries = entries_of(steps_of_trace(read_trace(folder.trace)), rates)
    # an answer knows its wall-clock seconds; side by side, calls add up to more
    seconds = {"seconds": answer["usage"]["seconds"]} if answer else {}
    return {
        "run_id": folder.run_id,
        "status": answer["status"] if answer else "unfinished",
        "question": record["question"],
        "answer": answer["answer"] if answer else None,
        "models": answer["models"] if answer else record.get("models", {}),
        "total": {**Sum.of(entries).to_json(), **seconds, "usd": total_usd(entries, rates)},
        "by_role": {role: found.to_json() for role, found in by_role(entries).items()},
        "by_tool": {tool: found.to_json() for tool, found in by_tool(entries).items()},
        "steps": [entry.to_json() for entry in entries],
        "prices": rates.to_json(),
    }


def print_costs(costs: Mapping[str, Any]) -> None:
    """Print what `run_costs` found."""
    OUT.say(bold(f"{costs['run_id']}  {costs['status']}"))
    OUT.say(f"  {printable(costs['question'], 100)}")
    OUT.say(f"  {printable(costs['answer'] or '-', 100)}")
    _table("role", [*costs["by_role"].items(), ("in all", costs["total"])])
    _table("tool", list(costs["by_tool"].items()))
    _table("step", [(f"{step['number']} {step['tool']}", step) for step in costs["steps"]])
    read, cached = costs["total"]["tokens_in"], costs["total"]["tokens_cached"]
    if cached:
        OUT.say(f"  {cached / read:.0%} of the tokens read came from the server's cache")
    _sources(costs["prices"])


def _sources(prices: Mapping[str, Any]) -> None:
    """Say where the prices come from and of when they are."""
    for role, price in prices.items():
        what = f"{printable(price['source'])}, {price['date']}" if price else "not known"
        OUT.say(dim(f"  price of the {role}: {what}"))


def _table(head: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    OUT.say(dim(f"  {head:<18}" + "".join(f"{name:>11}" for name in _COLUMNS)))
    for name, row in rows:
        cells = [_cell(field, row.get(field)) for field in _FIELDS]
        OUT.say(f"  {printable(name, 17):<18}" + "".join(f"{cell:>11}" for cell in cells))


def _cell(field: str, value: Any) -> str:
    if field == "usd":
        return money(value)
    if value is None:
        return "-"
    return f"{value:,.1f}" if field == "seconds" else f"{value:,.0f}"
