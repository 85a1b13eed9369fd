"""The similarity eye: any open_clip model as an eye, by statements alone.

Question and option become a statement, and the statement is compared with every frame. No words
are taken apart and nothing is localised unless the model has patch vectors: what a contrastive
model of the open world can honestly do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..index.film.frames import Box, Frames
from .reply import Reply
from .sights import PatchEncoder
from .statements import claim_of, statement_of
from .tiles import connected, cut_tiles

# what a statement is weighed against when nothing else is on offer
CONTRASTS = ("a picture", "a picture of something else", "an empty scene", "a plain background")
TAGS = ("a person", "people", "an animal", "a vehicle", "a building", "text", "food", "a landscape")


class SimilarityEye:
    """An `Eye` over an encoder without a lexicon (see tools/base.py for the contract)."""

    max_frames = 64

    def __init__(self, encoder: PatchEncoder) -> None:
        self.encoder = encoder
        self.frame_size = encoder.size
        self.id = f"tagger:{encoder.id}"

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Choose the option whose statement fits the frames best; open questions get tags."""
        if not options:
            return self.caption(frames, focus=claim_of(question))
        logits = self._logits(frames, [statement_of(question, option) for option in options])
        if not len(logits):
            return Reply("", (1 / len(options),) * len(options))
        shares = _softmax(_top_mean(logits))
        best = int(shares.argmax())
        per_frame = _softmax(logits)[:, best]
        return Reply(
            options[best], tuple(float(p) for p in shares), frame_scores=tuple(per_frame.tolist())
        )

    def judge(self, clips: Sequence[Frames], statement: str) -> list[float]:
        """Return how surely each clip fits the statement better than nothing in particular."""
        texts = [claim_of(statement), *CONTRASTS]
        out = []
        for clip in clips:
            logits = self._logits(clip, texts)
            if not len(logits):
                out.append(0.0)
            elif self.encoder.bias:
                # trained with a sigmoid: the logit is a probability already
                out.append(float(1 / (1 + np.exp(-_top_mean(logits)[0]))))
            else:
                out.append(float(_softmax(_top_mean(logits))[0]))
        return out

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Name what fits best out of a few general tags and the focus."""
        texts = [*([focus] if focus else []), *TAGS]
        logits = self._logits(frames, texts)
        if not len(logits):
            return Reply("")
        shares = _softmax(_top_mean(logits))
        keep = [texts[i] for i in np.argsort(-shares) if shares[i] >= 1 / len(texts)]
        return Reply(", ".join(keep[: 6 if dense else 3]))

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return the patches that fit the phrase clearly better than the rest of the frame."""
        if not len(frames):
            return []
        pixels = cut_tiles(frames.pixels, Box(0.0, 0.0, 1.0, 1.0), self.encoder.size)
        try:
            _, patches = self.encoder.encode_dense(pixels)
        except (RuntimeError, NotImplementedError):
            return [None] * len(frames)
        heat = patches @ self.encoder.encode_texts([phrase])[0]
        return [_hot_box(grid) for grid in heat]

    def knows(self, frames: Frames) -> float | None:
        """Return None: a model of the open world cannot tell what it was not trained on."""
        return None

    def _logits(self, frames: Frames, texts: Sequence[str]) -> np.ndarray:
        """Return the model's own logits, float [frames, texts]."""
        if not len(frames):
            return np.zeros((0, len(texts)))
        pixels = cut_tiles(frames.pixels, Box(0.0, 0.0, 1.0, 1.0), self.encoder.size)
        vectors = self.encoder.encode_frames(pixels)
        return vectors @ self.encoder.encode_texts(texts).T * self.encoder.scale + self.encoder.bias


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _top_mean(logits: np.ndarray) -> np.ndarray:
    """Return the mean of the best quarter of the frames (two at least), per text."""
    keep = min(len(logits), max(2, len(logits) // 4))
    return np.sort(logits, axis=0)[-keep:].mean(axis=0)


def _hot_box(heat: np.ndarray) -> Box | None:
    """Return the box around the hottest patches, None when no patch stands out."""
    spread = float(heat.std())
    peak = float(heat.max())
    if spread < 1e-6 or (peak - float(heat.mean())) < 2 * spread:
        return None
    label = np.where(heat >= peak - spread, 0, -1)
    top = np.unravel_index(int(heat.argmax()), heat.shape)
    cells = next(g for g in connected(label) if any((g == top).all(axis=1)))
    (y0, x0), (y1, x1) = cells.min(axis=0), cells.max(axis=0) + 1
    height, width = heat.shape
    return Box(x0 / width, y0 / height, x1 / width, y1 / height)
