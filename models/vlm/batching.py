"""Batches of a size that the device's memory takes: halved when it runs out, and kept small."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")
# what allocators say that raise a plain RuntimeError: of the processor, Apple's and cuBLAS
_SAID = re.compile(r"can.t allocate memory|out of memory|not enough memory|ALLOC_FAILED", re.I)


class OutOfMemory(Exception):
    """A single item is more than the device's memory holds."""


class Batches:
    """Splits work into batches, and finds out how large they may be.

    Args:
        most: tokens of a batch, as `size` estimates them; less once that was too much.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    def run(
        self,
        items: Sequence[Item],
        size: Callable[[Item], tuple[int, int]],
        work: Callable[[list[Item]], list[Result]],
    ) -> list[Result]:
        """Return what the work makes of all items, in order.

        Args:
            items: what is to be done.
            size: an item's tokens, and its kind; a batch holds items of one kind.
            work: does a batch; a batch that does not fit is halved and done again.

        Raises:
            OutOfMemory: an item does not fit alone.
        """
        done: list[Result] = []
        while len(done) < len(items):
            batch = self._next(items[len(done) :], size)
            found = fitting(lambda batch=batch: work(batch))
            if found is not None:
                done += found
                continue
            if len(batch) == 1:
                raise OutOfMemory
            self.most = sum(size(item)[0] for item in batch[: len(batch) // 2])
        return done

    def _next(self, items: Sequence[Item], size: Callable[[Item], tuple[int, int]]) -> list[Item]:
        """Return the first items, one at least, as many as are of a kind and fit."""
        (tokens, kind), count = size(items[0]), 1
        for item in items[1:]:
            more, other = size(item)
            tokens += more
            if other != kind or tokens > self.most:
                break
            count += 1
        return list(items[:count])


def fitting(work: Callable[[], Result]) -> Result | None:
    """Return what the work makes; None, with the memory given back, when it ran out of it."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not ran_out(error):
            raise
    # outside the handler: the error's traceback holds what the work had allocated
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def ran_out(error: BaseException) -> bool:
    """Say whether an error means that memory ran out."""
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or (isinstance(error, RuntimeError) and bool(_SAID.search(str(error))))
