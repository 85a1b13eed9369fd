"""Train the network that tells apart what stands close together, from a seed.

    python -m train.centres --seed 0 --minutes 25 --out models/embedded/centres

Pictures are made from seeds: groups of one to nine alike in rows or anywhere, crowds, nothing at
all, on places and on footage that is none, in the sizes that whole frames and crops show. What is
hidden or cut off by more than half is taught neither way. The loss is CornerNet's focal loss (Law
and Deng 2018), with the logarithm of the side at each middle.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from longtake.models.centres import STRIDE, CentreNet, find_centres
from train.backgrounds import place_view, unknown_view
from train.data import (
    N_COLOURS,
    N_OBJECTS,
    N_PLACES,
    NOTHING,
    SIZE,
    _add_signs,
    _choose_sprites,
    _claim,
    _cut_sprite,
    _Layer,
    _wear,
)
from train.encoder import rate

HELD_OUT = 2**40
SMALLEST = 12.0  # pixels: smaller sprites are taught neither way
CLEAR, HIDDEN = 0.55, 0.3  # shares in view from which a sprite is taught, and below which it is not
GRID = (SIZE[1] // STRIDE, SIZE[0] // STRIDE)
BATCH = 16
POOL, NEW = 3000, 6  # pictures kept, and new ones a step


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the middles in it.

    Attributes:
        pixels: uint8 [H, W, 3].
        middles: float32 [K, 3]: x, y and side in pixels.
        taught: bool [h, w]: cells that are taught.
    """

    pixels: np.ndarray
    middles: np.ndarray
    taught: np.ndarray


def make_picture(seed: int) -> Picture:
    """Draw the picture of a seed; those from `HELD_OUT` on are for measuring."""
    rng = np.random.default_rng([seed, 77])
    zoom = float(np.exp(rng.uniform(0, np.log(3)))) if rng.random() < 0.8 else 1.0
    place = int(rng.integers(N_PLACES)) if rng.random() < 0.85 else N_PLACES
    ground = place_view(rng, place, SIZE, zoom) if place < N_PLACES else unknown_view(rng, SIZE)
    picture = ground.convert("RGB")
    owner = np.full((SIZE[1], SIZE[0]), NOTHING, np.int16)
    _add_signs(rng, picture, owner, zoom)
    style = rng.random()
    layers = _crowd(rng, zoom) if style < 0.35 else _rows(rng, zoom) if style < 0.95 else []
    for number, layer in enumerate(layers):
        picture.paste(layer.image, (layer.left, layer.top), layer.image)
        _claim(owner, layer, 100 + number)
    return _labelled(np.asarray(_wear(rng, picture)), owner, layers)


def _crowd(rng: np.random.Generator, zoom: float) -> list[_Layer]:
    return _choose_sprites(rng, zoom, 1.5)


