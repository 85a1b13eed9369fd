"""Noun phrases and near-identical strings."""

from __future__ import annotations

import pytest

from longtake.world.grammar.phrases import (
    bare,
    likeness,
    mentions,
    rivals_in,
    singular,
    split_place,
    with_article,
)


def test_a_phrase_loses_article_and_trailing_verb():
    assert bare("the red fish appears?") == "red fish"
    assert bare("An anchor") == "anchor"


def test_articles_fit_their_noun():
    assert with_article("orange anchor") == "an orange anchor"
    assert with_article("the beach") == "the beach"


def test_a_place_is_cut_off_the_end():
    assert split_place("red fish on the beach") == ("red fish", "on the beach")
    assert split_place("red fish") == ("red fish", "")


@pytest.mark.parametrize(
    ("plural", "one"),
    [("red fish", "red fish"), ("keys", "key"), ("boxes", "box"), ("berries", "berry"),
     ("glass", "glass"), ("cactus", "cactus"), ("green cups", "green cup")],
)  # fmt: skip
def test_plurals_become_singular(plural, one):
    assert singular(plural) == one


def test_exact_characters_beat_lookalikes_and_neighbours():
    assert likeness("gate 42", "GATE 42") == 1.0
    assert likeness("WELCOME GATE 42", "GATE 42") == pytest.approx(0.99)
    assert likeness("GATE 4Z", "GATE 42") == pytest.approx(0.96)
    assert likeness("GATE 47", "GATE 42") < 0.9
    assert likeness("", "GATE 42") == 0.0


def test_mentions_wants_whole_words():
    assert mentions("The code is 4821.", "4821")
    assert not mentions("The code is 48210.", "4821")


def test_rivals_are_found_in_a_question_and_nowhere_else():
    asked = "Which is first: the red fish, the blue key or the cup?"
    assert rivals_in(asked) == ("the red fish", "the blue key", "the cup")
    assert rivals_in("Does the pink pear or the lamp come first?") == ("the pink pear", "the lamp")
    assert rivals_in("Which of these is first?") == ()
    assert rivals_in("Is the fish left of the key?") == ()
