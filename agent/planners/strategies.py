"""Strategies of the scripted planner: each gathers evidence in one way and asks the VLM again.

Each is a generator: it yields calls, is sent their results, and returns the answer that the VLM
gave to what was found, None where nothing was.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from ...index.video.span import Span
from ...tools.results import Answered, Described, Occurrences, ToolResult
from ..question import Question
from ..stopping import TAU
from ..understanding.intent import Intent, texts_of
from . import actions
from .base import Action
from .looks import around, spans_in, sureness
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

Strategy = Generator[Action, ToolResult, Answered | None]


@dataclass(frozen=True, slots=True)
class Strategies:
    """The ways to gather evidence for one question.

    Attributes:
        question: the question.
        intent: what it means.
        duration: length of the film, seconds.
    """

    question: Question
    intent: Intent
    duration: float

    @property
    def _queries(self) -> list[str]:
        """What to search for: the cues that are not the options, or the question itself."""
        text = self.question.text
        cues = [cue.text for cue in self.intent.cues if cue.role != "option" and cue.text != text]
        return cues[:6] or [text]

    def _search(self, again: bool = False) -> Action:
        """Return the search of a question: every strategy that searches makes the same call.

        A search made again is for what the first one missed: the VLM looks itself, since an encoder
        would miss it again. It is for other places than those that were looked at in vain, unless
        several things are looked for, of which some were found.
        """
        queries = list(self._queries)
        least = 1
        if _several(self.intent):
            queries += [option for option in self.question.options if option not in queries]
            least = len(queries)
        cues = [cue for cue in self.intent.cues if cue.role != "option"]
        seen = bool(cues) and all(cue.modality == "seen" for cue in cues)
        return actions.search(
            queries,
            self.intent.within,
            modality="visual" if seen else "fused",
            top_k=MOST_HITS,
            enough=min(16, max(AGAIN if again else 1, least)),
            fresh=again and least == 1,
            insist=again,
        )

    def zoom(self, unsure: Answered) -> Strategy:
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

    def seek(self) -> Strategy:
        """Look at the best places together; while unsure, search on and look at more."""
        cues = texts_of(self.intent.cues)
        looked: list[Span] = []
        answered = None
        for again in (False, True):
            found = yield self._search(again)
            places = _places(found, self.duration, MOST_HITS)
            fresh = [p for p in places if not any(p.iou(other) > SAME for other in looked)]
            if not fresh:
                break
            whole = again and _several(self.intent)
            shown = places[:MOST_PLACES] if whole else [*looked[:2], *fresh[:PLACES]]
            seen = yield actions.look(shown, frames=48, cues=cues)
            answered = _answered(seen) or answered
            looked += fresh[:PLACES]
            if answered is not None and is_settled(answered):
                break
        return answered

    def around_anchors(self) -> Strategy:
        """Find what the question goes by, and look at what comes before and after it.

        First near two places that may show it, then further around the likeliest.
        """
        anchors = [cue for cue in self.intent.cues if cue.role == "anchor"]
        said = [cue.text for cue in anchors if cue.modality == "said"]
        if said:
            tried = [
                (actions.words(said, self.intent.within, listen=True), near)
                for near in (True, False)
            ]
        else:
            texts = texts_of(anchors)
            search, again = (
                actions.search(texts, self.intent.within, insist=insist) for insist in (False, True)
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
            if answered is not None and is_settled(answered):
                break
        return answered

    def count(self) -> Strategy:
        """List every time that shows it, and look at all of them in one call."""
        found = yield actions.enumerate_all(self._queries[0], self.intent.within)
        payload = found.payload
        if not isinstance(payload, Occurrences) or not payload.items:
            return None
        spans = [around(item.span, self.duration, 4.0) for item in payload.items]
        seen = yield actions.look(spans, frames=48, fps=2.0, why="all that may count, in one look")
        return _answered(seen)

    def read(self) -> Strategy:
        """Read what is written where the search led, then all of the film's screen text."""
        queries = self._queries
        found = yield self._search()
        likely = _places(found, self.duration)
        answered = None
        for rest in (False, True):
            if not likely and not rest:
                continue
            read = yield actions.words(
                queries, self.intent.within, ("text",), first=likely, rest=rest
            )
            places = _places(read, self.duration)
            if places:
                seen = yield actions.look(places, frames=24, cues=texts_of(self.intent.cues))
                answered = _answered(seen) or answered
            if answered is not None and is_settled(answered):
                break
        return answered

    def listen(self) -> Strategy:
        """Find what is said about it, and look there with the lines beside."""
        found = yield actions.words(self._queries, self.intent.within, listen=True)
        places = [around(place, self.duration, 20.0) for place in _places(found, self.duration, 4)]
        if not places:
            return None
        seen = yield actions.look(places, fps=1.0, why="what is said and shown around it")
        return _answered(seen)

    def retell(self) -> Strategy:
        """Describe each part of a long film, and answer from all of it (TDC)."""
        whole = self.intent.within or Span(0.0, self.duration)
        count = segments_of(whole.duration)
        step = whole.duration / max(1, count)
        for number in range(count):
            start = whole.start + number * step
            told = yield actions.caption(Span(start, start + step))
            if not isinstance(told.payload, Described):
                return None
        seen = yield actions.look([whole], frames=32, fps=1.0, context=0, why="the film retold")
        return _answered(seen)

    def magnify(self) -> Strategy:
        """Cut what is asked about from the film's own pixels."""
        cues = [
            cue
            for cue in self.intent.cues
            if cue.role == "target" and cue.text != self.question.text
        ]
        found = yield self._search()
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


def _places(result: ToolResult, duration: float, most: int = PLACES) -> list[Span]:
    return [around(span, duration) for span in spans_in(result)[:most]]


def _answered(result: ToolResult) -> Answered | None:
    payload = result.payload
    return payload if isinstance(payload, Answered) and payload.answer else None


def is_settled(answered: Answered) -> bool:
    """Say whether an answer is so sure that nothing more is looked for."""
    return sureness(answered) >= TAU and answered.enough is not False
