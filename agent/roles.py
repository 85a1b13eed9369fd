"""Who plays which role in a run: for the answer document, and for the bill."""

from __future__ import annotations

from collections.abc import Mapping

from .planners.base import Planner
from .planners.llm.planner import LlmPlanner
from .toolbox import Toolbox


def model_ids(toolbox: Toolbox, planner: Planner) -> dict[str, str]:
    """Return role to model id; the planner's is that of who planned, not of who could have."""
    ids = toolbox.model_ids()
    if isinstance(planner, LlmPlanner):
        return {**ids, "planner": planner.chat.id}
    return {**ids, "planner": planner.name} if "planner" in ids else ids


def paid_models(ids: Mapping[str, str], planner: Planner) -> dict[str, str]:
    """Return role to model id of those that a run may have to pay.

    The VLM, and the chat model: it reads the question also where scripts plan.
    """
    paid = {role: ids[role] for role in ("vlm", "planner") if role in ids}
    return {**paid, "planner": planner.chat.id} if isinstance(planner, LlmPlanner) else paid
