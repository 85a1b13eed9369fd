"""Whether a film is of the kind that the encoder was taught, by its index alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...index.protocols import Encoder
from .occurrences import prominence

if TYPE_CHECKING:
    from ...index.store import FilmIndex


def known_share(index: FilmIndex, encoder: Encoder) -> float | None:
    """Return the share of the film's samples in which a place of the lexicon is recognised.

    It costs no frames. None when the encoder has no lexicon of places and cannot tell.
    """
    lexicon = getattr(encoder, "lexicon", None)
    if not lexicon or not lexicon.get("places") or not len(index.sample_seconds):
        return None
    vectors = encoder.encode_texts([f"the {place}" for place in lexicon["places"]])
    odds = np.stack(
        [prominence(index.similarity(vector, whole=True), encoder) for vector in vectors]
    )
    return float((odds.max(axis=0) >= 0.5).mean())
