from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest
from tools_fixtures import PaintEncoder, SignReader, make_film

from longtake.index.build import build_index
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.index.video.span import Span
from longtake.tools import TOOLS, ToolContext, call_tool
from longtake.tools.results import Occurrences
from longtake.world.vlm.tagger import TaggerVLM


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("painted")
    path = make_film(folder)
    encoder = PaintEncoder()
    index = build_index(path, Store(folder / "store"), encoder, workers=1)
    with Decoder(path) as decoder:
        yield ToolContext(index, decoder, encoder, TaggerVLM(encoder), SignReader())
    index.close()


def ask(ctx, question, options=()):
    from dataclasses import replace

    return replace(
        ctx, question=question, options=tuple(options), letters=tuple("ABCD"[: len(options)])
    )


def test_enumerate_finds_each_occurrence_with_its_ends_and_leaves_distractors_out(film):
    seen = call_tool("enumerate", {"predicate": "the red fish"}, film)
    assert seen.error is None
    spans = [(item.span.start, item.span.end) for item in seen.payload.items]
    assert len(spans) == 2
    for span, truth in zip(spans, [(12, 20), (40, 48)], strict=True):
        assert span == pytest.approx(truth, abs=0.6)
    assert seen.payload.complete
    assert all(item.frames and item.frames[0].sha256 for item in seen.evidence)


def test_enumerate_of_something_absent_finds_nothing(film):
    seen = call_tool("enumerate", {"predicate": "a green fish"}, film)
    assert seen.payload == Occurrences((), complete=True)


def test_enumerate_stays_inside_its_frame_budget(film):
    from dataclasses import replace

    seen = call_tool("enumerate", {"predicate": "a red fish"}, replace(film, frames_left=5))
    assert seen.cost.frames_shown <= 5
    assert not seen.payload.complete
    assert seen.notes


def test_enumerate_looks_only_within(film):
    args = {"predicate": "a red fish", "within": [30, 80]}
    items = call_tool("enumerate", args, film).payload.items
    assert [round(item.span.start) for item in items] == [40]


def test_overview_answers_with_probabilities_and_says_what_it_saw(film):
    ctx = ask(film, "What colour is the cup in the forest?", ["red", "green", "blue"])
    seen = call_tool("overview", {"n_frames": 20}, ctx)
    assert seen.payload.letter == "B"
    assert sum(seen.payload.options.values()) == pytest.approx(1)
    assert seen.payload.known == 1.0
    assert seen.coverage is not None
    assert seen.coverage.frames == 20
    assert seen.coverage.max_gap < 10
    assert seen.evidence[0].supports == "B"


def test_zoom_time_answers_relations_and_hands_over_proof(film):
    ctx = ask(
        film,
        "Which object is to the left of the green cup?",
        ["the blue fish", "the red fish", "the red cup"],
    )
    seen = call_tool("zoom_time", {"spans": [[11, 21]]}, ctx)
    assert seen.payload.answer == "the red fish"
    assert seen.payload.relevant
    best = seen.evidence[0]
    assert best.supports == "B"
    assert 11.5 <= best.span.start <= 13
    assert 19 <= best.span.end <= 20.6
    frame = film.decoder.frames([best.frames[0].seconds + 1e-3], film.frame_size(1))
    assert best.frames[0].sha256 == hashlib.sha256(frame.pixels[0].tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("question", "options", "span", "answer"),
    [
        ("In which direction does the red fish move?", "left right up down", [40, 48], "right"),
        ("How many green keys stand together in the forest?", "2 3 4", [48, 66], "3"),
        ("Where is the red cup seen?", None, [20, 40], "on the beach"),
        ("What colour is the fish on the beach?", None, [20, 40], "blue"),
        ("Which object is seen together with the red cup?", None, [20, 40], "the blue fish"),
        ("Is there a red cup?", None, [20, 40], "yes"),
    ],
)
def test_zoom_time_answers_each_kind_of_question(film, question, options, span, answer):
    ctx = ask(film, question, options.split() if options else ())
    seen = call_tool("zoom_time", {"question": question, "spans": [span]}, ctx)
    assert seen.payload.answer == answer


def test_zoom_time_on_the_wrong_span_says_that_it_is_not_relevant(film):
    seen = call_tool("zoom_time", {"question": "Where is the red fish?", "spans": [[50, 60]]}, film)
    assert not seen.payload.relevant
    assert seen.evidence == ()


def test_zoom_space_crops_around_the_named_thing_at_source_resolution(film):
    ctx = ask(film, "Which tiny object is beside the blue car?", ["the red key", "the green key"])
    args = {"at": 70.0, "region": "the blue car", "margin": 1.0}
    seen = call_tool("zoom_space", args, ctx)
    assert seen.error is None, seen.text
    assert seen.payload.options["A"] > 0.8
    box = seen.evidence[0].frames[0].box
    assert box is not None
    assert box.x0 < 0.35
    assert box.x1 > 0.62
    assert box.y0 < 0.4 < 0.6 < box.y1


def test_zoom_space_on_something_that_is_not_there_says_so(film):
    args = {"question": "What is beside the red car?", "at": 5.0, "region": "the red car"}
    seen = call_tool("zoom_space", args, film)
    assert seen.error == "nothing"
    assert "red car" in seen.text


