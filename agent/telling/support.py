"""Whether lines of a film support a sentence about them, by what can be checked without a model.

Every number in digits and every name of the sentence must stand in the lines, and most of its
other words, by stem; where there is a sentence encoder, likeness of meaning may stand in for some
of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.protocols import TextEncoder
from ...index.telling.key_sentences import terms_of
from ...index.text.numbers import unsaid_numbers
from ...index.text.spelling import stem_of, words_of

HELD = 0.6
"""Share of a sentence's telling words that its lines must hold."""

HELD_BY_MEANING, ALIKE = 0.3, 0.55
"""The same where the sentence means the like of a line: the cosine with one of them."""


def is_supported(
    text: str,
    lines: Sequence[str],
    languages: Sequence[str],
    encoder: TextEncoder | None = None,
) -> bool:
    """Say whether lines hold what a sentence says.

    Args:
        text: the sentence.
        lines: that it is to rest on.
        languages: of the film.
        encoder: compares meanings; None for words alone.
    """
    if not lines or not words_of(text):
        return False
    said = set(words_of(" ".join(lines)))
    stems = {stem_of(word, languages[0]) for word in said}
    if any(number.isdigit() for number in unsaid_numbers(text, lines, languages, strict=True)):
        return False
    names = (word for word in text.split()[1:] if word[:1].isupper())
    if any(stem_of(w, languages[0]) not in stems for name in names for w in words_of(name)):
        return False
    terms = terms_of(text, languages)
    if not terms:
        return True
    held = sum(term in stems or term in said for term in terms) / len(terms)
    if held >= HELD:
        return True
    if encoder is None or held < HELD_BY_MEANING:
        return False
    vectors = encoder.encode([text, " ".join(lines), *lines])
    return float(np.max(vectors[1:] @ vectors[0])) >= ALIKE
