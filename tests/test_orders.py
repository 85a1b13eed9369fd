"""An eye that likes a letter: asked in several orders, its liking cancels and the pictures decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fault_server import FaultServer
from served_fixtures import QUICK, painted_eye, served_eye
from tools_fixtures import PaintEncoder, make_film

from longtake.index.build import build_index
from longtake.index.store import Store
from longtake.index.video.decode import Decoder
from longtake.index.video.span import Span
from longtake.models.vlm.reply import Reply
from longtake.tools import ToolContext, call_tool
from longtake.tools.option_order import ask_in_turns
from longtake.world.grammar.question import read_question
from longtake.world.planner import calls
from longtake.world.planner.refine import other_order

PATIENT = replace(QUICK, read=30.0, attempt=30.0)
QUESTION = "Which object is seen in the forest?"
# from 12 to 20 seconds the painted film shows the red fish
OPTIONS = ("the blue car", "the red fish", "the green key")
SEEN = [Span(13, 16)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("painted")
    path, encoder = make_film(folder), PaintEncoder()
    index = build_index(path, Store(folder / "store"), encoder, workers=1)
    with Decoder(path) as decoder:
        yield ToolContext(
            index, decoder, encoder, painted_eye(), question=QUESTION, options=OPTIONS,
            letters=tuple("ABC"),
        )  # fmt: skip
    index.close()


def looked(film, eye, action):
    found = call_tool(action.tool, action.args, replace(film, eye=eye))
    assert found.error is None, found.text
    return found


def test_an_eye_that_always_says_the_first_letter_settles_no_rivalry(film):
    with FaultServer(painted_eye(), letter_bias=1.0) as server:
        eye = served_eye(server, PATIENT, scored_frames=0)
        plain = calls.rivals(QUESTION, SEEN, ["A", "B"])
        fooled = looked(film, eye, replace(plain, args={**plain.args, "turns": [0]}))
        found = looked(film, eye, plain)
    assert fooled.data["options"]["A"] > 0.99
    assert found.data["options"] == pytest.approx({"A": 0.5, "B": 0.5}, abs=0.01)


def test_a_liking_for_a_letter_cancels_and_the_pictures_decide(film):
    with FaultServer(painted_eye(), letter_bias=0.7) as server:
        eye = served_eye(server, PATIENT, scored_frames=0)
        plain = calls.rivals(QUESTION, SEEN, ["A", "B"])
        fooled = looked(film, eye, replace(plain, args={**plain.args, "turns": [0]}))
        server.bodies.clear()
        found = looked(film, eye, plain)
        asked = [body["messages"][1]["content"][-1]["text"] for body in server.bodies]
    assert fooled.data["options"]["A"] > 0.6
    assert found.data["options"]["B"] > 0.6
    assert found.data["answer"] == "the red fish"
    # the rivals keep their two letters, the choices change places
    assert "A. the blue car\nB. the red fish" in asked[0]
    assert "A. the red fish\nB. the blue car" in asked[1]
    assert found.cost.model_calls == fooled.cost.model_calls + 1


def test_two_branches_of_an_eye_that_likes_a_letter_do_not_agree_with_each_other(film):
    turn = other_order(read_question(QUESTION, list(OPTIONS)))
    with FaultServer(painted_eye(), letter_bias=1.0) as server:
        eye = served_eye(server, PATIENT, scored_frames=0)
        looks = [
            looked(film, eye, calls.zoom_time(QUESTION, SEEN, max_frames=4, turn=by)).data[
                "options"
            ]
            for by in (0, turn)
        ]
    first, second = (max(look, key=look.get) for look in looks)
    assert first == "A"
    assert second == "ABC"[turn]


def test_a_look_in_another_order_says_the_same_where_no_letters_are_read(film):
    looks = [
        looked(film, film.eye, calls.zoom_time(QUESTION, SEEN, max_frames=4, turn=turn))
        for turn in (0, 1, 2)
    ]
    for look in looks[1:]:
        assert look.data["options"] == pytest.approx(looks[0].data["options"])
        assert look.data["answer"] == "the red fish"
        assert look.cost == looks[0].cost
    assert looked(film, film.eye, calls.rivals(QUESTION, SEEN, ["A", "B"])).cost.model_calls == 1


def test_the_other_order_is_never_the_first_and_always_the_same():
    for count in (2, 3, 5):
        reading = read_question(QUESTION, [f"thing {k}" for k in range(count)])
        assert 1 <= other_order(reading) < count
        assert other_order(reading) == other_order(reading)
    assert other_order(read_question(QUESTION, [])) == 0


def test_the_mean_is_over_the_options_and_scores_are_of_the_surest_order():
    # by the letters: what stands first gets 0.6
    def ask(order):
        scores = (float(order[0] == "y"),)
        return Reply(order[0], (0.6, 0.3, 0.1), "logprob", scores, tokens_in=10, tokens_out=1)

    heard = ask_in_turns(ask, ["x", "y", "z"], [0, 1, 4])
    assert heard.asked == 2
    assert heard.options == pytest.approx((0.35, 0.45, 0.2))
    assert heard.text == "y"
    assert heard.frame_scores == (1.0,)
    assert (heard.tokens_in, heard.tokens_out) == (20, 2)
    whole = ask_in_turns(ask, ["x", "y", "z"], [0, 1, 2])
    assert whole.options == pytest.approx((1 / 3, 1 / 3, 1 / 3))
