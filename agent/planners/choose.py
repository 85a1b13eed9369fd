"""Which planner plans: by name, or whichever is fit to."""

from __future__ import annotations

from pathlib import Path

from ...index.video.errors import UsageError
from ...world.planner.workflow import WorkflowPlanner
from ..chat import Chat
from .base import Planner
from .llm import LlmPlanner

PLANNERS = ("workflow", "llm", "auto")


def pick_planner(
    planner: str | Planner, chat: Chat | None = None, cache: Path | None = None
) -> Planner:
    """Return the planner of that name, or the planner itself.

    Args:
        planner: `workflow` (fixed recipes), `llm` (the chat model), or `auto`: the chat model where
            there is one and it passes the self-test, else fixed recipes.
        chat: the chat model; None when none is configured.
        cache: folder where a model's self-test is remembered; None for not at all.

    Raises:
        UsageError: no planner has that name, or `llm` has no chat model.
    """
    if not isinstance(planner, str):
        return planner
    if planner not in PLANNERS:
        raise UsageError(f"planner = {planner!r}: expected one of {', '.join(PLANNERS)}")
    if planner == "llm" and chat is None:
        raise UsageError(
            "planner = 'llm': no chat model is configured",
            "name one with --planner-model or LONGTAKE_PLANNER_MODEL, or use --planner workflow",
        )
    if planner == "workflow" or chat is None:
        return WorkflowPlanner()
    if planner == "auto":
        from .self_test import is_fit

        return LlmPlanner(chat) if is_fit(chat, cache) else WorkflowPlanner()
    return LlmPlanner(chat)
