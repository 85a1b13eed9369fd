"""Clips for the trainer: rendered ahead in another process, looked at once, asked about often."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, Full
from typing import Any

import numpy as np
import torch

from longtake.world.training.clips.film import make_clip
from longtake.world.training.clips.scene import Clip
from longtake.world.training.vlm.stages import Stage

CHUNK = 8  # frames that the renderer hands over at a time, or one clip
FRAMES = 4000  # frames that the pool keeps of every length of clip, 58 kB each


def _produce(
    queue: multiprocessing.Queue,
    stage: Any,
    stages: tuple[Stage, ...],
    seed: int,
    first: int,
    parent: int,
) -> None:
    """Render clips until the trainer is gone."""
    os.nice(2)
    number = first
    while os.getppid() == parent:
        rng = np.random.default_rng([seed, number])
        length = stages[stage.value].draw(rng)
        base = seed % 4096 * 2**28 + number * CHUNK  # below the seeds kept for measuring
        made = [make_clip(base + i, length) for i in range(max(1, CHUNK // length))]
        while os.getppid() == parent:
            try:
                queue.put((length, made), timeout=5)
                break
            except Full:
                continue
        number += 1
    queue.cancel_join_thread()


class Pool:
    """Clips with the tower's features of their frames, the oldest replaced by new ones.

    Args:
        stages: what the parts of the training use.
        seed: of this renderer's clips.
        first: the number of its first chunk, so that a resumed run sees new ones.
    """

    def __init__(self, stages: tuple[Stage, ...], seed: int, first: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.stage = context.Value("i", 0)
        self.queue = context.Queue(maxsize=3)
        self.kept: dict[int, list[tuple[Clip, torch.Tensor]]] = {}
        self.oldest: dict[int, int] = {}
        self.process = context.Process(
            target=_produce,
            args=(self.queue, self.stage, stages, seed, first, os.getpid()),
            daemon=True,
        )
        self.process.start()

    def fresh(self) -> list[Clip]:
        """Return the next new clips, waiting for them."""
        return self.queue.get(timeout=600)[1]

    def draw(
        self,
        rng: np.random.Generator,
        length: int,
        count: int,
        see: Callable[[np.ndarray], torch.Tensor],
    ) -> list[tuple[Clip, torch.Tensor]]:
        """Return `count` clips of a length with features, after taking in at most `CHUNK` new frames.

        Args:
            rng: chooses.
            length: frames of a clip.
            count: clips.
            see: from pixels uint8 [N, H, W, 3] to features [N, P, width].
        """
        taken = 0
        while taken < CHUNK or len(self.kept.get(length, ())) < count:
            short = len(self.kept.get(length, ())) < count
            try:
                found, clips = self.queue.get(timeout=600 if short else 0.001)
            except Empty:
                if short:
                    raise
                break
            taken += found * len(clips)
            features = see(np.concatenate([c.pixels for c in clips])).half().cpu()
            for clip, mine in zip(clips, features.split(found), strict=True):
                # a copy, or every clip would hold on to the whole chunk
                self._keep(replace(clip, pixels=clip.pixels[:0]), mine.clone())
        kept = self.kept[length]
        return [kept[int(k)] for k in rng.choice(len(kept), count, replace=False)]

    def _keep(self, clip: Clip, features: torch.Tensor) -> None:
        length = len(clip.visible)
        kept = self.kept.setdefault(length, [])
        if len(kept) < FRAMES // length:
            kept.append((clip, features))
            return
        at = self.oldest.get(length, 0)
        kept[at] = clip, features
        self.oldest[length] = (at + 1) % len(kept)

    def close(self) -> None:
        """Stop the renderer."""
        self.process.terminate()
        self.process.join()
