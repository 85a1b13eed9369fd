import time

import pytest
from index_fixtures import SUBTITLES, ColourEncoder, make_film

from longtake.index.build import build_index
from longtake.index.search import search
from longtake.index.storage.store import Store
from longtake.index.video.errors import UsageError
from longtake.index.video.span import Span

SCENES = (("red", 20.0), ("blue", 12.0), ("yellow", 18.0), ("red", 6.0), ("cyan", 14.0))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    film = make_film(folder / "scenes.mp4", SCENES)
    (folder / "scenes.srt").write_text(SUBTITLES)
    index = build_index(film, Store(folder / "store"), ColourEncoder())
    index.put_caption(Span(32.0, 50.0), "k", "a lantern in a yellow field")
    return index


def spans(hits):
    return [(round(hit.span.start), round(hit.span.end)) for hit in hits]


def test_a_visual_hit_is_the_whole_run_that_looks_alike(index):
    hits = search(index, ColourEncoder(), "blue", modality="visual", top_k=1)
    assert spans(hits) == [(20, 32)]
    assert hits[0].score == pytest.approx(hits[0].scores["visual"], abs=1e-3)
    assert hits[0].ranks == {"visual": 1}
    assert hits[0].snippet == ""
    assert 20 <= hits[0].second < 32


def test_both_places_of_one_look_are_found(index):
    hits = search(index, ColourEncoder(), "red", modality="visual", top_k=2)
    assert sorted(spans(hits)) == [(0, 20), (50, 56)]


def test_what_is_said_is_found_by_its_words(index):
    hits = search(index, ColourEncoder(), "the code of the vault", modality="speech")
    assert spans(hits) == [(2, 5)]
    assert hits[0].snippet == "The code of the vault is 4821."
    assert hits[0].score == 1.0


def test_fusion_puts_agreement_first(index):
    hits = search(index, ColourEncoder(), "yellow lantern")
    assert hits[0].ranks.keys() == {"visual", "caption"}
    assert 32 <= hits[0].second < 50
    assert hits[0].score == max(hit.score for hit in hits)
    assert all(0.0 < hit.score <= 1.0 for hit in hits)


def test_excluded_spans_are_not_found_again(index):
    hits = search(
        index, ColourEncoder(), "red", modality="visual", top_k=1, exclude=[Span(0.0, 20.0)]
    )
    assert spans(hits) == [(50, 56)]
    lines = search(index, ColourEncoder(), "vault", modality="speech", exclude=[Span(0.0, 20.0)])
    assert lines == []


def test_the_search_stays_within_its_span(index):
    for hit in search(index, ColourEncoder(), "red", within=Span(30.0, 60.0), top_k=20):
        assert 30.0 <= hit.second < 60.0


def test_hits_lie_apart(index):
    hits = search(index, ColourEncoder(), "red blue yellow", top_k=20, min_gap=5.0)
    for a in hits:
        for b in hits:
            if a is not b:
                assert a.span.overlap(b.span) == 0
                assert max(a.span.start - b.span.end, b.span.start - a.span.end) >= 5.0


def test_a_hit_names_the_clip_it_lies_in(index):
    for hit in search(index, ColourEncoder(), "cyan", top_k=3):
        (clip,) = [clip for clip in index.clips if clip.id == hit.clip_id]
        assert clip.span.contains(hit.second)


@pytest.mark.parametrize(
    ("query", "options"),
    [("  ", {}), ("red", {"top_k": 0}), ("red", {"modality": "smell"})],
)
def test_wrong_arguments_are_refused(index, query, options):
    with pytest.raises(UsageError):
        search(index, ColourEncoder(), query, **options)


def test_a_search_takes_milliseconds(index):
    encoder = ColourEncoder()
    search(index, encoder, "red")
    began = time.process_time()
    for _ in range(10):
        search(index, encoder, "the red vault")
    assert (time.process_time() - began) / 10 < 0.05


def test_with_everything_excluded_nothing_is_found(index):
    assert search(index, ColourEncoder(), "red", exclude=[Span(0.0, 100.0)]) == []
