"""Selectors: which seconds they choose from what is known of a film."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from longtake.index.video.frames import Box
from longtake.index.video.span import Span
from longtake.tools.results import Hit, Line
from longtake.tools.select import SELECTORS, FilmFacts, Helpers
from longtake.tools.select.by_cluster.curvature import bends
from longtake.tools.select.by_cluster.kmeans import kmeans
from longtake.tools.select.by_cluster.sevices import semantic, visual
from longtake.tools.select.by_model.tempo import allocate
from longtake.tools.select.by_model.tstar import GridSearch, spread
from longtake.tools.select.by_similarity.binmax import group_best
from longtake.tools.select.by_similarity.f2c import anchors, clip_rows
from longtake.tools.select.by_similarity.freevideo import region
from longtake.tools.select.film_facts import LONGEST, encode_cues, pieces
from longtake.tools.select.itg import mode_of
from longtake.tools.select.scaling import largest_remainder
from longtake.tools.select.shots import farthest
from longtake.tools.types import Cost

FILM = Span(0.0, 600.0)
NO_ENCODER: dict[str, Any] = {"vectors": None, "similarity": None}


def facts(samples: int = 600, **values: Any) -> FilmFacts:
    """A film of ten minutes, a sample a second; the cue is seen from 200 to 210 and at 500."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(600, 16)).astype(np.float32)
    vectors[200:210] = vectors[200] + rng.normal(size=(10, 16)).astype(np.float32) / 50
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = rng.normal(0.1, 0.02, (2, 600)).astype(np.float32)
    similarity[0, 200:210] = 0.35
    similarity[1, 500] = 0.25
    lines = (Line(Span(100, 104), "about the harbour", "speech", 0.9),)
    whole = FilmFacts(
        FILM,
        np.arange(0, 600, 5.0),
        np.arange(20.0, 600, 20.0),
        np.arange(600.0)[:samples],
        vectors[:samples],
        np.arange(600)[:samples],
        similarity[:, :samples],
        (lines, ()),
    )
    return replace(whole, **values)


def look(frames: int) -> tuple[list[Hit], Cost]:
    """A search by looking that finds one place."""
    return [Hit(Span(298, 302), 0.9, 300.0, "visual")], Cost(frames, frames, 1)


FILMS = {
    "as it is": {},
    "no encoder": NO_ENCODER,
    "no words": {"passages": ()},
    "an empty query": {"similarity": None, "passages": ()},
    "no encoder and no words": {**NO_ENCODER, "passages": ()},
    "similarity not a number": {"similarity": np.full((2, 600), np.nan, np.float32)},
    "some of it not a number": {
        "similarity": np.where(np.arange(1200).reshape(2, 600) % 7, 0.2, np.nan).astype(np.float32)
    },
    "vectors not numbers": {"vectors": np.full((600, 16), np.nan, np.float32)},
    "the same similarity everywhere": {"similarity": np.full((2, 600), 0.2, np.float32)},
    "the same picture everywhere": {"vectors": np.full((600, 16), 0.25, np.float32)},
    "one stored vector": {"rows": np.zeros(600, np.int64)},
    "nothing sampled": {"seconds": np.zeros(0), "rows": np.zeros(0, int), **NO_ENCODER},
    "nothing sampled of an encoder": {
        "seconds": np.zeros(0),
        "rows": np.zeros(0, int),
        "similarity": np.zeros((2, 0), np.float32),
    },
    "no keyframes": {"keyframes": np.zeros(0)},
    "no cuts": {"cuts": np.zeros(0)},
    "a hole": {"coverage": (Span(0, 150), Span(260, 600))},
    "a part of it": {"within": Span(190, 230)},
    "few frames": {"most_frames": 2},
    "motion": {"needs": frozenset({"motion", "read"})},
    "a moment": {"scope": "moment"},
    "the whole": {"scope": "whole"},
    "an anchor and an option": {"roles": ("anchor", "option")},
    "options alone": {"roles": ("option", "option")},
    "anchors alone, said and written": {
        "roles": ("anchor", "anchor"),
        "modalities": ("said", "written"),
    },
    "a VLM that looks": {**NO_ENCODER, "helpers": Helpers(look=look)},
}


def given(film: str) -> FilmFacts:
    """Return a film of the table; what lies outside its part or coverage was never sampled."""
    known = facts(**FILMS[film])
    parts = known.parts
    there = np.array([any(p.contains(s) for p in parts) for s in known.seconds], dtype=bool)
    similarity = None if known.similarity is None else known.similarity[:, there]
    return replace(
        known, seconds=known.seconds[there], rows=known.rows[there], similarity=similarity
    )


