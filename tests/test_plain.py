"""Questions in plainer words: many wordings, one reading; what is plain already stays."""

from __future__ import annotations

import pytest

from longtake.world.grammar.plain import plain
from longtake.world.grammar.question import read_question
from longtake.world.perception.claims import what_is_asked
from longtake.world.perception.statements import statement_of
from longtake.world.truths.wordings import WORDINGS

HOLES = {
    "object": "fish",
    "pair": "red fish",
    "pairs": "red fish",
    "at": "on the beach",
    "thing": "the code of the vault",
    "text": "GATE 42",
    "topic": "the old bridge",
}
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
}


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


@pytest.mark.parametrize(
    ("question", "wording"),
    [
        ("purple boot - how many times?", "How often does the purple boot appear"),
        (
            "In total, how often did the purple boot turn up?",
            "How often does the purple boot appear",
        ),
        (
            "How frequently is the yellow ladder on screen?",
            "How often does the yellow ladder appear",
        ),
        (
            "Tell me the number of yellow bottles on the mountain",
            "How many yellow bottles are there on the mountain",
        ),
        (
            "Next to the red train is a really small cactus. What color is it?",
            "What colour is a small cactus beside the red train",
        ),
        (
            "Something tiny sits by the pink shirt. What?",
            "Which tiny object is beside the pink shirt",
        ),
        (
            "There's a blue lamp with a sign next to it. What's the text on it?",
            "What does the sign beside a blue lamp say",
        ),
        (
            "The yellow plane: is it flying left or right?",
            "In which direction does the yellow plane move",
        ),
        ("The yellow flower is directly above what?", "What is below the yellow flower"),
        (
            "The purple heart shares the screen with what?",
            "What is shown together with the purple heart",
        ),
        ("The pink pear is in what kind of surroundings?", "Where is the pink pear seen"),
        (
            "What's the ferry's password?",
            "What does the narrator say about the password of the ferry",
        ),
        (
            "Which password does the voice give for the ferry?",
            "What does the narrator say about the password of the ferry",
        ),
        ("At which minute and second can the pear be seen?", "When does the pear appear"),
    ],
)
def test_what_people_type_at_a_terminal_is_put_plainly(question, wording):
    assert plain(question) == wording


@pytest.mark.parametrize(
    "question",
    [
        "What comes on right after we see the SHED 71 sign?",
        'A sign reads "SHED 71". What object shows up next?',
        "What comes right after the SHED 71 sign?",
    ],
)
def test_a_sign_named_by_its_words_is_where_the_question_starts(question):
    reading = read_question(question)
    assert (reading.kind, reading.anchor_kind, reading.anchor) == ("hop", "text", "SHED 71")


def test_they_who_talk_are_the_narration():
    reading = read_question("What color is the cup that's visible when they talk about the strike?")
    assert (reading.kind, reading.anchor_kind, reading.anchor) == ("hop", "speech", "strike")
    assert reading.subject == "cup"


def test_two_things_named_side_by_side_are_an_order():
    for asked in ("Does a dog or the cat come first?", "Which comes first, a dog or the cat?"):
        reading = read_question(asked)
        assert (reading.kind, reading.which) == ("order", "first")
