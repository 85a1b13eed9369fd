"""The scripted planner: spends the budget by what the question needs; no model plans.

Every look is given the verbatim question and all its options, and is judged together with frames
of the whole film. A script adds evidence until the answer is sure, then it stops.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from ...index.video.span import Span
from ...tools.results import Answered, Described, Occurrences, ToolResult
from ..question import Question
from ..steps import Step, refuted_spans
from ..stopping import TAU, foreign_footage, may_leave
from ..understanding.intent import Intent, cites_speech, listens, texts_of
from . import actions
from .base import Action, Done, Journal, Left
from .looks import answer_of, around, best_look, conclusion, spans_in, sureness
from .script import Script, follow, memory_of, refusing
from .words import words_script
from .zoom import SAME, turn_frames, zoom_frames, zoom_span

PLACES = 12
"""Places that one look takes in."""

MOST_PLACES = 16
"""Places that one look takes in at most: those that a look found, of several things."""

MOST_HITS = 24
"""Places that a search returns."""

AROUND, FURTHER = 50.0, 150.0
"""Seconds that are looked at around what a question goes by, "after …", "before …", at first and
where that did not do."""

AGAIN = 4
"""Further places that a search looks for when those of the first one did not do."""

FIRST_FRAMES = 64
"""Frames of the first look: half of what all looks of a question may show."""

ZOOMED = 2
"""Times that an unsure answer names and that are looked at closely."""

A_SEGMENT, MOST_SEGMENTS = 600.0, 8
"""Seconds of a part that is described for a summary, and how many parts there are at most."""

Look = Generator[Action, ToolResult, Answered | None]


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
        refuted = refuted_spans(steps)
        seen = best_look(steps)
        parts = self._parts(question, intent)
        if (
            seen is not None
            and _settled(seen.answered, intent)
            and may_leave(intent, seen.answered)
        ):
            # the first look is sure: what it cites is for the audit to judge
            parts = []
        elif seen is not None and seen.answered.enough and not _settled(seen.answered, intent):
            # it saw what it needs, and is not sure of it
            parts.insert(0, self._zoom(seen.answered))
        for part in parts:
            answered = yield from part
            if answered is not None and _settled(answered, intent):
                break
        # whatever the parts found is in the memory by now; the best of it is the answer
        return conclusion(steps, question, refuted)

    def _parts(self, question: Question, intent: Intent) -> list[Look]:
        """Return what to try, in turn, until the answer is sure."""
        parts: list[Look] = []
        needs, form = intent.needs, intent.answer_form
        if form == "summary":
            parts.append(self._retell(intent))
        heard = cites_speech(intent)
        if ("count" in needs or form == "number") and not heard:
            parts.append(self._count(question, intent))
        if any(cue.role == "anchor" for cue in intent.cues):
            parts.append(self._around(question, intent))
        if "listen" in needs or "cause" in needs or (heard and "read" not in needs):
            parts.append(self._listen(question, intent))
        parts.append(self._seek(question, intent))
        if "read" in needs:
            parts.append(self._read(question, intent))
        if "detail" in needs or "read" in needs:
            parts.append(self._magnify(question, intent))
        return parts

    def _search(self, question: Question, intent: Intent, again: bool = False) -> Action:
        """Return the search of a question: every part that searches makes the same call.

        A search made again is for what the first one missed: the VLM looks itself, since an encoder
        would miss it again. It is for other places than those that were looked at in vain, unless
        several things are looked for, of which some were found.
        """
        queries = _queries(question, intent)
        least = 1
        if _several(intent):
            queries += [option for option in question.options if option not in queries]
            least = len(queries)
        cues = [cue for cue in intent.cues if cue.role != "option"]
        seen = bool(cues) and all(cue.modality == "seen" for cue in cues)
        return actions.search(
            queries,
            intent.within,
            modality="visual" if seen else "fused",
            top_k=MOST_HITS,
            enough=min(16, max(AGAIN if again else 1, least)),
            fresh=again and least == 1,
            insist=again,
        )

    def _zoom(self, unsure: Answered) -> Look:
        """Look closely at the times that an unsure answer names."""
        spans: list[Span] = []
        for second in unsure.cited:
            inside = 0 <= second < self.duration and math.isfinite(self.duration)
            named = Span(second, second + 1e-3)
            span = zoom_span(named, self.duration, spans) if inside else None
            spans += [span] if span is not None else []
        if not spans:
            return None
        spans = spans[:ZOOMED]
        frames = min(turn_frames(2 * FIRST_FRAMES, 1), sum(map(zoom_frames, spans)))
        seen = yield actions.look(spans, frames=frames, why="the times that it named")
        return _answered(seen)

    def _seek(self, question: Question, intent: Intent) -> Look:
        """Look at the best places together; while unsure, search on and look at more."""
        cues = texts_of(intent.cues)
        looked: list[Span] = []
        answered = None
        for again in (False, True):
            found = yield self._search(question, intent, again)
            places = _places(found, self.duration, MOST_HITS)
            fresh = [p for p in places if not any(p.iou(other) > SAME for other in looked)]
            if not fresh:
                break
            whole = again and _several(intent)
            shown = places[:MOST_PLACES] if whole else [*looked[:2], *fresh[:PLACES]]
            seen = yield actions.look(shown, frames=48, cues=cues)
            answered = _answered(seen) or answered
            looked += fresh[:PLACES]
            if answered is not None and _settled(answered, intent):
                break
        return answered

    def _around(self, question: Question, intent: Intent) -> Look:
        """Find what the question goes by, and look at what comes before and after it.

        First near two places that may show it, then further around the likeliest.
        """
        anchors = [cue for cue in intent.cues if cue.role == "anchor"]
        said = [cue.text for cue in anchors if cue.modality == "said"]
        if said:
            tried = [
                (actions.words(said, intent.within, listen=True), near) for near in (True, False)
            ]
        else:
            texts = texts_of(anchors)
            search, again = (
                actions.search(texts, intent.within, insist=insist) for insist in (False, True)
            )
            tried = [(search, True), (again, True), (again, False)]
        answered = None
        looked: list[Span] = []
        for find, near in tried:
            found = yield find
            most, wide = (2, AROUND) if near else (1, FURTHER)
            places = [around(p, self.duration, wide) for p in _places(found, self.duration, most)]
            if not places or places == looked:
                continue
            looked = places
            why = "what comes before and after it"
            seen = yield actions.look(places, fps=1.0, frames=48, why=why)
            answered = _answered(seen) or answered
            if answered is not None and _settled(answered, intent):
                break
        return answered

    def _count(self, question: Question, intent: Intent) -> Look:
        """List every time that shows it, and look at all of them in one call."""
        found = yield actions.enumerate_all(_queries(question, intent)[0], intent.within)
        payload = found.payload
        if not isinstance(payload, Occurrences) or not payload.items:
            return None
        spans = [around(item.span, self.duration, 4.0) for item in payload.items]
        seen = yield actions.look(spans, frames=48, fps=2.0, why="all that may count, in one look")
        return _answered(seen)

    def _read(self, question: Question, intent: Intent) -> Look:
        """Read what is written where the search led, then all of the film's screen text."""
        queries = _queries(question, intent)
        found = yield self._search(question, intent)
        likely = _places(found, self.duration)
        answered = None
        for rest in (False, True):
            if not likely and not rest:
                continue
            read = yield actions.words(queries, intent.within, ("text",), first=likely, rest=rest)
            places = _places(read, self.duration)
            if places:
                seen = yield actions.look(places, frames=24, cues=texts_of(intent.cues))
                answered = _answered(seen) or answered
            if answered is not None and _settled(answered, intent):
                break
        return answered

    def _listen(self, question: Question, intent: Intent) -> Look:
        """Find what is said about it, and look there with the lines beside."""
        found = yield actions.words(_queries(question, intent), intent.within, listen=True)
        places = [around(place, self.duration, 20.0) for place in _places(found, self.duration, 4)]
        if not places:
            return None
        seen = yield actions.look(places, fps=1.0, why="what is said and shown around it")
        return _answered(seen)

    def _retell(self, intent: Intent) -> Look:
        """Describe each part of a long film, and answer from all of it (TDC)."""
        whole = intent.within or Span(0.0, self.duration)
        count = segments_of(whole.duration)
        step = whole.duration / max(1, count)
        for number in range(count):
            start = whole.start + number * step
            told = yield actions.caption(Span(start, start + step))
            if not isinstance(told.payload, Described):
                return None
        seen = yield actions.look([whole], frames=32, fps=1.0, context=0, why="the film retold")
        return _answered(seen)

    def _magnify(self, question: Question, intent: Intent) -> Look:
        """Cut what is asked about from the film's own pixels."""
        cues = [cue for cue in intent.cues if cue.role == "target" and cue.text != question.text]
        found = yield self._search(question, intent)
        places = _places(found, self.duration, 1)
        if not cues or not places:
            return None
        seen = yield actions.crop(places[0].middle, cues[0].text)
        return _answered(seen)


