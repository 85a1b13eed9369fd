"""What earlier runs with the same models took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .record import list_runs

NEWEST = 300
"""Runs that are looked through at most."""


def past_usages(runs_dir: Path, vlm: str, planner: str) -> list[dict[str, Any]]:
    """Return the usage of finished runs with these models, the newest first.

    Args:
        runs_dir: where runs are kept.
        vlm: name of the video LLM, as in a profile.
        planner: name of the model that planned; `scripted` where none did.
    """
    usages = []
    for folder in reversed(list_runs(runs_dir)[-NEWEST:]):
        answer = folder.answer()
        if not answer or "by_role" not in answer["usage"]:
            continue
        known = answer["models"]
        planned = known.get("planner", folder.record()["planner"])
        # a model that was loaded has a longer name: `NAME@DIGEST`
        # and a profile may put a planner of its own before another: `scripted+OWN`
        same = planned in (planner, f"{planner}+{planned.rpartition('+')[2]}")
        if known.get("vlm", "").startswith(vlm) and same:
            usages.append(answer["usage"])
    return usages