def _rows(rng: np.random.Generator, zoom: float) -> list[_Layer]:
    """One to nine alike side by side, as films group them, and a few others around."""
    number = int(rng.integers(1, 10))
    item, colour = int(rng.integers(N_OBJECTS)), int(rng.integers(N_COLOURS))
    side = SIZE[1] * zoom * rng.uniform(0.13, 0.3)
    side = min(side, 0.45 * SIZE[1])
    columns = number if number <= 3 else -(-number // 2)
    if rng.random() < 0.2:
        columns = int(rng.integers(1, number + 1))
    step, wild = side * rng.uniform(0.95, 1.3), rng.uniform(0, 0.06)
    rows = -(-number // columns)
    left = rng.uniform(-0.2 * step, max(0.0, SIZE[0] - (columns - 0.2) * step))
    top = rng.uniform(-0.2 * step, max(0.0, SIZE[1] - (rows - 0.2) * step))
    layers = []
    for k in range(number):
        image = _cut_sprite(rng, item, colour, side * rng.uniform(0.92, 1))
        x = left + (k % columns + 0.5 + rng.normal(0, wild)) * step
        y = top + (k // columns + 0.5 + rng.normal(0, wild)) * step
        at = int(x - image.width / 2), int(y - image.height / 2)
        layers.append(_Layer(item, colour, image, *at))
    for _ in range(int(rng.integers(0, 3))):
        near = rng.random() < 0.6
        other = item if near else int(rng.integers(N_OBJECTS))
        size = SIZE[1] * zoom * rng.uniform(0.17, 0.36)
        image = _cut_sprite(rng, other, int(rng.integers(N_COLOURS)), min(size, 0.6 * SIZE[1]))
        spot = [rng.uniform(-0.2 * s, SIZE[i] - 0.8 * s) for i, s in enumerate(image.size)]
        layers.insert(0, _Layer(other, colour, image, int(spot[0]), int(spot[1])))
    return layers


def _labelled(pixels: np.ndarray, owner: np.ndarray, layers: list[_Layer]) -> Picture:
    taught, middles = np.ones(GRID, bool), []
    for number, layer in enumerate(layers):
        width, height = layer.image.size
        x, y, side = layer.left + width / 2, layer.top + height / 2, max(width, height)
        whole = max(1, int((np.asarray(layer.image.getchannel("A")) > 110).sum()))
        seen = float((owner == 100 + number).sum()) / whole
        inside = 0 <= x < SIZE[0] and 0 <= y < SIZE[1]
        if seen >= CLEAR and side >= SMALLEST and inside:
            middles.append((x, y, side))
        elif seen >= HIDDEN or (side < SMALLEST and seen > 0):
            y0, x0 = max(0, layer.top // STRIDE), max(0, layer.left // STRIDE)
            taught[
                y0 : -(-(layer.top + height) // STRIDE), x0 : -(-(layer.left + width) // STRIDE)
            ] = False
    return Picture(pixels, np.array(middles, np.float32).reshape(-1, 3), taught)


def heat_of(middles: np.ndarray) -> np.ndarray:
    """Return the wanted map, float32 [h, w]: 1 at middles, falling off with the side."""
    heat = np.zeros(GRID, np.float32)
    ys, xs = np.mgrid[: GRID[0], : GRID[1]]
    for x, y, side in middles:
        cx, cy = int(x // STRIDE), int(y // STRIDE)
        spread = max(0.6, side / STRIDE / 6)
        heat = np.maximum(heat, np.exp(-((xs - cx) ** 2 + (ys - cy) ** 2) / (2 * spread**2)))
    return heat.astype(np.float32)


def loss_of(net: CentreNet, pictures: list[Picture]) -> tuple[torch.Tensor, torch.Tensor]:
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


def measure(net: CentreNet, pictures: list[Picture]) -> dict[str, float]:
    """Return precision and recall of middles, and how often all of a picture are right."""
    net.eval()
    found = find_centres(net, np.stack([p.pixels for p in pictures]))
    net.train()
    hits = seen = wanted = whole = 0
    for picture, centres in zip(pictures, found, strict=True):
        spots = [(c.x * SIZE[0], c.y * SIZE[1]) for c in centres if c.score >= 0.4]
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
    net = CentreNet()
    slow = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
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
            found, told = measure(slow.module, held), spent
            numbers = "  ".join(f"{k} {v:.3f}" for k, v in found.items())
            print(f"{spent / 60:5.1f} min  step {step}  heat {heat_sum:.2f}  {numbers}", flush=True)
            heat_sum = 0.0
            save(slow.module, out)
    save(slow.module, out)
    return measure(slow.module, held)


def save(net: CentreNet, out: Path) -> None:
    """Write the weights in half precision."""
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    half = {k: v.half().contiguous() for k, v in net.state_dict().items() if v.is_floating_point()}
    save_file(half, out / "model.safetensors", {"format": "pt"})


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the network of middles.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--out", type=Path, default=Path("models/embedded/centres"))
    options = parser.parse_args()
    print(train(options.seed, options.minutes, options.out))


if __name__ == "__main__":
    main()
