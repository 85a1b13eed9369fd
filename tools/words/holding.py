"""Whether lines hold words that are to be said or written, as whole words or as rows of a slide."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNSPACED = 0x0E00  # scripts from here on (Thai, Chinese, Kana, …) are written without spaces


def holds(line: str, words: str) -> bool:
    """Say whether a line holds the words, whole, whatever the case, punctuation and spacing.

    OCR often loses the space in `GATE 41`, or sees one that is not there. Scripts that are written
    without spaces (Thai, Chinese, Japanese) have no whole words to tell apart.
    """
    have, want = (re.findall(r"[^\W_]+", text.casefold()) for text in (line, words))
    target = "".join(want)
    if any(ord(char) >= _UNSPACED for char in target):
        return target in "".join(have)
    for first in range(len(have)):
        built = ""
        for word in have[first:]:
            built += word
            if len(built) >= len(target):
                break
        if target and built == target:
            return True
    return False


def lines_holding(texts: Sequence[str], words: str) -> list[int]:
    """Return the lines that hold the words: each whole, or several as the rows of one slide.

    Rows come in no certain order: the words are made of them where each row stands in the words,
    and nothing of the words is left over.
    """
    whole = [row for row, text in enumerate(texts) if holds(text, words)]
    if whole:
        return whole
    parts, left = [], _letters(words)
    for row in sorted(range(len(texts)), key=lambda row: -len(texts[row])):
        letters = _letters(texts[row])
        if letters and letters in left:
            parts.append(row)
            left = left.replace(letters, " ", 1)
    return parts if parts and not left.strip() else []


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.casefold()))
