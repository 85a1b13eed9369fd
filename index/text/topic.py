"""What an English question says is spoken of: `the ferry` in `when do they mention the ferry`."""

from __future__ import annotations

import re

from .language import stop_words
from .medium import medium_stems
from .spelling import stem_of, words_of

_SAID_ON = r"(?:remarks?|comments?|discussions?|talks?|passages?|(?:any|some)thing) on"
_ABOUT = r"(?:about|concerning|regarding|on the (?:subject|topic|matter) of)"
_NAMED = (
    r"(?:mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|refer(?:s|red|ring)? to|talk(?:s|ed|ing)? of)"
)
_CLAUSE = (
    r"(?:that|which|who|when|while|where|if|whether|until|is|are|was|were|do|does|did|has|have|gets?|"
    r"says?|said)"
)
_WORDS = rf"(?!{_CLAUSE}\b)[^\s?.!,;:]+(?: (?!{_CLAUSE}\b)[^\s?.!,;:]+){{0,11}}?"
# what ends a topic: another clause, or when in the film
_END = (
    rf"(?=\s*(?:[?.!;:,\"”]|$)| (?:{_CLAUSE}|and (?:what|when|where|how|who)|"
    r"(?:at|from|between|after|before) \d|in (?:the|this) (?:video|film|movie|clip|recording))\b)"
)
_OBJECT = re.compile(
    rf"\b(?:{_NAMED} )?(?:{_ABOUT}|{_SAID_ON}|(?<!is ){_NAMED}) (?P<topic>{_WORDS}){_END}", re.I
)
_SUBJECT = re.compile(
    rf"\b{_CLAUSE} (?P<topic>{_WORDS}) (?:(?:is|are|was|were|gets?|got|been|being|has|have) )*"
    rf"(?:mentioned|discussed|brought up|(?:comes?|came) up|referred to|"
    rf"(?:talked|spoken) (?:{_ABOUT}|of))\b",
    re.I,
)
_DETERMINERS = frozenset(
    (
        *("the", "a", "an", "this", "that", "these", "those"),
        *("my", "your", "his", "her", "its", "our", "their"),
    )
)


def topic_of(question: str) -> str | None:
    """Return what the question says to be spoken of, verbatim; None where it names nothing.

    The words around it ("where do I have to skip to if I want to hear about …") are those of the
    person who asks, and need not occur in the film.
    """
    for pattern in (_OBJECT, _SUBJECT):
        for found in pattern.finditer(question):
            topic = found["topic"].strip(" \"'“”")
            if _says_something(topic):
                return topic
    return None


def _says_something(topic: str) -> bool:
    """Say whether a topic is more than a pronoun, a number, or a word about the film itself."""
    first, *rest = words_of(topic) or [""]
    words = [word for word in (first, *rest) if word not in stop_words("en")]
    if first in _DETERMINERS:
        words = rest  # lists of stop words hold some nouns
    return any(not word.isdigit() and stem_of(word, "en") not in medium_stems() for word in words)
