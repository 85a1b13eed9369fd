"""Ask a film a question, or go on with one.

The composition root: the only place that puts an index, a decoder, models and tools together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..index.video.errors import UsageError
from ..index.video.span import format_seconds
from .answer import Answer
from .cost.budget import Budget
from .cost.rates import Rates
from .graph import Durability
from .planners.base import Planner
from .planners.choose import pick_planner
from .planners.text_only import TextPlanner
from .question import Question
from .roles import paid_models
from .runs.events import OnEvent
from .runs.record import RunFolder
from .stopping import gate_threshold
from .toolbox import FilmToolbox, Models
from .understanding.rules import past_end
from .work import question_of, work

if TYPE_CHECKING:
    from ..index.film_index import FilmIndex
    from ..index.video.decode import Decoder
    from ..tools.tool import Tool


@dataclass(frozen=True, slots=True)
class Options:
    """How a question is answered.

    Attributes:
        budget: limits.
        planner: a name (see `planners/choose.py`), or a planner.
        abstain_below: confidence below which a question with options is not answered; 0: always.
        run_id: a name for the run; None makes one.
        durability: `async` for asking; `sync` for batches, which write each step out first.
        rates: what served models cost; None where nothing is known of it.
        subtitles: a language, a subtitle file, `auto` or `none`.
        on_event: called with every event (see `runs/events.py`).
        selector: how the first look chooses frames, a name in `tools.select.SELECTORS`; None: where
            the cues are.
        presenter: how it lays them out, a name in `tools.present.PRESENTERS`; None: a picture each.
        text_only: answer from words alone; `planner` is not asked.
        describe: with `text_only`, stretches of the film that are described first.
    """

    budget: Budget = field(default_factory=Budget)
    planner: str | Planner = "scripted"
    abstain_below: float = 0.0
    run_id: str | None = None
    durability: Durability = "async"
    rates: Rates | None = None
    subtitles: str = "auto"
    on_event: OnEvent | None = None
    selector: str | None = None
    presenter: str | None = None
    text_only: bool = False
    describe: int = 0


def ask(
    film_index: FilmIndex,
    decoder: Decoder,
    models: Models,
    question: Question,
    *,
    runs_dir: Path,
    options: Options | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> Answer:
    """Answer a question about a film.

    Args:
        film_index: the film's index.
        decoder: the same film, open.
        models: those of a profile.
        question: as put, checked (`question_as_put`).
        runs_dir: where runs are kept.
        options: how it is answered.
        tools: the tools by name; None for the common ones.

    Raises:
        UsageError: the planner, the run id, the selector or the presenter is off, the question
            asks about a time after the film's end, or money is limited and a served model has no
            price.
        Interrupted: Ctrl-C; the step at hand was finished and saved.
    """
    options = options or Options()
    check_time(question, film_index.info.duration)
    check_ways(options.selector, options.presenter)
    planner = _planner_of(options, models)
    rates = options.rates or Rates.of(paid_models(models.ids, planner), ())
    rates.must_cover(options.budget.max_usd)
    film_index.choose_subtitles(options.subtitles, question.text)
    record = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": question.text,
        "choices": list(question.options) or None,
        "film": film_facts(film_index),
        "planner": planner.name,
        "prices": rates.to_json(),
        **_settings_of(options, models),
    }
    folder = RunFolder.create(runs_dir, options.run_id, record)
    toolbox = _toolbox(film_index, decoder, models, record, tools)
    return work(folder, toolbox, film_index, planner, models.chat, options.on_event)


def _planner_of(options: Options, models: Models) -> Planner:
    planner = pick_planner(options.planner, models.chat)
    if not options.text_only:
        return planner
    reads = models.reader is not None
    return TextPlanner(reads, options.describe if reads else 0)


def _settings_of(options: Options, models: Models) -> dict[str, Any]:
    """Return how a question is answered and by what models, for the run's record."""
    return {
        "text_only": options.text_only,
        "chat": models.chat.id if models.chat is not None else None,
        "budget": options.budget.to_json(),
        "abstain_below": options.abstain_below,
        "gate": gate_threshold(models.calibration),
        "durability": options.durability,
        "subtitles": _lasting(options.subtitles),
        "models": dict(models.ids),
        "selector": options.selector,
        "presenter": options.presenter,
    }


def _toolbox(
    film_index: FilmIndex,
    decoder: Decoder,
    models: Models,
    record: dict[str, Any],
    tools: Mapping[str, Tool] | None,
) -> FilmToolbox:
    return FilmToolbox(
        film_index,
        decoder,
        models,
        question_of(record),
        tools,
        record["selector"],
        record["presenter"],
        record["text_only"],
    )


def check_ways(selector: str | None, presenter: str | None) -> None:
    """Refuse a selector or a presenter that there is none of.

    Raises:
        UsageError: an unknown name.
    """
    from ..tools.present import PRESENTERS
    from ..tools.select import SELECTORS

    for kind, name, known in (
        ("selector", selector, SELECTORS),
        ("presenter", presenter, PRESENTERS),
    ):
        if name is not None and name not in known:
            raise UsageError(f"{kind} = {name!r}", f"use one of {', '.join(known)}")


def check_time(question: Question, duration: float) -> None:
    """Refuse a question about a time that the film does not have.

    Raises:
        UsageError: the part of the film that the question names begins after its end.
    """
    named = past_end(question.text, duration)
    if named is not None:
        raise UsageError(
            f"the question asks about {format_seconds(named)}, after the end of the film",
            f"the film lasts {format_seconds(duration)}: ask about a time before that",
        )


def resume(
    run_id: str,
    film_index: FilmIndex,
    decoder: Decoder,
    models: Models,
    *,
    runs_dir: Path,
    planner: str | Planner | None = None,
    on_event: OnEvent | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> Answer:
    """Go on with a run from its last finished call; a finished run's answer is returned as it is.

    Raises:
        UsageError: there is no such run, or it is about another film.
        Interrupted: see `ask`.
    """
    folder = RunFolder.find(runs_dir, run_id)
    record = folder.record()
    if record["film"]["id"] != film_index.info.film_id:
        raise UsageError(
            f"run_id = {run_id!r}: it is about film {record['film']['id']}, "
            f"this is {film_index.info.film_id}",
            f"open {record['film']['path']}",
        )
    done = folder.answer()
    if done is not None:
        return Answer.model_validate(done)
    film_index.choose_subtitles(record["subtitles"], record["question"])
    name = record["planner"] if record["text_only"] else planner or record["planner"]
    chosen = pick_planner(name, models.chat)
    toolbox = _toolbox(film_index, decoder, models, record, tools)
    return work(folder, toolbox, film_index, chosen, models.chat, on_event)


def _lasting(subtitles: str) -> str:
    """Return a choice of subtitles that means the same when the run goes on in another folder."""
    path = Path(subtitles).expanduser()
    return str(path.absolute()) if path.is_file() else subtitles


def film_facts(film_index: FilmIndex) -> dict[str, Any]:
    """Return what the answer document says of a film, for the run's record."""
    info = film_index.info
    return {
        "id": info.film_id,
        "path": info.path,
        "duration": info.duration,
        "coverage": [[span.start, span.end] for span in film_index.coverage],
        "caveats": list(film_index.caveats),
    }
