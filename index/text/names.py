"""Names in a question: what stands in quotes or capitals, or holds a digit."""

from __future__ import annotations

import re

from .spelling import parts_of, words_of

_QUOTED = re.compile(r"[\"“”„«»「」『』]([^\"“”„«»「」『』]{1,200})[\"“”„«»「」『』]")
_MYSELF = re.compile(r"\W*I(?:['’]\w+)?\W*")
_ENDS = re.compile(r"[.!?:…]['\"”’)]*$")


def named_words(query: str) -> frozenset[str]:
    """Return the folded words that stand in quotes, in capitals, or hold a digit.

    The capital that begins a sentence is none.
    """
    names: set[str] = set()
    for text in [*_QUOTED.findall(query), *_marked(query)]:
        for word in words_of(text):
            if len(word) > 1 or word.isdigit():
                names.update((word, *parts_of(word)))
    return frozenset(names)


def blank_names(query: str) -> str:
    """Return a query without what is in quotes or capitals."""
    plain = _QUOTED.sub(" ", query)
    marked = set(_marked(plain))
    return " ".join(word for word in plain.split() if word not in marked)


def _marked(query: str) -> list[str]:
    plain = query.split()
    shouted = sum(word.isupper() for word in plain) > len(plain) / 2
    marked = []
    for at, word in enumerate(plain):
        begins = at == 0 or bool(_ENDS.search(plain[at - 1]))
        capital = word[:1].isupper() and not begins
        loud = word.isupper() and len(word) > 1
        if _MYSELF.fullmatch(word):
            continue
        if any(c.isdigit() for c in word) or (not shouted and (loud or capital)):
            marked.append(word)
    return marked
