"""A choice put to a served model: `not visible` is offered, and what is left when it is taken."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from fault_server import VLLM, FaultServer
from served_fixtures import client_of, clip

from longtake.models.client.capabilities import Dialect
from longtake.models.client.choice_scoring import Chooser
from longtake.models.client.prompt import Prompt
from longtake.models.vlm.offering import choose_option

QUESTION, OPTIONS = "What is left of the key?", ["the red fish", "the blue hat"]


class Shares:
    """Gives each letter its share; a letter that is not offered has none."""

    frame_size = (64, 48)

    def __init__(self, *shares: float) -> None:
        self.shares = shares
        self.offered: list[int] = []

    def answer(self, frames, question, options=(), notes=()):
        self.offered.append(len(options))
        mine = np.array(self.shares[: len(options)])
        return SimpleNamespace(options=tuple(mine / mine.sum()), text="x")


def choose(eye: Shares, dialect: Dialect, speaks: frozenset[str]) -> tuple[str, float]:
    with FaultServer(eye, speaks=speaks) as server:
        frames = clip((64, 48), 1.0)
        chooser = Chooser(client_of(server), dialect)
        reply, known = choose_option(chooser, lambda a: Prompt(a, frames), QUESTION, OPTIONS)
    assert reply.options is not None
    assert sum(reply.options) == pytest.approx(1)
    return reply.text, known


def test_samples_that_all_say_not_visible_are_asked_again_without_it() -> None:
    eye = Shares(0.1, 0.25, 0.65)
    text, known = choose(eye, Dialect(), frozenset())
    assert text == OPTIONS[1]
    assert known < 0.5
    assert eye.offered == [3] * 5 + [2] * 5


def test_samples_that_chose_an_option_are_not_asked_again() -> None:
    eye = Shares(0.2, 0.7, 0.1)
    text, known = choose(eye, Dialect(), frozenset())
    assert text == OPTIONS[1]
    assert known > 0.5
    assert eye.offered == [3] * 5


def test_probabilities_tell_the_likeliest_option_behind_not_visible() -> None:
    eye = Shares(0.3, 0.1, 0.6)
    text, known = choose(eye, Dialect(logprobs=20), VLLM)
    assert text == OPTIONS[0]
    assert known == pytest.approx(0.4, abs=0.02)
    assert eye.offered == [3]
