"""Train the embedded CLIP on the rendered world, from a seed.

    python -m longtake.world.training.encoder.train_encoder --seed 0 --minutes 60 --out world/weights/clip

First the patches are taught what covers them (object, colour) and the picture its place, through
heads that are thrown away; then pictures and patches are compared with worded statements by the
pairwise sigmoid loss (SigLIP, Zhai et al. 2023, arXiv:2303.15343), so that the sigmoid of a score
is a probability. Matrices are stepped by Muon (Jordan et al. 2024), the rest by AdamW, and the
exported weights are a running average. A run that was cut off goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from longtake.world.training.encoder.clip_model import (
    build_model,
    export_model,
    fit_positions,
    look,
    to_pixels,
)
from longtake.world.training.encoder.log import Log
from longtake.world.training.encoder.losses import Contrast, Heads, dense_loss
from longtake.world.training.encoder.muon import Steppers
from longtake.world.training.encoder.probe import Probe
from longtake.world.training.encoder.producer import Producer
from longtake.world.training.encoder.replicas import Replicas, spawn
from longtake.world.training.encoder.statements import thin

# of the parts of the loss, before and after statements join
WEIGHTS = ({"dense": 1.0}, {"dense": 0.5, "picture": 2.0, "patch": 1.0})


@dataclass(frozen=True, slots=True)
class Options:
    """How to train; minutes are wall clock, summed over resumed runs."""

    seed: int
    minutes: float
    out: Path
    work: Path
    batch: int
    replicas: int
    dense_share: float
    lr: float
    start: Path | None


def rate(progress: float) -> float:
    """Return the share of the base learning rate: a short rise, then a cosine down to 2 %."""
    rise = min(1.0, progress / 0.01 + 0.02)
    return rise * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, progress))))


class Run:
    """One training run and everything that a checkpoint of it holds."""

    def __init__(self, options: Options, replicas: Replicas) -> None:
        torch.manual_seed(options.seed)
        self.options, self.replicas = options, replicas
        self.model = build_model()
        self.heads = Heads(self.model.visual.ln_post.weight.shape[0])  # type: ignore[union-attr]
        self.steppers = Steppers([self.model, self.heads], options.lr)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.step, self.seconds = 0, 0.0
        self.file = options.work / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "heads": self.heads.state_dict(),
            "average": self.average.state_dict(),
            "steppers": self.steppers.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        aside = self.file.with_suffix(".part")
        torch.save(state, aside)
        os.replace(aside, self.file)

    def load(self) -> bool:
        """Go on from the checkpoint if there is one; say whether there was."""
        if not self.file.is_file():
            if self.options.start:
                self._begin_with(self.options.start)
            return False
        state = torch.load(self.file, weights_only=True)
        for name in ("model", "heads", "average"):
            getattr(self, name).load_state_dict(state[name])
        self.steppers.load_state_dict(state["steppers"])
        self.step, self.seconds = state["step"], state["seconds"]
        return True

    def _begin_with(self, file: Path) -> None:
        """Take over weights, a checkpoint's or exported ones; their pictures may differ in size."""
        if file.suffix == ".safetensors":
            weights = {k: v.float() for k, v in load_file(file).items()}
        else:
            state = torch.load(file, weights_only=True)
            weights = state["average"]
            self.heads.load_state_dict(state["heads"])
        name = "visual.positional_embedding"
        weights[name] = fit_positions(weights[name])
        self.model.load_state_dict(weights)
        self.average.load_state_dict(weights)

    def train_step(self, contrast: Contrast, producer: Producer, worded: bool) -> dict[str, float]:
        """Take one step; return the parts of the loss.

        Crowded steps look at half of the patches, those with sprites first, and teach patches only;
        plain ones look at whole frames as films have them, and teach the picture too.
        """
        crowded = not worded or self.step % 2 == 1
        batch, keep = producer.next(crowded), None
        number = self.step * self.replicas.count + self.replicas.rank
        if crowded:
            batch, kept = thin(np.random.default_rng([self.options.seed, number]), batch)
            keep = torch.from_numpy(kept)
        pooled, patches = look(self.model.visual, to_pixels(batch.pixels), keep)  # type: ignore[arg-type]
        losses = {"dense": dense_loss(self.heads, pooled, patches, batch)}
        if worded:
            whole = None if crowded else pooled
            losses |= contrast.loss(self.model, whole, patches, batch, number)
        loss = sum(
            losses[name] * weight for name, weight in WEIGHTS[worded].items() if name in losses
        )
        assert isinstance(loss, torch.Tensor)
        loss.backward()
        self.replicas.average([*self.model.parameters(), *self.heads.parameters()])
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        progress = self.seconds / (self.options.minutes * 60)
        self.steppers.step(rate(progress))
        self._follow()
        self.step += 1
        return {name: part.item() for name, part in losses.items()}

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running average towards the weights; faster while they are young."""
        decay = min(0.998, (1 + self.step) / (20 + self.step))
        for slow, fast in zip(self.average.parameters(), self.model.parameters(), strict=True):
            slow.lerp_(fast, 1 - decay)


def train(rank: int, options: Options) -> None:
    """Train until the minutes are spent, probing, logging and exporting on the way."""
    torch.set_num_threads(1)
    replicas = Replicas(rank, options.replicas, options.work / "meeting")
    run = Run(options, replicas)
    resumed = run.load()
    total = options.minutes * 60
    books = None
    if replicas.first:
        print(
            f"{'resumed' if resumed else 'started'} at step {run.step}, {run.seconds / 60:.1f} min"
        )
        export_model(run.average, options.out)
        books = Books(options)
    replicas.agree(0.0)  # the others wait until the tokenizer is written
    contrast = Contrast(options.out, options.seed)
    # every replica sees pictures of its own
    producer = Producer(options.seed * 64 + rank, run.step, options.batch)
    try:
        while run.seconds < total:
            started = time.monotonic()
            worded = run.seconds >= options.dense_share * total
            parts = run.train_step(contrast, producer, worded)
            run.seconds = replicas.agree(run.seconds + time.monotonic() - started)
            if books:
                books.note(run, parts, worded)
    finally:
        producer.close()
        replicas.close()


class Books:
    """The first replica's duties: probe, log, checkpoint, export."""

    def __init__(self, options: Options) -> None:
        self.options, self.probe = options, Probe(options.out)
        self.log = Log(options.work / "log.csv")
        self.next: float | None = None

    def note(self, run: Run, parts: dict[str, float], worded: bool) -> None:
        """Count a step, and write everything down when it is time."""
        total = self.options.minutes * 60
        pause = max(60.0, min(150.0, total / 12))
        due = run.seconds + pause if self.next is None else self.next
        self.next = due
        self.log.add(parts)
        if run.seconds >= min(due, total):
            self.next = run.seconds + pause
            found = self.probe.measure(run.average, run.heads, worded)
            self.log.write(run.seconds / 60, self.options.minutes, run.step, found)
            run.save()
            if worded:
                export_model(run.average, self.options.out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the embedded CLIP on the rendered world.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60, help="wall clock, all runs together")
    parser.add_argument("--out", type=Path, default=Path("world/weights/clip"))
    parser.add_argument(
        "--work", type=Path, default=Path("runs/train-encoder"), help="checkpoint, log"
    )
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--replicas", type=int, default=2, help="one-thread trainers side by side")
    parser.add_argument("--dense-share", type=float, default=0.25, help="of the time, labels only")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--start", type=Path, help="begin with these weights (.pt, .safetensors)")
    options = Options(**vars(parser.parse_args()))
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "meeting").unlink(missing_ok=True)
    others = spawn(train, options.replicas, (options,))
    train(0, options)
    for process in others:
        process.join(30)


if __name__ == "__main__":
    main()
