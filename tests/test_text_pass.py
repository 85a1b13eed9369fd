from itertools import pairwise

import numpy as np
import pytest
from index_fixtures import MEDIA, ColourEncoder, make_film

from longtake.index.build import build_index
from longtake.index.protocols import TextHit
from longtake.index.search import search
from longtake.index.store import Store
from longtake.index.text_pass import ensure_text, looks_of
from longtake.index.video.decode import Decoder
from longtake.index.video.frames import Box
from longtake.index.video.span import Span

SCENES = (("red", 50.0), ("blue", 40.0), ("white", 45.0))
NAMES = {(255, 0, 0): "RED 1", (0, 0, 255): "BLUE 2", (255, 255, 255): "WHITE 3"}


class ColourReader:
    """A reader for which every colour is a word that fills the frame."""

    id = "colour-reader"

    def __init__(self) -> None:
        self.looks = self.reads = 0

    def detect(self, pixels: np.ndarray) -> list[Box]:
        self.looks += 1
        return [Box(0.55, 0.7, 0.95, 0.95)]

    def read(self, pixels: np.ndarray) -> list[TextHit]:
        self.reads += 1
        mean = pixels.reshape(-1, 3).mean(0)
        colour = min(NAMES, key=lambda rgb: float(np.abs(mean - np.array(rgb)).sum()))
        return [TextHit(Box(0.1, 0.1, 0.9, 0.9), NAMES[colour], 0.9)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("text") / "long.mp4", SCENES)


@pytest.fixture
def index(film, tmp_path):
    return build_index(film, Store(tmp_path / "store"), ColourEncoder())


def lines(index):
    return [(line.text, round(line.span.start), round(line.span.end)) for line in index.texts()]


def test_the_text_of_a_film_is_read_and_found(film, index):
    steps = []
    with Decoder(film) as decoder:
        ensure_text(index, decoder, ColourReader(), progress=steps.append)
    assert lines(index) == [("RED 1", 0, 50), ("BLUE 2", 50, 90), ("WHITE 3", 90, 135)]
    assert [hit.text for hit in index.search_words("blue", "text")] == ["BLUE 2"]
    (hit, *_) = search(index, ColourEncoder(), "BLUE 2", modality="text")
    assert hit.snippet == "BLUE 2"
    assert {step.stage for step in steps} == {"text"}
    assert steps[-1].done == steps[-1].total > 0


def test_what_was_read_is_not_read_again(film, index):
    with Decoder(film) as decoder:
        ensure_text(index, decoder, ColourReader())
        again = ColourReader()
        ensure_text(index, decoder, again)
    assert again.looks == 0


def test_only_the_minutes_asked_for_are_read(film, index):
    with Decoder(film) as decoder:
        ensure_text(index, decoder, ColourReader(), within=Span(70.0, 80.0))
    assert index.text_minutes() == {1}
    assert lines(index) == [("BLUE 2", 60, 90), ("WHITE 3", 90, 120)]


def test_a_stopped_pass_keeps_its_finished_minutes_and_ends_the_same(film, index, tmp_path):
    class Stopped(Exception):
        pass

    def stop(step):
        if step.done > step.total * 0.6:
            raise Stopped

    first, rest, whole = ColourReader(), ColourReader(), ColourReader()
    with Decoder(film) as decoder:
        with pytest.raises(Stopped):
            ensure_text(index, decoder, first, progress=stop)
        kept = index.text_minutes()
        assert kept
        ensure_text(index, decoder, rest)
        clean = build_index(film, Store(tmp_path / "clean"), ColourEncoder())
        ensure_text(clean, decoder, whole)
    assert lines(index) == lines(clean)
    assert rest.looks < whole.looks


def test_looks_are_sparse_and_never_skip_a_cut(index):
    for minute in minutes_of(index, None):
        looks = looks_of(index, minute)
        for a, b in pairwise(looks):
            assert a.end == b.start
            assert b.second - a.second >= 2.0 or b.start in [shot.start for shot in index.shots]
    assert looks_of(index, 0)[0].start == 0.0
    assert any(abs(look.start - 50.0) < 0.1 for look in looks_of(index, 0))


def test_minutes_are_those_a_span_touches(index):
    assert minutes_of(index, None) == {0, 1, 2}
    assert minutes_of(index, Span(59.0, 61.0)) == {0, 1}
    assert minutes_of(index, Span(60.0, 60.5)) == {1}
    assert minutes_of(index, Span(500.0, 600.0)) == set()


@pytest.mark.skipif(not MEDIA.is_dir(), reason="no test media")
def test_a_burned_in_counter_of_real_footage_is_read(tmp_path):
    from longtake.models.ocr import RapidReader

    film = MEDIA / "moviepy" / "smpte-2997.mp4"
    index = build_index(film, Store(tmp_path), ColourEncoder())
    with Decoder(film) as decoder:
        ensure_text(index, decoder, RapidReader())
    digits = "".join(c for line in index.texts() for c in line.text if c.isdigit())
    assert len(digits) >= 4
