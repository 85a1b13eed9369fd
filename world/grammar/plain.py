"""The same question in plainer words: people ask one thing in many ways, recipes read a few.

`Count the red fish on the beach` becomes `How many red fish are there on the beach`. What no rule
of `paraphrases.py` fits stays as it is. Only for reading a question's kind and parts: a language
model is always asked in the words of whoever asks.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .paraphrases import AROUND, RULES, WORDS

PASSES = 3  # a question is put in plain words step by step
LONGEST = 300  # characters; what is longer is more than a question
_SIDES = {
    "left": "to the left of",
    "right": "to the right of",
    "above": "above",
    "over": "above",
    "higher": "above",
    "up": "above",
    "below": "below",
    "under": "below",
    "lower": "below",
    "down": "below",
    "underneath": "below",
    "beneath": "below",
}
_HOLES = {
    "p": r"(?P<p> (?:on|in|at|by|near|inside) (?:the|a) \w+(?: \w+)?)?",
    "s": r"(?P<s>.+?)",
    "o": r"(?P<o>.+?)",
    "q": r"(?P<q>.+?)",
    "t": r"(?P<t>.+?)",
}


@lru_cache(maxsize=256)
def plain(question: str) -> str:
    """Return a question in plainer words, without its question mark; as it is where none fit."""
    text = question.strip().rstrip("?.! ")
    if len(text) > LONGEST:
        return text
    around, rules = _compiled()
    for pattern, words in 2 * around:
        text = pattern.sub(words, text)
    for _ in range(PASSES):
        before, text = text, _once(text, rules)
        if text == before:
            break
    return text


def _once(text: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    """Apply the first rule that fits the whole text."""
    for pattern, words in rules:
        match = pattern.fullmatch(text)
        if match:
            return _filled(words, {k: v or "" for k, v in match.groupdict().items()})
    return text


def _filled(words: str, found: dict[str, str]) -> str:
    """Return a plain wording with its holes filled, as a sentence begins."""
    found["side"] = _SIDES.get(found.get("side", "").lower(), "")
    found["w"] = re.sub("final", "last", found.get("w", ""), flags=re.I)
    said = re.sub(r"<(\w+)>", lambda hole: found.get(hole.group(1), ""), words)
    said = re.sub(r"(?<= )(?:The|A|An)(?= )", lambda word: word.group().lower(), said)
    return said[:1].upper() + said[1:]


@cache
def _compiled() -> tuple[list[tuple[re.Pattern[str], str]], list[tuple[re.Pattern[str], str]]]:
    """Compile the rules, once and not at import."""
    names = re.compile(rf"\b(?:{'|'.join(WORDS)})\b")

    def pattern(wording: str) -> re.Pattern[str]:
        spelt = names.sub(lambda name: WORDS[name.group()], wording)
        return re.compile(re.sub(r"<(\w)>", _hole, spelt), re.I)

    around = [(re.compile(wording, re.I), words) for wording, words in AROUND]
    return around, [(pattern(wording), words) for wording, words in RULES]


def _hole(hole: re.Match[str]) -> str:
    """Return the pattern of a hole; in `(?P<s>` the name is one already."""
    before = hole.string[: hole.start()]
    return hole.group() if before.endswith("(?P") else _HOLES[hole.group(1)]
