"""The planning graph, wired: understand, first look, gate, the loop, consensus, audit, finish."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from ..index.video.errors import UsageError
from .cost.budget import Budget
from .nodes import Nodes, after_audit, after_gate, after_reflect
from .parallel import Readers
from .runs.record import RUNS
from .state import RunState

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph.state import CompiledStateGraph

Durability = Literal["async", "sync"]
NODES = (
    "understand",
    "first_look",
    "gate",
    "plan",
    "act",
    "reflect",
    "consensus",
    "audit",
    "finish",
)


def build_graph(nodes: Nodes, saver: SqliteSaver) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Wire the nodes and compile them with a checkpointer."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(RunState)
    for name in NODES:
        graph.add_node(name, getattr(nodes, name))
    readers = Readers(nodes.resources, nodes.planner.patience)
    # it is handed its own order, not the state: a typed one would become channels of the graph
    graph.add_node("read", cast(Any, readers.read))
    graph.add_node("gather", readers.gather)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "first_look")
    graph.add_edge("first_look", "gate")
    graph.add_conditional_edges("gate", after_gate, ["consensus", "plan"])
    graph.add_conditional_edges("plan", readers.fan_out, ["act", "read", "consensus"])
    graph.add_edge("act", "reflect")
    graph.add_edge("read", "gather")
    graph.add_edge("gather", "reflect")
    graph.add_conditional_edges("reflect", after_reflect, ["plan", "consensus"])
    graph.add_edge("consensus", "audit")
    graph.add_conditional_edges("audit", after_audit, ["plan", "finish"])
    graph.add_edge("finish", END)
    return graph.compile(checkpointer=saver)


def recursion_limit(budget: Budget) -> int:
    """Return more graph steps than any run within the budget takes.

    langgraph's own default is about ten thousand, far past the point where a fault should show.
    """
    return 4 * (budget.max_steps + 2) + 16


@contextmanager
def open_saver(path: Path, durability: Durability) -> Iterator[SqliteSaver]:
    """Open the checkpoint database of one run, on one connection.

    Raises:
        UsageError: it cannot be read or written.

    Strict msgpack lets nothing but plain types out of a checkpoint. It is read when langgraph is
    first imported, hence set here, before.
    """
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    try:
        with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
            path.chmod(0o600)
            # a kill -9 loses nothing that reached the operating system; only a power cut could
            connection.execute(f"PRAGMA synchronous={'FULL' if durability == 'sync' else 'NORMAL'}")
            serde = JsonPlusSerializer(allowed_msgpack_modules=None)
            yield SqliteSaver(connection, serde=serde)
    except sqlite3.Error as error:
        raise UsageError(
            f"{path} cannot be used: {error}",
            f"free some space or make it writable, or name another folder with {RUNS.setting}",
        ) from error
