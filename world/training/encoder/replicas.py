"""Several one-thread trainers that share every gradient.

On a busy machine two threads of one process wait for each other at every operation; two processes
that meet once a step do not (measured: 9 pictures/s against 24 with a single thread).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn


class Replicas:
    """This process's place among the trainers; the first of them (rank 0) keeps the books."""

    def __init__(self, rank: int, count: int, meeting: Path) -> None:
        self.rank, self.count = rank, count
        if count > 1:
            store = distributed.FileStore(  # pyright: ignore[reportPrivateImportUsage]
                str(meeting), count
            )
            distributed.init_process_group("gloo", store=store, rank=rank, world_size=count)

    @property
    def first(self) -> bool:
        """Whether this one keeps the books."""
        return self.rank == 0

    def average(self, params: Iterable[nn.Parameter]) -> None:
        """Replace every gradient by the mean over the replicas."""
        if self.count == 1:
            return
        grads = [p.grad for p in params if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in grads])
        distributed.all_reduce(flat)
        flat /= self.count
        for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def share(
        self, stack: torch.Tensor, work: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        """Return `work` of a stack that all replicas have alike, each doing a part of it."""
        if self.count == 1 or len(stack) < self.count:
            return work(stack)
        whole = torch.zeros_like(stack)
        whole[self.rank :: self.count] = work(stack[self.rank :: self.count])
        distributed.all_reduce(whole)
        return whole

    def spread(self, values: Iterable[torch.Tensor]) -> None:
        """Overwrite tensors by the first replica's."""
        if self.count > 1:
            for value in values:
                distributed.broadcast(value, 0)

    def agree(self, value: float) -> float:
        """Return the first replica's value, on all of them."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64)
        distributed.broadcast(shared, 0)
        return float(shared)

    def close(self) -> None:
        """Leave the group."""
        if self.count > 1:
            distributed.destroy_process_group()


def spawn(target: Any, count: int, args: tuple[Any, ...]) -> list[Any]:
    """Start the trainers from rank 1 on, each called as `target(rank, *args)`."""
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=target, args=(rank, *args)) for rank in range(1, count)]
    for process in started:
        process.start()
    return started