def check(known: FilmFacts, name: str, budget: int) -> np.ndarray:
    found = SELECTORS[name](known, budget)
    again = SELECTORS[name](known, budget)
    assert len(found) >= 1
    assert found.full_frames <= budget + 1e-9
    assert found.seconds.dtype == np.float64
    assert (np.diff(found.seconds) > 0).all()
    assert all(any(p.contains(second) for p in known.parts) for second in found.seconds)
    assert len(found.scores) == len(found)
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert found.scales is None or (found.scales.shape == found.seconds.shape)
    assert found.scales is None or (found.scales >= 1).all()
    assert len(found.regions) in (0, len(found))
    assert (found.seconds == again.seconds).all()
    if found.scales is None or known.most_frames is not None:
        assert len(found) <= max(budget, known.most_frames or 0)
    return found.seconds


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("film", FILMS)
def test_every_selector_returns_rising_seconds_of_what_decodes_within_budget(name, film):
    for budget in (1, 2, 7, 64):
        check(given(film), name, budget)


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("samples", [1, 2, 3, 5])
def test_every_selector_takes_a_film_of_fewer_samples_than_budget(name, samples):
    short = facts(samples, within=Span(0.0, float(samples)), cuts=np.zeros(0), passages=())
    seconds = check(short, name, 8)
    assert len(seconds) >= min(samples, 3)


@pytest.mark.parametrize("name", SELECTORS)
def test_every_selector_takes_a_film_of_one_frame(name):
    one = facts(1, within=Span(0.0, 0.04), keyframes=np.zeros(1), cuts=np.zeros(0), passages=())
    seconds = check(one, name, 4)
    assert (seconds < 0.04).all()


@pytest.mark.parametrize("name", SELECTORS)
def test_no_selector_shows_more_frames_than_may_be_shown(name):
    for most in (4, 9):
        assert len(SELECTORS[name](facts(most_frames=most), most)) <= most


@pytest.mark.parametrize(
    "name", ["topk", "binmax", "f2c", "tstar", "sevices", "tempo", "mixed", "cues"]
)
def test_selectors_that_know_the_question_look_where_the_cue_is_seen(name):
    found = SELECTORS[name](facts(passages=()), 8).seconds
    assert any(200 <= second < 210 for second in found)


@pytest.mark.parametrize("name", ["ktv", "curvature", "shots", "uniform"])
def test_selectors_of_the_film_alone_do_not_change_with_the_question(name):
    rng = np.random.default_rng(1)
    other = facts(similarity=rng.normal(size=(1, 600)).astype(np.float32), passages=())
    assert (SELECTORS[name](facts(), 8).seconds == SELECTORS[name](other, 8).seconds).all()


@pytest.mark.parametrize("name", SELECTORS)
def test_a_selector_that_cannot_do_its_own_spreads_evenly_and_says_why(name):
    blind = facts(**NO_ENCODER, passages=())
    found = SELECTORS[name](blind, 8)
    even = found.seconds.tolist() == SELECTORS["uniform"](blind, 8).seconds.tolist()
    # these do not need to know what is looked for
    assert bool(found.note) == (even and name not in ("uniform", "mixed"))
    assert not SELECTORS[name](facts(), 8).note


def test_uniform_takes_a_keyframe_of_each_step():
    found = SELECTORS["uniform"](facts(), 10)
    assert found.seconds == pytest.approx(np.arange(10) * 60 + 30 + 1e-4)


def test_uniform_leaves_a_hole_out_and_stays_even_over_the_rest():
    holed = facts(coverage=(Span(0, 100), Span(500, 600)), keyframes=np.zeros(0))
    assert SELECTORS["uniform"](holed, 4).seconds.tolist() == [25.0, 75.0, 525.0, 575.0]


def test_topk_finds_each_cue_and_does_not_spend_all_on_one_place():
    found = SELECTORS["topk"](facts(), 8).seconds
    assert any(200 <= s < 210 for s in found)
    assert 500.0 in found
    assert sum(200 <= s < 210 for s in found) <= 2


def test_words_looks_where_the_passages_are():
    assert SELECTORS["words"](facts(), 8).seconds.tolist() == [102.0]


