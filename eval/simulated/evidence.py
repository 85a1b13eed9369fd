"""What of a film's truth is in a request: its question, the facts its pictures and notes show."""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .reading import Sent, Shot, read_times
from .sight import Sight, Sighting
from .truth import Fact, Question, TruthFilm

SAID = 0.75  # share of a line's content words that must stand together in a note
MEANT = 0.6  # share of words, or of options, by which a question is recognised that was reworded
NOTED_WITHIN = 24  # characters of a line in which its time stands
BEFORE, AFTER = 60.0, 10.0  # seconds from the time of a note to what it tells; it may be a passage
KEPT = 8192  # pictures whose sightings are remembered
_STOCK = frozenset(
    re.findall(
        r"\w+",
        """the and that this with from they their there were was has had have for his her its into
        onto what which when where who whom why how does did are you can could would not one all any
        some frame frames film video picture screen image times time second seconds show shows shown
        appears appear list answer clip these those following true yes narrator mention mentions
        """,
    )
)
_CONFUSED = str.maketrans("OILSB", "01158")  # by OCR


@dataclass(frozen=True)
class Asked:
    """A question that was found in a request.

    Attributes:
        verbatim: one of its wordings stands in the request word for word.
        wording: that wording; empty where there is none.
        complete: all its options are there, or two rivals of them under their own letters.
    """

    question: Question
    verbatim: bool
    wording: str
    complete: bool


class Evidence:
    """Finds a film's questions and facts in requests; threads may share it."""

    def __init__(self, truth: TruthFilm) -> None:
        self.truth = truth
        self._sight = Sight(truth)
        often = Counter(word for fact in truth.facts for word in content_words(fact.text))
        self._weights = {word: 1 / count for word, count in often.items()}
        self._seen: OrderedDict[tuple[str, tuple[float, ...]], list[Sighting]] = OrderedDict()
        self._lock = threading.Lock()

    def asked(self, sent: Sent) -> Asked | None:
        """Return the question of a request; the longest wording that it holds wins."""
        found = [
            (len(text), question, text)
            for question in self.truth.questions
            for wording in question.wordings
            for text in (wording.text, wording.open)
            if text in sent.words
        ]
        if found:
            _, question, text = max(found, key=lambda one: one[0])
            return Asked(question, True, text, self._complete(question, sent))
        question = self._reworded(sent)
        return question and Asked(question, False, "", self._complete(question, sent))

    def sightings(self, shots: Sequence[Shot]) -> list[list[Sighting]]:
        """Return for each picture the moments of the film that it shows."""
        return [self._look(shot) for shot in shots]

    def facts(self, sent: Sent, claims: Iterable[str] = ()) -> set[str]:
        """Return the ids of the facts that are among what was sent.

        Args:
            sent: the request.
            claims: parts of it that are to be judged, hence no evidence.
        """
        seen = [sighting for found in self.sightings(sent.shots) for sighting in found]
        text = self._notes(sent)
        for line in (line for claim in claims for line in claim.splitlines()):
            text = text.replace(line, " ")
        notes = Notes(text)
        return {
            fact.id
            for fact in self.truth.facts
            if any(sighting.shows(fact) for sighting in seen) or notes.hold(fact)
        }

    def apparent(self, question: Question, facts: set[str]) -> int | None:
        """Return the option that facts speak for: the right one where they are all there is.

        Who sees a part of it cannot know that there is more: so many as are seen are counted, and
        the nearest thing seen before or after another one is taken for the next to it.

        Returns:
            The option's index; None where nothing speaks for any.
        """
        if question.shown_by(facts):
            return question.right
        if question.kind == "count":
            seen = str(sum(question.groups_shown(facts)))
            return question.options.index(seen) if seen in question.options else None
        if question.kind in ("after", "before") and question.groups_shown(facts)[0]:
            return self._next_to(question, facts)
        return None

    def _next_to(self, question: Question, facts: set[str]) -> int | None:
        """Return the option seen nearest before or after what the question goes by."""
        anchor = self.truth.by_id[question.evidence[0].facts[0]].spans[0]
        apart: list[tuple[float, int]] = []
        for number, option in enumerate(question.options):
            shown = self.truth.by_id.get(f"icon.{option.split(' ', 1)[-1]}")
            if shown is None or shown.id not in facts:
                continue
            start, stop = shown.spans[0]
            gap = start - anchor[1] if question.kind == "after" else anchor[0] - stop
            if gap >= 0:
                apart.append((gap, number))
        return min(apart, default=(0.0, None))[1]

    def meant(self, words: str) -> list[Fact]:
        """Return the facts that a phrase speaks of: those with most of its words."""
        for question in self.truth.questions:
            if any(w.text in words for w in question.wordings):
                # what the question itself names: what answers it is not known beforehand
                return [fact for cue in question.cues for fact in self._meant_by(cue.text)]
        # what is asked for stands in a line of its own; lines of the instruction mean nothing
        parts = [part for line in words.splitlines() for part in line.split(";")]
        meant = [fact for part in parts for fact in self._meant_by(part)]
        return list({fact.id: fact for fact in meant}.values())

    def _meant_by(self, phrase: str) -> list[Fact]:
        """Return the facts with most of a phrase's words; rare words count more."""
        own = content_words(phrase)
        wanted = own & self._weights.keys()
        total = sum(self._weights[word] for word in wanted)
        shares = {
            fact.id: sum(self._weights[word] for word in wanted & content_words(fact.text))
            for fact in self.truth.facts
        }
        best = max(shares.values(), default=0.0)
        # a line of an instruction has more words that no fact has than words of one
        if not wanted or best < 0.5 * total or len(wanted) < 0.4 * len(own):
            return []
        return [fact for fact in self.truth.facts if shares[fact.id] == best]

    def _look(self, shot: Shot) -> list[Sighting]:
        key = (shot.digest, shot.times)
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        found = self._sight.look(shot.picture, shot.times)
        with self._lock:
            self._seen[key] = found
            if len(self._seen) > KEPT:
                self._seen.popitem(last=False)
        return found

    def _complete(self, question: Question, sent: Sent) -> bool:
        own = dict(zip("ABCD", question.options, strict=True))
        if set(own.values()) <= set(sent.options.values()):
            return True
        rivals = {letter: text for letter, text in own.items() if text in sent.options.values()}
        return len(rivals) == 2 and rivals.items() <= sent.options.items()

    def _reworded(self, sent: Sent) -> Question | None:
        """Return the question that shares options, or most words, with the request."""
        offered = set(sent.options.values())
        words = content_words(sent.tail)

        def likeness(question: Question) -> float:
            same = len(offered & set(question.options)) / len(question.options)
            if offered:
                return same
            texts = [content_words(w.text) for w in question.wordings]
            return max(len(words & text) / max(1, len(text)) for text in texts)

        best = max(self.truth.questions, key=likeness, default=None)
        return best if best is not None and likeness(best) >= MEANT else None

    def _notes(self, sent: Sent) -> str:
        """Return the words of a request without the question and its options."""
        text = sent.words
        for question in self.truth.questions:
            for wording in question.wordings:
                text = text.replace(wording.open, " ").replace(wording.text, " ")
        for letter, option in sent.options.items():
            text = re.sub(rf"(?m)^\s*\(?{letter}[.):]\s+{re.escape(option)}\s*$", " ", text)
        return text


