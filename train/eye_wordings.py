"""How training questions are worded: the film's own wordings and paraphrases beside them.

The last paraphrase of a form is held out: training never sees it, the measurement asks with it.
"""

from __future__ import annotations

import numpy as np

from longtake.eval.world.wordings import WORDINGS

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LINE_STARTS = ("on", "in", "at", "the", "a", "an", "left", "right", "above", "below", "up", "down",
               "yes", "no", "not", "nothing", "unknown")  # fmt: skip
GROUNDS = ("somewhere unknown", "nothing")  # in captions: no place of the world, nothing in view

# forms of the film first (see eval/world/wordings.py), then those that only training asks
OWN: dict[str, tuple[str, ...]] = {
    "colour_at": (
        "What is the colour of the {object} {at}?",
        "Of what colour is the {object} that stands {at}?",
        "In which colour is the {object} {at} painted?",
    ),
    "companion": (
        "What else is in view with the {pair}?",
        "Which of these is near the {pair}?",
        "What keeps the {pair} company?",
    ),
    "where": (
        "Where is the {pair}?",
        "In which place is the {pair}?",
        "Where can one see the {pair}?",
    ),
    "appearance": (
        "When is the {pair} first seen?",
        "At which time does the {pair} come into view?",
        "From when on is the {pair} there?",
    ),
    "first": (
        "What comes first?",
        "Which one is seen first?",
        "Which of these shows up before the others?",
    ),
    "last": (
        "What comes last?",
        "Which one is seen last?",
        "Which of these shows up after all the others?",
    ),
    "repeats": (
        "How often does the {pair} appear?",
        "How many times is the {pair} seen?",
        "How often does the {pair} come back into view, the first time included?",
    ),
    "group": (
        "How many {pairs} are {at}?",
        "Count the {pairs} {at}.",
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
        "To which side does the {pair} travel?",
    ),
    "left": ("What is left of the {pair}?", "Which one stands left of the {pair}?"),
    "right": ("What is right of the {pair}?", "Which one stands right of the {pair}?"),
    "above": ("What is over the {pair}?", "Which one is higher up than the {pair}?"),
    "below": ("What is under the {pair}?", "Which one is further down than the {pair}?"),
    "most": (
        "Which place is shown the longest?",
        "At which place are we most of the time?",
        "Which place is in most of the frames?",
    ),
    "least": (
        "Which place is shown the shortest?",
        "At which place are we least of the time?",
        "Which of these places is in the fewest frames?",
    ),
    "colour": (
        "What colour is the {object}?",
        "Which colour does the {object} have?",
        "What is the colour of the {object}?",
    ),
    "object": (
        "Which object is {colour}?",
        "What is {colour} here?",
        "Which thing is {colour}?",
    ),
    "place": (
        "Where is this?",
        "Which place is this?",
        "At which place are we?",
        "What place is shown?",
    ),
    "seen": (
        "Which of these can be seen?",
        "What is in view?",
        "Which of these is shown?",
        "Which one of these does one see?",
    ),
    "count": (
        "How many {pairs} are there?",
        "How many {pairs} can be seen?",
        "Count the {pairs}.",
        "What is the number of {pairs}?",
    ),
    "side": (
        "Where is the {pair}, seen from the {other}?",
        "On which side of the {other} is the {pair}?",
        "Where does the {pair} stand, from the {other}?",
    ),
    "after": (
        "What appears directly after the {pair}?",
        "Which object is seen right after the {pair}?",
        "What is shown next, after the {pair}?",
    ),
    "exists": (
        "Is there {a_pair}?",
        "Can {a_pair} be seen?",
        "Is {a_pair} in view?",
        "Does one see {a_pair} here?",
    ),
    "sign_beside": (
        "What is on the sign beside the {pair}?",
        "What does the sign near the {pair} say?",
    ),
    "fact": ("What is {thing}?", "What is said of {thing}?"),
    "while_mentions": (
        "What colour is the {object} when the narrator speaks of {topic}?",
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
