"""Key sentences: those that most others are like, and that say something definite.

LexRank (Erkan and Radev, JAIR 2004) over TF-IDF or sentence embeddings; numbers and names count
beside it (Edmundson, "New Methods in Automatic Extracting", 1969), and what was chosen already is
not chosen again (maximal marginal relevance).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..text.language import language_of, stop_words
from ..text.numbers import count_numbers
from ..text.spelling import keys_of, stem_of, words_of

_DAMPING, _STEPS = 0.85, 60
# what counts in a sentence: how central it is, up to two numbers and two names, its length
_CENTRAL, _NUMBER, _NAME, _LENGTH = 0.5, 0.5, 0.25, 0.5
_LONG = 10  # words that tell something; more of them count no more
_NOVELTY = 0.35
_SHORT = 5  # words; a shorter sentence says little alone
_SAMPLE = 60


def languages_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the languages that texts are in (ISO 639-1), the commonest first; `en` for none."""
    found: Counter[str] = Counter()
    held: list[str] = []
    for text in [*texts, ""]:
        held += words_of(text)
        if len(held) >= _SAMPLE or (not text and held):
            found[language_of(held) or ""] += 1
            held = []
    del found[""]
    least = max(1, sum(found.values()) // 10)
    return tuple(code for code, count in found.most_common() if count >= least) or ("en",)


def terms_of(text: str, languages: Sequence[str]) -> list[str]:
    """Return the stems of a text's words that are no stop words of its languages."""
    stops = stop_words(*languages)
    return [stem_of(key, languages[0]) for key in keys_of(text) if key not in stops]


def tf_idf(texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
    """Return what each text is about, unit vectors float32 [N, terms]; zeros for no term."""
    rows = [Counter(terms_of(text, languages)) for text in texts]
    spread = Counter(term for row in rows for term in row)
    # a term of one text joins no two of them
    column = {term: at for at, term in enumerate(t for t, n in spread.items() if n > 1)}
    out = np.zeros((len(texts), len(column) + 1), np.float32)
    for at, row in enumerate(rows):
        for term, count in row.items():
            weight = count * np.log(1 + len(texts) / spread[term])
            if term in column:
                out[at, column[term]] += weight
    alone = np.array([sum(n for t, n in row.items() if t not in column) for row in rows])
    norm = np.sqrt((out**2).sum(axis=1) + alone * np.log(1 + len(texts)) ** 2)
    return out / np.maximum(norm, 1e-9)[:, None]


def centrality(vectors: np.ndarray) -> np.ndarray:
    """Return the LexRank of texts by their unit vectors float32 [N, D], 1 for the highest."""
    likeness = np.clip(vectors @ vectors.T, 0.0, 1.0).astype(np.float64)
    np.fill_diagonal(likeness, 0.0)
    total = likeness.sum(axis=1, keepdims=True)
    count = len(vectors)
    moves = np.where(total > 0, likeness / np.maximum(total, 1e-12), 1.0 / count)
    rank = np.full(count, 1.0 / count)
    for _ in range(_STEPS):
        rank = (1 - _DAMPING) / count + _DAMPING * (rank @ moves)
    return rank / rank.max(initial=1e-12)


def definiteness(texts: Sequence[str], languages: tuple[str, ...]) -> np.ndarray:
    """Return how much definite each text says, float64 [N]: numbers, names, and words that tell."""
    out = np.zeros(len(texts))
    for at, text in enumerate(texts):
        named = sum(word[:1].isupper() for word in text.split()[1:])
        numbers = count_numbers(words_of(text), languages)
        length = min(1.0, len(terms_of(text, languages)) / _LONG)
        out[at] = _NUMBER * min(2, numbers) + _NAME * min(2, named) + _LENGTH * length
    return out


def key_sentences(
    texts: Sequence[str], vectors: np.ndarray, languages: tuple[str, ...], most: int
) -> list[int]:
    """Return which texts say most together, the best first.

    Args:
        texts: sentences.
        vectors: float32 [N, D], unit length, what each is about.
        languages: that they are in, see `languages_of`.
        most: how many, at most.
    """
    if not texts:
        return []
    worth = _CENTRAL * centrality(vectors) + definiteness(texts, languages)
    worth -= np.array([0.5 if len(words_of(text)) < _SHORT else 0.0 for text in texts])
    # who asks does not tell
    worth -= np.array([0.5 if text.rstrip().endswith(("?", "？", "؟")) else 0.0 for text in texts])
    likeness = np.clip(vectors @ vectors.T, 0.0, 1.0)
    chosen: list[int] = []
    left = list(range(len(texts)))
    while left and len(chosen) < most:
        known = likeness[:, chosen].max(axis=1) if chosen else np.zeros(len(texts))
        gain = worth - _NOVELTY * known
        best = max(left, key=lambda at: gain[at])
        chosen.append(best)
        left = [at for at in left if at != best]
    return chosen


def key_phrases(text: str, others: Sequence[str], languages: Sequence[str], most: int) -> list[str]:
    """Return the phrases of a text that set it apart from others, as they stand in it.

    Args:
        text: of one topic.
        others: of the film's other topics.
        languages: of the film, see `languages_of`.
        most: how many, at most.
    """
    stops = stop_words(*languages)
    spread = Counter(term for other in others for term in set(terms_of(other, languages)))
    counts = Counter(terms_of(text, languages))
    found: Counter[str] = Counter()
    for run in _runs(text, stops):
        terms = [stem_of(words_of(word)[0], languages[0]) for word in run]
        for first in range(len(run)):
            for last in range(first + 1, min(first + 3, len(run)) + 1):
                worth = [counts[term] / (1 + spread[term]) for term in terms[first:last]]
                # a phrase of two words beats its parts, unless one of them says nothing
                phrase = " ".join(run[first:last])
                found[phrase] = max(found[phrase], sum(worth) / len(worth) ** 0.6)
    picked: list[str] = []
    for phrase, _ in sorted(found.items(), key=lambda item: (-item[1], -len(item[0]))):
        words = {stem_of(word, languages[0]) for word in words_of(phrase)}
        if not any(words & {stem_of(w, languages[0]) for w in words_of(p)} for p in picked):
            picked.append(phrase)
        if len(picked) == most:
            break
    return picked


def _runs(text: str, stops: frozenset[str]) -> list[list[str]]:
    """Return the runs of words between stop words and signs, as written."""
    runs: list[list[str]] = [[]]
    for token in text.split():
        word = token.strip("\"'“”‘’«»().,;:!?…。！？、-–—")
        folded = words_of(word)
        if len(folded) != 1 or folded[0] in stops or len(folded[0]) < 3 or folded[0].isdigit():
            runs.append([])
            continue
        runs[-1].append(word)
        if token[-1:] in ".,;:!?…。！？、)":
            runs.append([])
    return [run for run in runs if run]
