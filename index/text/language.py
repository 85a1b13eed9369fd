"""How much a word of a question says about what is asked for.

A question about a film is mostly made of words that all such questions share ("which number is on
the sign that starts with …"). How common a word is among questions says how little it tells:
`question_words.json` counts, for English, in how many of 10,000 public questions about videos each
word stem occurs (of 11,487 in CG-Bench, LongVideoBench, Video-MME and NExT-QA). For other languages
the standard stop-word lists stand in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from .medium import medium_stems
from .names import named_words
from .spelling import fold, stem_of, words_of

# a word in fewer than five of ten thousand questions is fully informative, one in all of them not;
# in between it falls with the logarithm of the count, to this power
_RARE, _ALL, _POWER = 5.0, 10_000.0, 4
_COMMON = 100.0
_LEAST = 0.002
_STOP = 0.05
# of what they would tell by their counts: words about the film as a film, and stop words
_MEDIUM, _COMMON_WORD = 0.1, 0.25
# from which a word names what is asked about
_TELLING = 0.3


def informativeness(words: Sequence[str], language: str | None = None) -> list[float]:
    """Return how informative each folded word of a question is, 0.002 to 1.

    Args:
        words: of the question, in order.
        language: ISO 639-1 code; found from the words where it is None.
    """
    language = language or language_of(words) or "en"
    if language != "en":
        stops = stop_words(language)
        return [_STOP if word in stops else 1.0 for word in words]
    counts = _question_words()
    stops = stop_words("en")
    span = math.log(_ALL / _RARE)
    told = []
    for word in words:
        stem = _unswapped(stem_of(word, "en"), counts)
        rare = (1.0 - math.log(max(counts.get(stem, 0.0), _RARE) / _RARE) / span) ** _POWER
        rare *= _MEDIUM if stem in medium_stems() else _COMMON_WORD if word in stops else 1.0
        told.append(max(_LEAST, rare))
    return told


def _unswapped(stem: str, counts: dict[str, float]) -> str:
    """Return the common stem that was meant where two letters changed places (`nubmer`)."""
    if stem in counts:
        return stem
    swaps = (stem[:k] + stem[k + 1] + stem[k] + stem[k + 2 :] for k in range(len(stem) - 1))
    return next((swap for swap in swaps if counts.get(swap, 0.0) >= _COMMON), stem)


def names_something(query: str) -> bool:
    """Say whether a query holds more than the words that any question about a film is made of."""
    words = words_of(query)
    told = informativeness(words)
    if named_words(query) or max(told, default=0.0) >= _TELLING:
        return True
    # several words that are common in questions name something together: `keys`, `glass cabinet`
    stops, medium = stop_words("en"), medium_stems()
    content = (
        tells
        for word, tells in zip(words, told, strict=True)
        if word not in stops and stem_of(word, "en") not in medium
    )
    return sum(content) >= _TELLING


def language_of(words: Iterable[str]) -> str | None:
    """Return the language whose stop words are most of these words; None when hardly any are."""
    words = list(dict.fromkeys(words))
    if not words:
        return None
    common = _question_words()
    # words of one or two letters belong to several languages
    longer = [word for word in words if len(word) > 2]
    if 2 * sum(common.get(stem_of(word, "en"), 0.0) >= _COMMON for word in longer) > len(longer):
        return "en"  # most questions; spares loading 58 lists
    counts = {code: sum(word in stops for word in words) for code, stops in _all_stops().items()}
    # English first among equals: many short words belong to several languages
    best = max(counts, key=lambda code: (counts[code], code == "en", code))
    # one is enough where the letters tell the language, nearly
    needed = 1 if any(not word.isascii() for word in words) else 2
    enough = counts[best] >= min(needed, len(words)) and counts[best] >= 0.2 * len(words)
    return best if enough else None


def is_english(question: str) -> bool:
    """Say whether rules about English words may be asked of a question.

    They may where it is too short to tell its language (`sign @ 1:12?`): such rules find nothing in
    the words of another.
    """
    words = [word for word in words_of(question) if not word.isdigit()]
    return bool(words) and language_of(words) in ("en", None)


def stop_words(*languages: str) -> frozenset[str]:
    """Return the folded stop words of all these languages, none where there is no list."""
    return frozenset().union(*map(_stops, languages))


@cache
def _stops(language: str) -> frozenset[str]:
    import stopwordsiso

    # one list at a time: folding all 58 takes longer than most questions
    if not stopwordsiso.has_lang(language):
        return frozenset()
    return frozenset(fold(word) for word in stopwordsiso.stopwords(language))


@cache
def _all_stops() -> dict[str, frozenset[str]]:
    import stopwordsiso

    return {language: _stops(language) for language in sorted(stopwordsiso.langs())}


@cache
def _question_words() -> dict[str, float]:
    text = resources.files("longtake.index.text").joinpath("question_words.json").read_text("utf-8")
    return json.loads(text)["per_ten_thousand"]
