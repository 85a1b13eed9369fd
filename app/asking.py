"""A question about a film, with the models and limits of its settings: what `Film.ask` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from longtake.agent.question import Question
from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.agent.answer import Answer
    from longtake.agent.cost.budget import Budget
    from longtake.agent.run import Options
    from longtake.parts import Parts, ProgressCallback


def ask_film(
    parts: Parts,
    question: Question,
    budget: Budget,
    progress: ProgressCallback | None,
    **options: Any,
) -> Answer:
    """Answer a question (see `Film.ask`).

    Args:
        parts: of the film.
        question: checked.
        budget: of this question.
        progress: called while the index is built.
        **options: fields of `agent.run.Options` that are of this question alone.

    Raises:
        UsageError: see `Film.ask`.
        InputError: the film cannot be read.
    """
    from longtake.agent.run import ask, check_time

    if options["abstain_below"] is None:
        options["abstain_below"] = parts.settings.abstain_below
    chosen = _options(parts, budget, **options)
    if not parts.has_index:
        # told before an hour of film is indexed; where it is, its index tells `ask` the length
        check_time(question, parts.info.duration)
    index = parts.index(progress)
    parts.decoder.start()  # it starts while the graph's libraries load
    return ask(
        index,
        parts.decoder,
        parts.models,
        question,
        runs_dir=parts.settings.runs_root,
        options=chosen,
        tools=parts.tools,
    )


def _options(parts: Parts, budget: Budget, **options: Any) -> Options:
    """Return how a question is answered; what cannot be had is refused before a film is indexed."""
    from longtake.agent.run import Options, check_ways

    if options["describe"] and not options["text_only"]:
        given = f"describe = {options['describe']} without text_only"
        raise UsageError(given, "give both, or neither")
    settings = parts.settings
    check_ways(settings.selector, settings.presenter)
    parts.models.check_weights()
    planner = parts.planner()
    return Options(
        budget=budget,
        planner=planner,
        rates=parts.rates(planner, budget.max_usd),
        subtitles=settings.subtitles,
        selector=settings.selector,
        presenter=settings.presenter,
        **options,
    )


def resume_film(
    parts: Parts,
    run_id: str,
    progress: ProgressCallback | None,
    on_event: Callable[[dict[str, Any]], None] | None,
) -> Answer:
    """Go on with an interrupted question (see `Film.resume`).

    Raises:
        UsageError: no such run, or it is about another film.
    """
    from longtake.agent.run import resume

    return resume(
        run_id,
        parts.index(progress),
        parts.decoder,
        parts.models,
        runs_dir=parts.settings.runs_root,
        planner=parts.planner(),
        on_event=on_event,
        tools=parts.tools,
    )
