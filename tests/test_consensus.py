"""Words and pictures answer apart: they agree, or the rivals are asked once more by letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agent_doubles import DURATION, Toolbox, hits, lines, looked, run_double, verdict

from longtake.agent.planners.base import Claim, Done
from longtake.agent.question import Question
from longtake.agent.steps import Observation
from longtake.agent.verification.consensus import CONTESTED, needs_consensus, other_order, settle
from longtake.agent.verification.votes import best_guess, take_votes
from longtake.tools import TOOLS

QUESTION = Question("Who carries the ladder?", ("Ann", "Bob", "Cid", "Dee"))
PLACES = [
    Observation(1, "act", hits((100, 108), (300, 308)), 0.1, True),
    Observation(2, "act", lines((50, 54, "Bob, take the ladder!")), 0.1, True),
]
DRAFT = Done("Ann", "A", 0.4, options={"A": 0.4}, claims=(Claim("e1", "Ann carries it"),))


def shares(**sure):
    rest = (1 - sum(sure.values())) / (4 - len(sure))
    return {letter: sure.get(letter, rest) for letter in "ABCD"}


class Branches:
    """Answers the calls of a consensus: by words, by pictures, and between two rivals."""

    def __init__(self, words, pictures, last=None):
        self.answers = [words, pictures, last]
        self.calls = []

    def __call__(self, action):
        assert TOOLS[action.tool].args.model_validate(action.args)
        said = self.answers[len(self.calls)]
        self.calls.append(action)
        if said is None:
            return None
        found = looked("zoom_time", 100 + len(self.calls), 110, said, "x")
        result = replace(found, args=action.args)
        return Observation(2 + len(self.calls), "consensus", result, 0.1, True)


def test_only_an_unsure_choice_needs_a_consensus():
    assert needs_consensus(QUESTION, DRAFT)
    assert needs_consensus(QUESTION, Done(None, abstain=True))
    assert not needs_consensus(QUESTION, Done("Ann", "A", 0.9))
    assert not needs_consensus(Question("Who?"), Done("Ann", raw=0.1))


def test_when_words_and_pictures_agree_there_is_no_third_call():
    branches = Branches(shares(B=0.6), shares(B=0.8))
    settled = settle(QUESTION, DRAFT, PLACES, branches, DURATION)
    assert len(branches.calls) == 2
    assert (settled.draft.choice, settled.draft.answer) == ("B", "Bob")
    assert settled.draft.raw == pytest.approx(0.8)
    assert settled.draft.caveats == ()
    assert settled.plan
    assert settled.plan.detail["asked_again"] is False


def test_words_are_given_to_one_branch_only_and_places_are_their_own():
    branches = Branches(shares(B=0.6), shares(B=0.8))
    settle(QUESTION, DRAFT, PLACES, branches, DURATION)
    words, pictures = (action.args for action in branches.calls)
    assert (words["notes"], pictures["notes"]) == (True, False)
    assert [span["start"] for span in words["spans"]] == [pytest.approx(47, abs=1)]
    assert [span["start"] for span in pictures["spans"]] == [100, 300]
    # a model that likes a letter would agree with itself
    assert "turns" not in words
    assert pictures["turns"] == [other_order(QUESTION)]
    assert 1 <= other_order(QUESTION) <= 3
    assert "only" not in words


def test_rivals_are_asked_again_under_their_own_letters():
    branches = Branches(shares(B=0.6), shares(D=0.7), {"B": 0.1, "D": 0.9})
    settled = settle(QUESTION, DRAFT, PLACES, branches, DURATION)
    assert branches.calls[2].args["only"] == ["B", "D"]
    starts = [span["start"] for span in branches.calls[2].args["spans"]]
    assert starts == sorted(starts)
    assert len(starts) == 3
    assert (settled.draft.choice, settled.draft.answer) == ("D", "Dee")
    assert settled.draft.raw == pytest.approx(0.9)
    assert CONTESTED not in settled.draft.caveats


def test_rivals_that_stay_rivals_are_marked_as_contested():
    branches = Branches(shares(B=0.6), shares(D=0.7), {"B": 0.55, "D": 0.45})
    settled = settle(QUESTION, DRAFT, PLACES, branches, DURATION)
    # 0.55 of two options tells nothing: the surer branch stands, and no further call is made
    assert len(branches.calls) == 3
    assert settled.draft.choice == "D"
    assert settled.draft.raw <= 0.5
    assert CONTESTED in settled.draft.caveats


@pytest.mark.parametrize("branches", [Branches(shares(B=0.6), None), Branches(shares(), shares())])
def test_the_planners_answer_stands_where_a_branch_has_none(branches):
    assert settle(QUESTION, DRAFT, PLACES, branches, DURATION).draft == DRAFT


def test_without_places_of_both_kinds_nothing_is_asked():
    branches = Branches(shares(B=0.9), shares(B=0.9))
    assert settle(QUESTION, DRAFT, PLACES[:1], branches, DURATION).draft == DRAFT
    assert settle(QUESTION, DRAFT, PLACES[1:], branches, DURATION).draft == DRAFT
    assert branches.calls == []


def test_evidence_for_another_answer_proves_nothing_for_the_new_one():
    branches = Branches(shares(B=0.6), shares(B=0.8))
    settled = settle(QUESTION, DRAFT, PLACES, branches, DURATION).draft
    assert DRAFT.claims[0] not in settled.claims
    assert all("Bob" in claim.statement for claim in settled.claims)
    same = settle(QUESTION, DRAFT, PLACES, Branches(shares(A=0.6), shares(A=0.8)), DURATION).draft
    assert (same.claims, same.raw) == (DRAFT.claims, pytest.approx(0.8))


def test_one_look_and_its_planner_are_no_consensus():
    look = Observation(1, "first_look", looked("overview", 1, 9, shares(A=0.4)), 0.1, True)
    alone = take_votes(QUESTION, [look], DRAFT)
    assert [vote.voter for vote in alone.votes] == ["overview 1", "planner"]
    assert not alone.agreed
    second = Observation(2, "act", looked("zoom_time", 1, 9, shares(A=0.6)), 0.1, True)
    assert take_votes(QUESTION, [look, second], DRAFT).agreed
    against = Observation(3, "act", looked("zoom_time", 2, 9, shares(C=0.9)), 0.1, True)
    assert not take_votes(QUESTION, [look, second, against], DRAFT).agreed


def test_a_guess_is_what_the_looks_lean_to_and_at_most_half_sure():
    nothing = Done(None, abstain=True, reason="not_found")
    blind = best_guess(QUESTION, [], nothing)
    assert (blind.choice, blind.raw, blind.method, blind.abstain) == ("A", 0.25, "guess", False)
    leaning = Observation(1, "act", looked("zoom_time", 1, 9, shares(C=0.9)), 0.1, True)
    guess = best_guess(QUESTION, [leaning], nothing)
    assert (guess.choice, guess.answer) == ("C", "Cid")
    assert 0.25 <= guess.raw <= 0.5
    assert any("best guess" in caveat for caveat in guess.caveats)
    assert best_guess(QUESTION, [leaning], DRAFT) == DRAFT
    assert best_guess(Question("Who?"), [], nothing) == nothing


def test_the_graph_asks_words_and_pictures_apart_and_settles(tmp_path):
    def look(args, n):
        if "only" in args:
            assert args["only"] == ["B", "D"]
            return looked("zoom_time", 50, 60, {"B": 0.9, "D": 0.1}, "Bob")
        if args.get("turns"):
            return looked("zoom_time", 100, 108, shares(D=0.5), "Dee", enough=False)
        sure = 0.6 if args["context"] == 0 else 0.4
        return looked("zoom_time", 50, 60, shares(B=sure), "Bob", enough=False)

    script = {
        "overview": lambda a, n: looked("overview", 1, 9, shares(A=0.3), "Ann", enough=False),
        "search_clips": lambda a, n: hits((100, 108), (300, 308)),
        "search_words": lambda a, n: lines((50, 54, "Bob, take the ladder!")),
        "zoom_time": look,
        "verify": lambda a, n: verdict(),
    }
    text = "What does the foreman say, and who carries the ladder?"
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, text, QUESTION.options)
    assert [args["only"] for args in toolbox.calls("zoom_time") if "only" in args] == [["B", "D"]]
    assert (answer.choice, answer.answer) == ("B", "Bob")
