"""Questions in plainer words: many wordings, one reading; what is plain already stays."""

from __future__ import annotations

import pytest

from longtake.agent.question import read_question
from longtake.eval.world.wordings import WORDINGS
from longtake.models.claims import what_is_asked
from longtake.models.statements import statement_of
from longtake.prompts.plain import plain

HOLES = {
    "object": "fish", "pair": "red fish", "pairs": "red fish", "at": "on the beach",
    "thing": "the code of the vault", "text": "GATE 42", "topic": "the old bridge",
}  # fmt: skip
# (kind, subject, anchor, relation), and wordings that are read so
SAID: dict[tuple[str, str, str, str], tuple[str, ...]] = {
    ("retrieve", "fish", "fish", ""): (
        "Colour of the fish?",
        "Could you please tell me what color the fish is?",
        "The fish - what colour is it?",
        "What colour is the fish?",
        "Of which colour is the fish?",
        "The fish: what colour is it?",
        "Can you tell me what colour the fish is?",
        "What's the color of the fish, please?",
    ),
    ("retrieve", "object", "red fish", "with"): (
        "The red fish isn't alone: what is it shown with?",
        "Besides the red fish, what else is visible in that scene?",
        "Which object is seen together with the red fish?",
        "What keeps the red fish company?",
        "Who shares the picture with the red fish?",
        "What else can be seen with the red fish?",
    ),
    ("retrieve", "red fish", "red fish", "where"): (
        "What sort of place is the red fish shown in?",
        "The red fish: where was it?",
        "Where is the red fish seen?",
        "Where can one see the red fish?",
        "In which place does the red fish show up?",
        "Tell me where the red fish is.",
    ),
    ("when", "red fish", "", ""): (
        "Please find the time the red fish appears.",
        "How many minutes in does the red fish show up?",
        "When does the red fish appear?",
        "How far into the film is the red fish first there?",
        "From when on is the red fish there?",
        "At what second does the red fish come into view for the first time?",
    ),
    ("count-events", "red fish", "", ""): (
        "How many appearances does the red fish make?",
        "What's the number of separate scenes featuring the red fish?",
        "How often does the red fish appear?",
        "Count the times that the red fish appears.",
        "How often does the red fish come back into view, the first time included?",
    ),
    ("count-objects", "red fish", "", ""): (
        "How many red fish are there at once?",
        "Could you count the red fish shown together?",
        "How many red fish are there?",
        "Count the red fish.",
        "What is the number of red fish?",
        "How many red fish do you see?",
    ),
    ("read", "sign", "red fish", "beside"): (
        "Next to the red fish there's a sign; what does it read?",
        "Could you please read out the lettering near the red fish?",
        "What does the sign beside the red fish say?",
        "What says the sign next to the red fish?",
        "Which words are on the sign near the red fish?",
        "Read the sign next to the red fish.",
    ),
    ("motion", "red fish", "", ""): (
        "Does the red fish move to the left or to the right?",
        "What's the red fish's direction of movement?",
        "In which direction does the red fish move?",
        "Where is the red fish headed?",
        "To which side is the red fish going?",
        "Which way is the red fish travelling?",
    ),
    ("relation", "", "red fish", "left of"): (
        "What is left of the red fish?",
        "Which one is further left than the red fish?",
        "What can be seen left of the red fish?",
    ),
    ("relation", "", "red fish", "above"): (
        "What is above the red fish?",
        "Which one is higher up than the red fish?",
        "Which of these is further up than the red fish?",
    ),
    ("relation", "red fish", "blue key", "side"): (
        "Is the red fish above or below the blue key?",
        "Which side of the blue key is the red fish on?",
        "On which side of the blue key is the red fish?",
        "Where is the red fish, seen from the blue key?",
        "From the blue key, on which side does the red fish stand?",
        "Where is the red fish in relation to the blue key?",
    ),
    ("yes-no", "red fish", "red fish", ""): (
        "Tell me whether a red fish shows up.",
        "Does the film contain a red fish?",
        "Is there a red fish?",
        "Can one see a red fish here?",
        "Is a red fish to be seen?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "wording"), [(key, wording) for key, said in SAID.items() for wording in said]
)
def test_one_question_in_many_wordings_is_read_alike(reading, wording):
    found = read_question(wording)
    assert (found.kind, found.subject, found.anchor, found.relation) == reading
    assert found.question == wording  # models are asked in the user's words


@pytest.mark.parametrize("form", sorted(WORDINGS))
def test_what_is_plain_stays_plain(form):
    for wording in WORDINGS[form]:
        said = plain(wording.format(**HOLES))
        assert plain(said) == said


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which comes last?", "last"),
        ("Before all the others, which one is seen?", "first"),
        ("Which of these shows up after all the others?", "last"),
    ],
)
def test_first_and_last_are_found_in_free_wordings(question, kind):
    reading = read_question(question, ["the red fish", "the blue key"])
    assert (reading.kind, reading.which) == ("order", kind)


def test_a_side_is_claimed_as_a_relation():
    reading = read_question("Where is the red fish, seen from the blue key?", ["left", "above it"])
    assert reading.statements == (
        "a red fish to the left of a blue key",
        "a red fish above a blue key",
    )
    asked = "From the blue key, on which side does the red fish stand?"
    assert statement_of(asked, "left") == "the red fish is left of the blue key"
    assert what_is_asked(asked) == "side"


def test_texts_that_are_no_question_stay_as_they_are():
    for text in ("GATE 42", "a red fish", "Who is the man in the hat", "the count of Monte Cristo"):
        assert plain(text) == text
    assert plain("") == ""


def test_names_keep_their_letters():
    assert plain("Count the times that Ann McKay appears.") == "How often does Ann McKay appear"