def test_mixed_covers_the_film_and_looks_where_cues_are():
    found = SELECTORS["mixed"](facts(), 16)
    assert 102.0 in found.seconds
    assert any(200 <= s < 210 for s in found.seconds)
    assert np.diff(np.concatenate([[0], found.seconds, [600]])).max() <= 2 * 600 / 8
    assert (found.scores == 0).sum() >= 7


def test_binmax_takes_the_best_of_the_rows_nearest_to_each_of_even_positions():
    scores = np.array([0.1, 0.9, 0.2, 0.3, 0.8, 0.1, 0.2, 0.1, 0.3, 0.4, 0.1])
    # positions 0, 5, 10: rows 0-2, 3-7, 8-10
    assert group_best(scores, 3) == [1, 4, 9]
    assert group_best(scores, 1) == [1]
    assert group_best(scores[:2], 4) == [0, 1]


def test_kmeans_finds_separate_groups_and_makes_no_empty_one_of_equal_points():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.array([[0, 0], [10, 0], [0, 10]], np.float32), 20, axis=0)
    groups = kmeans(centres + rng.normal(0, 0.1, centres.shape).astype(np.float32), 3)
    assert groups.count == 3
    assert all(len(set(groups.labels[k : k + 20])) == 1 for k in (0, 20, 40))
    assert sorted(np.round(groups.centres).tolist()) == [[0, 0], [0, 10], [10, 0]]
    assert kmeans(np.full((9, 4), 0.5, np.float32), 6).count == 1
    assert kmeans(np.eye(3, dtype=np.float32), 6).count == 3


