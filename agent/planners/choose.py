"""Which planner plans: by name, or whichever is fit to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...index.video.errors import UsageError
from ..chat import Chat
from .base import Planner
from .llm.planner import LlmPlanner
from .scripted import ScriptedPlanner
from .text_only import NAME as TEXT_ONLY
from .text_only import TextPlanner

PLANNERS = ("scripted", "llm", "auto")


def at_gate(planner: Planner, tau: float) -> Planner:
    """Return a planner whose first look leaves from this confidence.

    One with a gate of its own stays as it is.
    """
    if isinstance(planner, ScriptedPlanner):
        return replace(planner, tau=tau)
    if isinstance(planner, LlmPlanner):
        return replace(planner, scripts=replace(planner.scripts, tau=tau))
    return planner


def pick_planner(
    planner: str | Planner, chat: Chat | None = None, cache: Path | None = None
) -> Planner:
    """Return the planner of that name, or the planner itself.

    Args:
        planner: `scripted`, `llm` (the chat model plans), or `auto`: the chat model where there is
            one and it passes the self-test, else scripts; `text-only` as `TextPlanner.name` has it.
        chat: the chat model; None when none is configured.
        cache: folder where a model's self-test is remembered; None for not at all.

    Raises:
        UsageError: no planner has that name, or `llm` has no chat model.
    """
    if not isinstance(planner, str):
        return planner
    if planner.partition(":")[0] == TEXT_ONLY:
        return TextPlanner.of(planner)
    if planner not in PLANNERS:
        raise UsageError(f"planning = {planner!r}: expected one of {', '.join(PLANNERS)}")
    if planner == "llm" and chat is None:
        raise UsageError(
            "planning = 'llm': no chat model is configured",
            "name one with --planner or LONGTAKE_PLANNER, or use --planning scripted",
        )
    scripts = ScriptedPlanner(reads=chat is not None)
    if planner == "scripted" or chat is None:
        return scripts
    if planner == "auto":
        from .llm.self_test import is_fit

        return LlmPlanner(chat, scripts) if is_fit(chat, cache) else scripts
    return LlmPlanner(chat, scripts)
