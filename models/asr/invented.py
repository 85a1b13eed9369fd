"""Which of Whisper's segments were not said: loops, and text where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...index.protocols import Word

MOST_COMPRESSION, LEAST_LOGPROB, NO_SPEECH = 2.4, -1.0, 0.6
"""Whisper's own limits: text that compresses better is a loop, a lower log probability a guess."""

# nobody says more words a second; in a loop most words last no time
_FASTEST = 7.0
_NO_TIME, _MANY = 0.03, 0.5
_LEAST_SCORE = 0.15
_FEW = 3  # words: of fewer the times say nothing


def has_failed(segment: Any, words: Sequence[Word]) -> bool:
    """Say whether Whisper heard a window of speech badly: it wrote a loop, or guessed.

    Somebody may say one word again and again: a text that repeats itself is a loop only where its
    words do not fit into their time.

    Args:
        segment: of faster-whisper.
        words: its words; may be empty.
    """
    if segment.avg_logprob < LEAST_LOGPROB:
        return segment.no_speech_prob <= NO_SPEECH
    return _is_loop(segment, words)


def is_invented(segment: Any, words: Sequence[Word]) -> bool:
    """Say whether a segment cannot have been said; arguments as of `has_failed`."""
    unlikely = segment.avg_logprob < LEAST_LOGPROB
    if segment.no_speech_prob > NO_SPEECH and unlikely:
        return True
    if not words:
        return unlikely
    score = sum(word.score for word in words) / len(words)
    if score < _LEAST_SCORE or _is_loop(segment, words):
        return True
    if segment.compression_ratio > MOST_COMPRESSION:
        return unlikely
    return _is_squeezed(words) and score < 2 * _LEAST_SCORE


def _is_loop(segment: Any, words: Sequence[Word]) -> bool:
    return segment.compression_ratio > MOST_COMPRESSION and _is_squeezed(words)


def _is_squeezed(words: Sequence[Word]) -> bool:
    """Say whether words do not fit into their time."""
    if len(words) <= _FEW:
        return False
    seconds = max(words[-1].end - words[0].start, 1e-3)
    timeless = sum(word.end - word.start < _NO_TIME for word in words) / len(words)
    return len(words) / seconds > _FASTEST or timeless > _MANY
