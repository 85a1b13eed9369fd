"""Who says what, and whether they agree: a weighted vote over everything that gave an opinion.

The voices are the first look, each later look that had the options before it, and the planner.
Where the planner is unsure, `refine.py` lets two branches of evidence answer apart before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...world.grammar.reading import Reading
from ..planners.base import Done
from ..steps import Observation, Step, Vote, of_type

# the planner has seen what every look has; a single look does not outvote it
PLANNER_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a vote.

    Attributes:
        draft: the planner's answer, or the most voted option when the planner had none.
        votes: the voices, for the record.
        agreed: at least two voices, and no voice but the least certain against them.
    """

    draft: Done
    votes: tuple[Vote, ...]
    agreed: bool


def agree(reading: Reading, steps: Sequence[Step], draft: Done) -> Verdict:
    """Put the planner's answer to the vote.

    Args:
        reading: the question.
        steps: all that was seen.
        draft: the planner's answer; it stands when it has one. Votes fill in for a planner that
            stopped without, and tell how far the looks agree with one that did not.
    """
    votes = looks(reading, steps)
    if draft.choice is not None:
        votes.append(Vote("planner", draft.answer, draft.choice, PLANNER_WEIGHT * draft.raw))
    if not reading.choices or not votes:
        return Verdict(draft, tuple(votes), agreed=False)
    totals = tally(votes)
    best = max(totals, key=lambda letter: totals[letter])
    if draft.choice is None and not draft.abstain:
        share = totals[best] / (sum(totals.values()) or 1.0)
        draft = replace(
            draft, choice=best, answer=reading.choices[reading.letters.index(best)],
            raw=min(share, 0.5), method="vote",
        )  # fmt: skip
    voices = [vote for vote in votes if vote.choice == draft.choice]
    agreed = (
        len(voices) >= 2 and best == draft.choice and totals[best] >= 0.7 * sum(totals.values())
    )
    return Verdict(draft, tuple(votes), agreed)


def looks(reading: Reading, steps: Sequence[Step]) -> list[Vote]:
    """Return one vote for each look that was shown the options."""
    votes: list[Vote] = []
    for step in of_type(steps, Observation):
        options = step.found.data.get("options") or {}
        options = {letter: p for letter, p in options.items() if letter in reading.letters}
        if step.found.error or not options:
            continue
        letter = max(options, key=lambda key: options[key])
        answer = reading.choices[reading.letters.index(letter)]
        votes.append(Vote(f"{step.found.tool} {step.number}", answer, letter, options[letter]))
    return votes


def tally(votes: Sequence[Vote]) -> dict[str, float]:
    """Return the weight that each option letter gathered."""
    totals: dict[str, float] = {}
    for vote in votes:
        if vote.choice is not None:
            totals[vote.choice] = totals.get(vote.choice, 0.0) + vote.weight
    return totals
