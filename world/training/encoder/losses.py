"""What the encoder is taught by: dense labels of patches, and statements true or false."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from longtake.world.training.encoder.clip_model import read
from longtake.world.training.encoder.data import N_COLOURS, N_OBJECTS, N_PLACES, NOTHING
from longtake.world.training.encoder.statements import (
    Batch,
    choose_statements,
    patch_truth,
    picture_truth,
)
from longtake.world.training.encoder.tokenizer import CONTEXT


class Heads(nn.Module):
    """The temporary heads of the dense phase."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.objects = nn.Linear(width, N_OBJECTS + 2)
        self.colours = nn.Linear(width, N_COLOURS + 1)
        self.place = nn.Linear(width, N_PLACES + 1)


def dense_loss(
    heads: Heads, pooled: torch.Tensor, patches: torch.Tensor, batch: Batch
) -> torch.Tensor:
    """Return the cross-entropy of the temporary heads; bare ground counts less than sprites."""
    objects, colours, places = (
        torch.from_numpy(labels.reshape(-1)).long().to(pooled.device)
        for labels in (batch.objects, batch.colours, batch.places)
    )
    flat = patches.reshape(-1, patches.shape[-1])
    keep = objects >= 0
    keep &= (objects != NOTHING) | (torch.rand(len(objects), device=pooled.device) < 0.25)
    loss = F.cross_entropy(heads.objects(flat[keep]), objects[keep])
    loss = loss + 0.5 * F.cross_entropy(heads.colours(flat[keep]), colours[keep])
    return loss + 0.3 * F.cross_entropy(heads.place(pooled), places)


class Contrast:
    """Compares pictures and patches with statements."""

    def __init__(self, tokenizer_dir: Path, seed: int) -> None:
        from transformers import AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(tokenizer_dir)
        self.seed = seed

    def tokens(self, texts: list[str]) -> torch.Tensor:
        """Return ids [N, CONTEXT]."""
        return self.tokenizer(
            texts, return_tensors="pt", max_length=CONTEXT, padding="max_length", truncation=True
        ).input_ids

    def loss(
        self,
        model: Any,
        pooled: torch.Tensor | None,
        patches: torch.Tensor,
        batch: Batch,
        number: int,
    ) -> dict[str, torch.Tensor]:
        """Return the sigmoid losses of patches and, unless `pooled` is None, of pictures."""
        rng = np.random.default_rng([self.seed, number])
        statements = choose_statements(rng, batch)
        texts = read(model, self.tokens([s.text for s in statements]))
        proj = model.visual.proj
        scale, bias = model.logit_scale.exp(), model.logit_bias
        rows = self._rows(rng, batch)
        parts = F.normalize(patches.flatten(0, 1)[rows] @ proj, dim=-1) @ texts.T * scale + bias
        objects, colours = batch.objects.reshape(-1)[rows], batch.colours.reshape(-1)[rows]
        truth = torch.from_numpy(patch_truth(statements, objects, colours))
        losses = {"patch": _pairwise(parts, truth)}
        if pooled is not None:
            whole = F.normalize(pooled @ proj, dim=-1) @ texts.T * scale + bias
            truth = torch.from_numpy(picture_truth(statements, batch))
            losses["picture"] = _pairwise(whole, truth)
        return losses

    def _rows(self, rng: np.random.Generator, batch: Batch) -> np.ndarray:
        """Choose patches: up to 20 a picture with something on them, and 12 without."""
        objects = batch.objects.reshape(-1)
        full = np.flatnonzero((objects >= 0) & (objects != NOTHING))
        bare = np.flatnonzero(objects == NOTHING)
        n = len(batch.pixels)
        full = rng.permutation(full)[: 20 * n]
        return np.concatenate([full, rng.permutation(bare)[: 12 * n]])


def _pairwise(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Return the mean sigmoid loss over what is known, in units of one row of 30 statements."""
    known = truth >= 0
    loss = F.binary_cross_entropy_with_logits(logits, truth.clamp(min=0).float(), reduction="none")
    return (loss * known).sum() / known.sum() * 30