def segments_of(duration: float) -> int:
    """Return in how many equal parts a film is described before it is summed up.

    As TDC does (arXiv 2504.10443): none under ten minutes, two under fifteen, then three; ours
    is one more for each ten minutes beyond, since an hour in three parts is described too thinly.
    """
    if duration < 600:
        return 0
    if duration < 900:
        return 2
    return max(3, min(MOST_SEGMENTS, math.ceil(duration / A_SEGMENT)))


def _several(intent: Intent) -> bool:
    """Say whether several things must all be found: to put in order, or to miss one of them."""
    return bool(intent.needs & {"order"}) or intent.negated or intent.answer_form == "order"


def _queries(question: Question, intent: Intent) -> list[str]:
    """Return what to search for: the cues that are not the options, or the question itself."""
    cues = [cue.text for cue in intent.cues if cue.role != "option" and cue.text != question.text]
    return cues[:6] or [question.text]


def _places(result: ToolResult, duration: float, most: int = PLACES) -> list[Span]:
    return [around(span, duration) for span in spans_in(result)[:most]]


def _answered(result: ToolResult) -> Answered | None:
    payload = result.payload
    return payload if isinstance(payload, Answered) and payload.answer else None


def _settled(answered: Answered, intent: Intent) -> bool:
    return sureness(answered) >= TAU and answered.enough is not False
