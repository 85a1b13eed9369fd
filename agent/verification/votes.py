"""Who says what, and whether they agree: a weighted vote over everything that gave an opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..planners.base import Done
from ..planners.looks import looks_of
from ..question import Question
from ..steps import Step, Vote

# the planner has seen what every look has; a single look does not outvote it
PLANNER = "planner"
PLANNER_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome of a vote.

    Attributes:
        draft: the planner's answer, or the most voted option when the planner had none.
        votes: the voices, for the record.
        agreed: at least two looks, and none but the least certain against them.
    """

    draft: Done
    votes: tuple[Vote, ...]
    agreed: bool


def take_votes(question: Question, steps: Sequence[Step], draft: Done) -> Tally:
    """Put the planner's answer to the vote.

    The planner's answer stands when it has one. Votes fill in for a planner that stopped without,
    and tell how far the looks agree with one that did not.
    """
    votes = votes_of(question, steps)
    if draft.choice is not None:
        votes.append(Vote(PLANNER, draft.answer, draft.choice, PLANNER_WEIGHT * draft.raw))
    if not question.options or not votes:
        return Tally(draft, tuple(votes), agreed=False)
    totals = weights_of(votes)
    best = max(totals, key=lambda letter: totals[letter])
    if draft.choice is None and not draft.abstain:
        share = totals[best] / (sum(totals.values()) or 1.0)
        draft = replace(
            draft, choice=best, answer=question.option(best), raw=min(share, 0.5), method="vote"
        )
    # the planner speaks from what the looks saw: it is no second voice beside one of them
    looks = [v for v in votes if v.choice == draft.choice and v.voter != PLANNER]
    clear = totals[best] >= 0.7 * sum(totals.values())
    return Tally(draft, tuple(votes), len(looks) >= 2 and best == draft.choice and clear)


def votes_of(question: Question, steps: Sequence[Step]) -> list[Vote]:
    """Return one vote for each look that was shown the options."""
    votes: list[Vote] = []
    for look in looks_of(steps):
        letter = look.answered.letter
        if letter is None or letter not in question.letters:
            continue
        voter = f"{look.tool} {look.number}"
        votes.append(Vote(voter, question.option(letter), letter, look.answered.confidence))
    return votes


def weights_of(votes: Sequence[Vote]) -> dict[str, float]:
    """Return the weight that each option's letter gathered."""
    totals: dict[str, float] = {}
    for vote in votes:
        if vote.choice is not None:
            totals[vote.choice] = totals.get(vote.choice, 0.0) + vote.weight
    return totals


def best_guess(question: Question, steps: Sequence[Step], draft: Done) -> Done:
    """Return an answer with a choice: of the looks' votes, else of chance; its confidence is low.

    With options there is always an answer. Who wants none below some confidence says so.
    """
    if not question.options or draft.choice is not None:
        return draft
    totals = weights_of(votes_of(question, steps))
    chance = 1.0 / len(question.options)
    letter = max(totals, key=lambda key: totals[key], default=question.letters[0])
    share = totals[letter] / sum(totals.values()) if totals else chance
    caveat = "the film was not seen to show the answer: this is the best guess"
    return replace(
        draft,
        choice=letter,
        answer=question.option(letter),
        abstain=False,
        raw=min(0.5, max(chance, share * 0.5)),
        method="guess",
        caveats=(*(line for line in draft.caveats if line != caveat), caveat),
    )
