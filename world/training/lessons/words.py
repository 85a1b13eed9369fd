"""The merger's lesson: every token of a frame names what it shows, in the decoder's own words.

A caption is one hint about 45 tokens; which of them shows the fish, the decoder would have to find
out by itself. The renderer knows, so the tokens are drawn towards the embeddings of the words for
what they show. The decoder then finds things by their names, and names them by what it finds.

Names of objects, colours and places are codes: each kind has a few dimensions of its own, far fewer
than it has names. To compare a word with what is seen, a decoder must learn one small map instead
of a direction for every name, and what one fish teaches holds for every hat.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from longtake.world.scenes.objects import OBJECTS, plural
from longtake.world.scenes.places import PLACES
from longtake.world.training.clips.scene import COLOUR_NAMES
from longtake.world.training.encoder.data import N_COLOURS, NOTHING
from longtake.world.training.lessons.dense import Labels
from longtake.world.training.lessons.lessons import APART, PLAIN, WAVES, spell
from longtake.world.training.vlm.pack import encode
from longtake.world.training.vlm.tokenizer import SIDES
from longtake.world.training.vlm.tower import MERGE

IGNORE = -100
SHARPNESS = 12.0  # of a cosine, before the softmax
FINE = 0.03  # below this an error of a fact counts by its square
SPELLED = 0.3  # weight of facts that are spelled: their errors are larger
EMPTY = 0.1  # weight of a token that shows nothing: most do
# what numbers say of a thing (eye_pack.Point), in tokens that show it and at its name
FACT_PART, SPELLED_PART = slice(48, 48 + PLAIN), slice(67, 67 + 4 * len(WAVES))
SAID_PART = slice(59, 60)  # the number that is to be said next
MIDDLE_PART = slice(79, 80)  # how many things have their middle in a token, over one
APART_PART = slice(80, 80 + APART)
NUMBER_PART = slice(60, 67)  # what the sides of boxes are spelled in: fixed codes, near for near
# the dimensions of codes: objects (and their plurals), colours, places
OBJECT_PART, COLOUR_PART, PLACE_PART = slice(0, 24), slice(24, 34), slice(34, 48)


@lru_cache(maxsize=1)
def word_ids() -> tuple[list[int], list[int], list[int]]:
    """Return the tokens that name objects (then nothing, then a sign), colours (none), places."""
    objects = [*OBJECTS, "nothing", "sign"]
    return tuple(
        [encode(f" {w}")[0] for w in words]
        for words in (objects, [*COLOUR_NAMES, "nothing"], [*PLACES])
    )  # type: ignore[return-value]


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


def confine(embedding: torch.nn.Embedding) -> None:
    """Keep names to the dimensions of their kind, now and in all steps to come."""
    allowed = code_mask(embedding.weight)
    with torch.no_grad():
        # as long as the other words, in fewer dimensions
        size = embedding.weight.norm(dim=1, keepdim=True)
        embedding.weight.mul_(allowed)
        embedding.weight.mul_(size / embedding.weight.norm(dim=1, keepdim=True).clamp(min=1e-6))
        sides, codes = side_codes()
        embedding.weight[sides] = 0.0
        embedding.weight[sides, NUMBER_PART] = codes.to(embedding.weight)
    embedding.weight.register_hook(lambda grad: grad * allowed.to(grad.device))


def code_mask(weight: torch.Tensor) -> torch.Tensor:
    """Return 1 where a word may have a value and 0 elsewhere, of the shape of the embeddings."""
    allowed = torch.ones_like(weight)
    objects, colours, places = (set(ids) for ids in word_ids())
    objects |= {encode(f" {plural(o)}")[0] for o in OBJECTS}
    for ids, part in ((objects, OBJECT_PART), (colours, COLOUR_PART), (places, PLACE_PART)):
        rows = torch.tensor(sorted(ids - (objects & colours)))
        allowed[rows] = 0.0
        allowed[rows, part] = 1.0
    allowed[side_codes()[0]] = 0.0
    nothing = torch.tensor(sorted(objects & colours))
    allowed[nothing] = 0.0
    allowed[nothing, OBJECT_PART.start : COLOUR_PART.stop] = 1.0
    return allowed


def side_codes() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the tokens that are sides of boxes, int64 [200], and their codes, [200, 7].

    The last dimension tells those with a space before them from those without.
    """
    ids = torch.tensor([encode(mark + side)[0] for mark in ("", " ") for side in SIDES])
    codes = torch.from_numpy(spell(np.arange(len(SIDES)) / len(SIDES))).repeat(2, 1)
    spaced = torch.ones(len(ids), 1)
    spaced[: len(SIDES)] = -1.0
    return ids, torch.cat([codes, spaced], dim=1)


