"""The drawn world's question grammar: its own wordings and free ones."""

from __future__ import annotations

import pytest

from longtake.world.grammar.question import read_question
from longtake.world.grammar.reading import Reading
from longtake.world.scenes.objects import OBJECTS, plural
from longtake.world.truths.wordings import WORDINGS

WORDS = {
    "object": "fish",
    "pair": "red fish",
    "pairs": "red fish",
    "at": "on the beach",
    "thing": "the code of the vault",
    "text": "GATE 42",
    "topic": "the old bridge",
}
KIND_OF_FORM = {
    "colour_at": "retrieve",
    "companion": "retrieve",
    "where": "retrieve",
    "appearance": "when",
    "first": "order",
    "last": "order",
    "repeats": "count-events",
    "group": "count-objects",
    "sign_beside": "read",
    "tiny_colour": "detail",
    "tiny_object": "detail",
    "direction": "motion",
    "left": "relation",
    "right": "relation",
    "above": "relation",
    "below": "relation",
    "fact": "speech",
    "after_sign": "hop",
    "while_mentions": "hop",
    "most": "global",
    "least": "global",
    "most_first_half": "global",
    "most_second_half": "global",
}


@pytest.mark.parametrize("form", sorted(WORDINGS))
def test_every_wording_of_the_rendered_world_is_understood(form):
    for wording in WORDINGS[form]:
        reading = read_question(wording.format(**WORDS), ["one", "two"])
        assert reading.kind == KIND_OF_FORM[form], wording
        parts = f"{reading.subject} {reading.anchor}"
        for hole in ("pair", "thing", "text", "topic"):
            if "{" + hole + "}" in wording:
                assert WORDS[hole].removeprefix("the ") in parts, wording


@pytest.mark.parametrize("name", OBJECTS)
def test_no_objects_name_is_cut_or_mistaken(name):
    many = read_question(f"How many red {plural(name)} are there in the group in the cave?")
    assert (many.subject, many.place) == (f"red {name}", "in the cave")
    for wordings in WORDINGS.values():
        for wording in wordings:
            words = WORDS | {"object": name, "pair": f"red {name}", "pairs": f"red {plural(name)}"}
            reading = read_question(wording.format(**words))
            if "{pair" in wording:
                assert f"red {name}" in (reading.subject, reading.anchor), wording
            elif "{object}" in wording:
                assert reading.subject.removeprefix("tiny ") == name, wording


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("how often is the red fish shown?", "count-events", "red fish"),
        ("at what time is the purple anchor visible", "when", "purple anchor"),
        ("When do we see a green kite in the cave?", "when", "green kite"),
        ("How many dogs are there?", "count-objects", "dog"),
        ("What is the color of the umbrella in the cave?", "retrieve", "umbrella"),
        ("What does the narrator say about the vault?", "speech", "vault"),
        ("Is there a red fish in the film?", "yes-no", "red fish"),
        ("which thing comes last?", "order", ""),
        ("what does the sign say?", "read", "sign"),
        ("Who is the man in the hat?", "generic", "man in the hat"),
    ],
)
def test_free_wordings_are_understood(text, kind, subject):
    reading = read_question(text)
    assert (reading.kind, reading.subject) == (kind, subject)


def test_parts_are_found():
    reading = read_question("What colour is the tiny key beside the blue cup?", ["red", "green"])
    assert (reading.subject, reading.anchor) == ("tiny key", "blue cup")
    assert reading.statements == ("a red key beside a blue cup", "a green key beside a blue cup")
    reading = read_question("What colour is the fish in the snow?")
    assert (reading.subject, reading.place) == ("fish", "in the snow")
    reading = read_question("Which object is seen right after the sign EXIT 7 is shown?")
    assert (reading.anchor, reading.anchor_kind, reading.relation) == ("EXIT 7", "text", "after")
    assert reading.inner == "Which object is seen?"
    reading = read_question("What does the board near the lamp in the cave say?")
    assert (reading.anchor, reading.place) == ("lamp", "in the cave")


def test_a_reading_survives_json():
    reading = read_question("Which object is above the red fish?", ["the cup", "the key"])
    assert Reading.from_json(reading.to_json()) == reading
    assert reading.letters == ("A", "B")


def test_any_text_gets_some_reading():
    for text in (
        "?",
        "why",
        "how many",
        "the the the",
        "before after",
        "x" * 5000,
        "Was ist das?",
        "what colour",
        "when",
        "How many times",
        "sign",
        "日本語の質問ですか",
    ):
        if text.strip("? "):
            assert read_question(text).kind
