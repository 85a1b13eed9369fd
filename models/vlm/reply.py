"""What a VLM replies: one record that every VLM returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in words, with probabilities where the model has them.

    Attributes:
        text: the answer (the option's own text when options were given).
        options: probability of each option, by position, summing to 1; None without options.
        method: how it came about: `similarity`, `logprob`, `stated` or `samples`; `text` for words
            of a language model without probabilities.
        cited: seconds that the answer rests on, as the model named them; may be empty.
        enough: whether the model said that it saw enough; None when it did not say.
        confidence: its own probability that an answer in words is right; None when unsaid.
        frame_scores: how strongly each frame supports the answer, 0 to 1; may be empty.
        tokens_in: language-model tokens read; 0 for an encoder.
        tokens_out: language-model tokens written; 0 for an encoder.
        outside: probability put on anything but the options, before `options` was made to sum to 1.
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


def normalised(scores: list[float], floor: float = 0.02) -> tuple[float, ...]:
    """Turn scores of 0 to 1 into probabilities that sum to 1.

    The floor keeps weak evidence weak: when every score is near 0 the result is near uniform, so
    that nobody takes noise for a decision.
    """
    total = sum(scores) + floor * len(scores)
    return tuple((score + floor) / total for score in scores)
