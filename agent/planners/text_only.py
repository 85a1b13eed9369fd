"""The planner of questions that are answered from words alone, without a look at the film.

`reads`: a model reads the film's words and answers (Vamos, arXiv 2311.13627), the best passages
before all of them. Else the line that answers is taken from them, verbatim. `describe`: so many
stretches of the film that the words lead to are described first, and the answer is read from these
descriptions and what is said meanwhile (Goldfish, arXiv 2407.12679, with stretches of 80 s).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...index.video.span import Span
from ...prompts import render
from ...tools.results import Answered, ToolResult
from ..question import Question
from ..steps import Step
from ..understanding.intent import Intent
from . import actions
from .base import Action, Done, Journal, Left
from .looks import Look, answer_of, spans_in
from .script import Script, follow, memory_of, refusing
from .words import read_words, words_script

NAME = "text-only"

STRETCH = 80.0
"""Seconds of a stretch that is described, as in Goldfish's code."""

TOOLS = ("search_words", "read_transcript", "answer_words", "answer_text", "verify", "caption_clip")
"""What such a question may call."""


@dataclass(frozen=True, slots=True)
class TextPlanner:
    """Answers from words behind the planner seam.

    Attributes:
        reads: a model reads them; False where none chats.
        describe: stretches of the film that are described first; 0 for none: no picture is seen.
        duration: length of the film, seconds.
        patience: see `Planner`.
    """

    reads: bool = True
    describe: int = 0
    duration: float = math.inf
    patience: int = 3

    @property
    def name(self) -> str:
        """`text-only`, with how: `:words` where no model reads, `:N` with N described stretches."""
        return NAME if self.reads and not self.describe else f"{NAME}:{self.describe or 'words'}"

    @classmethod
    def of(cls, name: str) -> TextPlanner:
        """Return the planner of that name."""
        how = name.removeprefix(NAME).removeprefix(":")
        return cls(how != "words", int(how) if how.isdigit() else 0)

    def at_work(self, duration: float, journal: Journal) -> TextPlanner:
        """Return this planner for a film of that length; it asks no chat model."""
        return replace(self, duration=duration)

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        """Look at nothing."""
        return []

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        """Return nothing: there was no look."""
        return None

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done:
        """Return the script's next call that was not made yet, or its answer."""
        return follow(self._script(question, intent), memory_of(steps))

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        """Run the script to its end with every further call refused."""
        decision = follow(self._script(question, intent), refusing(steps, reason))
        assert isinstance(decision, Done)
        return replace(decision, reason=reason)

    def _script(self, question: Question, intent: Intent) -> Script:
        if not self.reads:
            return (yield from words_script(question, intent))
        cues = [cue.text for cue in intent.cues if cue.text != question.text][:6]
        spans: list[Span] = [intent.within] if intent.within else []
        if self.describe:
            found = yield actions.words([question.text, *cues], intent.within)
            spans = self._stretches(found, intent.within)
            for span in spans:
                yield actions.caption(span)
        read = yield from read_words(question, intent, cues, spans, listen=True, screen_text=True)
        if read is None or not isinstance(read.payload, Answered) or not read.payload.answer:
            return Done(None, abstain=True, reason="not_found", caveats=(render("not_found"),))
        done = answer_of(Look(0, read.tool, read.payload, read.evidence), question)
        return done if done.claims else replace(done, caveats=("no line of the film was cited",))

    def _stretches(self, found: ToolResult, within: Span | None) -> list[Span]:
        """Return the stretches that the best lines lie in, in time order; even ones without any."""
        whole = within or Span(0.0, self.duration)
        count = max(1, math.ceil(whole.duration / STRETCH))
        step = whole.duration / count
        at = [int((span.middle - whole.start) / step) for span in spans_in(found)]
        best = list(dict.fromkeys(k for k in at if 0 <= k < count))[: self.describe]
        if not best:
            most = min(count, self.describe)
            best = [int((k + 0.5) * count / most) for k in range(most)]
        return [Span(whole.start + k * step, whole.start + (k + 1) * step) for k in sorted(best)]
