from __future__ import annotations

import pytest

from longtake.world.perception.claims import order_asked, read_claim, what_is_asked
from longtake.world.perception.lexicon import Lexicon, group_things
from longtake.world.perception.statements import statement_of
from longtake.world.scenes.objects import COLOURS, OBJECTS, plural
from longtake.world.scenes.places import AT, PLACES
from longtake.world.truths.wordings import WORDINGS

LEXICON = Lexicon.from_json(
    {
        "objects": list(OBJECTS),
        "colours": list(COLOURS),
        "places": list(PLACES),
        "plurals": {name: plural(name) for name in OBJECTS},
        "at": dict(AT),
        "synonyms": {"automobile": "car", "woods": "forest", "violet": "purple"},
    }
)


def things(text: str) -> list[str]:
    return [str(thing) for thing in group_things(LEXICON.read(text)).things]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a red fish", ["red fish"]),
        ("the fish", ["fish"]),
        ("the fish on the beach is red", ["red fish"]),
        ("a red fish and two blue cups", ["red fish", "blue cup"]),
        ("the tiny key beside the red cup is blue", ["blue key", "red cup"]),
        ("a violet automobile in the woods", ["purple car"]),
        ("something red", ["red thing"]),
        ("the orange anchor", ["orange anchor"]),
        ("nothing of the kind", []),
    ],
)
def test_things_are_found_in_free_words(text, found):
    assert things(text) == found


def test_every_object_colour_and_plural_is_known():
    for name in OBJECTS:
        assert things(f"the green {name}") == [f"green {name}"]
        assert things(f"three green {plural(name)}") == [f"green {name}"]
    for place in PLACES:
        assert read_claim(f"the red fish is seen {AT[place]}", LEXICON).place == place


def test_an_unknown_object_makes_a_claim_unknown():
    claim = read_claim("a purple dragon is visible", LEXICON)
    assert not claim.known
    assert read_claim("a purple fish is visible", LEXICON).known


CASES = {
    "colour_at": ("colour", "red", {"things": ["red fish"], "place": "beach"}),
    "companion": ("object", "the green cup", {"things": ["green cup", "blue key"]}),
    "where": ("place", "in the snow", {"things": ["blue key"], "place": "snowfield"}),
    "group": ("count", "4", {"things": ["blue key"], "count": 4, "place": "beach"}),
    "tiny_colour": (
        "colour", "red", {"things": ["red fish", "blue key"], "relation": "beside"},
    ),
    "tiny_object": (
        "object", "the red cup", {"things": ["red cup", "blue key"], "relation": "beside"},
    ),
    "direction": ("direction", "left", {"things": ["blue key"], "direction": "left"}),
    "left": ("object", "the red cup", {"things": ["red cup", "blue key"], "relation": "left"}),
    "right": ("object", "the red cup", {"things": ["red cup", "blue key"], "relation": "right"}),
    "above": ("object", "the red cup", {"things": ["red cup", "blue key"], "relation": "above"}),
    "below": ("object", "the red cup", {"things": ["red cup", "blue key"], "relation": "below"}),
    "while_mentions": ("colour", "red", {"things": ["red fish"]}),
    "after_sign": ("object", "the red cup", {"things": ["red cup"]}),
    "repeats": ("count", "4", {"things": ["blue key"], "count": None}),
}  # fmt: skip


@pytest.mark.parametrize("form", CASES)
@pytest.mark.parametrize("wording", [0, 1])
def test_every_wording_becomes_the_right_claim(form, wording):
    kind, option, wanted = CASES[form]
    question = WORDINGS[form][wording].format(
        object="fish", at="on the beach", pair="blue key", pairs="blue keys", text="GATE 42",
        topic="the summer market", thing="the code",
    )  # fmt: skip
    claim = read_claim(statement_of(question, option), LEXICON)
    assert [str(thing) for thing in claim.things] == wanted["things"]
    for name in ("place", "relation", "direction", "count"):
        assert getattr(claim, name) == wanted.get(name), name
    if form not in ("after_sign", "repeats"):
        assert what_is_asked(question) == kind


@pytest.mark.parametrize(
    ("question", "option", "statement"),
    [
        ("What colour is the fish?", "red", "the fish is red"),
        ("Where is the red fish seen?", "at the harbour", "the red fish is seen at the harbour"),
        ("What does the sign say?", "GATE 42", "the sign says GATE 42"),
        ("Is there a red fish?", "yes", "a red fish"),
        ("Is there a red fish?", "no", "not: a red fish"),
        ("Who is dancing?", "a woman", "a woman is dancing"),
        ("Why does he leave?", "he is late", "Why does he leave: he is late"),
    ],
)
def test_question_and_option_become_a_statement(question, option, statement):
    assert statement_of(question, option) == statement


def test_first_and_last_are_read_from_the_question():
    assert order_asked("Which of these appears first?") == "first"
    assert order_asked("Which of these objects is shown latest in the film?") == "last"
    assert order_asked("Where is the red fish?") is None


def test_a_denied_claim_is_negated_and_a_sign_number_is_no_count():
    assert read_claim("there is no red fish", LEXICON).negated
    claim = read_claim("the sign beside the red fish says GATE 42", LEXICON)
    assert claim.sign
    assert claim.count is None
