"""Probabilities over labels: token variants, mass outside, schema answers and samples."""

from __future__ import annotations

import math

import pytest
from fault_server import BARE, OUTSIDE, VLLM, FaultServer
from served_fixtures import QUICK, client_of, clip, painted_eye

from longtake.index.video.errors import UsageError
from longtake.index.video.frames import Frames
from longtake.models.client.capabilities import Dialect
from longtake.models.client.choice_scoring import Chooser
from longtake.models.client.client import EndpointProblem
from longtake.models.client.known import dialect_of
from longtake.models.client.labels import YES_NO, label_shares
from longtake.models.client.prompt import Prompt
from longtake.models.vlm.served import ServedEye
from longtake.world.vlm.prompts import LETTERS, ask_text

ASKED = ask_text("choice", "Which?", ["one", "two"])


class Sure:
    """Gives the same shares to every question."""

    frame_size = (64, 48)

    def __init__(self, *shares: float) -> None:
        self.shares = shares

    def answer(self, frames, question, options=(), notes=()):
        return type("Reply", (), {"options": self.shares, "text": "x"})()


def test_spellings_are_summed_and_the_rest_is_kept() -> None:
    tokens = {"A": 0.3, " A": 0.1, "(A": 0.05, "B": 0.15, "A.": 0.05, "The": 0.2, "b": 0.1}
    shares, outside = label_shares({t: math.log(p) for t, p in tokens.items()}, "AB") or (
        (0.0, 0.0),
        0.0,
    )
    assert shares == pytest.approx((0.5 / 0.65, 0.15 / 0.65))
    assert outside == pytest.approx(0.35)


def test_words_are_summed_whatever_their_case() -> None:
    tokens = {"Yes": 0.5, " yes": 0.2, "YES": 0.1, "No": 0.1}
    shares, _ = label_shares({t: math.log(p) for t, p in tokens.items()}, YES_NO) or (
        (0.0, 0.0),
        0.0,
    )
    assert shares == pytest.approx((8 / 9, 1 / 9))


def test_a_label_that_is_missing_is_less_likely_than_the_least_token() -> None:
    shares, _ = label_shares({"A": math.log(0.9), "x": math.log(0.01)}, "AB") or ((0.0, 0.0), 0.0)
    assert 0 < shares[1] < 0.01
    assert math.fsum(shares) == pytest.approx(1)


@pytest.mark.parametrize("odd", [float("nan"), -9999.0, 0.5])
def test_odd_log_probabilities_do_no_harm(odd: float) -> None:
    found = label_shares({"A": math.log(0.6), "B": odd}, "AB")
    assert found is not None
    assert math.fsum(found[0]) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in found[0])
    assert label_shares({"x": odd}, "AB") is None


def test_blanks_and_several_letters_at_once_are_no_labels() -> None:
    tokens = {"A": 0.5, "\n": 0.2, "": 0.1, "AB": 0.1}
    shares, outside = label_shares({t: math.log(p) for t, p in tokens.items()}, "ABC") or (
        (0.0,),
        0.0,
    )
    assert shares[0] > 0.8
    assert outside == pytest.approx(0.5)


def one_frame() -> Frames:
    return clip((64, 48), 13)


@pytest.mark.parametrize(
    ("speaks", "dialect", "method", "requests"),
    [
        (VLLM, Dialect(logprobs=20, json_schema=True), "logprob", 1),
        (frozenset({"json_schema"}), Dialect(json_schema=True), "schema", 1),
        (frozenset({"structured_outputs"}), Dialect(structured_outputs=True), "schema", 1),
        (BARE, Dialect(), "samples", 5),
        # remembered as able, but it is not: the next way is taken
        (frozenset({"json_schema"}), Dialect(logprobs=20, json_schema=True), "schema", 2),
    ],
)
def test_the_best_proven_way_is_taken(speaks, dialect, method, requests) -> None:
    with FaultServer(Sure(0.8, 0.2), speaks=speaks) as server:
        prompt = Prompt(ASKED, one_frame())
        choice = Chooser(client_of(server), dialect).choose(prompt, "AB", ["one", "two"])
        assert len(server.bodies) == requests
    assert choice.method == method
    assert choice.shares[0] > 0.7
    assert math.fsum(choice.shares) == pytest.approx(1)
    if method == "logprob":
        assert choice.shares[0] == pytest.approx(0.8)
        assert choice.outside == pytest.approx(OUTSIDE)
    assert choice.tokens_in == (requests if method == "samples" else 1) * (30 + 112)
    if method == "samples":
        warmth = sorted(body["temperature"] for body in server.bodies)
        assert warmth[0] == 0 < warmth[1] == warmth[-1]


