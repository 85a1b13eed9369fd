"""The loop: a planning graph that looks, searches, zooms and re-checks until it is confident.

Public names: `ask` and `resume` a run with `Options` and a `Budget`, of a `Question` (which
`question_as_put` checks), to an `Answer`; `replay` makes a finished run again. Each is loaded when
it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import Answer as Answer
    from .cost.budget import Budget as Budget
    from .question import Question as Question
    from .run import Options as Options
    from .run import ask as ask
    from .run import resume as resume
    from .runs.replay import replay as replay
    from .understanding.options import question_as_put as question_as_put

_HOMES = {
    "Answer": "answer",
    "Budget": "cost.budget",
    "Options": "run",
    "Question": "question",
    "ask": "run",
    "question_as_put": "understanding.options",
    "replay": "runs.replay",
    "resume": "run",
}
__all__ = [
    "Answer",
    "Budget",
    "Options",
    "Question",
    "ask",
    "question_as_put",
    "replay",
    "resume",
]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