def test_ktv_takes_the_nearest_to_the_mean_of_each_cluster_and_no_frame_twice():
    vectors = np.repeat(np.eye(6, 16, dtype=np.float32), 100, axis=0)
    vectors[50] += 0.01  # the middle of no cluster
    found = SELECTORS["ktv"](facts(vectors=vectors), 6).seconds
    assert sorted(found // 100) == [0, 1, 2, 3, 4, 5]
    assert 50.0 not in found


def test_f2c_chooses_the_length_of_the_worked_example():
    wanted = np.array([0.1, 0.2, 0.8, 0.7, 0.2, 0.1])
    cosines = np.exp(-np.abs(np.arange(6)[:, None] - np.arange(6)[None, :]))
    vectors = np.linalg.cholesky(cosines)
    assert clip_rows(wanted, vectors, 2, 4).tolist() == [2]
    # J is 0.8125, 0.341, 0.459, 0.381: without the redundancy the whole window would win
    unlike = np.eye(6)
    assert clip_rows(np.full(6, 0.5), unlike, 2, 4).tolist() == [0, 1, 2, 3]
    assert clip_rows(wanted, unlike, 2, 2).tolist() == [2]


def test_f2c_takes_one_peak_between_two_valleys_and_a_plateau_once():
    seconds = np.arange(9.0)
    wanted = np.array([0.1, 0.5, 0.5, 0.5, 0.1, 0.2, 0.9, 0.3, 0.0])
    assert anchors(wanted, seconds, 8) == [1, 6]
    assert anchors(wanted, seconds, 1) == [6]
    assert anchors(np.zeros(5), np.arange(5.0), 4) == [0]


def test_f2c_pays_for_longer_clips_with_resolution():
    vectors = np.eye(600, dtype=np.float32)
    one = np.zeros((1, 600), np.float32)
    one[0, 296:304] = 1.0
    found = SELECTORS["f2c"](facts(vectors=vectors, similarity=one), 2)
    assert len(found) == 7
    assert found.scales == pytest.approx(np.full(7, (7 / 2) ** 0.5))
    assert found.full_frames == pytest.approx(2.0)
    assert 296 <= found.seconds[0] < found.seconds[-1] < 304


@pytest.mark.parametrize(
    ("relevant", "budget", "tokens"),
    [
        ([0.1, 0.5, 0.9], 1000, [4, 66, 128]),
        ([0.1, 0.5, 0.9], 150, [4, 50, 96]),
        ([0.1, 0.5, 0.9], 9, [3, 3, 3]),
        ([0.7, 0.7, 0.7], 100, [33, 33, 33]),
        ([0, 0, 0, 1], 64, [4, 4, 4, 52]),
        ([0, 0, 0, 1], 300, [4, 4, 4, 128]),
        ([0.1, 0.9, 0.5], 2, [0, 1, 1]),
    ],
)
def test_tempo_allocates_tokens_as_the_paper_and_never_over_its_budget(relevant, budget, tokens):
    assert allocate(np.array(relevant), budget).tolist() == tokens


def test_tempo_asks_the_model_of_each_segment_and_shows_more_of_what_is_relevant():
    asked: list[Span] = []

    def relevance(spans):
        asked.extend(spans)
        return np.array([0.95 if span.contains(300.0) else 0.05 for span in spans]), Cost(8, 8, 1)

    found = SELECTORS["tempo"](facts(helpers=Helpers(relevance=relevance)), 4)
    assert len(asked) == 8
    assert asked[0].start == 0.0
    assert asked[-1].end == 600.0
    there = next(span for span in asked if span.contains(300.0))
    assert len(found) == 4
    assert all(there.contains(second) for second in found.seconds)
    assert found.cost == Cost(8, 8, 1)


def test_tempo_spreads_evenly_where_the_model_finds_nothing_relevant():
    def relevance(spans):
        return np.linspace(0.0, 0.1, len(spans)), Cost(8, 8, 1)

    even = SELECTORS["uniform"](facts(), 8).seconds
    found = SELECTORS["tempo"](facts(helpers=Helpers(relevance=relevance)), 8)
    assert (found.seconds == even).all()
    assert "no segment is relevant" in found.note


def test_tstar_spreads_a_score_to_its_neighbours_once():
    scores = np.zeros(30)
    scores[10] = 0.8
    raised = [0.1333, 0.16, 0.2, 0.2667, 0.4, 0.8, 0.4, 0.2667, 0.2, 0.16, 0.1333]
    assert spread(scores, np.array([10]))[5:16] == pytest.approx(raised, abs=1e-4)
    assert spread(scores, np.array([10]))[[4, 16]].tolist() == [0.0, 0.0]
    # a raised score does not spread on
    assert spread(scores, np.array([10, 11]))[17] == 0.0


@pytest.mark.parametrize(("count", "rounds"), [(3600, 63), (120, 4)])
def test_tstar_looks_at_as_many_grids_as_its_budget_holds(count, rounds):
    search = GridSearch(lambda rows: np.zeros((len(rows), 1)), count)
    search.run()
    assert search.rounds == rounds


def test_tstar_stops_when_every_cue_is_verified_by_its_own_score():
    def rate(rows):
        # the second cue is seen nowhere: a high score of the first must not verify it
        return np.stack([np.where(rows % 7 == 0, 0.9, 0.0), np.zeros(len(rows))], axis=1)

    both = GridSearch(rate, 600)
    both.run()
    first = GridSearch(lambda rows: rate(rows)[:, :1], 600)
    first.run()
    assert first.rounds == 1
    assert both.rounds == 19


def test_tstar_finds_by_a_detector_what_lasts_ten_seconds_of_an_hour():
    seconds = np.arange(3600.0)
    calls: list[int] = []

    def detect(when):
        calls.append(len(when))
        return np.where((when >= 2000) & (when < 2040), 0.55, 0.0)[:, None]

    hour = facts(
        within=Span(0, 3600),
        seconds=seconds,
        rows=np.zeros(3600, np.int64),
        similarity=None,
        helpers=Helpers(detect=detect),
    )
    found = SELECTORS["tstar"](hour, 8)
    assert any(2000 <= second < 2040 for second in found.seconds)
    assert sum(calls) <= 1000 + 16


def test_tstar_looks_with_the_vlm_where_there_is_no_encoder():
    found = SELECTORS["tstar"](facts(**NO_ENCODER, helpers=Helpers(look=look)), 8)
    assert 300.0 in found.seconds
    assert found.cost == Cost(128, 128, 1)
    assert len(found) == 8


@pytest.mark.parametrize("budget", [1, 3, 8, 30])
def test_sevices_keeps_as_many_rows_of_each_branch_as_its_budget(budget):
    rng = np.random.default_rng(3)
    s, v = rng.random(200), rng.random(200)
    vectors = rng.normal(size=(200, 8)).astype(np.float32)
    assert len(set(semantic(s, budget))) == budget
    assert len(set(visual(vectors, s, v, budget))) == budget
    assert len(set(semantic(s[:budget], budget))) == budget
    assert len(set(visual(vectors[:budget], s[:budget], v[:budget], budget))) == budget


def test_sevices_leaves_no_section_of_the_film_without_a_frame():
    s = np.zeros(400)
    s[300:340] = 1.0
    rows = semantic(s, 16)
    assert all(any(k <= row < k + 100 for row in rows) for k in (0, 100, 200, 300))
    assert sum(300 <= row < 340 for row in rows) >= 13


def test_shares_by_largest_remainder_add_up():
    assert largest_remainder(np.array([1, 1, 1]), 10).tolist() == [4, 3, 3]
    assert largest_remainder(np.array([0.0, 0.0]), 3).tolist() == [2, 1]
    assert largest_remainder(np.array([np.nan, 2.0]), 3).tolist() == [0, 3]


def test_curvature_is_that_of_the_test_vector():
    path = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]])
    # M .2 .04 .2, C .1056 .1056
    assert bends(path, 0.5) == pytest.approx([0, 0.2, 0.0928, 0.2528], abs=1e-4)


