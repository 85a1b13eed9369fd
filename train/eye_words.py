"""The merger's lesson: every token of a frame names what it shows, in the decoder's own words.

A caption is one hint about 45 tokens; which of them shows the fish, the decoder would have to find
out by itself. The renderer knows, so the tokens are drawn towards the embeddings of the words for
what they show. The decoder then finds things by their names, and names them by what it finds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from longtake.eval.world.objects import OBJECTS
from longtake.eval.world.places import PLACES
from train.data import N_COLOURS, NOTHING
from train.eye_dense import Labels
from train.eye_pack import encode
from train.eye_scene import COLOUR_NAMES
from train.eye_tower import MERGE

IGNORE = -100
SHARPNESS = 12.0  # of a cosine, before the softmax
EMPTY = 0.1  # weight of a token that shows nothing: most do


@lru_cache(maxsize=1)
def word_ids() -> tuple[list[int], list[int], list[int]]:
    """Return the tokens that name objects (then nothing, then a sign), colours (none), places."""
    objects = [*OBJECTS, "nothing", "sign"]
    return tuple([encode(f" {w}")[0] for w in words] for words in
                 (objects, [*COLOUR_NAMES, "nothing"], [*PLACES]))  # type: ignore[return-value]  # fmt: skip


def token_labels(patches: np.ndarray, empty: int) -> np.ndarray:
    """Return for each token the label that most of its patches have, int64 [N, 45].

    Args:
        patches: int8 [N, P], in the tower's order, negative where not known.
        empty: the label of patches that show nothing; a token that shows anything is not empty.

    Returns:
        IGNORE where nothing is known for sure.
    """
    parts = patches.reshape(len(patches), -1, MERGE**2).astype(np.int64)
    labels = range(max(int(parts.max()), empty) + 1)
    counts = np.stack([(parts == label).sum(-1) for label in labels], axis=-1)
    whole = counts[..., empty] == MERGE**2
    counts[..., empty] = 0
    found = np.where(counts.max(-1) > 0, counts.argmax(-1), IGNORE)
    return np.where(whole, empty, found)


def word_loss(model: Any, tokens: torch.Tensor, labels: Labels) -> torch.Tensor:
    """Return how badly tokens name what they show, and frames their place.

    Args:
        model: the whole model.
        tokens: of frames, [N, 45, width], from `eye_tower.merged`.
        labels: of the same frames.
    """
    table = F.normalize(model.model.language_model.embed_tokens.weight, dim=-1)
    pointed = SHARPNESS * F.normalize(tokens, dim=-1)
    objects, colours, places = word_ids()
    total = tokens.new_zeros(())
    for ids, patches, empty in (
        (objects, labels.objects, NOTHING),
        (colours, labels.colours, N_COLOURS),
    ):
        truth = torch.from_numpy(token_labels(patches, empty)).to(tokens.device).flatten()
        weight = torch.ones(len(ids), device=tokens.device)
        weight[empty] = EMPTY
        logits = (pointed @ table[ids].T).flatten(0, 1)
        total = total + F.cross_entropy(logits, truth, weight, ignore_index=IGNORE)
    where = SHARPNESS * F.normalize(tokens.mean(1), dim=-1) @ table[places].T
    truth = torch.from_numpy(np.where(labels.places < len(places), labels.places, IGNORE))
    if (truth >= 0).any():
        truth = truth.to(tokens.device)
        total = total + F.cross_entropy(where, truth, ignore_index=IGNORE)
    return total
