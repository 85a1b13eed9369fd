"""Words that are numbers: spelled out, in the languages that num2words knows."""

from __future__ import annotations

from functools import cache

from .spelling import words_of

# one is an article in too many languages
_SPELLED = (*range(2, 101), 200, 500, 1000, 2000, 10**6, 2 * 10**6, 10**9, 2 * 10**9)


@cache
def number_words(language: str) -> frozenset[str]:
    """Return the folded words that numbers from two on are spelled with; none where unknown.

    Args:
        language: ISO 639-1 code.
    """
    from num2words import num2words

    try:
        spelled = [num2words(number, lang=language) for number in _SPELLED]
    except (NotImplementedError, OverflowError, KeyError, IndexError):
        return frozenset()
    counts: dict[str, int] = {}
    for text in spelled:
        for word in set(words_of(text)):
            counts[word] = counts.get(word, 0) + 1
    # what joins the parts of many numbers ("and", "y") is no number
    joins = {word for word, n in counts.items() if n > len(_SPELLED) / 3}
    return frozenset(counts) - joins - frozenset(words_of(num2words(1, lang=language)))


def count_numbers(words: list[str], languages: tuple[str, ...]) -> int:
    """Return how many of the folded words are numbers, in digits or spelled out."""
    spelled = frozenset().union(*(number_words(code) for code in languages))
    return sum(word in spelled or any(c.isdigit() for c in word) for word in words)