def test_curvature_keeps_the_instants_at_which_the_picture_changes():
    vectors = np.zeros((600, 16), np.float32)
    vectors[:, 0] = 1.0
    vectors[300:] = np.eye(16, dtype=np.float32)[1]
    found = SELECTORS["curvature"](facts(vectors=vectors), 8).seconds
    assert 300.0 in found


def test_freevideo_cuts_the_region_of_the_paper_and_keeps_rows_rows():
    relevant = np.zeros((24, 12))
    relevant[2:5, 8:11] = 1.0
    box = region(relevant, 0.8)
    assert (round((box.y1 - box.y0) * 24), round((box.x1 - box.x0) * 12)) == (21, 11)
    small = region(relevant, 9 / 288)
    assert small == Box(8 / 12, 2 / 24, 10 / 12, 6 / 24)
    corner = np.zeros((6, 6))
    corner[0, 0] = 1.0
    assert region(corner, 1 / 36) == Box(0.0, 0.0, 1 / 6, 1 / 6)


def test_freevideo_names_the_region_of_its_large_frames_only():
    def patches(seconds):
        relevant = np.zeros((len(seconds), 4, 4))
        relevant[:, :2, 2:] = 1.0
        return relevant, Cost(len(seconds), 0, 0)

    found = SELECTORS["freevideo"](facts(helpers=Helpers(patches=patches)), 8)
    large = found.scales == 1
    assert 5 <= large.sum() <= 8
    assert all((box is not None) == big for box, big in zip(found.regions, large, strict=True))
    assert next(box for box in found.regions if box) == Box(0.5, 0.0, 1.0, 0.5)
    assert any(200 <= second < 210 for second in found.seconds[large])
    assert found.cost.frames_decoded == large.sum()


@pytest.mark.parametrize(
    ("scope", "needs", "mode"),
    [
        ("", (), "non-clue"),
        ("whole", (), "non-clue"),
        ("moment", (), "semantic"),
        ("whole", ("read",), "semantic"),
        ("whole", ("count",), "motion"),
        ("moment", ("motion", "detail"), "both"),
        ("", ("order", "cause"), "both"),
    ],
)
def test_itg_chooses_one_of_four_ways_by_what_the_question_needs(scope, needs, mode):
    assert mode_of(scope, frozenset(needs)) == mode


def test_itg_routes_to_the_others():
    def chosen(name, **values):
        return SELECTORS[name](facts(**values), 8).seconds.tolist()

    assert chosen("itg") == chosen("ktv")
    assert chosen("itg", needs=frozenset({"motion"})) == chosen("f2c")
    assert set(chosen("topk")) <= set(chosen("itg", scope="moment"))


