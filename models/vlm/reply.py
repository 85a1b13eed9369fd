"""What a VLM replies: one record that every VLM returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in words, with probabilities where the model has them.

    Attributes:
        text: the answer (the option's own text when options were given); empty for none.
        options: probability of each option, by position, summing to 1; None without options.
        method: how it came about: `similarity`, `logprob`, `stated` or `samples`; `text` for words
            of a language model without probabilities.
        frame_scores: how strongly each frame supports the answer, 0 to 1; may be empty.
        tokens_in: language-model tokens read; 0 for an encoder.
        tokens_out: language-model tokens written; 0 for an encoder.
        outside: probability put on anything but the options, before `options` was made to sum to 1.
        cited: seconds that the answer rests on, as the model named them; may be empty.
        enough: whether the model said that it saw enough; None when it did not say.
        confidence: probability of its answer as the model stated it, 0 to 1; None without.
    """

    text: str
    options: tuple[float, ...] | None = None
    method: str = "similarity"
    frame_scores: tuple[float, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    outside: float = 0.0
    cited: tuple[float, ...] = ()
    enough: bool | None = None
    confidence: float | None = None


def frame_rows(seconds: np.ndarray, cited: Sequence[float]) -> list[int]:
    """Return the rows of the frames that cited times mean: the nearest one each, if it is near.

    Near is within half the way to the next frame, and half a second at least: a model may round.

    Args:
        seconds: float64 [N], of the frames in time order.
        cited: seconds, as a model wrote them.
    """
    if not len(seconds):
        return []
    gaps = np.diff(seconds)
    reach = max(0.5, float(gaps.max()) / 2 if len(gaps) else 0.0)
    apart = [np.abs(seconds - second) for second in cited]
    return sorted({int(away.argmin()) for away in apart if away.min() <= reach})


def cited_scores(seconds: np.ndarray, cited: Sequence[float], sure: float) -> tuple[float, ...]:
    """Return a score a frame: `sure` for the cited ones, 0 for others; empty for no times."""
    rows = frame_rows(seconds, cited)
    if not rows:
        return ()
    scores = np.zeros(len(seconds))
    scores[rows] = sure
    return tuple(scores.tolist())
