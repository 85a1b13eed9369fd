"""Quick looks at the encoder while it trains, on held-out pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from longtake.world.scenes.objects import COLOURS, OBJECTS, article
from longtake.world.scenes.places import PLACES
from longtake.world.scenes.scene import Scene, Sprite, draw_scene
from longtake.world.training.encoder.clip_model import look, to_pixels
from longtake.world.training.encoder.data import (
    N_COLOURS,
    N_OBJECTS,
    N_PLACES,
    NOTHING,
    SIZE,
    make_sample,
)
from longtake.world.training.encoder.losses import Contrast, Heads
from longtake.world.training.encoder.statements import stack

HELD_OUT = 2**40


def single_frame(seed: int, frame: tuple[int, int] = SIZE) -> tuple[np.ndarray, int, int, int]:
    """Draw a film frame with one normal sprite; return pixels [H, W, 3], object, colour, place.

    Drawn at 640 x 360 as a film is and reduced afterwards, which is not how training pictures are
    made: the probe would notice a model that only knows its training's scaling.
    """
    rng = np.random.default_rng([HELD_OUT, seed])
    item, colour, place = (int(rng.integers(n)) for n in (N_OBJECTS, N_COLOURS, N_PLACES))
    size = rng.uniform(0.20, 0.42)
    x = rng.uniform(size / 3.5, 1 - size / 3.5)
    sprite = Sprite(
        OBJECTS[item], list(COLOURS)[colour], x, rng.uniform(0.25, 0.8), size, rng.normal(0, 8)
    )
    scene = Scene(PLACES[place], int(rng.integers(10**6, 2 * 10**6)), (sprite,))
    return np.asarray(draw_scene(scene, 640, 360).resize(frame, 4)), item, colour, place


class Probe:
    """Held-out pictures, drawn once, and what a model makes of them."""

    def __init__(self, tokenizer_dir: Path) -> None:
        self.batch = stack([make_sample(HELD_OUT + i) for i in range(96)])
        frames = [single_frame(i) for i in range(160)]
        self.pixels = np.stack([f[0] for f in frames])
        self.truth = np.array([f[1:] for f in frames])
        words = Contrast(tokenizer_dir, 0)
        pairs = [f"{c} {o}" for o in OBJECTS for c in COLOURS]
        self.tokens = {
            "object": words.tokens([article(o) for o in OBJECTS]),
            "pair": words.tokens([article(p) for p in pairs]),
            "place": words.tokens([f"the {p}" for p in PLACES]),
        }

    @torch.no_grad()
    def measure(self, model: Any, heads: Heads, worded: bool) -> dict[str, float]:
        """Return shares right: by the dense heads, and zero-shot once the model reads."""
        pooled, patches = self._look(model, self.batch.pixels)
        objects = torch.from_numpy(self.batch.objects.reshape(-1)).long()
        colours = torch.from_numpy(self.batch.colours.reshape(-1)).long()
        full = (objects >= 0) & (objects < NOTHING)
        flat = patches.flatten(0, 1)
        places = torch.from_numpy(self.batch.places)
        found = {
            "patch_object": _share(heads.objects(flat[full]).argmax(1), objects[full]),
            "patch_colour": _share(heads.colours(flat[full]).argmax(1), colours[full]),
            "place": _share(heads.place(pooled).argmax(1), places),
        }
        if worded:
            found |= self._zero_shot(
                model, pooled, flat[full], objects[full] * N_COLOURS + colours[full]
            )
        return found

    def _zero_shot(
        self, model: Any, pooled: torch.Tensor, patches: torch.Tensor, pairs: torch.Tensor
    ) -> dict[str, float]:
        texts = {k: model.encode_text(t, normalize=True) for k, t in self.tokens.items()}
        proj = model.visual.proj
        single, _spots = self._look(model, self.pixels)
        single = F.normalize(single @ proj, dim=-1)
        truth = torch.from_numpy(self.truth)
        unknown = torch.from_numpy(self.batch.places == N_PLACES)
        scores = F.normalize(pooled @ proj, dim=-1) @ texts["place"].T
        claims = torch.sigmoid(scores * model.logit_scale.exp() + model.logit_bias)
        return {
            "zero_object": _share((single @ texts["object"].T).argmax(1), truth[:, 0]),
            "zero_pair": _share(
                (single @ texts["pair"].T).argmax(1), truth[:, 0] * N_COLOURS + truth[:, 1]
            ),
            "zero_place": _share((single @ texts["place"].T).argmax(1), truth[:, 2]),
            "zero_patch": _share((patches @ proj @ texts["pair"].T).argmax(1), pairs),
            "unknown": float((claims[unknown].max(1).values < 0.5).float().mean()),
        }

    def _look(self, model: Any, pixels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        parts = [
            look(model.visual, to_pixels(pixels[i : i + 32])) for i in range(0, len(pixels), 32)
        ]
        return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def _share(guess: torch.Tensor, truth: torch.Tensor) -> float:
    return float((guess == truth).float().mean())
