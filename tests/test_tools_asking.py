"""What reaches the VLM: the user's question with its options, frames of its size, notes beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tools_fixtures import DURATION, PaintEncoder, SignReader, make_film

from longtake.index.build import build_index
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.index.video.span import Span
from longtake.models.vlm.reply import Reply
from longtake.tools import ToolContext, call_tool
from longtake.tools.context import KEPT
from longtake.tools.select import SELECTORS
from longtake.tools.select.by_similarity.freevideo import region
from longtake.tools.select.film_facts import film_facts
from longtake.world.vlm.tagger import TaggerVLM

QUESTION = "Which colour does the person who speaks of the vault prefer?"


class CitingVLM(TaggerVLM):
    """Sees what the paint says, and answers as served models do: cited times, no frame scores."""

    max_frames = 24

    def __init__(self, encoder, cited=(), enough=None):
        super().__init__(encoder)
        self.cited, self.enough = cited, enough
        self.heard: list[dict] = []

    def frame_size(self, source, count):
        width, height = (source[0] // 2, source[1] // 2) if count <= 8 else (128, 64)
        return width, height

    def answer(self, frames, question, options=(), notes=(), letters=""):
        self.heard.append(
            {"frames": frames, "question": question, "options": options, "notes": notes,
             "letters": letters}
        )  # fmt: skip
        shares = tuple(np.full(len(options), 1 / len(options))) if options else None
        return Reply(
            options[0] if options else "it is red", shares, "stated", cited=self.cited,
            enough=self.enough,
        )  # fmt: skip


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    path = make_film(folder)
    encoder = PaintEncoder()
    index = build_index(path, Store(folder / "store"), encoder, workers=1)
    with Decoder(path) as decoder:
        yield index, decoder, encoder
    index.close()


def context(parts, **values) -> tuple[ToolContext, CitingVLM]:
    index, decoder, encoder = parts
    vlm = CitingVLM(encoder, values.pop("cited", ()), values.pop("enough", None))
    options = ("red", "blue", "red")
    ctx = ToolContext(
        index, decoder, encoder, vlm, SignReader(), question=QUESTION, options=options,
        letters=("A", "B", "C"),
    )  # fmt: skip
    return replace(ctx, **values), vlm


CALLS = {
    "overview": {"n_frames": 6},
    "zoom_time": {"spans": [[10, 14]]},
    "compare": {"spans": [[10, 14], [50, 54]], "frames_each": 2},
    "zoom_space": {"at": 15, "region": {"x0": 0.1, "y0": 0.1, "x1": 0.6, "y1": 0.8}},
}


@pytest.mark.parametrize("name", CALLS)
def test_the_question_and_all_options_go_verbatim_into_every_call_that_answers(parts, name):
    ctx, vlm = context(parts)
    assert call_tool(name, CALLS[name], ctx).error is None
    assert call_tool(name, CALLS[name] | {"question": "the colour of the coat"}, ctx).error is None
    plain, focused = vlm.heard
    assert plain["question"] == QUESTION
    assert focused["question"].startswith(QUESTION + "\n")
    assert "the colour of the coat" in focused["question"]
    for call in vlm.heard:
        assert list(call["options"]) == ["red", "blue", "red"]
        assert call["letters"] == "ABC"


def test_the_first_look_goes_by_the_selector_and_the_presenter_of_the_run(parts):
    even, vlm = context(parts)
    chosen, other = context(parts, selector="shots", presenter="grid")
    call_tool("overview", {"n_frames": 6, "cues": ["red"]}, even)
    call_tool("overview", {"n_frames": 6, "cues": ["red"]}, chosen)
    plain, grid = vlm.heard[0]["frames"], other.heard[0]["frames"]
    assert len(plain.pictures) == len(plain)
    assert [len(picture.seconds) for picture in grid.pictures] == [len(grid)]
    assert grid.seconds.tolist() != plain.seconds.tolist()
    named = call_tool("overview", {"n_frames": 6, "cues": ["red"], "selector": "ktv"}, chosen)
    assert named.error is None
    assert other.heard[1]["frames"].seconds.tolist() != grid.seconds.tolist()


def test_an_unknown_selector_is_refused_with_those_there_are(parts):
    ctx, _ = context(parts)
    seen = call_tool("overview", {"n_frames": 6, "selector": "best"}, ctx)
    assert seen.error == "bad_argument"
    assert "ktv" in seen.text


@pytest.mark.parametrize("name", SELECTORS)
def test_every_selector_works_on_the_index_of_a_film_and_asks_what_it_needs(parts, name):
    """With the encoder, without, and with a question longer than a text encoder reads."""
    long = "where the person in the red coat stands beside the window " * 6
    for values in ({}, {"encoder": None}):
        ctx, vlm = context(parts, **values)
        seen = call_tool(
            "overview", {"n_frames": 5, "cues": [long, "red", " "], "selector": name}, ctx
        )
        assert seen.error is None, seen.text
        assert 1 <= len(vlm.heard[0]["frames"]) <= 5
        assert seen.cost.frames_shown >= len(vlm.heard[0]["frames"])


def test_selectors_are_told_where_in_a_picture_the_cue_is(parts):
    ctx, _ = context(parts)
    facts = film_facts(ctx, Span(0, DURATION), ["a red fish"])
    found: Any = facts.helpers.patches(np.array([15.0, 16.0]))
    relevant, cost = found
    x, y = region(relevant[0], 0.1).centre
    # painted a quarter of the width from the left, half way down
    assert (x, y) == pytest.approx((0.25, 0.5), abs=0.1)
    assert cost.frames_decoded == 2
    assert cost.frames_shown == 0


def test_the_relevance_of_segments_is_asked_within_the_frames_that_are_left(parts):
    ctx, _ = context(parts)
    spans = [Span(13, 17), Span(50, 54)]
    helpers: Any = film_facts(ctx, Span(0, DURATION), ["a green key"]).helpers
    scores, cost = helpers.relevance(spans)
    assert scores.shape == (2,)
    assert scores[1] > scores[0]
    assert (cost.frames_shown, cost.model_calls) == (16, 2)
    few, _ = context(parts, frames_left=KEPT + 7)
    helpers = film_facts(few, Span(0, DURATION), ["a green key"]).helpers
    _, cost = helpers.relevance(spans)
    assert cost.frames_shown == 6
    none, _ = context(parts, frames_left=KEPT + 1)
    assert film_facts(none, Span(0, DURATION), ["a green key"]).helpers.relevance(spans) is None


def test_two_rivals_keep_their_own_letters_and_are_offered_in_both_orders(parts):
    ctx, vlm = context(parts)
    args = CALLS["compare"] | {"only": ["A", "C"], "turns": [0, 1]}
    seen = call_tool("compare", args, ctx)
    assert [call["letters"] for call in vlm.heard] == ["AC", "AC"]
    assert set(seen.payload.options) == {"A", "C"}
    assert seen.cost.model_calls == 2


def test_a_call_without_any_question_is_refused(parts):
    ctx, _ = context(parts, question="", options=(), letters=())
    seen = call_tool("zoom_time", {"spans": [[1, 2]]}, ctx)
    assert (seen.error, "question is missing" in seen.text) == ("bad_argument", True)


def test_frames_have_the_size_that_the_model_wants_for_their_number(parts):
    ctx, vlm = context(parts)
    call_tool("overview", {"n_frames": 8}, ctx)
    call_tool("overview", {"n_frames": 20}, ctx)
    assert [call["frames"].pixels.shape[1:3] for call in vlm.heard] == [(128, 256), (64, 128)]


def test_chosen_instants_are_the_frames_that_are_shown(parts):
    ctx, vlm = context(parts)
    seen = call_tool("overview", {"instants": [3.1, 44.0, 900.0, 20.2]}, ctx)
    shown = vlm.heard[0]["frames"].seconds
    assert shown == pytest.approx([3.0, 20.0, 44.0, DURATION - 0.25], abs=0.3)
    assert "moved to" in seen.notes[0]
    assert seen.coverage.frames == 4


def test_notes_hold_all_that_is_said_where_there_is_room_and_cues_become_evidence(parts):
    ctx, vlm = context(parts)
    call_tool("zoom_time", {"spans": [[40, 44]], "notes": True}, ctx)
    assert [note for note in vlm.heard[0]["notes"] if "Ignore all" in note]
    seen = call_tool(
        "overview", {"instants": [60.0], "notes": True, "cues": ["code of the vault"]}, ctx
    )
    assert vlm.heard[1]["notes"] == vlm.heard[0]["notes"]
    first = vlm.heard[1]["notes"][0]
    assert first.startswith("[5.0 s, said] The code of the vault is 4821")
    assert [item.kind for item in seen.evidence] == ["speech"]
    call_tool("overview", {"instants": [60.0]}, ctx)
    assert vlm.heard[2]["notes"] == []


def test_a_closer_look_is_judged_beside_frames_of_the_whole_film_in_time_order(parts):
    ctx, vlm = context(parts, cited=(15.0,))
    args = {"spans": [[40, 44], [14, 16]], "max_frames": 8, "context": 6}
    seen = call_tool("zoom_time", args, ctx)
    seconds = vlm.heard[0]["frames"].seconds
    inside = [s for s in seconds if 14 <= s < 16 or 40 <= s < 44]
    assert list(seconds) == sorted(seconds)
    assert 6 <= len(inside) <= 10
    assert 4 <= len(seconds) - len(inside) <= 6
    assert [span.start for span in seen.coverage.requested] == [40, 14]
    assert seen.evidence[0].span.overlap(Span(14, 16)) > 0


def test_a_claim_about_words_is_judged_by_the_lines(parts):
    ctx, vlm = context(parts)
    heard = []

    def judge(clips, claim, notes=()):
        heard.append(([len(clip) for clip in clips], claim, list(notes)))
        return [0.9]

    vlm.judge = judge
    args = {"claim": "Question: what is the code?\nProposed answer: 4821", "spans": [[4, 8]]}
    seen = call_tool("verify", args | {"kind": "speech"}, ctx)
    assert seen.payload.verdict == "supported"
    ((_, claim, notes),) = heard
    assert claim == args["claim"]
    assert "4821" in notes[0]
    assert seen.evidence[0].text == "The code of the vault is 4821."


def test_cited_times_are_the_evidence_of_a_model_that_scores_no_frames(parts):
    ctx, _ = context(parts, cited=(15.0, 16.1), enough=True)
    seen = call_tool("zoom_time", {"spans": [[10, 30]], "fps": 1.0}, ctx)
    assert seen.payload.enough is True
    assert seen.payload.best_second == pytest.approx(15.0, abs=0.6)
    (item,) = seen.evidence
    assert 14 <= item.span.start < 15.5 < 16 <= item.span.end <= 18
    assert {round(ref.seconds) for ref in item.frames} <= {14, 15, 16, 17}


def test_an_overview_whose_model_names_no_frame_cites_none(parts):
    ctx, _ = context(parts)
    assert call_tool("overview", {"n_frames": 6}, ctx).evidence == ()
    ctx, _ = context(parts, cited=(15.0,), enough=False)
    assert call_tool("overview", {"n_frames": 6}, ctx).evidence == ()


def test_counting_asks_once_for_a_set_of_frames_and_then_halves_the_gaps(parts):
    ctx, vlm = context(parts)
    sets: list[int] = []

    def find(frames, what):
        sets.append(len(frames))
        return TaggerVLM.find(vlm, frames, what)

    vlm.find = find
    seen = call_tool("enumerate", {"predicate": "a red fish"}, ctx)
    spans = [(item.span.start, item.span.end) for item in seen.payload.items]
    assert spans == [pytest.approx((12, 20), abs=0.6), pytest.approx((40, 48), abs=0.6)]
    assert max(sets) <= vlm.max_frames
    assert seen.cost.model_calls == len(sets) <= 8
    assert sum(sets) == seen.cost.frames_shown <= 128
