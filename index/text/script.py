"""Scripts: which alphabet text is written in, and which of them a reader of text knows."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

# the letters that everyday text in a script uses: first and last code point, and how many a reader
# that knows the script must have (of Han and Hangul, where nobody has all, enough for a newspaper)
_LETTERS: dict[str, tuple[int, int, int]] = {
    "Latin": (0x41, 0x17F, 200),
    "Greek": (0x386, 0x3CE, 65),
    "Cyrillic": (0x410, 0x44F, 64),
    "Armenian": (0x531, 0x586, 76),
    "Hebrew": (0x5D0, 0x5EA, 27),
    "Arabic": (0x621, 0x64A, 36),
    "Devanagari": (0x905, 0x939, 48),
    "Bengali": (0x985, 0x9B9, 44),
    "Tamil": (0xB85, 0xBB9, 34),
    "Telugu": (0xC05, 0xC39, 46),
    "Thai": (0xE01, 0xE2E, 46),
    "Georgian": (0x10D0, 0x10F0, 33),
    "Hiragana": (0x3041, 0x3096, 80),
    "Katakana": (0x30A1, 0x30FA, 80),
    "Han": (0x4E00, 0x9FFF, 3000),
    "Hangul": (0xAC00, 0xD7A3, 2000),
}
_NAMES = {"CJK": "Han"}


def script_of(letter: str) -> str | None:
    """Return the Unicode script of a letter (`Latin`, `Han`), None for other characters."""
    if not letter.isalpha():
        return None
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return _NAMES.get(name, name.capitalize()) or None


def scripts_of(text: str) -> list[str]:
    """Return the scripts of a text's letters, each once, in order."""
    found = (script_of(letter) for letter in text)
    return list(dict.fromkeys(script for script in found if script in _LETTERS))


def known_scripts(alphabet: Collection[str]) -> tuple[str, ...]:
    """Return the scripts whose letters a reader with this alphabet knows, nearly all of them."""
    letters = frozenset(alphabet)
    return tuple(
        script
        for script, (first, last, needed) in _LETTERS.items()
        if sum(chr(code) in letters for code in range(first, last + 1)) >= needed
    )


def unreadable_scripts(text: str, known: Iterable[str] | None) -> list[str]:
    """Return the scripts of a text that a reader does not know; none where its alphabet is unknown.

    Args:
        text: what is looked for, for example the question.
        known: `scripts` of the reader, None for one that does not say.
    """
    return [] if known is None else [s for s in scripts_of(text) if s not in set(known)]
