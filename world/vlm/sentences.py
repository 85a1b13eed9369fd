"""Noun phrases about films, made into sentences: `a red fish moving left` moves.

The agent speaks of what it looks for in noun phrases, which suit encoders. A language model is
asked whether a sentence is true; a plain thing, or a thing at a place, it is asked to recognise.
"""

from __future__ import annotations

import re

from .prompts import ask_text

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (r"^(.+?) (?:moving|going|travelling|drifting|flying) (?:to the )?(\w+)$", r"\1 moves \2"),
        (r"^(.+?) to the (left|right) of (.+)$", r"\1 is to the \2 of \3"),
        (r"^(.+?) (above|below) (.+)$", r"\1 is \2 \3"),
        (r"^(.+?) (?:together with|beside|next to|near) (.+)$", r"\1 is seen together with \2"),
    )
)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|does|moves?|appears?|says?|stands?)\b", re.I)


def judging_text(statement: str) -> str:
    """Return what a language model is asked, yes or no, to judge a statement about a clip."""
    sentence, whole = sentence_of(statement)
    return ask_text("verify" if whole else "relevant", sentence)


def sentence_of(statement: str) -> tuple[str, bool]:
    """Return a statement as a sentence, and whether it is one; a plain noun phrase stays.

    >>> sentence_of("a red fish to the left of a blue cup")
    ('the red fish is to the left of the blue cup', True)
    >>> sentence_of("a red fish on the beach")
    ('a red fish on the beach', False)
    """
    text = " ".join(statement.split()).rstrip(".")
    counted = re.match(r"^(\d)\s+(.+)$", text)
    if counted:
        number = int(counted.group(1))
        verb = "is" if number == 1 else "are"
        article = "a" if number == 1 else _WORDS[number]
        return f"there {verb} {article} {counted.group(2)}", True
    if _VERB.search(text):
        return text, True
    for pattern, sentence in _RULES:
        if pattern.match(text):
            made = pattern.sub(sentence, text)
            return re.sub(r"^(?:an?|the) |(?<= )(?:an?) ", "the ", made), True
    return text, False
