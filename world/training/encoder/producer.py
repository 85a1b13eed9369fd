"""Renders training batches ahead of the trainer, in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import deque
from queue import Full

from longtake.world.training.encoder.data import make_sample
from longtake.world.training.encoder.statements import Batch, stack


def _produce(queue: multiprocessing.Queue, seed: int, first: int, batch: int) -> None:
    """Render batches until the trainer is gone; every other one is crowded."""
    os.nice(2)
    number, parent = first, os.getppid()
    while os.getppid() == parent:
        base = seed * 2**33 + number * batch
        crowd = 2.0 if number % 2 else 1.0
        made = stack([make_sample(base + i, crowd) for i in range(batch)])
        while os.getppid() == parent:
            try:
                queue.put((number % 2, made), timeout=5)
                break
            except Full:
                continue
        number += 1
    queue.cancel_join_thread()


class Producer:
    """A process that renders training batches ahead of the trainer."""

    def __init__(self, seed: int, first: int, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.queue = context.Queue(maxsize=2)
        self.turn = 0
        self.recent: tuple[deque[Batch], deque[Batch]] = (deque(maxlen=60), deque(maxlen=60))
        self.luck = random.Random(seed)
        self.process = context.Process(
            target=_produce, args=(self.queue, seed, first, size), daemon=True
        )
        self.process.start()

    def next(self, crowded: bool) -> Batch:
        """Return a batch of the last sixty of its kind; a new one comes at every third step.

        Rendering would take as much of the processor as learning does; a picture is worth a few
        looks.
        """
        self.turn += 1
        mine = self.recent[crowded]
        fresh = self.turn % 3 == 0 and not self.queue.empty()
        while len(mine) < 4 or fresh:
            kind, batch = self.queue.get(timeout=600)
            self.recent[kind].append(batch)
            fresh = False
        return self.luck.choice(mine)

    def close(self) -> None:
        """Stop the process."""
        self.process.terminate()
        self.process.join()
