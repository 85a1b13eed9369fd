"""Ask a film a question, from the toolbox to the answer document; and take up a run again.

The composition root: the only place that puts an index, a decoder, models and tools together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..index.video.errors import UsageError
from ..world.grammar.moments import check_moment
from ..world.grammar.question import check_question
from .answer import Answer, FilmDoc, build_answer
from .cost.budget import Budget
from .cost.rates import Rates
from .executor import Office
from .graph import Durability, build_graph, open_saver, recursion_limit
from .nodes import Nodes
from .planners.base import Planner
from .planners.choose import pick_planner
from .planners.llm import LlmPlanner
from .planners.prompt import FilmFacts
from .roles import model_ids, paid_models
from .runs.events import Events, OnEvent
from .runs.interrupt import Interrupted, stop_on_interrupt
from .runs.record import RunFolder
from .runs.trace import Trace
from .state import RunState, fresh_state
from .toolbox import FilmToolbox, Models, Report, Toolbox

if TYPE_CHECKING:
    from langgraph.runtime import RunControl

    from ..index.store import FilmIndex
    from ..index.video.decode import Decoder


def ask(
    film_index: FilmIndex,
    decoder: Decoder,
    models: Models,
    question: str,
    choices: Sequence[str] | None = None,
    *,
    runs_dir: Path,
    budget: Budget | None = None,
    planner: str | Planner = "workflow",
    on_event: OnEvent | None = None,
    force_choice: bool = False,
    consensus: str = "refine",
    run_id: str | None = None,
    durability: Durability = "async",
    rates: Rates | None = None,
) -> Answer:
    """Answer a question about a film.

    Args:
        film_index: the film's index.
        decoder: the same film, open.
        models: encoder, eye and reader.
        question: what to find out.
        choices: the options; None or empty for an open question.
        runs_dir: where runs are kept.
        budget: limits; None for the defaults.
        planner: a name (see `planners.py`), or a planner.
        on_event: called with every event (see `events.py`).
        force_choice: guess, flagged, instead of abstaining.
        consensus: `refine` or `vote` (see `nodes.py`).
        run_id: a name for the run; None makes one.
        durability: `async` for asking; `sync` for batches, which write each step out first.
        rates: what served models cost; None where nothing is known of it.

    Raises:
        UsageError: the question, the choices, the planner or the run id is off, the question names
            a time after the film's end, or money is
            limited and a served model has no price.
        Interrupted: Ctrl-C; the step at hand was finished and saved.
    """
    budget = budget or Budget()
    text, options = check_question(question, choices)
    check_moment(text, film_index.info.duration)
    chosen = pick_planner(planner, models.planner)
    rates = rates or Rates.of(paid_models(models.ids, chosen), ())
    rates.must_cover(budget.max_usd)
    record = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": text,
        "choices": list(options) or None,
        "film": film_facts(film_index),
        "planner": chosen.name,
        "budget": budget.to_json(),
        "force_choice": force_choice,
        "consensus": consensus,
        "durability": durability,
        "models": dict(models.ids),
        "prices": rates.to_json(),
    }
    folder = RunFolder.create(runs_dir, run_id, record)
    toolbox = FilmToolbox(film_index, decoder, models, text, options)
    return work(folder, toolbox, film_index, chosen, on_event)


def resume(
    run_id: str,
    film_index: FilmIndex,
    decoder: Decoder,
    models: Models,
    *,
    runs_dir: Path,
    planner: str | Planner | None = None,
    on_event: OnEvent | None = None,
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
    chosen = pick_planner(planner or record["planner"], models.planner)
    options = tuple(record["choices"] or ())
    toolbox = FilmToolbox(film_index, decoder, models, record["question"], options)
    return work(folder, toolbox, film_index, chosen, on_event)


def work(
    folder: RunFolder,
    toolbox: Toolbox,
    film_index: FilmIndex,
    planner: Planner,
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
        events.emit(
            "run.resumed" if trace.last_seq else "run.started", **told, planner=planner.name
        )
        report = _progress(events, control, folder.run_id)
        office = Office(
            call_tool=toolbox.open(report),
            get_ready=toolbox.get_ready(report),
            budget=Budget(**record["budget"]),
            events=events,
            trace=trace,
            rates=Rates.of_record(record) or Rates(),
        )
        options = tuple(record["choices"] or ())
        if isinstance(planner, LlmPlanner):
            planner = planner.at_work(FilmFacts(film_index.info.duration), trace, events)
        nodes = Nodes(
            record["question"], options, planner, office, record["force_choice"],
            record.get("consensus", "refine"), film_index.info.duration,
        )  # fmt: skip
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
        rates=Rates.of_record(record),
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
            "recursion_limit": recursion_limit(nodes.office.budget),
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
