"""The orders in which choices are offered: rotated by some places, asked, and rotated back.

A language model likes some letters better than others, whatever stands behind them. Offered in
another order, a choice stands behind another letter: the mean over the orders has no such liking.
The letters shown stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..protocols import Reply


@dataclass(frozen=True, slots=True)
class Heard:
    """What a VLM says over several orders of the choices (a `Reply`).

    Attributes:
        text: the option that is likeliest in the mean.
        options: mean probability of each option, in the order that they have without turning.
        method: how the probabilities came about.
        frame_scores, cited, enough, confidence: of the order in which that option was likeliest.
        tokens_in: of all orders together.
        tokens_out: of all orders together.
        asked: how many orders were asked in.
    """

    text: str
    options: tuple[float, ...]
    method: str
    frame_scores: tuple[float, ...]
    cited: tuple[float, ...]
    enough: bool | None
    confidence: float | None
    tokens_in: int
    tokens_out: int
    asked: int


def ask_in_turns(
    ask: Callable[[list[str]], Reply], options: Sequence[str], turns: Sequence[int]
) -> Heard:
    """Offer the options in several orders, and return the mean of what is said.

    Args:
        ask: offers options in this order, each behind the next letter.
        options: two or more.
        turns: places that the options are turned by, 0 for as they are; at least one number. What
            comes to the same order is asked once; a model that reads no letters is asked once.
    """
    count = len(options)
    replies: list[Reply] = []
    shares: list[np.ndarray] = []
    for turn in dict.fromkeys(turn % count for turn in turns):
        reply = ask([*options[turn:], *options[:turn]])
        replies.append(reply)
        # a VLM with options always says how probable they are
        shares.append(np.roll(np.array(reply.options, dtype=np.float64), turn))
        if reply.method == "similarity":
            break
    mean = np.mean(shares, axis=0)
    best = int(np.argmax(mean))
    surest = replies[int(np.argmax([share[best] for share in shares]))]
    return Heard(
        options[best],
        tuple(mean.tolist()),
        surest.method,
        surest.frame_scores,
        surest.cited,
        surest.enough,
        surest.confidence,
        sum(reply.tokens_in for reply in replies),
        sum(reply.tokens_out for reply in replies),
        len(replies),
    )
