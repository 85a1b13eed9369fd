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


def has_failed(segment: Any) -> bool:
    """Say whether Whisper may have heard a window of speech badly: it repeats itself, or guessed.

    Args:
        segment: of faster-whisper.
    """
    if segment.avg_logprob < LEAST_LOGPROB:
        return segment.no_speech_prob <= NO_SPEECH
    return segment.compression_ratio > MOST_COMPRESSION


def is_invented(segment: Any, words: Sequence[Word]) -> bool:
    """Say whether a segment cannot have been said.

    Somebody may say one word again and again: a text that repeats itself is a loop only where its
    words do not fit into their time, or are unlikely.

    Args:
        segment: of faster-whisper.
        words: its words; may be empty.
    """
    unlikely = segment.avg_logprob < LEAST_LOGPROB
    if segment.no_speech_prob > NO_SPEECH and unlikely:
        return True
    if not words:
        return unlikely
    score = sum(word.score for word in words) / len(words)
    if score < _LEAST_SCORE:
        return True
    seconds = max(words[-1].end - words[0].start, 1e-3)
    timeless = sum(word.end - word.start < _NO_TIME for word in words) / len(words)
    squeezed = len(words) > 3 and (len(words) / seconds > _FASTEST or timeless > _MANY)
    if segment.compression_ratio > MOST_COMPRESSION:
        return squeezed or unlikely
    return squeezed and score < 2 * _LEAST_SCORE
