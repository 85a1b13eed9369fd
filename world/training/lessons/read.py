"""The decoder over packed rows, through its own layers, with nothing computed that is not needed.

It says what `Qwen3VLForConditionalGeneration` says. What comes before the questions does not look
at them, so it attends to itself only; and of the last layer only the answers are computed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from longtake.world.training.lessons.lessons import (
    ANYWHERE,
    COPIED,
    COUNTED,
    DECIDES,
    FIRST,
    LAST,
    NEXT,
    OTHER,
)
from longtake.world.training.lessons.words import SAID_PART, fact_loss, part_loss
from longtake.world.training.vlm.batch import Batch
from longtake.world.training.vlm.pack import IGNORE
from longtake.world.training.vlm.tower import turn_by

# what a layer's first heads look at; behind the first three such layers facts are known
POINTING = {
    1: (ANYWHERE, ANYWHERE),
    2: (FIRST, LAST),
    3: (NEXT, COUNTED, OTHER),
    4: (COPIED, DECIDES),
}
KNOWN = (1, 2, 3)


def read(
    model: Any, batch: Batch, tokens: torch.Tensor, lessons: dict[str, torch.Tensor] | None = None
) -> torch.Tensor:
    """Return logits [K, vocabulary] at the K places that are to be learned, row by row.

    Args:
        model: the whole model.
        batch: of `eye_batch.collate`.
        tokens: of all the batch's frames, [F, 45, width], from `eye_tower.merged`.
        lessons: takes three losses, `looks`: of looking elsewhere than the batch's points say,
            `facts`: of not knowing what they say, and the number to be said next, and `hints`: of
            not knowing these before the last layer, which is to use them.
    """
    decoder = model.model.language_model
    x = _embed(model, batch.ids, tokens)
    cos, sin = (part[:, None] for part in decoder.rotary_emb(x, batch.spots))
    *layers, last = decoder.layers
    for number, layer in enumerate(layers):
        looks: list[torch.Tensor] = []
        masks = POINTING.get(number) if lessons is not None else None
        attended = _attend(layer, x, cos, sin, batch, masks, looks)
        x = _finish(layer, x, attended)
        if lessons is not None:
            looked = sum(looks, start=x.new_zeros(()))
            lessons["looks"] = lessons.get("looks", 0.0) + looked / len(KNOWN)
            if number in KNOWN:
                # what is seen in one frame only needs no look at the first and the last
                known = _at_once(batch.facts) if number == KNOWN[0] else batch.facts
                part = fact_loss(_take(x, batch.points), known, number == KNOWN[-1]) / len(KNOWN)
                lessons["facts"] = lessons.get("facts", 0.0) + part
    if lessons is not None:
        _before_last(model, x, batch, lessons)
    taught = batch.targets != IGNORE
    rows, valid = _places(taught)
    attended = _attend_from(last, x, cos, sin, batch, rows)
    x = _finish(last, _take(x, rows), attended)[valid]
    return model.lm_head(decoder.norm(x))


def _before_last(
    model: Any, x: torch.Tensor, batch: Batch, lessons: dict[str, torch.Tensor]
) -> None:
    """Add the losses of what the last layer is to find in the states x."""
    said = part_loss(_take(x, batch.points), batch.said[..., None], SAID_PART)
    lessons["facts"] = lessons.get("facts", 0.0) + said
    hinted = batch.hints != IGNORE
    if hinted.any():
        logits = model.lm_head(model.model.language_model.norm(x[hinted]))
        lessons["hints"] = F.cross_entropy(logits.float(), batch.hints[hinted])


def answer_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the weighted cross-entropy of the answers."""
    taught = batch.targets != IGNORE
    weights = batch.weights[taught]
    losses = F.cross_entropy(logits.float(), batch.targets[taught], reduction="none")
    return (losses * weights).sum() / weights.sum()


