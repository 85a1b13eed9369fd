"""Small changes to noun phrases: articles, places, plurals, near-identical strings."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

_ARTICLE = re.compile(r"^(?:the|a|an|any|some|this|that|these|those|its|his|her|their)\s+", re.I)
_PLACE = re.compile(
    r"\s+((?:on|in|at|inside|near|by|into|across|outside)\s+(?:the|a|an)\s+[a-z][a-z -]*?)$", re.I
)
_VERBS = (
    r"(?:appears?|appearing|visible|seen|shown|shows? up|show up|come into view|comes into view|"
    r"occurs?|happens?|be seen|take place|takes place|first seen|on screen|on the screen|"
    r"in view|there|present|enters?|come up|comes up|in the film|in the video)"
)
_TRAILING = re.compile(rf"(?:\s+{_VERBS})+$", re.I)
_IRREGULAR = {
    "axes": "axe",
    "fish": "fish",
    "knives": "knife",
    "leaves": "leaf",
    "mice": "mouse",
    "people": "person",
    "sheep": "sheep",
    "scissors": "scissors",
    "geese": "goose",
    "loaves": "loaf",
    "wolves": "wolf",
    "children": "child",
    "men": "man",
    "women": "woman",
    "dice": "die",
}
_TINY = re.compile(r"\b(?:tiny|small|little|minuscule|miniature)\s+", re.I)


def squeeze(text: str) -> str:
    """Normalise unicode and white space."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def bare(phrase: str) -> str:
    """Return a noun phrase without article, trailing verb, quotes and punctuation."""
    phrase = squeeze(phrase).strip("?.!,;: \"'“”‘’")
    phrase = _TRAILING.sub("", phrase)
    return _ARTICLE.sub("", phrase).strip()


def with_article(phrase: str) -> str:
    """Put `a` or `an` before a bare noun phrase; leave one that starts with an article."""
    if not phrase or _ARTICLE.match(phrase):
        return phrase
    return ("an " if phrase[0].lower() in "aeiou" else "a ") + phrase


def without_tiny(phrase: str) -> str:
    """Drop words for smallness: the encoder knows things, not their size in the frame."""
    return _TINY.sub("", phrase)


def says_tiny(phrase: str) -> bool:
    """Say whether the phrase speaks of something small in the frame."""
    return bool(_TINY.search(phrase + " "))


def split_place(phrase: str) -> tuple[str, str]:
    """Cut a place off the end: `red fish on the beach` gives (`red fish`, `on the beach`)."""
    match = _PLACE.search(phrase)
    if not match or not phrase[: match.start()].strip():
        return phrase, ""
    return phrase[: match.start()].strip(), match.group(1)


def singular(phrase: str) -> str:
    """Return a noun phrase with its last word in the singular."""
    head, _, last = phrase.rpartition(" ")
    low = last.lower()
    if low in _IRREGULAR:
        last = _IRREGULAR[low]
    elif low.endswith("ies") and len(low) > 4:
        last = last[:-3] + "y"
    elif re.search(r"(?:ss|us|x|z|ch|sh)es$", low) and not low.endswith("ouses"):
        last = last[:-2]
    elif low.endswith("s") and not low.endswith(("ss", "us", "is")):
        last = last[:-1]
    return f"{head} {last}".strip()


def plain_letters(text: str) -> str:
    """Return upper-case letters and digits only, for comparing what was read on screen."""
    return re.sub(r"[^0-9A-Z]", "", squeeze(text).upper())


# characters that a reader of text confuses, folded only to break ties
_LOOKALIKE = str.maketrans("O0QDI1LZ2S5B8G6", "00001112255886G")


def likeness(read: str, wanted: str) -> float:
    """Return how well a line read on screen (or a part of it) matches a string, 0 to 1.

    Exact characters dominate: 1 only for the same characters in the same order; a mere look-alike
    (O for 0) stays below 0.97, one wrong character in seven below 0.9.
    """
    a, b = plain_letters(read), plain_letters(wanted)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    if b in a and len(b) >= 3:
        return 0.99
    if a.translate(_LOOKALIKE) == b.translate(_LOOKALIKE):
        return 0.96
    return 0.9 * SequenceMatcher(None, a, b, autojunk=False).ratio()


def mentions(line: str, phrase: str) -> bool:
    """Say whether a line contains the phrase as whole words, whatever the case."""
    words = re.escape(squeeze(phrase).lower())
    return bool(words) and bool(re.search(rf"(?<!\w){words}(?!\w)", squeeze(line).lower()))


def rivals_in(question: str) -> tuple[str, ...]:
    """Return the things that a question names side by side: `the fish or the key`, two or more."""
    thing = r"(?:the|a|an) [\w'’-]+(?: [\w'’-]+)??"
    end = (
        r"(?=\s*(?:$|[?.!,:;]|"
        r"\b(?:comes?|appears?|is|shows?|turns?|first|last|earl\w+|lat\w+)\b))"
    )
    match = re.search(rf"\b((?:{thing}(?:, | or |, or ))+{thing}){end}", question, re.I)
    if not match or " or " not in match.group():
        return ()
    return tuple(dict.fromkeys(re.split(r",? or |, ", match.group(1))))
