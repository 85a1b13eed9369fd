"""What the parts of the VLM's training use: lengths of clips, kinds of questions, wordings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longtake.world.training.lessons.moments import EASY, OPEN


@dataclass(frozen=True, slots=True)
class Stage:
    """What a part of the training uses: lengths of clips with their shares, and kinds of questions.

    Attributes:
        shares: how many of the steps use clips of so many frames.
        kinds: of questions; None for all.
        tasks: forms of answers; None for all.
    """

    shares: tuple[tuple[int, float], ...]
    kinds: frozenset[str] | None = None
    tasks: frozenset[str] | None = None

    def draw(self, rng: np.random.Generator) -> int:
        """Choose a length."""
        lengths, shares = zip(*self.shares, strict=True)
        return int(rng.choice(lengths, p=np.array(shares) / sum(shares)))


# from which share of the decoder's time on a stage lasts
STAGES = (
    (0.0, Stage(((1, 1.0),), EASY, OPEN)),
    (0.12, Stage(((1, 0.85), (2, 0.05), (4, 0.1)))),
    (0.35, Stage(((1, 0.4), (2, 0.1), (4, 0.25), (8, 0.25)))),
    (0.5, Stage(((1, 0.4), (2, 0.05), (4, 0.2), (8, 0.27), (16, 0.08)))),
)
SERVED = 0.12  # of the steps, with boxes asked for as a served model is asked
LONGEST = {1: 384, 2: 480, 4: 672, 8: 1030, 16: 1530}  # tokens of a row, by frames