def test_compare_says_which_span_speaks_for_the_answer(film):
    args = {"question": "Is there a red cup?", "spans": [[22, 38], [0, 10]]}
    seen = call_tool("compare", args, film)
    assert [item.span for item in seen.evidence] == [Span(22, 38)]
    assert seen.evidence[0].score > 0.8


def test_order_is_answered_across_spans(film):
    ctx = ask(
        film, "Which of these appears first?", ["the green key", "the red fish", "the red cup"]
    )
    args = {"spans": [[50, 56], [24, 30], [14, 18]]}
    assert call_tool("compare", args, ctx).payload.answer == "the red fish"


@pytest.mark.parametrize(
    ("claim", "span", "verdict"),
    [
        ("the red fish is in the forest", [12, 20], "supported"),
        ("the red fish is on the beach", [12, 20], "refuted"),
        ("the green fish is in the forest", [12, 20], "refuted"),
        ("3 green keys stand together", [50, 60], "supported"),
        ("2 green keys stand together", [50, 60], "refuted"),
        ("the red fish moves to the right", [40, 48], "supported"),
        ("the red fish moves to the left", [40, 48], "refuted"),
        ("a purple dragon is visible", [12, 20], "refuted"),
    ],
)
def test_verify_judges_a_claim_on_fresh_frames(film, claim, span, verdict):
    seen = call_tool("verify", {"claim": claim, "spans": [span], "motion": "moves" in claim}, film)
    assert seen.payload.verdict == verdict
    assert bool(seen.evidence) == (verdict == "supported")
    assert all(e.verified for e in seen.evidence)


def test_verify_looks_at_other_frames_than_zoom_time(film):
    zoomed = call_tool("zoom_time", {"question": "Is there a red fish?", "spans": [[12, 20]]}, film)
    fresh = call_tool("verify", {"claim": "a red fish", "spans": [[12, 20]]}, film)
    old = {f.seconds for e in zoomed.evidence for f in e.frames}
    assert old.isdisjoint(f.seconds for e in fresh.evidence for f in e.frames)


def test_read_text_reads_a_still_scene_once_and_sorts_by_distance(film):
    before = film.ocr.frames_read
    seen = call_tool("read_text", {"span": [40.5, 41.5], "near": "the red fish"}, film)
    assert seen.payload.lines[0].text == "GATE 42"
    assert film.ocr.frames_read - before == 1
    assert seen.evidence[0].kind == "text"


def test_verify_of_text_reads_again(film):
    args = {"claim": "the sign says GATE 42", "spans": [[41, 47]], "kind": "text"}
    assert call_tool("verify", {**args, "words": "gate 42"}, film).payload.verdict == "supported"
    assert call_tool("verify", {**args, "words": "GATE 47"}, film).payload.verdict == "refuted"
    # without words it is for the VLM to judge, which here knows the sign by its looks only
    assert call_tool("verify", args, film).payload.verdict == "supported"


def test_caption_is_written_once_and_kept(film):
    first = call_tool("caption_clip", {"span": [13, 19]}, film)
    again = call_tool("caption_clip", {"span": [13, 19]}, film)
    assert first.payload.caption.startswith("forest; ")
    assert {"a red fish", "a green cup"} <= set(re.split("[;,] ", first.payload.caption))
    assert again.payload.cached
    assert again.payload.caption == first.payload.caption
    assert again.cost.frames_shown == 0


def test_every_visual_tool_reports_the_frames_it_really_got(film):
    span = [14, 18]
    calls = {
        "overview": {"within": span, "n_frames": 4, "question": "Is there a red fish?"},
        "zoom_time": {"question": "Is there a red fish?", "spans": [span]},
        "zoom_space": {"question": "What is it?", "at": 15, "region": "the red fish"},
        "read_text": {"span": span},
        "compare": {"question": "Is there a red fish?", "spans": [span, [20, 24]]},
        "enumerate": {"predicate": "a red fish", "within": span},
        "verify": {"claim": "a red fish", "spans": [span]},
        "caption_clip": {"span": [14, 17]},
    }
    for name, args in calls.items():
        seen = call_tool(name, args, film)
        assert seen.error is None, (name, seen.text)
        assert seen.coverage is not None, name
        assert seen.coverage.frames > 0, name
        assert seen.cost.frames_decoded > 0, name
        assert seen.to_json()["tool"] == name
    words = {"search_words", "answer_words", "answer_text", "read_transcript"}
    assert set(calls) | words | {"search_clips", "finish"} == set(TOOLS)


def test_instants_are_inside_their_spans_and_shared_by_duration():
    from longtake.tools.frame_sampling import instants_of

    chosen, capped = instants_of([Span(0, 30), Span(100, 110)], 2.0, 20)
    assert capped
    assert [len(c) for c in chosen] == [15, 5]
    assert chosen[0][0] == pytest.approx(1.0)
    assert np.all(chosen[1] < 110)


@pytest.mark.parametrize("left", [0, 96])
def test_a_search_by_looking_shows_nothing_where_all_frames_left_are_for_the_looks(film, left):
    from dataclasses import replace

    args = {"queries": ["a purple kite"], "look": True, "insist": True}
    seen = call_tool("search_clips", args, replace(film, frames_left=left, memory={}))
    assert (seen.error, seen.cost.frames_shown) == (None, 0)
