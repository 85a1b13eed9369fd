"""Quick looks at the VLM while it trains, on held-out clips.

An answer counts as right when every token of it is the likeliest one: greedy decoding would then
write just this answer.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

from longtake.world.training.clips.film import make_clip
from longtake.world.training.clips.scene import HELD_OUT, Clip
from longtake.world.training.lessons.moments import KINDS, ask_one
from longtake.world.training.lessons.read import read
from longtake.world.training.vlm.batch import collate
from longtake.world.training.vlm.pack import IGNORE, Row, decode, encode, pack_row
from longtake.world.training.vlm.tower import merged, see, to_patches

GROUPS = {
    "caption": ("caption",),
    "single": ("colour", "object", "place", "seen", "companion"),
    "relation": ("relation",),
    "count": ("count",),
    "relevant": ("relevant", "exists"),
    "verify": ("verify",),
    "box": ("box",),
    "course": ("motion", "order", "repeats", "longest", "after"),
    "when": ("when",),
    "noted": ("noted", "mentioned"),
}


class Probe:
    """Held-out clips of one and of eight frames and questions about them, drawn once."""

    def __init__(self) -> None:
        self.sets = [self._draw(1, 72, 9), self._draw(8, 24, 12)]
        self.features: list[torch.Tensor] = []

    def _draw(self, length: int, count: int, asked: int) -> list[tuple[Clip, Row]]:
        drawn = []
        for i in range(count):
            clip = make_clip(HELD_OUT + i, length)
            rng = np.random.default_rng([HELD_OUT, length, i])
            names = list(
                rng.permutation([k for k in KINDS if k not in ("dense", "focus", "checklist")])
            )
            if length > 1:
                # the rare ones first, so that there are enough of them
                names.sort(key=lambda k: k not in GROUPS["course"])
            turns = [t for n in names if (t := ask_one(rng, clip, str(n)))][:asked]
            drawn.append((clip, pack_row([s.second for s in clip.visible], turns, 4000)))
        return drawn

    @torch.no_grad()
    def look(self, visual: Any) -> None:
        """Take the features of all clips; again only when the tower has changed."""
        self.features = []
        device = visual.pos_embed.weight.device
        for drawn in self.sets:
            parts = [see(visual, to_patches(clip.pixels).to(device)) for clip, _ in drawn]
            self.features.append(torch.stack(parts).half())

    @torch.no_grad()
    def measure(self, model: Any) -> dict[str, float]:
        """Return the share right by group, and the area under the curve of relevance."""
        right: dict[str, list[float]] = {}
        scores: list[tuple[float, bool]] = []
        device = str(model.model.visual.pos_embed.weight.device)
        for drawn, features in zip(self.sets, self.features, strict=True):
            for start in range(0, len(drawn), 8):
                rows = [row for _, row in drawn[start : start + 8]]
                batch = collate(rows).to(device)
                seen = features[start : start + 8].float().flatten(0, 1)
                logits = read(model, batch, merged(model.model.visual, seen)).cpu()
                self._score(rows, logits, right, scores)
        found = {
            g: _mean([x for k in kinds for x in right.get(k, [])]) for g, kinds in GROUPS.items()
        }
        return found | {"auc": area(scores)}

    def _score(
        self,
        rows: list[Row],
        logits: torch.Tensor,
        right: dict[str, list[float]],
        scores: list[tuple[float, bool]],
    ) -> None:
        yes, no = encode("yes")[0], encode("no")[0]
        at = 0
        for row in rows:
            for number, turn in enumerate(row.turns, 1):
                truth = row.targets[(row.turn == number) & (row.targets != IGNORE)]
                mine = logits[at : at + len(truth)]
                at += len(truth)
                guess = mine.argmax(-1).numpy()
                hit = float((guess == truth).all())
                if turn.task == "box" and turn.answer.startswith("<box>"):
                    hit = float(_overlap(guess, truth) >= 0.5)
                if turn.kind == "relevant":
                    scores.append((float(mine[0, yes] - mine[0, no]), turn.answer == "yes"))
                right.setdefault(turn.kind, []).append(hit)


def _overlap(guess: np.ndarray, truth: np.ndarray) -> float:
    boxes = [read_box(decode(list(x))) for x in (guess, truth)]
    return iou(*boxes) if all(boxes) else 0.0  # type: ignore[arg-type]


def read_box(text: str) -> tuple[float, ...] | None:
    """Return the four numbers of a box written as text, None where there is no sound one."""
    found = re.search(r"<box>\s*(\d+) (\d+) (\d+) (\d+)</box>", text)
    if not found:
        return None
    x0, y0, x1, y1 = (int(n) / 1000 for n in found.groups())
    return (x0, y0, x1, y1) if x0 < x1 <= 1 and y0 < y1 <= 1 else None


def iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Return intersection over union of two boxes."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (both - width * height)


def area(scores: list[tuple[float, bool]]) -> float:
    """Return the area under the ROC curve: how often a yes scores above a no; ties count half."""
    yes = np.array([s for s, truth in scores if truth])
    no = np.array([s for s, truth in scores if not truth])
    if not len(yes) or not len(no):
        return float("nan")
    return float(((yes[:, None] > no).mean() + (yes[:, None] >= no).mean()) / 2)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