def test_letters_outside_the_likeliest_tokens_keep_their_probability() -> None:
    wanted = (0.4, 0.2, 0.1, 0.08, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01)
    letters, options = LETTERS[:10], [f"thing {k}" for k in range(10)]
    prompt = Prompt(ask_text("choice", "Which?", options), one_frame())
    with FaultServer(painted_eye()) as server:
        dialect = dialect_of(client_of(server))
    with FaultServer(Sure(*wanted)) as server:
        client = client_of(server)
        best = Chooser(client, dialect).choose(prompt, letters, options)
        body = server.bodies[-1]
        plain = Chooser(client, Dialect(logprobs=20)).choose(prompt, letters, options)
    assert len(body["logprob_token_ids"]) == 2 * len(letters)
    assert best.method == plain.method == "logprob"
    assert best.shares == pytest.approx(wanted)
    # both agree on what is likely, the twenty likeliest tokens do not reach the last letters
    assert plain.shares[:4] == pytest.approx(wanted[:4], rel=0.15)
    assert plain.shares[-1] < 0.7 * wanted[-1]


def test_ids_that_a_server_no_longer_takes_cost_one_request_more() -> None:
    with FaultServer(Sure(0.8, 0.2)) as server:
        dialect = dialect_of(client_of(server))
        server.speaks -= {"token_ids"}
        server.bodies.clear()
        choice = Chooser(client_of(server), dialect).choose(Prompt(ASKED, one_frame()), "AB")
    assert choice.shares[0] == pytest.approx(0.8)
    assert ["logprob_token_ids" in body for body in server.bodies] == [True, False]


def test_an_answer_outside_the_schema_is_repaired_or_an_error() -> None:
    with FaultServer(Sure(0.8, 0.2), speaks=BARE) as server:
        chooser = Chooser(client_of(server), Dialect(json_schema=True))
        with pytest.raises(EndpointProblem, match="asked twice") as caught:
            chooser.choose(Prompt(ASKED, one_frame()), "AB")
        assert len(server.bodies) == 2
    assert caught.value.exit_code == 5


def test_more_options_than_letters_is_a_usage_error() -> None:
    with FaultServer(Sure(0.8, 0.2)) as server:
        eye = ServedEye(client_of(server, QUICK), Dialect())
        with pytest.raises(UsageError, match="at most 26"):
            eye.answer(one_frame(), "Which?", [f"thing {k}" for k in range(27)])


@pytest.mark.parametrize("speaks", [VLLM, frozenset({"json_schema"}), BARE])
def test_options_that_are_left_over_keep_their_letters(speaks) -> None:
    with FaultServer(Sure(0.2, 0.79, 0.01), speaks=speaks) as server:
        eye = ServedEye(
            client_of(server),
            Dialect(logprobs=20 * ("logprobs" in speaks), json_schema="json_schema" in speaks),
            scored_frames=0,
        )
        reply = eye.answer(one_frame(), "Which?", ["two", "four"], letters="BD")
        asked = server.bodies[0]["messages"][1]["content"][-1]["text"]
    assert "B. two\nD. four\nA. not visible" in asked
    assert reply.text == "four"
    assert reply.options is not None
    assert reply.options[1] > 0.7
