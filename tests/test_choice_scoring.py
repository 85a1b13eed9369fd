"""Probabilities of labels out of one reply: token variants, mass outside, stated confidence."""

from __future__ import annotations

import math

import pytest
from colour_model import ColourModel, plain_frames
from fault_server import BARE, VLLM, WORDS, FaultServer
from served_fixtures import served_vlm
from server_fields import OUTSIDE

from longtake.index.video.errors import UsageError
from longtake.models.client.completion import Completion
from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.vlm.choice_scoring import label_shares, label_token, score_labels
from longtake.models.vlm.prompts import VERDICTS

OPTIONS = ["something blue", "something red", "something green"]
RED = plain_frames("red", "red")


def test_spellings_are_summed_and_the_rest_is_kept() -> None:
    tokens = {"A": 0.3, " A": 0.1, '"A': 0.05, "B": 0.15, "A.": 0.05, "The": 0.2, "b": 0.1}
    found = label_shares({t: math.log(p) for t, p in tokens.items()}, "AB")
    assert found is not None
    assert found.of == pytest.approx((0.5 / 0.65, 0.15 / 0.65))
    assert found.outside == pytest.approx(0.35)


def test_words_are_summed_whatever_their_case_and_cut() -> None:
    tokens = {"supported": 0.4, " Sup": 0.1, "ref": 0.2, "REFUTED": 0.1, "unc": 0.1, "un": 0.05}
    found = label_shares({t: math.log(p) for t, p in tokens.items()}, VERDICTS)
    assert found is not None
    assert found.of == pytest.approx((0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95))


def test_a_label_that_is_missing_is_less_likely_than_the_least_token() -> None:
    found = label_shares({"A": math.log(0.9), "x": math.log(0.01)}, "AB")
    assert found is not None
    assert 0 < found.of[1] < 0.01
    assert math.fsum(found.of) == pytest.approx(1)


@pytest.mark.parametrize("odd", [float("nan"), -9999.0])
def test_odd_log_probabilities_do_no_harm(odd: float) -> None:
    found = label_shares({"A": math.log(0.6), "B": odd}, "AB")
    assert found is not None
    assert math.fsum(found.of) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in found.of)
    assert label_shares({"x": odd}, "AB") is None


@pytest.mark.parametrize(
    "numbers",
    [
        {"A": 0.0, "B": 0.0, "C": 0.0},  # a server that fills in zeros
        {"A": 0.02, "B": 0.9, "C": 0.05},  # probabilities instead of their logarithms
        {"B": 0.0},  # nothing but the token itself
    ],
)
def test_numbers_that_are_no_log_probabilities_leave_it_to_what_the_reply_says(numbers) -> None:
    assert label_shares(numbers, "ABC") is None
    tokens = tuple((piece, numbers) for piece in ('{"answer": "', "B", '"}'))
    found = score_labels(Completion("x", tokens=tokens), "answer", "ABC", 1, 0.9)
    assert (found.method, found.of[1]) == ("stated", pytest.approx(0.9))


@pytest.mark.parametrize(
    "pieces",
    [
        ['{"', "answer", '":', ' "', "B", '",', ' "seconds"', ": []}"],
        ['{"answer": ', '"B', '"}'],
        ["{", '"answer"', ":", ' "B"', "}"],
        ["<think>", "A", ' or "answer": "', "A", '"?', "</think>", '{"answer": "', "B", '"}'],
        ["Ċ", "ĠB"],
        ["B", ".", " the", " car"],
        ["(", "B", ")"],
    ],
)
def test_the_letter_is_found_wherever_it_stands(pieces: list[str]) -> None:
    mine = {" B": math.log(0.6), "A": math.log(0.3)}
    tokens = [(piece, mine if "B" in piece else {piece: -0.1, "A": -2.0}) for piece in pieces]
    assert label_token(tokens, "answer", "AB") is mine
    found = score_labels(Completion("x", tokens=tuple(tokens)), "answer", "AB", 1, 0.9)
    assert found.method == "logprob"
    assert found.of == pytest.approx((1 / 3, 2 / 3))


@pytest.mark.parametrize("pieces", [["The", " answer", " is", " B"], ['{"answer": "', "None"], []])
def test_where_no_letter_stands_the_stated_confidence_counts(pieces) -> None:
    tokens = tuple((piece, {piece: -0.1, "A": -2.0}) for piece in pieces)
    found = score_labels(Completion("x", tokens=tokens), "answer", "ABC", 1, 0.8)
    assert found.method == "stated"
    assert found.of == pytest.approx((0.1, 0.8, 0.1))


def test_a_confidence_below_chance_means_that_it_does_not_know() -> None:
    assert score_labels(Completion("x"), "answer", "AB", 0, 0.1).of == pytest.approx((0.51, 0.49))
    assert score_labels(Completion("x"), "answer", "AB", 1, None).of == pytest.approx((0.49, 0.51))


@pytest.mark.parametrize(
    ("speaks", "method", "shares"),
    [
        (VLLM, "logprob", (0.1, 0.8, 0.1)),
        (frozenset({"json_schema"}), "stated", (0.1, 0.8, 0.1)),
        (BARE, "stated", (0.1, 0.8, 0.1)),
        (WORDS, "stated", (0.25, 0.5, 0.25)),
    ],
)
def test_an_answer_is_one_request_whatever_the_server_has(speaks, method, shares) -> None:
    with FaultServer(speaks=speaks) as server:
        reply = served_vlm(server).answer(RED, "What is seen?", OPTIONS)
        assert len(server.bodies) == 1
    assert reply.text == "something red"
    assert reply.method == method
    assert reply.options == pytest.approx(shares)
    assert reply.tokens_in == 30 + 2 * 112
    assert reply.outside == (pytest.approx(OUTSIDE) if method == "logprob" else 0)
    if speaks != WORDS:
        assert reply.cited == (0, 2)
        assert reply.enough is True
        assert reply.frame_scores == pytest.approx((0.8, 0.8))


def test_an_answer_outside_the_schema_is_repaired_or_an_error() -> None:
    class Dreamer(ColourModel):
        def reply(self, asked):
            said = super().reply(asked)
            said.text, said.shares = "I do not know.", None
            return said

    with FaultServer(Dreamer()) as server:
        with pytest.raises(EndpointProblem, match="must be one of A, B, C") as caught:
            served_vlm(server).answer(RED, "What is seen?", OPTIONS)
        assert len(server.bodies) == 2
    assert caught.value.exit_code == 5


def test_more_options_than_letters_is_a_usage_error() -> None:
    with FaultServer() as server, pytest.raises(UsageError, match="at most 26"):
        served_vlm(server).answer(RED, "Which?", [f"thing {k}" for k in range(27)])


@pytest.mark.parametrize("speaks", [VLLM, BARE, WORDS])
def test_options_that_are_left_over_keep_their_letters(speaks) -> None:
    with FaultServer(speaks=speaks) as server:
        vlm = served_vlm(server)
        reply = vlm.answer(RED, "Which?", ["something green", "something red"], letters="BD")
        body = server.bodies[0]
    asked = body["messages"][1]["content"][-1]["text"]
    assert "B. something green\nD. something red\n" in asked
    assert "A. " not in asked
    assert reply.text == "something red"
    assert reply.options is not None
    assert reply.options[1] >= 0.5


def test_equal_options_are_told_apart_by_their_letters() -> None:
    with FaultServer() as server:
        reply = served_vlm(server).answer(RED, "Which?", ["red", "red", "blue"])
    assert reply.options == pytest.approx((0.8, 0.1, 0.1))
