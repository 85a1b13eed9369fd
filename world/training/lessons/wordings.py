"""How training questions are worded: the film's own wordings and paraphrases beside them.

The last paraphrase of a form is held out: training never sees it, the measurement asks with it.
"""

from __future__ import annotations

import numpy as np

from longtake.world.truths.wordings import WORDINGS

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LINE_STARTS = (
    *("on", "in", "at", "the", "a", "an", "left", "right", "above", "below", "up", "down"),
    *("yes", "no", "not", "nothing", "unknown"),
)
GROUNDS = ("somewhere unknown", "nothing")  # in captions: no place of the world, nothing in view

# forms of the film first (see eval/world/wordings.py), then those that only training asks
OWN: dict[str, tuple[str, ...]] = {
    "colour_at": (
        "What is the colour of the {object} {at}?",
        "Of what colour is the {object} that stands {at}?",
        "In what colour does the {object} {at} come?",
        "The {object} {at}: what colour is it?",
        "Which colour is the {object} painted in {at}?",
        "In which colour is the {object} {at} painted?",
    ),
    "companion": (
        "What else is in view with the {pair}?",
        "Which of these is near the {pair}?",
        "What stands near the {pair}?",
        "Which thing is there at the same time as the {pair}?",
        "What can one see beside the {pair}?",
        "Who shares the picture with the {pair}?",
        "What keeps the {pair} company?",
    ),
    "where": (
        "Where is the {pair}?",
        "In which place is the {pair}?",
        "At what place can the {pair} be seen?",
        "Where does the {pair} stand?",
        "Where can one see the {pair}?",
    ),
    "appearance": (
        "When is the {pair} first seen?",
        "At which time does the {pair} come into view?",
        "From what time is the {pair} in view?",
        "At what second does the {pair} first appear?",
        "How far into the film is the {pair} first there?",
        "When does the {pair} come on screen?",
        "From when on is the {pair} there?",
    ),
    "first": (
        "What comes first?",
        "Which one is seen first?",
        "Which of these comes before the others?",
        "What is the first of these to appear?",
        "Which shows up first?",
        "Before all the others, which one is seen?",
        "Which of these shows up before the others?",
    ),
    "last": (
        "What comes last?",
        "Which one is seen last?",
        "Which of these comes after the others?",
        "What is the last of these to appear?",
        "Which shows up last?",
        "After all the others, which one is seen?",
        "Which of these shows up after all the others?",
    ),
    "repeats": (
        "How often does the {pair} appear?",
        "How many times is the {pair} seen?",
        "How often is the {pair} seen?",
        "How many times does the {pair} come into view?",
        "Count the times that the {pair} appears.",
        "How often does the {pair} come back into view, the first time included?",
    ),
    "group": (
        "How many {pairs} are {at}?",
        "Count the {pairs} {at}.",
        "How many {pairs} does one see {at}?",
        "How many {pairs} are there {at}?",
        "What number of {pairs} is {at}?",
    ),
    "tiny_colour": (
        "What is the colour of the small {object} near the {pair}?",
        "In which colour is the tiny {object} by the {pair}?",
    ),
    "tiny_object": (
        "What small thing is near the {pair}?",
        "Which little thing stands by the {pair}?",
    ),
    "direction": (
        "Where does the {pair} move to?",
        "In what direction is the {pair} going?",
        "Which way is the {pair} moving?",
        "To which side is the {pair} going?",
        "In what direction does the {pair} travel?",
        "Where is the {pair} headed?",
        "To which side does the {pair} travel?",
    ),
    "left": (
        "What is left of the {pair}?",
        "What stands on the left of the {pair}?",
        "Which one is further left than the {pair}?",
        "What can be seen left of the {pair}?",
        "Which one stands left of the {pair}?",
    ),
    "right": (
        "What is right of the {pair}?",
        "What stands on the right of the {pair}?",
        "Which one is further right than the {pair}?",
        "What can be seen right of the {pair}?",
        "Which one stands right of the {pair}?",
    ),
    "above": (
        "What is over the {pair}?",
        "What stands above the {pair}?",
        "What is higher than the {pair}?",
        "Which one is further up than the {pair}?",
        "Which one is higher up than the {pair}?",
    ),
    "below": (
        "What is under the {pair}?",
        "What stands below the {pair}?",
        "What is lower than the {pair}?",
        "Which one is lower down than the {pair}?",
        "Which one is further down than the {pair}?",
    ),
    "most": (
        "Which place is shown the longest?",
        "At which place are we most of the time?",
        "Where is the film most of the time?",
        "At which place does one stay the longest?",
        "Which place is there the longest?",
        "Which place is in most of the frames?",
    ),
    "least": (
        "Which place is shown the shortest?",
        "At which place are we least of the time?",
        "Where is the film least of the time?",
        "At which place does one stay the shortest?",
        "Which of these places is in view the shortest?",
        "Which of these places is in the fewest frames?",
    ),
    "colour": (
        "What colour is the {object}?",
        "Which colour does the {object} have?",
        "In what colour is the {object}?",
        "Of which colour is the {object}?",
        "The {object}: what colour is it?",
        "What is the colour of the {object}?",
    ),
    "object": (
        "Which object is {colour}?",
        "What is {colour} here?",
        "What has the colour {colour}?",
        "Which one is {colour}?",
        "Which thing is {colour}?",
    ),
    "place": (
        "Where is this?",
        "Which place is this?",
        "At which place are we?",
        "What place is this?",
        "Where are we?",
        "At what place is this?",
        "What place is shown?",
    ),
    "seen": (
        "Which of these can be seen?",
        "What is in view?",
        "Which of these is shown?",
        "Which one can one see?",
        "What does one see here?",
        "Which of these is there?",
        "Which one of these is in view?",
        "Which one of these does one see?",
    ),
    "count": (
        "How many {pairs} are there?",
        "How many {pairs} can be seen?",
        "Count the {pairs}.",
        "What number of {pairs} is there?",
        "How many {pairs} does one see?",
        "How many {pairs} are in view?",
        "What is the number of {pairs}?",
    ),
    "side": (
        "Where is the {pair}, seen from the {other}?",
        "On which side of the {other} is the {pair}?",
        "To which side of the {other} is the {pair}?",
        "Seen from the {other}, where is the {pair}?",
        "From the {other}, on which side does the {pair} stand?",
        "Where does the {pair} stand, from the {other}?",
    ),
    "after": (
        "What appears directly after the {pair}?",
        "Which object is seen right after the {pair}?",
        "What comes right after the {pair}?",
        "What is next after the {pair}?",
        "Which one is shown directly after the {pair}?",
        "What is shown next, after the {pair}?",
    ),
    "exists": (
        "Is there {a_pair}?",
        "Can {a_pair} be seen?",
        "Is {a_pair} in view?",
        "Is {a_pair} here?",
        "Is {a_pair} to be seen?",
        "Can one see {a_pair} here?",
        "Does one see {a_pair} here?",
    ),
    "sign_beside": (
        "What is on the sign beside the {pair}?",
        "Which words are on the sign near the {pair}?",
        "What is to be read beside the {pair}?",
        "What says the sign next to the {pair}?",
        "What does the sign near the {pair} say?",
    ),
    "fact": (
        "What is {thing}?",
        "What do we hear of {thing}?",
        "What is {thing}, as is said?",
        "What is said {thing} is?",
        "What is said of {thing}?",
    ),
    "while_mentions": (
        "What colour is the {object} when the narrator speaks of {topic}?",
        "When the narrator mentions {topic}, what colour is the {object}?",
        "The {object} when {topic} is spoken of: what colour is it?",
        "When {topic} is mentioned, what colour is the {object}?",
    ),
}

# what can be claimed, for `verify` and `relevant`
STATEMENTS: dict[str, str] = {
    "exists": "there is {a_pair}",
    "at": "the {pair} is {at}",
    "colour": "the {object} is {colour}",
    "left": "the {pair} is to the left of the {other}",
    "right": "the {pair} is to the right of the {other}",
    "above": "the {pair} is above the {other}",
    "below": "the {pair} is below the {other}",
    "together": "the {pair} is seen together with the {other}",
    "count": "there are {number} {pairs}",
    "moves": "the {pair} moves {way}",
    "before": "the {pair} appears before the {other}",
    "place": "this is {at}",
}


def wordings(form: str, held_out: bool = False) -> tuple[str, ...]:
    """Return the wordings of a form that training uses, or the one that it never sees.

    Raises:
        KeyError: no such form.
    """
    own = OWN[form]
    return own[-1:] if held_out else (*WORDINGS.get(form, ()), *own[:-1])


def word(rng: np.random.Generator, form: str, held_out: bool = False, **values: str) -> str:
    """Choose a wording of a form and fill it."""
    chosen = wordings(form, held_out)
    return chosen[rng.integers(len(chosen))].format_map(values)
