r"""One reader of multiple-choice replies; it says which rule found the answer, and never guesses.

The rules, in this order; the first one that finds a letter of the question, or the text of one of
its options, decides. Reasoning between `<think>` tags is taken away first.

* `json`: the field `answer`, `choice` or `option` of an object in the reply.
* `tag`: what stands in `<answer>` or `\boxed{}`; two of them that disagree decide nothing.
* `statement`: what stands behind the last "answer is" or "answer:".
* `letter`: the whole reply is a letter, perhaps with the option's text behind it.
* `option-text`: the whole reply is the text of an option. It comes before single letters, since
  the C of "Vitamin C" is no choice.
* `last-letter`: the last capital letter that stands alone, unless the sentence it stands in has
  two of them. `A` and `I` before a word in lower case are words; lines that repeat several options
  are left out.
* `contained-text`: the text of exactly one option occurs in the reply.
* `similar-text`: one option is more than 0.6 like the reply, and by 0.1 more than any other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from string import ascii_uppercase

_FOUND = ("json", "tag", "statement", "letter", "option-text", "last-letter", "contained-text")
RULES = frozenset((*_FOUND, "similar-text", "empty", "conflict", "nothing"))
"""What `Parsed.rule` may be; a result with another rule was not read out of text here."""

SIMILAR, AHEAD = 0.6, 0.1
_LONGEST = 20_000  # characters that are looked at; a longer reply is cut from the front
KEYS = ("answer", "final_answer", "choice", "option", "letter")
"""Names under which models give an answer, the one that was asked for first."""

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_HALF_THOUGHT = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>.*$", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<answer>(.*?)(?:</answer>|$)", re.DOTALL | re.IGNORECASE)
_BOXED = re.compile(r"\\boxed\s*\{(?:\\text\s*\{)?\s*([^{}]*)\}?\}")
_STATEMENT = re.compile(
    r"(?:\banswer|答案)(?:\s+(?:is|was|would be|should be))?"
    r"[\s:：=是为]*(?:option\s+)?(?=([^\n]*))",
    re.IGNORECASE,
)
_WRAPPED = r"[\s*_`\"'“”‘’$(\[{]*"
_HEAD = re.compile(rf"^{_WRAPPED}([A-Za-z])(?![A-Za-z0-9])(?!['’]\w){_WRAPPED}[)\]}}.:：,;*_`\s-]*")
_LISTED = re.compile(r"^[\s*_>(\[-]*([A-Za-z])\**[.:：)\]]+\**\s*\w")
_ALONE = re.compile(
    r"(?<![A-Za-z0-9'’.])([A-Z]|(?<=\()[a-z](?=\)))(?![A-Za-z0-9])(?!['’]\w)(?!\.[A-Za-z])"
)
_WORD_AFTER = re.compile(r"\s+(?!(?:or|and)\b)[a-z]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+(?=\S)|\n+")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reply chose.

    Attributes:
        index: of the option, from 0; None where nothing could be read.
        rule: the rule that decided, or why none did: `empty`, `conflict`, `nothing`.
    """

    index: int | None
    rule: str


def parse_choice(text: str | None, options: Sequence[str], letters: Sequence[str] = "") -> Parsed:
    """Read which option a reply chooses.

    Args:
        text: the reply as the model wrote it.
        options: the options, without letters before them.
        letters: a capital letter for each option; empty for A, B, C and so on.
    """
    reply = _without_reasoning(unicodedata.normalize("NFKC", text or "")[-_LONGEST:])
    if not reply:
        return Parsed(None, "empty")
    reader = _Reader(options, letters or ascii_uppercase[: len(options)])
    marks = {"json": list(_json_answers(reply)), "tag": _tagged(reply)}
    for rule, payloads in marks.items():
        found = {reader.read(payload) for payload in payloads} - {None}
        if len(found) > 1:
            return Parsed(None, "conflict")
        if found:
            return Parsed(found.pop(), rule)
    for match in reversed(list(_STATEMENT.finditer(reply))):
        index = reader.read(match[1], marked=False)
        if index is None:
            index = reader.only_letter(_SENTENCE.split(match[1])[0])
        if index is not None:
            return Parsed(index, "statement")
    if (index := reader.whole(reply)) is not None:
        return Parsed(index, "letter")
    if (index := reader.text(reply)) is not None:
        return Parsed(index, "option-text")
    return Parsed(None, "conflict") if reader.contradicts(reply) else reader.loose(reply)


