"""What a question would cost, for `longtake ask --plan` and `Film.plan`: nothing is asked of a model."""

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
        kind: how it is read, which decides the recipe.
        film: path of the film.
        models: role to the name of the model that would be asked.
        estimate: expected, at worst, and the nearest limit.
        rates: the prices that were reckoned with.
        budget: the limits.
        notes: what the numbers leave out.
    """

    question: str
    kind: str
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
            "kind": self.kind,
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
    from longtake.agent.cost.history import past_runs
    from longtake.agent.cost.pricing import load_prices
    from longtake.agent.cost.rates import Rates
    from longtake.world.grammar.question import read_question

    settings = parts.settings
    reading = read_question(question, choices)
    models = who_works(parts)
    rates = Rates.of(models, load_prices(settings.price_files))
    rates.must_cover(budget.max_usd)
    planner = models.get("planner")
    past = past_runs(settings.runs_root, reading.kind, models["eye"], planner or "workflow")
    expected = forecast(reading, models["eye"], planner, past)
    return Plan(
        reading.question,
        reading.kind,
        str(parts.path),
        models,
        estimate(expected, models, budget, rates),
        rates,
        budget,
        _notes(parts, planner, rates),
    )


def who_works(parts: Parts) -> dict[str, str]:
    """Return the eye's name, and that of the model that plans where one does.

    Raises:
        UsageError: `llm` is to plan and no chat model is named.
    """
    from longtake.agent.planners.choose import pick_planner

    profile, planner = parts.models.profile, parts.settings.planner
    if planner == "workflow" or profile.planner == "workflow":
        pick_planner(planner)  # refuses `llm`, which has nobody to plan
        return {"eye": profile.eye}
    return {"eye": profile.eye, "planner": profile.planner}


def _notes(parts: Parts, planner: str | None, rates: Rates) -> tuple[str, ...]:
    notes = [
        f"no price is known for the {role}: give one in prices.toml (LONGTAKE_PRICES)"
        for role in rates.unknown
    ]
    if planner is not None and parts.settings.planner == "auto":
        notes.append("auto: a self-test decides whether the model plans; here it is taken to")
    if not parts.store.film_dir(parts.store.identify(parts.path)).exists():
        notes.append("the film is not indexed yet; that is done here and costs time, no money")
    return tuple(notes)
