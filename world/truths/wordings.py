"""How questions are worded: several ways a form, chosen by the film's seed."""

from __future__ import annotations

WORDINGS: dict[str, tuple[str, ...]] = {
    "colour_at": (
        "What colour is the {object} {at}?",
        "Which colour does the {object} {at} have?",
    ),
    "companion": (
        "Which object is seen together with the {pair}?",
        "What is shown together with the {pair}?",
    ),
    "where": (
        "Where is the {pair} seen?",
        "At which place does the {pair} appear?",
    ),
    "appearance": (
        "When does the {pair} appear?",
        "At what time in the film is the {pair} shown?",
    ),
    "first": (
        "Which of these appears first?",
        "Which of these objects is shown earliest in the film?",
    ),
    "last": (
        "Which of these appears last?",
        "Which of these objects is shown latest in the film?",
    ),
    "repeats": (
        "How many separate times does the {pair} appear?",
        "On how many separate occasions is the {pair} shown?",
    ),
    "group": (
        "How many {pairs} stand together {at}?",
        "How many {pairs} are there in the group {at}?",
    ),
    "sign_beside": (
        "What does the sign beside the {pair} say?",
        "What is written on the sign next to the {pair}?",
    ),
    "tiny_colour": (
        "What colour is the tiny {object} beside the {pair}?",
        "Which colour does the tiny {object} next to the {pair} have?",
    ),
    "tiny_object": (
        "Which tiny object is beside the {pair}?",
        "What tiny object can be seen next to the {pair}?",
    ),
    "direction": (
        "In which direction does the {pair} move?",
        "Which way does the {pair} go?",
    ),
    "left": (
        "Which object is to the left of the {pair}?",
        "What is on the left side of the {pair}?",
    ),
    "right": (
        "Which object is to the right of the {pair}?",
        "What is on the right side of the {pair}?",
    ),
    "above": ("Which object is above the {pair}?", "What is directly above the {pair}?"),
    "below": ("Which object is below the {pair}?", "What is directly below the {pair}?"),
    "fact": (
        "According to the narrator, what is {thing}?",
        "What does the narrator say {thing} is?",
    ),
    "after_sign": (
        "Which object is seen right after the sign {text} is shown?",
        "What appears directly after the sign that says {text}?",
    ),
    "while_mentions": (
        "What colour is the {object} shown while the narrator mentions {topic}?",
        "While the narrator speaks of {topic}, what colour is the {object} on screen?",
    ),
    "most": (
        "At which place does the film spend the most time?",
        "Which place is on screen for the longest time in total?",
    ),
    "least": (
        "At which of these places does the film spend the least time?",
        "Which of these places is on screen for the shortest time in total?",
    ),
    "most_first_half": (
        "At which place does the film spend the most time in its first half?",
        "Which place is on screen for the longest time during the first half of the film?",
    ),
    "most_second_half": (
        "At which place does the film spend the most time in its second half?",
        "Which place is on screen for the longest time during the second half of the film?",
    ),
}
