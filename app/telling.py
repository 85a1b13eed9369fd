"""A film told, with the models and limits of its settings: what `Film.story` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longtake.agent.cost.budget import Budget
    from longtake.agent.telling.story import Story
    from longtake.api import Film
    from longtake.parts import ProgressCallback


def tell_film(
    film: Film,
    budget: Budget,
    chat: bool,
    rounds: int,
    again: bool,
    progress: ProgressCallback | None,
) -> Story:
    """Tell a film (see `Film.story`).

    Raises:
        UsageError: weights are missing, or money is limited and the chat model has no price.
    """
    from longtake.agent.cost.pricing import load_prices
    from longtake.agent.cost.rates import Rates
    from longtake.agent.telling.tell import tell

    models, settings = film.parts.models, film.settings
    models.check_weights(["text_encoder"])
    writer = models.chat if chat else None
    rates = None
    if writer is not None:
        rates = Rates.of({"planner": writer.id}, load_prices(settings.price_files))
        rates.must_cover(budget.max_usd)
    index = film.parts.index(progress)
    index.choose_subtitles(settings.subtitles)
    return tell(
        index,
        chat=writer,
        encoder=models.text_encoder,
        budget=budget,
        rates=rates,
        rounds=rounds,
        progress=progress,
        again=again,
    )
