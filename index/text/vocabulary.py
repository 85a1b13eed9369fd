"""The words of one film, and which of them a word of a query may stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from .spelling import IS_UNSPACED, is_stemmed, shape_of, stem_of, verb_forms

# how surely a written form is the word asked for, by how it was found
EXACT, STEM, LOOK_ALIKE, INFLECTED, TYPO, GLUED, INSIDE = 1.0, 0.95, 0.9, 0.8, 0.7, 0.7, 0.5


class Vocabulary:
    """The words of one film, and which of them a query word may stand for.

    Args:
        words: folded; see `keys_of`.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def forms(self, word: str, language: str) -> dict[str, float]:
        """Return the film's words that a folded query word stands for, with strengths, 0 to 1.

        Numbers are never forgiven a digit; only letters that look like digits are read as such.

        Args:
            word: of the query.
            language: ISO 639-1 code of the text, for its inflections.
        """
        found = {word: EXACT} if word in self.words else {}
        if f"~{word}" in self.words:
            found[f"~{word}"] = LOOK_ALIKE
        if IS_UNSPACED.match(word):
            return found
        self._add_alike(word, found)
        if word.isalpha():
            self._add_inflections(word, language, found)
            if len(word) >= 4 and max(found.values(), default=0.0) < INFLECTED:
                self._add_inside(word, found)
            if len(word) >= 6 and not found:
                for other in self._near(word):
                    found[other] = TYPO
        return found

    def split(self, word: str) -> list[str]:
        """Return the two words of the film that a word without its space is made of, or nothing."""
        for at in range(2, len(word) - 1):
            if word[:at] in self.words and word[at:] in self.words:
                return [word[:at], word[at:]]
        return []

    def _add_alike(self, word: str, found: dict[str, float]) -> None:
        for other in self._by_shape.get(shape_of(word), ()):
            digits = any(c.isdigit() for c in word), any(c.isdigit() for c in other)
            if other == word or (word.isdigit() and other.isalpha()):
                continue
            if any(digits):
                # a lone digit stands for too many letters
                if len(word) > 1 and not (other.isdigit() and word.isalpha()):
                    found.setdefault(other, LOOK_ALIKE)
            elif len(word) >= 4 and word not in self.words:
                found.setdefault(other, TYPO)

    def _add_inflections(self, word: str, language: str, found: dict[str, float]) -> None:
        stem = stem_of(word, language)
        others = self._by_start.get(word[:3], [])
        if language == "en":
            others = [*others, *(form for form in verb_forms(word) if form in self.words)]
        for other in others:
            if other in found:
                continue
            if stem_of(other, language) == stem:
                found[other] = STEM
            elif not is_stemmed(word, language) and _differ_in_ending(word, other):
                found[other] = INFLECTED

    def _add_inside(self, word: str, found: dict[str, float]) -> None:
        """Find the word in longer ones that lost their spaces."""
        for other in self._holding(word):
            if len(other) < len(word) + 2:
                continue
            before, _, after = other.partition(word)
            if all(not rest or self._is_made_of_words(rest) for rest in (before, after)):
                found[other] = GLUED
            elif len(word) >= 5 and not (before and after) and len(word) >= 0.4 * len(other):
                found[other] = INSIDE

    def _holding(self, word: str) -> set[str]:
        """Return the words that hold these letters: one search through all of them on end."""
        found: set[str] = set()
        at = self._long.find(word)
        while at >= 0:
            end = self._long.index(" ", at)
            found.add(self._long[self._long.rindex(" ", 0, at) + 1 : end])
            at = self._long.find(word, end)
        return found

    def _is_made_of_words(self, text: str) -> bool:
        reached = {0}
        for end in range(2, len(text) + 1):
            if any(text[start:end] in self.words for start in reached if end - start > 1):
                reached.add(end)
        return len(text) in reached

    def _near(self, word: str) -> list[str]:
        """Return the words that differ by one letter typed wrong, left out, doubled or swapped."""
        shape = shape_of(word)
        # one slip leaves one half as it was, but for a letter where the halves meet
        half = len(shape) // 2 - 1
        head, tail = shape[:half], shape[-half:]
        return [
            other
            for length in (len(shape) - 1, len(shape), len(shape) + 1)
            for seen, other in self._by_length.get(length, ())
            if (seen.startswith(head) or seen.endswith(tail)) and _one_slip(shape, seen)
        ]

    @cached_property
    def _alphabetic(self) -> list[str]:
        return [word for word in self.words if word.isalpha() and not IS_UNSPACED.match(word)]

    @cached_property
    def _long(self) -> str:
        return " ".join(["", *(word for word in self._alphabetic if len(word) >= 6), ""])

    @cached_property
    def _by_shape(self) -> dict[str, list[str]]:
        return _grouped((shape_of(word), word) for word in self.words if word[0] != "~")

    @cached_property
    def _by_start(self) -> dict[str, list[str]]:
        return _grouped((word[:3], word) for word in self._alphabetic)

    @cached_property
    def _by_length(self) -> dict[int, list[tuple[str, str]]]:
        shapes = ((shape_of(word), word) for word in self._alphabetic)
        return _grouped((len(shape), (shape, word)) for shape, word in shapes)


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _differ_in_ending(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    shared = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(short))
    return shared >= 4 and len(short) - shared <= 1 and len(long) - shared <= 3


def _one_slip(a: str, b: str) -> bool:
    if len(a) == len(b):
        wrong = [k for k in range(len(a)) if a[k] != b[k]]
        if len(wrong) == 2:
            i, j = wrong
            return j == i + 1 and a[i] == b[j] and a[j] == b[i]
        return len(wrong) == 1
    short, long = sorted((a, b), key=len)
    return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))
