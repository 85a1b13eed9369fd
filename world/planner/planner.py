"""The drawn world's planner: one fixed recipe a kind of question, no language model.

It reads the question with the drawn world's own grammar. Where that cannot read it, or the film is
of another kind, everything is left to the planner it was given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...agent.planners.base import Action, Claim, Done, Journal, Left, Planner, Turn
from ...agent.planners.script import follow, memory_of, refusing
from ...agent.question import Question
from ...agent.steps import Observation, Step, of_type, refuted_spans
from ...agent.stopping import TAU
from ...agent.understanding.intent import Intent
from ...tools.results import Answered
from ..grammar.moments import fitted, held, inside
from ..grammar.question import read_question
from ..grammar.reading import NEVER_AT_GATE, Reading
from ..grammar.statements import anchor_phrase, subject_phrase
from ..tools.footage import KNOWN_FROM
from . import calls
from .findings import Recipe
from .recipes import RECIPES
from .timed import at_moment, names_nothing

LOOK_FRAMES = 64
"""Frames of a first look that may answer the question."""

MARK = "+world"
"""Behind the name of the planner that is left what this one does not know."""


@dataclass(frozen=True, slots=True)
class WorldPlanner:
    """Recipes for films of the drawn world, and another planner for everything else.

    Attributes:
        fallback: plans where the film or the question is not of the drawn world.
        duration: length of the film, seconds.
        patience: see `Planner`.
    """

    fallback: Planner
    duration: float = math.inf
    patience: int = 6

    @property
    def name(self) -> str:
        """The fallback's, marked: a run that is made again finds its planner by it."""
        return f"{self.fallback.name}{MARK}"

    def at_work(self, duration: float, journal: Journal) -> WorldPlanner:
        """Return this planner for one run."""
        return replace(self, fallback=self.fallback.at_work(duration, journal), duration=duration)

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        """Tell what footage this is; search for what is asked about, or look as the fallback does.

        A named thing is in view for seconds of an hour: 64 frames would miss it, so the index is
        searched instead.
        """
        reading = read(question, self.duration)
        if reading is None:
            return [calls.footage(), *self.fallback.first_look(question, intent)]
        phrase = anchor_phrase(reading) if reading.anchor else subject_phrase(reading)
        actions = [calls.overview(LOOK_FRAMES)] if reading.kind == "yes-no" else []
        actions.append(calls.search(phrase or reading.question))
        if reading.kind == "speech":
            actions.append(calls.search_speech(reading.subject))
        return [calls.footage(), *(inside(action, reading.within) for action in actions)]

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        """Return the answer of the first look when it may leave at the gate, once verified."""
        reading = self._mine(steps, question)
        if reading is None:
            return self.fallback.glance(steps, question, intent)
        if reading.kind in NEVER_AT_GATE or not reading.choices:
            return None
        for step in reversed(of_type(steps, Observation)):
            look = step.result.payload
            if step.phase == "first_look" and isinstance(look, Answered) and look.options:
                return _answer_of(reading, step, look)
        return None

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done | Turn:
        """Return the recipe's next call that was not made yet, or its answer."""
        reading = self._mine(steps, question)
        if reading is None:
            return self.fallback.next(steps, question, intent, left)
        return follow(_recipe(reading, steps), memory_of(steps))

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        """Run the recipe to its end with every further call refused."""
        reading = self._mine(steps, question)
        if reading is None:
            return self.fallback.conclude(steps, question, intent, reason)
        decision = follow(_recipe(reading, steps), refusing(steps, reason))
        assert isinstance(decision, Done)
        return replace(decision, reason=reason)

    def _mine(self, steps: Sequence[Step], question: Question) -> Reading | None:
        """Return the question as read, where film and question are of the drawn world."""
        known = [
            step.result.payload.known
            for step in of_type(steps, Observation)
            if step.result.tool == "footage" and isinstance(step.result.payload, Answered)
        ]
        drawn = bool(known) and (known[0] or 0.0) >= KNOWN_FROM
        return read(question, self.duration) if drawn else None


def read(question: Question, duration: float = math.inf) -> Reading | None:
    """Read a question with the drawn world's grammar.

    Args:
        question: as put.
        duration: length of the film, seconds.

    Returns:
        The question as understood; None for a wording that the grammar does not know, and for a
        time that the film does not have.
    """
    reading = read_question(question.text, question.options)
    if reading.within is not None:
        within = fitted(reading.within, duration)
        if within is None:
            return None
        reading = replace(reading, within=within)
    return None if reading.kind == "generic" and not names_nothing(reading) else reading


def _recipe(reading: Reading, steps: Sequence[Step]) -> Recipe:
    if names_nothing(reading):
        return at_moment(reading)
    return held(RECIPES[reading.kind](reading, refuted_spans(steps)), reading.within)


def _answer_of(reading: Reading, step: Observation, look: Answered) -> Done | None:
    """Return a look's answer; None below the threshold, and where no evidence speaks for it."""
    letter = look.letter
    support = [item for item in step.result.evidence if item.supports == letter]
    if letter not in reading.letters or look.confidence < TAU or not support:
        return None
    place = reading.letters.index(letter)
    return Done(
        reading.choices[place],
        letter,
        look.confidence,
        look.method,
        dict(look.options),
        (Claim(support[0].id, reading.statements[place]),),
    )
