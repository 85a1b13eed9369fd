"""Selectors: which seconds they choose from what is known of a film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longtake.index.video.span import Span
from longtake.tools.results import Line
from longtake.tools.select import SELECTORS, FilmFacts

FILM = Span(0.0, 600.0)


def facts(**values) -> FilmFacts:
    """A film of ten minutes, a sample a second; the cue is seen from 200 to 210 and at 500."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(600, 16)).astype(np.float32)
    vectors[200:210] = vectors[200] + rng.normal(size=(10, 16)).astype(np.float32) / 50
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = rng.normal(0.1, 0.02, (2, 600)).astype(np.float32)
    similarity[0, 200:210] = 0.35
    similarity[1, 500] = 0.25
    lines = (Line(Span(100, 104), "about the harbour", "speech", 0.9),)
    whole = FilmFacts(
        FILM, np.arange(0, 600, 5.0), np.zeros(0), np.arange(600.0), vectors,
        np.arange(600), similarity, (lines, ()),
    )  # fmt: skip
    return replace(whole, **values)


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("budget", [1, 2, 7, 64])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"vectors": None, "similarity": None},
        {"passages": ()},
        {"similarity": np.full((2, 600), np.nan, np.float32)},
        {"similarity": np.full((2, 600), 0.2, np.float32)},
        {"seconds": np.zeros(0), "rows": np.zeros(0, int), "vectors": None, "similarity": None},
        {"keyframes": np.zeros(0)},
    ],
)
def test_every_selector_returns_rising_seconds_of_the_film_within_budget(name, budget, values):
    given = facts(**values)
    found = SELECTORS[name](given, budget)
    again = SELECTORS[name](given, budget)
    assert 1 <= len(found) <= budget
    assert (np.diff(found.seconds) > 0).all()
    assert (found.seconds >= FILM.start).all()
    assert (found.seconds < FILM.end).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert (found.seconds == again.seconds).all()


def test_uniform_takes_a_keyframe_of_each_step():
    found = SELECTORS["uniform"](facts(), 10)
    assert found.seconds == pytest.approx(np.arange(10) * 60 + 30 + 1e-4)


def test_topk_finds_each_cue_and_does_not_spend_all_on_one_place():
    found = SELECTORS["topk"](facts(), 8).seconds
    assert any(200 <= s < 210 for s in found)
    assert 500.0 in found
    assert sum(200 <= s < 210 for s in found) <= 2


def test_words_looks_where_the_passages_are():
    assert SELECTORS["words"](facts(), 8).seconds.tolist() == [102.0]


def test_mixed_covers_the_film_and_looks_where_cues_are():
    found = SELECTORS["mixed"](facts(), 16)
    assert 102.0 in found.seconds
    assert any(200 <= s < 210 for s in found.seconds)
    assert np.diff(np.concatenate([[0], found.seconds, [600]])).max() <= 2 * 600 / 8
    assert (found.scores == 0).sum() >= 7
