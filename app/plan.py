"""What a question would cost, for `longtake ask --plan` and `Film.plan`: no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longtake.agent.cost.budget import Budget
    from longtake.agent.cost.estimate import Estimate
    from longtake.agent.cost.rates import Rates
    from longtake.parts import Parts


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, who would work on it, and what that is expected to cost.

    Attributes:
        question: as it would be asked.
        film: path of the film.
        models: role to the name of the model that would be asked.
        estimate: expected, at worst, and the nearest limit.
        rates: the prices that were reckoned with.
        budget: the limits.
        notes: what the numbers leave out.
    """

    question: str
    film: str
    models: dict[str, str]
    estimate: Estimate
    rates: Rates
    budget: Budget
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "question": self.question,
            "film": self.film,
            "models": self.models,
            **self.estimate.to_json(),
            "budget": self.budget.to_json(),
            "prices": self.rates.to_json(),
            "notes": list(self.notes),
        }


def make_plan(parts: Parts, question: str, choices: Sequence[str] | None, budget: Budget) -> Plan:
    """Work out what a question would cost.

    Args:
        parts: the film and the settings; neither models nor index are opened.
        question: in words.
        choices: its options; None for an open question.
        budget: the limits.

    Raises:
        UsageError: the question, a model's name or a price file is off, `llm` has no chat model, or
            money is limited and a served model has no price.
    """
    from longtake.agent.cost.estimate import estimate
    from longtake.agent.cost.forecast import forecast
    from longtake.agent.cost.pricing import load_prices
    from longtake.agent.cost.rates import Rates
    from longtake.agent.runs.past_usages import past_usages
    from longtake.agent.understanding.options import question_as_put

    settings = parts.settings
    asked = question_as_put(question, choices)
    models = who_works(parts)
    rates = Rates.of(models, load_prices(settings.price_files))
    rates.must_cover(budget.max_usd)
    planner = models.get("planner")
    usages = past_usages(settings.runs_root, models["vlm"], planner or "scripted")
    expected = forecast(usages, models["vlm"], planner)
    return Plan(
        asked.text,
        str(parts.path),
        models,
        estimate(expected, models, budget, rates),
        rates,
        budget,
        _notes(parts, planner, rates),
    )


def who_works(parts: Parts) -> dict[str, str]:
    """Return the VLM's name, and that of the model that plans where one does.

    Raises:
        UsageError: `llm` is to plan and no chat model is named.
    """
    from longtake.agent.planners.choose import pick_planner

    models, planning = parts.models, parts.settings.planning
    if planning == "scripted" or models.chat_name is None:
        pick_planner(planning)  # refuses `llm`, which has nobody to plan
        return {"vlm": models.profile.vlm}
    return {"vlm": models.profile.vlm, "planner": models.chat_name}


def _notes(parts: Parts, planner: str | None, rates: Rates) -> tuple[str, ...]:
    notes = [
        f"no price is known for the {role}: give one in prices.toml (LONGTAKE_PRICES)"
        for role in rates.unknown
    ]
    if planner is not None and parts.settings.planning == "auto":
        notes.append("auto: a self-test decides whether the model plans; here it is taken to")
    if not parts.has_index:
        notes.append("the film is not indexed yet; that is done here and costs time, no money")
    return tuple(notes)
