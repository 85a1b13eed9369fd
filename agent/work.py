"""The work of a run: from its folder's record through the graph to the answer document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from .answer import Answer, FilmDoc, build_answer
from .chat import Chat
from .cost.budget import Budget
from .cost.rates import Rates
from .executor import Resources
from .graph import Durability, build_graph, open_saver, recursion_limit
from .nodes import Nodes
from .planners.base import Planner
from .planners.choose import at_gate
from .question import Question
from .roles import model_ids
from .runs.events import Events, OnEvent
from .runs.interrupt import Interrupted, stop_on_interrupt
from .runs.journal import JournaledChat
from .runs.record import RunFolder
from .runs.trace import Trace
from .state import RunState, fresh_state
from .toolbox import Report, Toolbox

if TYPE_CHECKING:
    from langgraph.runtime import RunControl

    from ..index.film_index import FilmIndex


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
        call_tool=toolbox.open(_progress(events, control, record["run_id"]), trace.results()),
        budget=Budget(**record["budget"]),
        events=events,
        trace=trace,
        rates=Rates.from_json(record["prices"]),
    )
    duration = record["film"]["duration"]
    return Nodes(
        question_of(record),
        at_gate(planner.at_work(duration, journal), record["gate"]),
        resources,
        duration,
        journal(chat) if chat is not None else None,
        record["abstain_below"],
    )


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


def question_of(record: dict[str, Any]) -> Question:
    """Return the question of a run's record."""
    return Question(record["question"], tuple(record["choices"] or ()))
