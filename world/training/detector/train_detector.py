"""Train the network that tells apart what stands close together, from a seed.

    python -m longtake.world.training.detector.train_detector --seed 0 --minutes 22 --out world/weights/group_detector
    python -m longtake.world.training.detector.train_detector --measure

Pictures are made from seeds (train/centre_pictures.py). The loss is CornerNet's focal loss (Law and
Deng 2018, arXiv:1808.01244), with the logarithm of the side at each middle; the saved weights are a
running average. A run is short and starts anew each time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from longtake.world.perception.group_detector import (
    STRIDE,
    Maps,
    detect_groups,
    load_group_detector,
)
from longtake.world.training.detector.network import GroupDetector, export, maps_of
from longtake.world.training.detector.pictures import GRID, HELD_OUT, Picture, make_picture
from longtake.world.training.encoder.data import SIZE
from longtake.world.training.encoder.train_encoder import rate

BATCH = 16
POOL, NEW = 3000, 6  # pictures kept, and new ones a step


def heat_of(middles: np.ndarray) -> np.ndarray:
    """Return the wanted map, float32 [h, w]: 1 at middles, falling off with the side."""
    heat = np.zeros(GRID, np.float32)
    ys, xs = np.mgrid[: GRID[0], : GRID[1]]
    for x, y, side in middles:
        cx, cy = int(x // STRIDE), int(y // STRIDE)
        spread = max(0.6, side / STRIDE / 6)
        heat = np.maximum(heat, np.exp(-((xs - cx) ** 2 + (ys - cy) ** 2) / (2 * spread**2)))
    return heat.astype(np.float32)


def loss_of(net: GroupDetector, pictures: list[Picture]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the focal loss of the middles and the mean error of the sides' logarithms."""
    pixels = torch.from_numpy(np.stack([p.pixels for p in pictures]))
    logits, sides = net(pixels.permute(0, 3, 1, 2).float() / 255)
    wanted = torch.from_numpy(np.stack([heat_of(p.middles) for p in pictures]))
    taught = torch.from_numpy(np.stack([p.taught for p in pictures]))
    odds = logits.sigmoid()
    hit = wanted >= 1
    right = -((1 - odds) ** 2) * F.logsigmoid(logits) * hit
    wrong = -((1 - wanted) ** 4) * odds**2 * F.logsigmoid(-logits) * (~hit & taught)
    count = hit.sum().clamp(min=1)
    rows, xs, ys, sizes = _at(pictures)
    off = (sides[rows, ys, xs] - torch.log(sizes / STRIDE)).abs()
    return (right + wrong).sum() / count, off.mean() if len(off) else off.sum()


def _at(pictures: list[Picture]) -> tuple[torch.Tensor, ...]:
    rows = np.concatenate([np.full(len(p.middles), i) for i, p in enumerate(pictures)])
    every = torch.from_numpy(np.concatenate([p.middles for p in pictures]))
    cells = (every[:, :2] / STRIDE).long()
    return torch.from_numpy(rows).long(), cells[:, 0], cells[:, 1], every[:, 2]


def measure(maps: Maps, pictures: list[Picture]) -> dict[str, float]:
    """Return precision and recall of middles, and how often all of a picture are right."""
    found = detect_groups(maps, np.stack([p.pixels for p in pictures]))
    hits = seen = wanted = whole = 0
    for picture, centres in zip(pictures, found, strict=True):
        spots = [(c.x * SIZE[0], c.y * SIZE[1]) for c in centres]
        spots = [s for s in spots if picture.taught[int(s[1] // STRIDE), int(s[0] // STRIDE)]]
        free = list(spots)
        here = 0
        for x, y, side in picture.middles:
            near = min(free, key=lambda s: np.hypot(s[0] - x, s[1] - y), default=None)
            if near is not None and np.hypot(near[0] - x, near[1] - y) < 0.35 * side:
                free.remove(near)
                here += 1
        hits, seen, wanted = hits + here, seen + len(spots), wanted + len(picture.middles)
        whole += here == len(picture.middles) == len(spots)
    return {
        "precision": hits / max(1, seen),
        "recall": hits / max(1, wanted),
        "whole": whole / len(pictures),
    }


def train(seed: int, minutes: float, out: Path) -> dict[str, float]:
    """Train for so many minutes, save the averaged weights, return the last measurement."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = GroupDetector()
    slow = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    averaged = slow.module
    assert isinstance(averaged, GroupDetector)
    stepper = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-4)
    base = seed * 2**32
    pool = [make_picture(base + i) for i in range(300)]
    held = [make_picture(HELD_OUT + i) for i in range(300)]
    drawn, began, step, told = len(pool), time.monotonic(), 0, 0.0
    heat_sum = 0.0
    while (spent := time.monotonic() - began) < minutes * 60:
        for _ in range(NEW):
            pool.append(make_picture(base + drawn))
            drawn += 1
        del pool[:-POOL]
        for group in stepper.param_groups:
            group["lr"] = 3e-3 * rate(spent / (minutes * 60))
        heat, side = loss_of(net, [pool[i] for i in rng.integers(0, len(pool), BATCH)])
        stepper.zero_grad()
        (heat + side).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        stepper.step()
        slow.update_parameters(net)
        step, heat_sum = step + 1, heat_sum + heat.item()
        if spent - told > 60:
            found, told = measure(maps_of(averaged.eval()), held), spent
            numbers = "  ".join(f"{k} {v:.3f}" for k, v in found.items())
            print(f"{spent / 60:5.1f} min  step {step}  heat {heat_sum:.2f}  {numbers}", flush=True)
            heat_sum = 0.0
            save(averaged, out)
    save(averaged, out)
    return measure(maps_of(averaged.eval()), held)


def save(net: GroupDetector, out: Path) -> None:
    """Write the weights in half precision, and their graph."""
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    half = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in net.state_dict().items()
    }
    save_file(half, out / "model.safetensors", {"format": "pt"})
    export(out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the group detector.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=22)
    parser.add_argument("--out", type=Path, default=Path("world/weights/group_detector"))
    parser.add_argument("--measure", action="store_true", help="only measure the shipped weights")
    options = parser.parse_args()
    if options.measure:
        first = HELD_OUT + 10_000  # apart from the pictures that a training looks at
        found = measure(load_group_detector(), [make_picture(first + i) for i in range(1000)])
    else:
        found = train(options.seed, options.minutes, options.out)
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