def name_plurals(embedding: torch.nn.Embedding) -> None:
    """Give plurals the codes of what they are many of."""
    one = torch.tensor([encode(f" {o}")[0] for o in OBJECTS])
    many = torch.tensor([encode(f" {plural(o)}")[0] for o in OBJECTS])
    with torch.no_grad():
        embedding.weight[many] = embedding.weight[one]


def word_loss(model: Any, tokens: torch.Tensor, labels: Labels) -> torch.Tensor:
    """Return how badly tokens name what they show, and frames their place.

    Args:
        model: the whole model.
        tokens: of frames, [N, 45, width], from `eye_tower.merged`.
        labels: of the same frames.
    """
    table = model.model.language_model.embed_tokens.weight
    objects, colours, places = word_ids()
    total = tokens.new_zeros(())
    for ids, part, patches, empty in (
        (objects, OBJECT_PART, labels.objects, NOTHING),
        (colours, COLOUR_PART, labels.colours, N_COLOURS),
    ):
        truth = torch.from_numpy(token_labels(patches, empty)).to(tokens.device).flatten()
        weight = torch.ones(len(ids), device=tokens.device)
        weight[empty] = EMPTY
        logits = _point(tokens[..., part], table[ids][:, part]).flatten(0, 1)
        total = total + F.cross_entropy(logits, truth, weight, ignore_index=IGNORE)
    where = _point(tokens[..., PLACE_PART].mean(1), table[places][:, PLACE_PART])
    truth = torch.from_numpy(np.where(labels.places < len(places), labels.places, IGNORE))
    if (truth >= 0).any():
        truth = truth.to(tokens.device)
        total = total + F.cross_entropy(where, truth, ignore_index=IGNORE)
    return total


def spot_loss(tokens: torch.Tensor, labels: Labels) -> torch.Tensor:
    """Return how badly tokens say, in the dimensions for it, where the thing in them is."""
    boxes = torch.from_numpy(labels.boxes).unflatten(1, (-1, MERGE**2)).nanmean(2)
    spots = torch.from_numpy(spell((boxes[..., :2] + boxes[..., 2:]).numpy() / 2)).flatten(2)
    plain = part_loss(tokens, (2 * boxes - 1).to(tokens.device), FACT_PART)
    plain = plain + SPELLED * part_loss(tokens, spots.to(tokens.device), SPELLED_PART)
    middles = torch.from_numpy(labels.middles - 1).to(tokens.device)[..., None]
    return plain + part_loss(tokens, middles, MIDDLE_PART)


def fact_loss(x: torch.Tensor, facts: torch.Tensor, compared: bool = True) -> torch.Tensor:
    """Return how far a state [..., width] is from facts [..., FACTS]; `compared` with another too."""
    plain, spelled, apart = facts.split([PLAIN, facts.shape[-1] - PLAIN - APART, APART], dim=-1)
    loss = part_loss(x, plain, FACT_PART) + SPELLED * part_loss(x, spelled, SPELLED_PART)
    return loss + part_loss(x, apart, APART_PART) if compared else loss


def part_loss(x: torch.Tensor, facts: torch.Tensor, part: slice) -> torch.Tensor:
    """Return how far a state [..., width] is from facts [..., F] in the first of a part's dimensions."""
    known = ~facts.isnan()
    if not known.any():
        return x.new_zeros(())
    mine = F.rms_norm(x, x.shape[-1:])[..., part.start : part.start + facts.shape[-1]]
    return F.smooth_l1_loss(mine[known].float(), facts[known], beta=FINE)


def _point(tokens: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    return SHARPNESS * F.normalize(tokens, dim=-1) @ F.normalize(codes, dim=-1).T
