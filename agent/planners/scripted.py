"""The scripted planner: spends the budget by what the question needs; no model plans.

Every look is given the verbatim question and all its options, and is judged together with frames
of the whole film. A script adds evidence until the answer is sure, then it stops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...tools.results import Answered
from ..question import Question
from ..steps import Step, refuted_spans
from ..stopping import TAU, foreign_footage, may_leave
from ..understanding.intent import Intent, cites_speech, listens
from . import actions
from .base import Action, Done, Journal, Left
from .looks import answer_of, best_look, conclusion
from .script import Script, follow, memory_of, refusing
from .strategies import Strategies, Strategy, is_settled
from .words import words_script


@dataclass(frozen=True, slots=True)
class ScriptedPlanner:
    """Fixed scripts behind the planner seam.

    Attributes:
        duration: length of the film, seconds.
        tau: confidence from which the first look's answer may leave at the gate.
        reads: a chat model is there to read the film's words where no model knows the footage.
        name, patience: see `Planner`.
    """

    duration: float = math.inf
    tau: float = TAU
    reads: bool = False
    name: str = "scripted"
    patience: int = 3

    def at_work(self, duration: float, journal: Journal) -> ScriptedPlanner:
        """Return this planner for a film of that length; it asks no chat model."""
        return replace(self, duration=duration)

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        """Look over the film where the cues are, with words beside."""
        # rules do not read how much of the film a question is about
        scope = "" if intent.source == "rules" else intent.scope
        return [
            actions.overview(
                intent.cues,
                intent.within,
                scope=scope,
                needs=intent.needs,
                listen=listens(intent),
            )
        ]

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        """Return the first look's answer where it is sure enough to leave at the gate."""
        look = best_look(steps)
        if look is None or not may_leave(intent, look.answered, self.tau):
            return None
        done = answer_of(look, question)
        return done if done.claims and done.raw >= self.tau else None

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done:
        """Return the script's next call that was not made yet, or its answer."""
        return follow(self._script(steps, question, intent), memory_of(steps))

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        """Run the script to its end with every further call refused."""
        recall = refusing(steps, reason)
        decision = follow(self._script(steps, question, intent), recall)
        assert isinstance(decision, Done)
        return replace(decision, reason=reason)

    def _script(self, steps: Sequence[Step], question: Question, intent: Intent) -> Script:
        if foreign_footage(steps):
            return words_script(question, intent, reads=self.reads)
        return self._look_script(steps, question, intent)

    def _look_script(self, steps: Sequence[Step], question: Question, intent: Intent) -> Script:
        seen = best_look(steps)
        for strategy in self._strategies(question, intent, seen.answered if seen else None):
            answered = yield from strategy
            if answered is not None and is_settled(answered):
                break
        # whatever was found is in the memory by now; the best of it is the answer
        return conclusion(steps, question, refuted_spans(steps))

    def _strategies(
        self, question: Question, intent: Intent, seen: Answered | None
    ) -> list[Strategy]:
        """Return what to try, in turn, until the answer is sure."""
        ways = Strategies(question, intent, self.duration)
        if seen is not None and is_settled(seen) and may_leave(intent, seen):
            # the first look is sure: what it cites is for the audit to judge
            return []
        tried: list[Strategy] = []
        needs, form = intent.needs, intent.answer_form
        if seen is not None and seen.enough and not is_settled(seen):
            # it saw what it needs, and is not sure of it
            tried.append(ways.zoom(seen))
        if form == "summary":
            tried.append(ways.retell())
        heard = cites_speech(intent)
        if ("count" in needs or form == "number") and not heard:
            tried.append(ways.count())
        if any(cue.role == "anchor" for cue in intent.cues):
            tried.append(ways.around_anchors())
        if "listen" in needs or "cause" in needs or (heard and "read" not in needs):
            tried.append(ways.listen())
        tried.append(ways.seek())
        if "read" in needs:
            tried.append(ways.read())
        if "detail" in needs or "read" in needs:
            tried.append(ways.magnify())
        return tried
