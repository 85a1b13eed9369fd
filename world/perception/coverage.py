"""How much of a film is of the drawn world, by the vectors of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

KNOWN_PLACE = 0.5  # a picture is of the encoder's world when some place reaches this


class SigmoidEncoder(Protocol):
    """What `place_share` needs of an encoder: texts, and how a cosine becomes a probability."""

    @property
    def scale(self) -> float:
        """What a cosine is multiplied with before the sigmoid."""
        ...

    @property
    def bias(self) -> float:
        """What is added after that."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        ...


def place_share(encoder: SigmoidEncoder, lexicon: dict[str, Any], vectors: np.ndarray) -> float:
    """Return the share of pictures in which a place of the lexicon is recognised.

    Args:
        encoder: that made the vectors.
        lexicon: with `places`, a list of names.
        vectors: unit vectors of whole pictures, float32 [N, dim]; at least one.
    """
    places = encoder.encode_texts([f"the {place}" for place in lexicon["places"]])
    logits = (vectors @ places.T) * encoder.scale + encoder.bias
    odds = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return float((odds.max(axis=1) >= KNOWN_PLACE).mean())
