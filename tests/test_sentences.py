"""Noun phrases become sentences that a language model can call true or false."""

import pytest

from longtake.world.vlm.sentences import sentence_of


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("a red fish moving left", "the red fish moves left"),
        ("a red fish moving to the left", "the red fish moves left"),
        (
            "an orange cup to the right of a blue key",
            "the orange cup is to the right of the blue key",
        ),
        ("a red fish above an orange cup", "the red fish is above the orange cup"),
        ("a red fish together with a blue key", "the red fish is seen together with the blue key"),
        ("a red fish beside a blue key", "the red fish is seen together with the blue key"),
        ("3 red fish", "there are three red fish"),
        ("1 red fish", "there is a red fish"),
        ("the red fish is on the beach.", "the red fish is on the beach"),
    ],
)
def test_what_is_claimed_becomes_a_sentence(phrase, sentence):
    assert sentence_of(phrase) == (sentence, True)


@pytest.mark.parametrize("phrase", ["a red fish", "a red fish on the beach", "on the beach", ""])
def test_what_is_only_named_stays_as_it_is(phrase):
    assert sentence_of(phrase) == (phrase, False)
