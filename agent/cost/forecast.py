"""What each role is expected to do for a question: calls, frames and tokens, before any is spent.

Own runs of the same kind with the same models say it best; without them the habits of the recipes
are turned into tokens by the formula of the model's family. A planning model's turns are supposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...models.client.address import SERVED, read_address
from ...models.client.token_cost import FRAME_SIZE, family_of, prompt_tokens
from ...tools.types import Cost
from ...world.grammar.reading import Reading
from ..planners.base import Left
from ..planners.prompt import FilmFacts, briefing
from .history import HABITS, Habit, Past
from .ledger import PLANNER

WORDS = 90
"""Tokens of an eye's request beside the frames: system line, question, choices."""

REPLY = 12
"""Tokens of an eye's reply: a letter or yes as a rule, a line of caption now and then."""

TURN_GROWS = 250
"""Tokens by which what a planner is told grows with every call."""

TURN_REPLY = 150
"""Tokens of a planner's reply."""

_BY_TRANSFORMERS = ("transformers:", "local-dir:")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a question is expected to take.

    Attributes:
        by_role: role to its calls, frames and tokens.
        steps: tool calls.
        seconds: of work; None where it was never measured here.
        basis: where the numbers come from, in words.
    """

    by_role: Mapping[str, Cost]
    steps: int
    seconds: float | None
    basis: str


def forecast(reading: Reading, eye: str, planner: str | None, past: Past | None) -> Forecast:
    """Return what a question is expected to take.

    Args:
        reading: the question.
        eye: name of the eye, as in a profile.
        planner: name of the model that plans; None for the workflow planner.
        past: own runs like this one; None without enough of them.
    """
    habit = HABITS[reading.kind]
    steps = round(habit.tools)
    if past is not None:
        costs = {role: _measured(numbers) for role, numbers in past.by_role.items()}
        return Forecast(costs, steps, past.seconds, f"the median of {past.runs} runs of this kind")
    costs = {"eye": eye_cost(habit, eye)}
    if habit.reads:
        reads = round(habit.reads)
        costs["reader"] = Cost(reads, reads, reads)
    if planner is not None:
        costs[PLANNER] = planner_cost(habit, reading)
    basis = f"{habit.runs} questions of this kind about rendered films"
    return Forecast(costs, steps, None, basis if habit.runs else "the recipe, never measured")


def eye_cost(habit: Habit, eye: str) -> Cost:
    """Return what the eye is asked and shown in the mean; whole numbers, upwards from a half."""
    frames = round(habit.single + habit.frames)
    if not reads_tokens(eye):
        return Cost(frames, frames, round(habit.sweeps + habit.calls))
    # a server is asked about each frame of a sweep apart
    requests = round((habit.single if eye.startswith(SERVED) else habit.sweeps) + habit.calls)
    a_frame = prompt_tokens(family_of(_model(eye)), 1, FRAME_SIZE)
    return Cost(frames, frames, requests, frames * a_frame + requests * WORDS, requests * REPLY)


def planner_cost(habit: Habit, reading: Reading) -> Cost:
    """Return what a planning model is asked: a turn for every call after the first look, one to end."""
    room = Left(steps=15, frames=192, seconds=300.0, tokens=120_000, calls=400)
    told = briefing(FilmFacts(3600.0), reading, (), room, None)
    first = sum(len(message["content"]) for message in told) // 4
    turns = max(2, round(habit.tools))
    grown = TURN_GROWS * turns * (turns - 1) // 2
    return Cost(0, 0, turns, turns * first + grown, turns * TURN_REPLY)


def reads_tokens(model: str) -> bool:
    """Say whether a model is a language model: the embedded eye and the recipes read no tokens."""
    return model.startswith((SERVED, *_BY_TRANSFORMERS))


def _model(eye: str) -> str:
    return read_address(eye).model if eye.startswith(SERVED) else eye.partition(":")[2]


def _measured(numbers: Mapping[str, float]) -> Cost:
    frames = round(numbers["frames_shown"])
    return Cost(
        frames, frames, round(numbers["model_calls"]), round(numbers["tokens_in"]),
        round(numbers["tokens_out"]), round(numbers["tokens_cached"]),
    )  # fmt: skip
