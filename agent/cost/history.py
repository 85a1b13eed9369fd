"""What questions of a kind usually take: measured once for all, and in the user's own runs.

The table is the mean over 1,091 questions about seven hour-long rendered films, asked of the
embedded eye with the workflow planner. Those were the developers' own runs: it is refilled by asking
`longtake eval needles` of any films and taking means over the runs kept. It says how the recipes look
at films; seconds are left out, since they are the machine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ...world.grammar.question import read_question
from ...world.grammar.reading import Kind
from ..runs.record import RunFolder, list_runs

ENOUGH = 3
"""Own runs from which they count instead of the table."""

NEWEST = 300
"""Own runs that are looked through at most."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a question of one kind takes in the mean.

    Attributes:
        runs: how many were measured; 0 where it was worked out from the recipe.
        tools: tool calls.
        sweeps: calls that judge frames one by one.
        single: frames judged one by one; a request each for a model behind a server.
        calls: other model calls.
        frames: frames shown in those.
        reads: frames given to the reader of on-screen text.
    """

    runs: int
    tools: float
    sweeps: float
    single: float
    calls: float
    frames: float
    reads: float


HABITS: dict[Kind, Habit] = {
    "count-events": Habit(91, 5.3, 2.0, 36, 3.3, 26, 0),
    "count-objects": Habit(95, 6.2, 2.0, 14, 5.3, 43, 0),
    "detail": Habit(85, 4.6, 2.0, 19, 4.4, 11, 0),
    "global": Habit(56, 5.5, 0.0, 0, 2.5, 14, 0),
    "hop": Habit(83, 3.7, 0.0, 0, 3.5, 18, 0),
    "motion": Habit(110, 3.8, 2.1, 21, 3.6, 34, 0),
    "order": Habit(86, 9.0, 8.0, 82, 4.0, 31, 0),
    "read": Habit(99, 3.9, 1.9, 20, 0.1, 1, 4),
    "relation": Habit(96, 5.2, 2.0, 20, 5.5, 41, 0),
    "retrieve": Habit(119, 3.9, 2.0, 20, 3.4, 26, 0),
    "speech": Habit(83, 2.9, 0.0, 0, 0.0, 0, 0),
    "when": Habit(88, 2.9, 2.0, 22, 0.9, 7, 0),
    # an overview of 64 frames, then as `retrieve`, with or without the sweep
    "generic": Habit(0, 5.0, 0.0, 0, 4.4, 90, 0),
    "yes-no": Habit(0, 5.0, 2.0, 20, 4.4, 90, 0),
}


@dataclass(frozen=True, slots=True)
class Past:
    """What own runs of the same kind took.

    Attributes:
        runs: how many.
        by_role: role to the medians of its numbers, named as in the answer document; no money.
        seconds: of work, the median.
    """

    runs: int
    by_role: Mapping[str, Mapping[str, float]]
    seconds: float


def past_runs(runs_dir: Path, kind: str, eye: str, planner: str) -> Past | None:
    """Return what finished runs of a kind with these models took; None with fewer than `ENOUGH`.

    Args:
        runs_dir: where runs are kept.
        kind: of the question.
        eye: name or id of the eye.
        planner: `workflow`, or the id of the model that planned.
    """
    usages = []
    for folder in reversed(list_runs(runs_dir)[-NEWEST:]):
        answer = folder.answer()
        if answer and "by_role" in answer["usage"] and _like(folder, answer, kind, eye, planner):
            usages.append(answer["usage"])
    if len(usages) < ENOUGH:
        return None
    roles = dict.fromkeys(role for usage in usages for role in usage["by_role"])
    return Past(
        len(usages),
        {role: _medians([usage["by_role"].get(role) or {} for usage in usages]) for role in roles},
        median(usage["seconds"] for usage in usages),
    )


def _like(folder: RunFolder, answer: Mapping[str, Any], kind: str, eye: str, planner: str) -> bool:
    known, record = answer["models"], folder.record()
    # an eye that was loaded has a longer name: `tagger:longtake-mini@…`, `longtake-mini@…`
    mine = known.get("eye", "")
    same_eye = mine == eye or mine.startswith((f"{eye}:", f"{eye}@"))
    planned = record["planner"] if record["planner"] == "workflow" else known.get("planner")
    if not same_eye or planned != planner:
        return False
    return read_question(record["question"], record["choices"] or ()).kind == kind


def _medians(shares: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    names = ("model_calls", "frames_shown", "tokens_in", "tokens_cached", "tokens_out")
    return {name: median(share.get(name, 0) for share in shares) for name in names}