class _Reader:
    """Reads pieces of a reply to one question."""

    def __init__(self, options: Sequence[str], letters: Sequence[str]) -> None:
        self.labels = tuple(letters)
        self.options = [_plain(option) for option in options]
        # a letter inside an option's text, as in "Vitamin C", is no choice
        self.lettered = [option for option in options if len(option) > 1 and _ALONE.search(option)]

    def letter(self, piece: str) -> tuple[int | None, str]:
        """Return the option that a piece begins with the letter of, and the rest of it."""
        match = _HEAD.match(piece)
        if not match or match[1].upper() not in self.labels:
            return None, piece
        rest = piece[match.end() :]
        bare = match[0].strip() == match[1]
        if bare and rest and match[1] in "AaIi" and rest[0].islower():
            return None, piece  # "a man", "I think"
        return self.labels.index(match[1].upper()), rest

    def whole(self, piece: str) -> int | None:
        """Read a piece that is a letter, or a letter and the text of its option."""
        index, rest = self.letter(piece)
        if index is None:
            return None
        rest = _plain(rest)
        return index if not rest or rest == self.options[index] else None

    def text(self, piece: str) -> int | None:
        """Read a piece that is the text of one option; the first of two with the same text."""
        plain = _plain(piece)
        return self.options.index(plain) if plain and plain in self.options else None

    def read(self, piece: str, *, marked: bool = True) -> int | None:
        """Read what was given as the answer: a letter, a text, a letter before a text.

        Args:
            piece: that part of the reply.
            marked: whether its end is marked too; else a lower-case letter has to be all of it.
        """
        piece = piece.strip()
        for index in (self.whole(piece), self.text(piece)):
            if index is not None:
                return index
        index, rest = self.letter(piece)
        if index is None or self.contradicts(piece) or _joins(rest, self.labels):
            return None
        lower = piece.lstrip("*_`\"'([{ $")[:1].islower()
        return None if lower and not marked else index

    def contradicts(self, piece: str) -> bool:
        """Say whether a piece has the letter of one option before the text of another."""
        index, rest = self.letter(piece)
        other = self.text(rest)
        return (
            index is not None and other is not None and self.options[index] != self.options[other]
        )

    def only_letter(self, sentence: str) -> int | None:
        """Return the option of the one letter that stands alone in a sentence."""
        found = self._letters(sentence)
        return self.labels.index(found.pop()) if len(found) == 1 else None

    def loose(self, reply: str) -> Parsed:
        """Read a reply in which nothing is marked."""
        rest = self._without_list(reply)
        for sentence in reversed(_SENTENCE.split(rest)):
            found = self._letters(sentence)
            if len(found) > 1:
                return Parsed(None, "conflict")
            if found:
                return Parsed(self.labels.index(found.pop()), "last-letter")
        # a list of options, each with a word about it, is not read word by word
        return self._similar(_plain(reply)) if rest == reply else Parsed(None, "nothing")

    def _without_list(self, reply: str) -> str:
        """Return a reply without the lines that repeat the options, if it repeats several."""
        lines = reply.splitlines()
        heads = {
            number: match[1].upper()
            for number, line in enumerate(lines)
            if (match := _LISTED.match(line)) and match[1].upper() in self.labels
        }
        if len(set(heads.values())) < 2:
            return reply
        return "\n".join(line for number, line in enumerate(lines) if number not in heads)

    def _letters(self, sentence: str) -> set[str]:
        for option in self.lettered:
            sentence = sentence.replace(option, " ")
        return {
            match[1].upper()
            for match in _ALONE.finditer(sentence)
            if match[1].upper() in self.labels and not _is_word(match, sentence)
        }

    def _similar(self, plain: str) -> Parsed:
        padded = f" {plain} "
        inside = {option for option in self.options if option and f" {option} " in padded}
        # of two options of which one is part of the other, the longer one is meant
        inside = {one for one in inside if not any(one != two and one in two for two in inside)}
        if len(inside) == 1:
            return Parsed(self.options.index(inside.pop()), "contained-text")
        if len(inside) > 1:
            return Parsed(None, "conflict")
        if len(plain) > 3 * max(map(len, self.options)):
            return Parsed(None, "nothing")  # so long a reply cannot be more than half like one
        likeness = {one: SequenceMatcher(None, one, plain).ratio() for one in set(self.options)}
        best, *others = sorted(likeness, key=lambda one: -likeness[one])
        second = likeness[others[0]] if others else 0.0
        if likeness[best] > SIMILAR and likeness[best] - second > AHEAD:
            return Parsed(self.options.index(best), "similar-text")
        return Parsed(None, "nothing")


def _without_reasoning(text: str) -> str:
    if "</" in text:
        text = _THOUGHT.sub("", text)
    return _OPEN_THOUGHT.sub("", _HALF_THOUGHT.sub("", text)).strip()


def _json_answers(reply: str) -> Iterator[str]:
    decoder = json.JSONDecoder()
    start = reply.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(reply, start)
        except ValueError:
            end, value = start + 1, None
        if isinstance(value, dict):
            fields = {str(key).casefold(): found for key, found in value.items()}
            for key in KEYS:
                if isinstance(fields.get(key), str | int | float):
                    yield str(fields[key])
                    break
        start = reply.find("{", end)


def _tagged(reply: str) -> list[str]:
    return [match[1] for pattern in (_TAG, _BOXED) for match in pattern.finditer(reply)]


def _is_word(match: re.Match[str], sentence: str) -> bool:
    return match[1] in "AI" and bool(_WORD_AFTER.match(sentence, match.end()))


def _joins(rest: str, letters: Sequence[str]) -> bool:
    """Say whether what follows a letter is another one: `A or B`, `A, C`, `B/D`."""
    match = re.match(r"^[\s,/&]*(?:or|and)?\s*\(?([A-Z])(?![A-Za-z0-9'’])", rest)
    return bool(match) and match[1] in letters


def _plain(text: str) -> str:
    """Return words and numbers in lower case with single spaces; signs only where alone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(re.findall(r"\w+(?:[.:,'’]\w+)*|[^\w\s.,;:!?\"'*_`()\[\]{}]", folded))
    return words or folded.strip()
