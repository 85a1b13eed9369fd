"""What was heard in neighbouring chunks, joined at their borders, as lines of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..protocols import Utterance, Word
from ..text.spelling import words_of
from ..video.span import Span
from ..words.lines import Line
from ..words.units import ends_sentence
from .chunks import OVERLAP

# seconds by which the time of one word may differ between two chunks
_SAME_TIME = 0.6
# seconds between a border and a word within which the word's time does not tell its side
_TOO_NEAR = 0.3
_PAUSE, _LONGEST_LINE = 1.2, 15.0  # seconds
_SURE = 0.5
"""Mean probability of its words from which a line counts as heard rightly."""
_NO_TIME = 0.02  # seconds: the least that a line lasts


@dataclass(frozen=True)
class Heard:
    """What was heard in one chunk.

    Attributes:
        span: the time that the chunk answers for.
        utterances: in order, seconds of the film; words in the overlap are in both neighbours.
        lost: seconds of its sound that did not decode.
    """

    span: Span
    utterances: tuple[Utterance, ...]
    lost: float = 0.0


def join_heard(chunks: Sequence[Heard]) -> list[Utterance]:
    """Return what was said, every word once, in order of time.

    Args:
        chunks: in order of time, not overlapping.
    """
    parts = [list(chunk.utterances) for chunk in chunks]
    for at, (left, right) in enumerate(pairwise(chunks)):
        if right.span.start - left.span.end < _NO_TIME:
            parts[at], parts[at + 1] = _cut(parts[at], parts[at + 1], left.span.end)
    for at, chunk in enumerate(chunks):
        low, high = chunk.span.start - OVERLAP, chunk.span.end + OVERLAP
        parts[at] = [said for said in parts[at] if low <= (said.start + said.end) / 2 <= high]
    joined = [said for part in parts for said in part]
    return sorted(joined, key=lambda said: (said.start, said.end))


def _cut(
    left: list[Utterance], right: list[Utterance], border: float
) -> tuple[list[Utterance], list[Utterance]]:
    """Cut two neighbours at their border.

    Where a word lies so near to it that its time in one chunk may be on the other side, they are
    cut at the nearest word that both say at the same time.
    """
    until = since = border
    close = any(
        word.start - _TOO_NEAR < border < word.end + _TOO_NEAR
        for word in [*_words(left, border), *_words(right, border)]
    )
    pairs = [
        (before, after)
        for before in _words(left, border)
        for after in _words(right, border)
        if _is_same(before, after)
    ]
    if pairs and close:
        before, after = min(pairs, key=lambda pair: abs(_middle(pair[0]) - border))
        # the word itself stays on the side where most of it is
        side = 1e-3 if _middle(before) + _middle(after) < 2 * border else -1e-3
        until, since = _middle(before) + side, _middle(after) + side
    return (
        [kept for said in left if (kept := _within(said, 0.0, until))],
        [kept for said in right if (kept := _within(said, since, float("inf")))],
    )


def _words(said: Sequence[Utterance], border: float) -> list[Word]:
    near = border - OVERLAP, border + OVERLAP
    return [word for one in said for word in one.words if near[0] < _middle(word) < near[1]]


def _is_same(before: Word, after: Word) -> bool:
    """Say whether two chunks hold one word: spelled alike, at nearly the same time."""
    spelled = words_of(before.text)
    near = abs(_middle(before) - _middle(after)) < _SAME_TIME
    return near and bool(spelled) and spelled == words_of(after.text)


def _middle(said: Word | Utterance) -> float:
    return (said.start + said.end) / 2


def _within(said: Utterance, start: float, end: float) -> Utterance | None:
    """Return the words of an utterance whose middle lies in a stretch; None without any."""
    if not said.words:
        return said if start <= _middle(said) < end else None
    words = tuple(word for word in said.words if start <= _middle(word) < end)
    if len(words) == len(said.words):
        return said
    return _of_words(said, words) if words else None


def _of_words(said: Utterance, words: Sequence[Word]) -> Utterance:
    text = "".join(word.text for word in words).strip()
    return replace(said, start=words[0].start, end=words[-1].end, text=text, words=tuple(words))


def lines_of(utterances: Sequence[Utterance], source: str, duration: float) -> list[Line]:
    """Return utterances as lines of speech, one for each sentence where words have times.

    Args:
        utterances: of a film, in order.
        source: who heard them.
        duration: of the film, seconds.
    """
    lines = []
    for said in utterances:
        for part in _sentences(said):
            text = " ".join(part.text.split())
            span, _ = Span(part.start, max(part.end, part.start + _NO_TIME)).clamp(duration)
            if span is None or not text:
                continue
            sure = _score(part)
            lines.append(Line(span, text, "speech", source, confidence=sure, certain=sure >= _SURE))
    return lines


def _score(said: Utterance) -> float:
    if not said.words:
        return said.score
    return sum(word.score for word in said.words) / len(said.words)


def _sentences(said: Utterance) -> list[Utterance]:
    """Cut an utterance after sentences, at long pauses, and where a line would be very long."""
    parts: list[list[Word]] = []
    for word in said.words:
        if parts:
            last = parts[-1]
            ended = ends_sentence(last[-1].text)
            paused = word.start - last[-1].end > _PAUSE
            # a part of a word, as in languages without spaces, is no place to cut
            long = word.end - last[0].start > _LONGEST_LINE and word.text.startswith(" ")
            if not (ended or paused or long):
                last.append(word)
                continue
        parts.append([word])
    return [_of_words(said, part) for part in parts] if len(parts) > 1 else [said]
