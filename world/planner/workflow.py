"""The planner that needs no language model: one fixed recipe a kind of question.

A recipe is a generator: it yields a call, is sent what the call found, and returns its answer. It
is run again from its top for every decision and fed from the memory, so the planner keeps no state
of its own and a resumed run goes on as if it had never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ...agent.answer import KNOWN_FROM
from ...agent.planners.base import Action, Done, Left
from ...agent.steps import Observation, Step, of_type
from ...agent.stopping import knows_footage
from ...agent.verification.audit import refuted_spans
from ...index.video.span import Span
from ...tools.types import Observation as Found
from ..grammar.moments import held
from ..grammar.reading import Reading
from .recipes import RECIPES, Recipe, unknown_footage
from .timed import at_moment, looks_only, names_nothing


@dataclass(frozen=True)
class Memory:
    """What a recipe may know beside the answers to its own calls.

    Attributes:
        known: share of frames of a kind that the eye knows; None when it cannot tell.
        refuted: spans whose evidence an audit refused.
        found: every call's findings by tool and arguments.
    """

    known: float | None
    refuted: tuple[Span, ...]
    found: dict[str, Found]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Memory:
        """Gather it from the steps."""
        calls = of_type(steps, Observation)
        return cls(
            knows_footage(steps),
            tuple(refuted_spans(steps)),
            {call_key(call.found.tool, call.found.args): call.found for call in calls},
        )

    def recall(self, action: Action) -> Found | None:
        """Return what this very call brought, if it was made."""
        return self.found.get(call_key(action.tool, action.args))


@dataclass(frozen=True, slots=True)
class WorkflowPlanner:
    """Fixed recipes behind the planner seam."""

    name: str = "workflow"
    patience: int = 6

    def next(self, steps: Sequence[Step], reading: Reading, left: Left) -> Action | Done:
        """Return the recipe's next call that was not made yet, or its answer."""
        memory = Memory.of(steps)
        return follow(self._recipe(reading, memory), memory.recall)

    def conclude(self, steps: Sequence[Step], reading: Reading, reason: str) -> Done:
        """Run the recipe to its end with every further call refused."""
        memory = Memory.of(steps)

        def recall(action: Action) -> Found:
            refused = Found(action.tool, action.args, f"not made: {reason}", error="budget")
            return memory.recall(action) or refused

        decision = follow(self._recipe(reading, memory), recall)
        assert isinstance(decision, Done)
        return decision

    @staticmethod
    def _recipe(reading: Reading, memory: Memory) -> Recipe:
        unknown = memory.known is not None and memory.known < KNOWN_FROM
        # what is said or written at a time is read on any footage
        if names_nothing(reading) and not (unknown and looks_only(reading)):
            return at_moment(reading)
        if unknown:
            return held(unknown_footage(reading, memory.refuted), reading.within)
        return held(RECIPES[reading.kind](reading, memory.refuted), reading.within)


def follow(
    recipe: Generator[Action, Found, Done], recall: Callable[[Action], Found | None]
) -> Action | Done:
    """Run a recipe as far as the memory reaches."""
    try:
        action = next(recipe)
        while (found := recall(action)) is not None:
            action = recipe.send(found)
    except StopIteration as stop:
        return stop.value
    return action


def call_key(tool: str, args: dict[str, Any]) -> str:
    """Return a key that is the same for the same call."""
    return tool + " " + json.dumps(args, sort_keys=True)
