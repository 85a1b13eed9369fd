"""A simulated text-image encoder: similarities drawn to a stated recall@k over a truth film.

It knows the film's frames by their thumbnails and texts by the words that they share with facts.
Every cosine is noise, the same for a moment and a text whenever they meet; a frame that shows what
a text names has a fixed amount more. That amount is the d' of signal detection for which what is
named is among the first k moments with the stated probability. What is missed comes a little later,
as with a real encoder, not last.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from PIL import Image

from .evidence import content_words
from .sight import Sight, thumb_of
from .truth import THUMB, TruthFilm

MOMENT = 8.0
"""Seconds of footage that look alike to the encoder."""

STEADY = 0.95
"""Share of a frame's noise that it has in common with its moment, and of a text's with others
about the same: a paraphrase finds mostly the same wrong moments."""

LEAST_SHARE = 0.5
"""Share of the known words of a text that a fact must hold for the text to be about it."""


class SimulatedEncoder:
    """An `index.protocols.Encoder` over one truth film, deterministic for its seed.

    Args:
        truth: the film.
        recall: probability that what a text names is among the first `k` moments. The text names
            nothing else; of a text that says more, a share of the signal is lost (the square root
            of the share of its words that any fact holds).
        k: moments that count, at least `MOMENT` seconds apart.
        seed: of the noise.
        dim: width of a vector; noise between two unrelated ones is `1 / sqrt(dim)`.

    Attributes:
        id: names the film and what was stated.
        size: (width, height) in pixels that `encode_frames` expects.
    """

    size = (THUMB[0] * 4, THUMB[1] * 4)

    def __init__(
        self, truth: TruthFilm, recall: float = 0.7, k: int = 5, seed: int = 0, dim: int = 512
    ) -> None:
        self.truth, self.recall, self.k, self.dim = truth, recall, k, dim
        self.id = f"simulated/{truth.seed}/recall@{k}-{recall:g}/seed-{seed}"
        self._seed = seed
        self._visible = [fact for fact in truth.facts if fact.kind != "said"]
        self._words = {fact.id: content_words(fact.text) for fact in self._visible}
        self._known = frozenset().union(*self._words.values())
        moments = max(k + 1, round(truth.duration / MOMENT))
        self._strength = math.sqrt(signal_for(recall, k, moments, dim) / math.sqrt(dim))

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

    def encode_seconds(self, seconds: Sequence[float]) -> np.ndarray:
        """Return what `encode_frames` gives for frames of the film at these seconds, [N, dim].

        Nothing is decoded: for scoring a search without its film.
        """
        return np.stack([self._at(second) for second in seconds])

    @cached_property
    def _sight(self) -> Sight:
        # a film that is only planned has no thumbnails; `encode_seconds` needs none
        return Sight(self.truth)

    def _frame(self, picture: np.ndarray) -> np.ndarray:
        second = self._sight.second_of(thumb_of(Image.fromarray(picture)).astype(np.float32))
        if second is None:
            return self._drawn(f"foreign {hashlib.sha1(picture.tobytes()).hexdigest()}")
        return self._at(second)

    def _at(self, second: float) -> np.ndarray:
        shown = [f for f in self._visible if any(a <= second < b for a, b in f.spans)]
        moment = shown[0].id if shown else str(int(second / MOMENT))
        vector = self._noise(f"moment {moment}", f"second {int(second)}")
        for what in {fact.text for fact in shown}:
            vector = vector + self._strength * self._drawn(f"fact {what}")
        return _unit(vector)

    def _text(self, text: str) -> np.ndarray:
        facts, said = self._about(text)
        vector = self._noise(f"about {facts or text}", f"text {text}")
        for what in facts:
            vector = vector + self._strength * said * self._drawn(f"fact {what}")
        return _unit(vector)

    def _about(self, text: str) -> tuple[list[str], float]:
        """Return what a text names, and how much of the signal of that it carries, 0 to 1."""
        words = content_words(text)
        known = words & self._known
        shared = {fact.id: len(known & self._words[fact.id]) for fact in self._visible}
        best = max(shared.values(), default=0)
        if not known or best < LEAST_SHARE * len(known):
            return [], 0.0
        about = {fact.text for fact in self._visible if shared[fact.id] == best}
        return sorted(about), math.sqrt(len(known) / len(words))

    def _noise(self, common: str, own: str) -> np.ndarray:
        return _unit(
            math.sqrt(STEADY) * self._drawn(common) + math.sqrt(1 - STEADY) * self._drawn(own)
        )

    def _drawn(self, name: str) -> np.ndarray:
        """Return the unit vector of a name."""
        return _drawn(f"{self._seed} {name}", self.dim)


def signal_for(recall: float, k: int, moments: int, dim: int) -> float:
    """Return the d' at which one moment among others is one of the first k so often.

    Cosines are counted in units of the noise. Vectors with a signal are longer by it before they
    are made unit vectors, which takes a little of it away: the vectors' width counts.

    Args:
        recall: probability, 0 to 1; what is nearly 0 or 1 stays within reach.
        k: how many first moments count.
        moments: in the film, that one among them.
        dim: width of the vectors.
    """
    wanted = min(max(recall, 1e-3), 1 - 1e-3)
    low, high = -8.0, 12.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _found(middle, k, moments, dim) < wanted else (low, middle)
    return max(0.0, (low + high) / 2)


def _found(signal: float, k: int, moments: int, dim: int) -> float:
    """Return how often a moment with this signal is among the first k."""
    normal = NormalDist()
    left = signal / (1 + max(0.0, signal) / math.sqrt(dim))
    steps = 200
    found = 0.0
    for step in range(steps):
        noise = normal.inv_cdf((step + 0.5) / steps)
        above = 1 - normal.cdf(noise + left)
        others = moments - 1
        found += sum(
            math.comb(others, n) * above**n * (1 - above) ** (others - n) for n in range(k)
        )
    return found / steps


@lru_cache(maxsize=16384)
def _drawn(name: str, dim: int) -> np.ndarray:
    digest = hashlib.sha256(name.encode()).digest()
    return _unit(np.random.default_rng(int.from_bytes(digest[:8], "little")).standard_normal(dim))


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
