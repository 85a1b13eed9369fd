"""Rows of `eye_pack`, padded to one length, as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch

from longtake.world.training.lessons.lessons import FACTS, LOOKS
from longtake.world.training.vlm.pack import IGNORE, Row, token_ids
from longtake.world.training.vlm.tokenizer import PAD


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded behind what comes before the turns, and at the end.

    Attributes:
        ids: int64 [B, L], as in `Row`; so are spots [3, B, L], targets, weights, hints and turn, [B, L].
        mask: bool [B, 1, L - lead, L], True where the turns may look.
        points: int64 [B, Q], as in `Row`, padded with any place.
        shown: bool [B, Q, LOOKS, L], False where `points` is padded.
        facts: float [B, Q, FACTS], NaN there.
        said: float [B, Q], NaN there.
        lead: where the turns begin, the same for all rows.
    """

    ids: torch.Tensor
    spots: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    hints: torch.Tensor
    turn: torch.Tensor
    points: torch.Tensor
    shown: torch.Tensor
    facts: torch.Tensor
    said: torch.Tensor
    lead: int

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        names = (field.name for field in fields(self) if field.name != "lead")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def collate(rows: Sequence[Row]) -> Batch:
    """Pad rows to one length, and their beginnings too."""
    lead = max(r.lead for r in rows)
    length = lead + max(len(r.ids) - r.lead for r in rows)

    def pad(name: str, fill: float) -> torch.Tensor:
        parts = []
        for row in rows:
            values = getattr(row, name)
            wide = np.full((*values.shape[:-1], length), fill, values.dtype)
            wide[..., : row.lead] = values[..., : row.lead]
            wide[..., lead : lead + len(row.ids) - row.lead] = values[..., row.lead :]
            parts.append(wide)
        return torch.from_numpy(np.stack(parts, axis=-2))

    turn = pad("turn", -1).long()
    same = (turn[:, None, :] == turn[:, lead:, None]) | (turn[:, None, :] == 0)
    mask = same & torch.ones(length, length, dtype=torch.bool).tril()[lead:]
    return Batch(
        pad("ids", token_ids()[PAD]).long(),
        pad("spots", 0).long(),
        mask[:, None],
        pad("targets", IGNORE).long(),
        pad("weights", 0.0),
        pad("hints", IGNORE).long(),
        turn,
        *_points(rows, lead, length),
        lead,
    )


def _points(
    rows: Sequence[Row], lead: int, length: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pad `points`, `shown`, `facts` and `said`."""
    most = max(len(r.points) for r in rows)
    points = np.full((len(rows), most), lead, np.int64)
    shown = np.zeros((len(rows), most, LOOKS, length), bool)
    facts = np.full((len(rows), most, FACTS), np.nan, np.float32)
    said = np.full((len(rows), most), np.nan, np.float32)
    for number, row in enumerate(rows):
        count, behind = len(row.points), lead + len(row.ids) - row.lead
        points[number, :count] = row.points + lead - row.lead
        shown[number, :count, :, : row.lead] = row.shown[..., : row.lead]
        shown[number, :count, :, lead:behind] = row.shown[..., row.lead :]
        facts[number, :count] = row.facts
        said[number, :count] = row.said
    return (
        torch.from_numpy(points),
        torch.from_numpy(shown),
        torch.from_numpy(facts),
        torch.from_numpy(said),
    )