def _embed(model: Any, ids: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return embeddings [B, L, width] with the frames' tokens in their places."""
    x = model.model.language_model.embed_tokens(ids)
    here = (ids == model.config.image_token_id)[:, :, None].expand_as(x)
    return x.masked_scatter(here, tokens.to(x.dtype))


def _project(
    layer: Any, part: str, x: torch.Tensor, cos: torch.Tensor | None, sin: torch.Tensor | None
) -> torch.Tensor:
    """Return queries, keys or values [B, heads, L, head], turned by their positions."""
    attention = layer.self_attn
    y = getattr(attention, f"{part}_proj")(x).unflatten(-1, (-1, attention.head_dim))
    if cos is None or sin is None:
        return y.transpose(1, 2)
    return turn_by(_norm(getattr(attention, f"{part}_norm"), y).transpose(1, 2), cos, sin)


def _norm(norm: Any, x: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, norm.weight.shape, norm.weight, norm.variance_epsilon)


def _attend(
    layer: Any,
    x: torch.Tensor,
    cos: torch.Tensor,
    sin: torch.Tensor,
    batch: Batch,
    masks: tuple[int, ...] | None,
    looks: list[torch.Tensor],
) -> torch.Tensor:
    """Return what the layer's attention gives, [B, L, width], before its last projection."""
    h, lead = _norm(layer.input_layernorm, x), batch.lead
    q, k = (_project(layer, part, h, cos, sin) for part in "qk")
    if masks:
        looks.append(_look_loss(q, k, batch, masks))
    v = _project(layer, "v", h, None, None)
    first = F.scaled_dot_product_attention(
        q[:, :, :lead], k[:, :, :lead], v[:, :, :lead], is_causal=True, enable_gqa=True
    )
    rest = F.scaled_dot_product_attention(q[:, :, lead:], k, v, batch.mask, enable_gqa=True)
    return torch.cat([first, rest], dim=2).transpose(1, 2).flatten(2)


def _attend_from(
    layer: Any,
    x: torch.Tensor,
    cos: torch.Tensor,
    sin: torch.Tensor,
    batch: Batch,
    rows: torch.Tensor,
) -> torch.Tensor:
    """Return the attention's output at some places only, [B, A, width]; `rows` is int64 [B, A]."""
    h = _norm(layer.input_layernorm, x)
    k, v = _project(layer, "k", h, cos, sin), _project(layer, "v", h, None, None)
    q = _project(
        layer, "q", _take(h, rows), *(_take(part[:, 0], rows)[:, None] for part in (cos, sin))
    )
    at = (rows - batch.lead).clamp(min=0)
    mask = batch.mask[:, 0].gather(1, at[:, :, None].expand(-1, -1, batch.mask.shape[3]))
    out = F.scaled_dot_product_attention(q, k, v, mask[:, None], enable_gqa=True)
    return out.transpose(1, 2).flatten(2)


def _look_loss(
    q: torch.Tensor, k: torch.Tensor, batch: Batch, masks: tuple[int, ...]
) -> torch.Tensor:
    """Return how little the first heads look at what they should, from names."""
    rows = batch.points[:, None, :, None].expand(-1, len(masks), -1, q.shape[3])
    keys = k.repeat_interleave(q.shape[1] // k.shape[1], dim=1)[:, : len(masks)]
    scores = q[:, : len(masks)].gather(2, rows) @ keys.mT * q.shape[3] ** -0.5
    at = (batch.points - batch.lead)[:, :, None].expand(-1, -1, batch.mask.shape[3])
    scores = scores.masked_fill(~batch.mask[:, 0].gather(1, at)[:, None], float("-inf"))
    seen = scores.float().log_softmax(-1)
    shown = torch.stack([batch.shown[:, :, mask] for mask in masks], dim=1)
    taught = shown.any(-1)
    # a finite floor, so that padded places give no gradient that is not a number
    mass = seen.masked_fill(~shown, -1e4).logsumexp(-1)
    if COUNTED in masks:
        at = masks.index(COUNTED)
        size = shown[:, at].sum(-1).clamp(min=1)
        even = seen[:, at].masked_fill(~shown[:, at], 0.0).sum(-1) / size + size.log()
        mass = torch.cat([mass[:, :at], even[:, None], mass[:, at + 1 :]], dim=1)
    return -(mass * taught).sum() / taught.sum().clamp(min=1)


def _at_once(facts: torch.Tensor) -> torch.Tensor:
    """Return facts about what is in a single frame, NaN for the rest."""
    single = facts[..., 8:9] == facts[..., 9:10]
    return facts.masked_fill(~single, float("nan"))


def _finish(layer: Any, x: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
    x = x + layer.self_attn.o_proj(attended)
    h, mlp = _norm(layer.post_attention_layernorm, x), layer.mlp
    return x + mlp.down_proj(F.silu(mlp.gate_proj(h)) * mlp.up_proj(h))


def _places(taught: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the places of the answers [B, A], padded, and which of them are real."""
    counts = taught.sum(1)
    order = taught.int().argsort(dim=1, descending=True, stable=True)[:, : int(counts.max())]
    return order, torch.arange(order.shape[1], device=taught.device) < counts[:, None]


def _take(x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return x [B, L, C] at the places [B, A]."""
    return x.gather(1, rows[:, :, None].expand(-1, -1, x.shape[2]))
