"""A film told, with the models and limits of its settings: what `Film.story` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from longtake.telling.limits import budget_of, rates_of

if TYPE_CHECKING:
    from longtake.agent.telling.story import Story
    from longtake.api import Film
    from longtake.parts import ProgressCallback


USUAL = {"max_calls": 400, "max_seconds": 3600.0, "max_tokens": 2_000_000}
"""Limits where none are set: a telling asks about every part of a film, a question about few."""


def tell_film(
    film: Film,
    limits: Mapping[str, float | None],
    chat: bool,
    rounds: int,
    again: bool,
    progress: ProgressCallback | None,
) -> Story:
    """Tell a film (see `Film.story`).

    Raises:
        UsageError: weights are missing, or money is limited and the chat model has no price.
    """
    from longtake.agent.telling.tell import tell

    models, settings = film.parts.models, film.settings
    budget = budget_of(film, limits, USUAL)
    models.check_weights(["text_encoder"])
    writer = models.chat if chat else None
    rates = None
    if writer is not None:
        from longtake.agent.telling.scribe import ROLE

        rates = rates_of(film, ROLE, writer.id)
        rates.must_cover(budget.max_usd)
    index = film.parts.index(progress)
    index.choose_subtitles(settings.subtitles)
    notes = _hear(film, progress)
    story = tell(
        index,
        chat=writer,
        encoder=models.text_encoder,
        budget=budget,
        rates=rates,
        rounds=rounds,
        progress=progress,
        again=again,
    )
    return replace(story, caveats=(*story.caveats, *notes))


def _hear(film: Film, progress: ProgressCallback | None) -> list[str]:
    """Hear a film that has sound and no subtitles; return what stood in the way."""
    from longtake.index.video.errors import EndpointError, InputError, UsageError

    index, models = film.parts.index(progress), film.parts.models
    if index.subtitles is not None or not index.info.audio:
        return []
    if models.asr is None:
        remedy = models.hearing_remedy
        return [f"the film's speech was not heard: {remedy}"] if remedy else []
    try:
        film.parts.ensure_speech(progress)
    except (EndpointError, InputError, UsageError) as error:
        # what is written and shown can still be told
        return [f"the film's speech was not heard: {error}"]
    return []
