"""The limits and prices of work on a whole film: captions and tellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longtake.agent.cost.budget import Budget
    from longtake.agent.cost.rates import Rates
    from longtake.api import Film


def budget_of(
    film: Film, limits: Mapping[str, float | None], usual: Mapping[str, float | None]
) -> Budget:
    """Return the limits of a job: those given, else those that were set, else its usual ones.

    Args:
        film: whose settings count.
        limits: given with the call; None for what was not.
        usual: for a whole film, in place of the defaults, which are for one question.
    """
    origins = film.settings.origins
    values = {name: value for name, value in usual.items() if origins.get(name) == "default"}
    given = {name: value for name, value in limits.items() if value is not None}
    return film.budget(**{**values, **given})


def rates_of(film: Film, role: str, model: str) -> Rates:
    """Return the price of the model that does the job in a role."""
    from longtake.agent.cost.pricing import load_prices
    from longtake.agent.cost.rates import Rates

    return Rates.of({role: model}, load_prices(film.settings.price_files))
