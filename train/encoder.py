"""Train the embedded CLIP on the rendered world, from a seed.

    python -m train.encoder --seed 0 --minutes 60 --out models/embedded/clip

First the patches are taught what covers them (object, colour) and the picture its place, through
heads that are thrown away; then pictures and patches are compared with worded statements by the
pairwise sigmoid loss (SigLIP, Zhai et al. 2023, arXiv:2303.15343), so that the sigmoid of a score
is a probability. Matrices are stepped by Muon (Jordan et al. 2024), the rest by AdamW, and the
exported weights are a running average. A run that was cut off goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import multiprocessing
import os
import random
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from queue import Full

import numpy as np
import torch
from torch import nn

from train.clip_model import build_model, export_model, look, to_pixels
from train.data import make_sample
from train.losses import Contrast, Heads, dense_loss
from train.muon import Steppers
from train.probe import Probe
from train.replicas import Replicas, spawn
from train.statements import Batch, stack, thin


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


def _produce(queue: multiprocessing.Queue, seed: int, first: int, batch: int, crowd: float) -> None:
    """Render batches until the trainer is gone, in a process of its own."""
    os.nice(2)
    torch.set_num_threads(1)
    number, parent = first, os.getppid()
    while os.getppid() == parent:
        base = seed * 2**33 + number * batch
        made = stack([make_sample(base + i, crowd) for i in range(batch)])
        while os.getppid() == parent:
            try:
                queue.put(made, timeout=5)
                break
            except Full:
                continue
        number += 1
    queue.cancel_join_thread()


class Producer:
    """A process that renders training batches ahead of the trainer."""

    def __init__(self, options: Options, run: Run, crowd: float) -> None:
        context = multiprocessing.get_context("spawn")
        self.queue = context.Queue(maxsize=2)
        self.turn = 0
        self.recent: deque[Batch] = deque(maxlen=100)
        self.luck = random.Random(options.seed)
        seed = options.seed * 64 + run.replicas.rank  # every replica sees pictures of its own
        self.process = context.Process(
            target=_produce, args=(self.queue, seed, run.step, options.batch, crowd), daemon=True
        )
        self.process.start()

    def next(self) -> Batch:
        """Return a new batch at every third step, otherwise one of the last hundred again.

        Rendering would take as much of the processor as learning does; a picture is worth a few
        looks.
        """
        self.turn += 1
        if len(self.recent) < 8 or (self.turn % 3 == 0 and not self.queue.empty()):
            self.recent.append(self.queue.get(timeout=600))
            return self.recent[-1]
        return self.luck.choice(self.recent)

    def close(self) -> None:
        """Stop the process."""
        self.process.terminate()
        self.process.join()


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
            return False
        state = torch.load(self.file, weights_only=True)
        for name in ("model", "heads", "average"):
            getattr(self, name).load_state_dict(state[name])
        self.steppers.load_state_dict(state["steppers"])
        self.step, self.seconds = state["step"], state["seconds"]
        return True

    def train_step(self, contrast: Contrast, batch: Batch, worded: bool) -> dict[str, float]:
        """Take one step; return the parts of the loss."""
        keep = None
        if not worded:  # bare ground teaches little: half of the patches are not looked at
            rng = np.random.default_rng([self.options.seed, self.step, self.replicas.rank])
            batch, kept = thin(rng, batch, 60)
            keep = torch.from_numpy(kept)
        pooled, patches = look(self.model.visual, to_pixels(batch.pixels), keep)  # type: ignore[arg-type]
        dense = dense_loss(self.heads, pooled, patches, batch)
        parts = {"dense": dense.item()}
        loss = dense
        if worded:
            number = self.step * self.replicas.count + self.replicas.rank
            whole, patch = contrast.loss(self.model, pooled, patches, batch, number)
            parts |= {"picture": whole.item(), "patch": patch.item()}
            loss = 0.5 * dense + whole + 0.5 * patch
        loss.backward()
        self.replicas.average([*self.model.parameters(), *self.heads.parameters()])
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        progress = self.seconds / (self.options.minutes * 60)
        self.steppers.step(rate(progress))
        self._follow()
        self.step += 1
        return parts

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
    producer, crowded = None, None
    try:
        while run.seconds < total:
            started = time.monotonic()
            worded = run.seconds >= options.dense_share * total
            if crowded != (not worded):  # from then on the crowd is that of the films
                crowded = not worded
                if producer:
                    producer.close()
                producer = Producer(options, run, 2.0 if crowded else 1.0)
            assert producer is not None
            parts = run.train_step(contrast, producer.next(), worded)
            run.seconds = replicas.agree(run.seconds + time.monotonic() - started)
            if books:
                books.note(run, parts, worded)
    finally:
        if producer:
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
        self.next = run.seconds + pause if self.next is None else self.next
        self.log.add(parts)
        if run.seconds >= min(self.next, total):
            self.next = run.seconds + pause
            self.log.write(run, self.probe.measure(run.average, run.heads, worded))
            run.save()
            if worded:
                export_model(run.average, self.options.out)


class Log:
    """Means of the loss between two probes, on the screen and as a line of CSV."""

    FIELDS = ("minutes", "step", "dense", "picture", "patch", "patch_object", "patch_colour",
              "place", "zero_object", "zero_pair", "zero_place", "zero_patch", "unknown")  # fmt: skip

    def __init__(self, path: Path) -> None:
        self.path, self.sums, self.count = path, {}, 0
        if not path.is_file():
            path.write_text(",".join(self.FIELDS) + "\n")

    def add(self, parts: dict[str, float]) -> None:
        """Count one step."""
        self.count += 1
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def write(self, run: Run, probe: dict[str, float]) -> None:
        """Print and store the means since the last call."""
        row = {k: v / self.count for k, v in self.sums.items()} | probe
        row |= {"minutes": run.seconds / 60, "step": run.step}
        with self.path.open("a", newline="") as file:
            values = {k: f"{v:.4g}" for k, v in row.items()} | {"step": run.step}
            csv.DictWriter(file, self.FIELDS, restval="").writerow(values)
        left = run.options.minutes - run.seconds / 60
        numbers = "  ".join(f"{k} {row[k]:.3f}" for k in self.FIELDS[2:] if k in row)
        print(
            f"{run.seconds / 60:5.1f} min  step {run.step}  {numbers}  ({left:.0f} min left)",
            flush=True,
        )
        self.sums, self.count = {}, 0


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the embedded CLIP on the rendered world.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60, help="wall clock, all runs together")
    parser.add_argument("--out", type=Path, default=Path("models/embedded/clip"))
    parser.add_argument(
        "--work", type=Path, default=Path("runs/train-encoder"), help="checkpoint, log"
    )
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--replicas", type=int, default=2, help="one-thread trainers side by side")
    parser.add_argument("--dense-share", type=float, default=0.25, help="of the time, labels only")
    parser.add_argument("--lr", type=float, default=2e-3)
    options = Options(**vars(parser.parse_args()))
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "meeting").unlink(missing_ok=True)
    others = spawn(train, options.replicas, (options,))
    train(0, options)
    for process in others:
        process.join(30)


if __name__ == "__main__":
    main()
