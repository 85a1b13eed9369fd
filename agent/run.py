"""Ask a film a question, from the toolbox to the answer document.

The composition root: the only place that puts an index, a decoder, models and tools together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..index.video.errors import UsageError
from ..index.video.span import format_seconds
from .answer import Answer, FilmDoc, build_answer
from .chat import Chat
from .cost.budget import Budget
from .cost.rates import Rates
from .executor import Resources
from .graph import Durability, build_graph, open_saver, recursion_limit
from .nodes import Nodes
from .planners.base import Planner
from .planners.choose import pick_planner
from .question import Question
from .roles import model_ids, paid_models
from .runs.events import Events, OnEvent
from .runs.interrupt import Interrupted, stop_on_interrupt
from .runs.journal import JournaledChat
from .runs.record import RunFolder
from .runs.trace import Trace
from .state import RunState, fresh_state
from .toolbox import FilmToolbox, Models, Report, Toolbox
from .understanding.rules import read_rules

if TYPE_CHECKING:
    from langgraph.runtime import RunControl

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
        on_event: called with every event (see `runs/events.py`).
    """

    budget: Budget = field(default_factory=Budget)
    planner: str | Planner = "scripted"
    abstain_below: float = 0.0
    run_id: str | None = None
    durability: Durability = "async"
    rates: Rates | None = None
    on_event: OnEvent | None = None


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
        UsageError: the planner or the run id is off, the question asks about a time after the
            film's end, or money is limited and a served model has no price.
        Interrupted: Ctrl-C; the step at hand was finished and saved.
    """
    options = options or Options()
    check_time(question, film_index.info.duration)
    planner = pick_planner(options.planner, models.chat)
    rates = options.rates or Rates.of(paid_models(models.ids, planner), ())
    rates.must_cover(options.budget.max_usd)
    record = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": question.text,
        "choices": list(question.options) or None,
        "film": film_facts(film_index),
        "planner": planner.name,
        "chat": models.chat.id if models.chat is not None else None,
        "budget": options.budget.to_json(),
        "abstain_below": options.abstain_below,
        "durability": options.durability,
        "models": dict(models.ids),
        "prices": rates.to_json(),
    }
    folder = RunFolder.create(runs_dir, options.run_id, record)
    toolbox = FilmToolbox(film_index, decoder, models, question, tools)
    return work(folder, toolbox, film_index, planner, models.chat, options.on_event)


def check_time(question: Question, duration: float) -> None:
    """Refuse a question about a time that the film does not have.

    Raises:
        UsageError: the part of the film that the question names begins after its end.
    """
    named = read_rules(question.text, question.options, math.inf).within
    if named is not None and named.start >= duration:
        raise UsageError(
            f"the question asks about {format_seconds(named.start)}",
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
    chosen = pick_planner(planner or record["planner"], models.chat)
    toolbox = FilmToolbox(film_index, decoder, models, question_of(record), tools)
    return work(folder, toolbox, film_index, chosen, models.chat, on_event)


def question_of(record: dict[str, Any]) -> Question:
    """Return the question of a run's record."""
    return Question(record["question"], tuple(record["choices"] or ()))


def work(
    folder: RunFolder,
    toolbox: Toolbox,
    film_index: FilmIndex,
    planner: Planner,
    chat: Chat | None,
    on_event: OnEvent | None,
) -> Answer:
    """Run the graph of a run's folder from wherever it stands to its answer."""
    from langgraph.runtime import RunControl

    record = folder.record()
    trace = Trace(folder.trace)
    events = Events(folder.run_id, trace, on_event)
    control = RunControl()
    try:
        told = {key: record[key] for key in ("question", "choices", "film")}
        begun = "run.resumed" if trace.last_seq else "run.started"
        events.emit(begun, **told, planner=planner.name)
        nodes = _nodes(record, toolbox, planner, chat, events, trace, control)
        with stop_on_interrupt(control):
            state = drive(folder, nodes, control, record["durability"])
        ids = model_ids(toolbox, planner)
        events.emit("models", models=ids)
        answer = document(state, record, film_index, ids, toolbox.calibrated)
        folder.write_answer(answer.to_json())
        events.emit("answer", answer=answer.to_json())
        events.emit("run.finished", status=answer.status, stop_reason=answer.stop_reason)
        return answer
    except Exception as error:
        events.emit("error", error=type(error).__name__, message=str(error))
        raise
    finally:
        trace.close()


def _nodes(
    record: dict[str, Any],
    toolbox: Toolbox,
    planner: Planner,
    chat: Chat | None,
    events: Events,
    trace: Trace,
    control: RunControl,
) -> Nodes:
    def journal(model: Chat) -> Chat:
        return JournaledChat(model, trace, events)

    resources = Resources(
        call_tool=toolbox.open(_progress(events, control, record["run_id"])),
        budget=Budget(**record["budget"]),
        events=events,
        trace=trace,
        rates=Rates.from_json(record["prices"]),
    )
    duration = record["film"]["duration"]
    return Nodes(
        question_of(record),
        planner.at_work(duration, journal),
        resources,
        duration,
        journal(chat) if chat is not None else None,
        record["abstain_below"],
    )


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


def document(
    state: RunState,
    record: dict[str, Any],
    film_index: FilmIndex,
    models: dict[str, str],
    calibrated: Callable[[float], float | None],
) -> Answer:
    """Return the answer document of a finished run."""
    info = film_index.info
    film = FilmDoc(
        id=info.film_id,
        path=info.path,
        duration=info.duration,
        coverage=[(span.start, span.end) for span in film_index.coverage],
    )
    return build_answer(
        state,
        film=film,
        question=record["question"],
        choices=record["choices"] or (),
        models=models,
        film_caveats=film_index.caveats,
        calibrated=calibrated,
        rates=Rates.from_json(record["prices"]),
    )


def drive(folder: RunFolder, nodes: Nodes, control: RunControl, durability: Durability) -> RunState:
    """Run the graph to its end and return the last state.

    Raises:
        Interrupted: a stop was asked for; the step at hand is finished and saved.
    """
    with open_saver(folder.checkpoints, durability) as saver:
        from langgraph.errors import GraphDrained

        graph = build_graph(nodes, saver)
        config: Any = {
            "configurable": {"thread_id": folder.run_id},
            "recursion_limit": recursion_limit(nodes.resources.budget),
        }
        begun = saver.get_tuple(config) is not None
        try:
            for _ in graph.stream(
                None if begun else fresh_state(folder.run_id),
                config,
                stream_mode="updates",
                durability=durability,
                control=control,
            ):
                pass
        except GraphDrained:
            raise Interrupted(folder.run_id) from None
        return cast(RunState, graph.get_state(config).values)


def _progress(events: Events, control: RunControl, run_id: str) -> Report:
    """Pass a tool's progress on, and break a long one off when a stop was asked for.

    What reports progress is resumable in itself, so nothing is lost by breaking it off.
    """

    def report(progress: Any) -> None:
        events.emit("progress", **_fields(progress))
        if control.drain_requested:
            raise Interrupted(run_id)

    return report


def _fields(progress: Any) -> dict[str, Any]:
    if isinstance(progress, str):
        return {"text": progress}
    names = ("stage", "done", "total", "unit", "seconds")
    return {name: getattr(progress, name) for name in names if hasattr(progress, name)}
