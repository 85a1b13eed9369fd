"""A simulated text-image encoder: similarities drawn to a stated recall over a truth film.

It recognises the film's frames by their thumbnails and texts by the facts they share words with.
What a real encoder would find, it finds with the stated probability; what it misses looks like any
other second, and every text has seconds that it is wrongly alike to.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image

from .evidence import content_words
from .sight import Sight, thumb_of
from .truth import THUMB, Fact, TruthFilm

STRONG, FALSE = 0.55, 0.45  # weights of a fact that is found, of a second that is wrongly alike
SHARED = 0.34  # least share of a text's content words that a fact must have


class SimulatedEncoder:
    """An `index.seams.Encoder` over one truth film, deterministic for its seed.

    Args:
        truth: the film.
        recall: share of seen and written facts whose frames come first for a text about them.
        lures: seconds that each text is wrongly alike to; they come before what was missed.
        seed: of the vectors and of what is missed.
        dim: width of a vector; noise between two unrelated ones is about `1 / sqrt(dim)`.

    Attributes:
        id: names the film and what was stated.
        size: (width, height) in pixels that `encode_frames` expects.
    """

    size = (THUMB[0] * 4, THUMB[1] * 4)

    def __init__(
        self, truth: TruthFilm, recall: float = 0.7, lures: int = 4, seed: int = 0, dim: int = 512
    ) -> None:
        self.truth, self.recall, self.lures, self.dim = truth, recall, lures, dim
        self.id = f"simulated/{truth.seed}/recall-{recall:g}/lures-{lures}/seed-{seed}"
        self._seed = seed
        self._sight = Sight(truth)
        self._visible = [fact for fact in truth.facts if fact.kind != "said"]
        self._words = {fact.id: content_words(fact.text) for fact in self._visible}

    def __repr__(self) -> str:
        return f"SimulatedEncoder({self.id})"

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames uint8 [N, height, width, 3] as unit vectors float32 [N, dim].

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (self.size[1], self.size[0], 3):
            raise ValueError(
                f"pixels must be uint8 [N, {self.size[1]}, {self.size[0]}, 3], "
                f"got {pixels.dtype} {pixels.shape}"
            )
        vectors = [self._frame(picture) for picture in pixels]
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        vectors = [self._text(text) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), np.float32)

    def _frame(self, picture: np.ndarray) -> np.ndarray:
        second = self._sight.second_of(thumb_of(Image.fromarray(picture)).astype(np.float32))
        if second is None:
            return self._drawn(f"foreign {hashlib.sha1(picture.tobytes()).hexdigest()}")
        vector = self._drawn(f"second {int(second)}")
        for fact in self._visible:
            if any(start <= second < stop for start, stop in fact.spans) and self._finds(fact):
                vector = vector + STRONG * 2 * self._drawn(f"fact {fact.id}")
        return _unit(vector)

    def _text(self, text: str) -> np.ndarray:
        rng = random.Random(f"{self._seed} {text}")
        vector = self._drawn(f"text {text}")
        facts = self._about(text)
        for fact in facts:
            vector = vector + STRONG * 2 * self._drawn(f"fact {fact.id}")
        for _ in range(self.lures):
            second = rng.randrange(max(1, int(self.truth.duration)))
            vector = vector + FALSE * self._drawn(f"second {second}")
        return _unit(vector)

    def _about(self, text: str) -> list[Fact]:
        words = content_words(text)
        if not words:
            return []
        shares = {fact.id: len(words & self._words[fact.id]) / len(words) for fact in self._visible}
        best = max(shares.values(), default=0.0)
        return [f for f in self._visible if best >= SHARED and shares[f.id] == best]

    def _finds(self, fact: Fact) -> bool:
        return random.Random(f"{self._seed} finds {fact.id}").random() < self.recall

    def _drawn(self, name: str) -> np.ndarray:
        """Return the unit vector of a name."""
        digest = hashlib.sha256(f"{self._seed} {name}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        return _unit(rng.standard_normal(self.dim))


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