def test_goldfish_shares_its_frames_among_distinct_clips_in_time_order():
    def line(at, score):
        return Line(Span(at, at + 10), "words", "speech", score)

    cues = ((line(410, 0.9), line(430, 0.8), line(20, 0.5), line(250, 0.4), line(570, 0.1)),)
    found = SELECTORS["goldfish"](facts(passages=cues), 9)
    clips = (found.seconds // 80).tolist()
    # the two best passages lie in one clip, which counts once
    assert clips == [0, 0, 0, 3, 3, 3, 5, 5, 5]
    assert found.scores[-1] == 0.9
    whole = SELECTORS["goldfish"](facts(passages=cues, scope="whole"), 16)
    assert set((whole.seconds // 80).tolist()) == {0, 3, 5, 7}


def test_shots_takes_one_frame_a_shot_and_first_those_that_differ():
    vectors = np.zeros((600, 16), np.float32)
    vectors[:, 0] = 1.0
    vectors[40:60] = np.eye(16, dtype=np.float32)[1]
    vectors[480:500] = np.eye(16, dtype=np.float32)[2]
    found = SELECTORS["shots"](facts(vectors=vectors), 3).seconds
    assert 50.0 in found
    assert 490.0 in found
    assert SELECTORS["shots"](facts(), 30).seconds == pytest.approx(np.arange(30) * 20 + 10)


def test_a_cue_longer_than_a_text_encoder_reads_is_embedded_piece_by_piece():
    read: list[str] = []

    class Ends:
        """An encoder that tells texts apart by their last word alone."""

        id, dim, size = "ends", 2, (8, 8)

        def encode_frames(self, pixels):
            return np.zeros((len(pixels), 2), np.float32)

        def encode_texts(self, texts):
            read.extend(texts)
            return np.array([[1, 0] if t.endswith("harbour") else [0, 1] for t in texts], float)

    long = "what the two of them say to each other at the old stone bridge " * 6 + "harbour"
    assert pieces("short") == ["short"]
    assert " ".join(pieces(long)) == long
    assert max(len(piece) for piece in pieces("字" * 1000)) <= LONGEST
    vectors = encode_cues(Ends(), ["harbour", long])
    assert max(map(len, read)) <= LONGEST + 1
    assert vectors[0].tolist() == [1, 0]
    assert vectors[1, 0] > 0
    assert vectors[1, 1] > 0
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])


def test_of_black_shots_one_is_kept_before_what_differs_from_it():
    black, bright = np.zeros(2), np.array([1.0, 0.0])
    assert farthest(np.stack([black, black, bright]), 2).tolist() == [0, 2]


def test_every_cue_has_its_turn_however_high_the_cosines_of_another():
    similarity = np.full((2, 600), 0.1, np.float32)
    similarity[0, 100:580:40] = np.linspace(0.9, 0.8, 12)  # one cue is seen a dozen times
    similarity[1, 57], similarity[1, 313] = 0.3, 0.25
    known = facts(similarity=similarity, passages=())
    found = SELECTORS["cues"](known, 4).seconds.tolist()
    assert {57.0, 313.0} < set(found)
    assert similarity[0, [int(second) for second in found]].max() == pytest.approx(0.9)


def test_what_lies_before_and_after_an_anchor_is_shown_with_it_what_is_like_an_option_first():
    similarity = np.full((3, 600), 0.1, np.float32)
    similarity[0, 300] = 0.5  # the anchor
    similarity[1, [30, 335]] = 0.4  # an option, once near the anchor
    similarity[2, [278, 570]] = 0.4
    known = facts(similarity=similarity, passages=(), roles=("anchor", "option", "option"))
    found = SELECTORS["cues"](known, 5).seconds.tolist()
    assert {278.0, 300.0, 335.0} < set(found)
    assert all(abs(second - 300) <= 50 for second in found)
    other = facts(similarity=similarity, passages=(), roles=("target", "option", "option"))
    assert {30.0, 300.0, 570.0} < set(SELECTORS["cues"](other, 5).seconds.tolist())


def test_what_is_said_is_looked_for_in_words_and_what_is_seen_in_pictures():
    lines = (Line(Span(100, 104), "about the harbour", "speech", 0.9),)
    said = facts(passages=(lines, ()), modalities=("said", "seen"))
    found = SELECTORS["cues"](said, 2).seconds.tolist()
    assert found == [102.0, 500.0]
    seen = facts(passages=(lines, ()), modalities=("seen", "seen"))
    assert 102.0 not in SELECTORS["cues"](seen, 8).seconds


def test_half_is_spread_evenly_where_only_the_question_is_known_or_words_alone_tell():
    even = set(SELECTORS["uniform"](facts(), 8).seconds.tolist())
    lines = tuple(Line(Span(100 + k, 140 + k), "the harbour", "speech", 0.9) for k in range(4))
    sure = facts(passages=(lines, lines))
    unsure = [
        facts(passages=(lines, lines), roles=("context", "option")),
        facts(passages=(lines, lines), **NO_ENCODER),
    ]
    aimed = SELECTORS["cues"](sure, 8)
    assert (aimed.scores > 0).all()
    for known in unsure:
        found = SELECTORS["cues"](known, 8)
        assert (found.scores == 0).sum() == 4
        assert {
            s for s, k in zip(found.seconds.tolist(), found.scores, strict=True) if not k
        } <= even
    heard = facts(
        passages=(lines, lines),
        roles=("target", "option"),
        modalities=("said", ""),
        **NO_ENCODER,
    )
    assert (SELECTORS["cues"](heard, 8).scores > 0).all()
