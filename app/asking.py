"""A question about a film, with the models and limits of its settings: what `Film.ask` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from longtake.agent.question import Question
from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.agent.cost.budget import Budget
    from longtake.agent.run import Options
    from longtake.api import Film
    from longtake.notebook import Answer
    from longtake.parts import ProgressCallback


def ask_film(
    film: Film,
    question: Question,
    limits: Mapping[str, float | None],
    progress: ProgressCallback | None,
    *,
    abstain_below: float | None,
    **options: Any,
) -> Answer:
    """Answer a question (see `Film.ask`).

    Args:
        film: what it is about.
        question: checked.
        limits: given with the call; None for those that the settings give.
        progress: called while the index is built.
        abstain_below: the settings' own when None.
        **options: fields of `agent.run.Options` that are of this question alone.

    Raises:
        UsageError: see `Film.ask`.
        InputError: the film cannot be read.
    """
    from longtake.agent.run import ask, check_time
    from longtake.notebook import Answer

    parts, settings = film.parts, film.settings
    least = settings.abstain_below if abstain_below is None else abstain_below
    chosen = _options(film, film.budget(**limits), abstain_below=least, **options)
    if not parts.has_index:
        # told before an hour of film is indexed; where it is, its index tells `ask` the length
        check_time(question, film.info.duration)
    index = parts.index(progress)
    parts.decoder.start()  # it starts while the graph's libraries load
    answer = ask(
        index,
        parts.decoder,
        parts.models,
        question,
        runs_dir=settings.runs_root,
        options=chosen,
        tools=parts.tools,
    )
    return Answer.of(answer, film)


def _options(film: Film, budget: Budget, **options: Any) -> Options:
    """Return how a question is answered; what cannot be had is refused before a film is indexed."""
    from longtake.agent.run import Options, check_ways

    parts, settings = film.parts, film.settings
    if options["describe"] and not options["text_only"]:
        given = f"describe = {options['describe']} without text_only"
        raise UsageError(given, "give both, or neither")
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
    film: Film,
    run_id: str,
    progress: ProgressCallback | None,
    on_event: Callable[[dict[str, Any]], None] | None,
) -> Answer:
    """Go on with an interrupted question (see `Film.resume`).

    Raises:
        UsageError: no such run, or it is about another film.
    """
    from longtake.agent.run import resume
    from longtake.notebook import Answer

    parts = film.parts
    answer = resume(
        run_id,
        parts.index(progress),
        parts.decoder,
        parts.models,
        runs_dir=film.settings.runs_root,
        planner=parts.planner(),
        on_event=on_event,
        tools=parts.tools,
    )
    return Answer.of(answer, film)