class Notes:
    """Words beside the pictures: subtitles, screen text, captions.

    Only a line that begins with its time is a note. What the asker writes of itself, what it looks
    for or what it guesses, has none: it is no evidence of the film.
    """

    def __init__(self, text: str) -> None:
        lines = [(read_times(line[:NOTED_WITHIN]), line) for line in text.splitlines()]
        self._lines = [(times[0], line) for times, line in lines if times]

    def hold(self, fact: Fact) -> bool:
        """Say whether a fact is told at its time: its line, its text, or its description."""
        near = [
            line
            for second, line in self._lines
            if any(start - BEFORE <= second < stop + AFTER for start, stop in fact.spans)
        ]
        if fact.kind == "written":
            text = squeezed(fact.text)
            return any(text in squeezed(line) for line in near)
        return bool(content_words(fact.text)) and _says(" ".join(near), fact)


def _says(text: str, fact: Fact) -> bool:
    """Say whether enough of a fact's words stand together in a text."""
    wanted, reach = content_words(fact.text), len(fact.text.split()) + 6
    words = re.findall(r"[a-z0-9]+", text.lower())
    for place, word in enumerate(words):
        if word in wanted:
            together = set(words[max(0, place - reach // 2) : place + reach])
            if len(wanted & together) >= SAID * len(wanted):
                return True
    return False


@lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that say something, in small letters."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    said = (word for word in words if len(word) > 2 or word.isdigit())
    return frozenset(said) - _STOCK


def squeezed(text: str) -> str:
    """Return letters and digits only, those that OCR confuses made one."""
    return re.sub(r"[^A-Z0-9]", "", text.upper()).translate(_CONFUSED)
