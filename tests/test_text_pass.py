import subprocess
from itertools import pairwise

import numpy as np
import pytest
from index_fixtures import MEDIA, ColourEncoder, make_film

from longtake.index.build import build_index
from longtake.index.protocols import TextHit
from longtake.index.search import search
from longtake.index.storage.store import Store
from longtake.index.text.script import unreadable_scripts
from longtake.index.video.decode import Decoder
from longtake.index.video.frames import Box
from longtake.index.video.span import Span
from longtake.index.words.answering.extract import extract
from longtake.index.words.text_pass import ensure_text, looks_of
from longtake.models.ocr import RapidReader

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


def test_spans_are_read_first_and_the_rest_later(film, index):
    first, rest, again = ColourReader(), ColourReader(), ColourReader()
    with Decoder(film) as decoder:
        assert ensure_text(index, decoder, first, spans=[Span(84.0, 88.0), Span(20.0, 22.0)])
        assert index.text_read() == [Span(20.0, 22.0), Span(84.0, 88.0)]
        assert lines(index) == [("RED 1", 20, 22), ("BLUE 2", 84, 88)]
        few = first.looks
        assert few <= 8
        assert ensure_text(index, decoder, rest)
        assert ensure_text(index, decoder, again, spans=[Span(84.0, 88.0)], whole_film=True)
    assert index.text_read() == [Span(0.0, index.info.duration)]
    assert lines(index) == [("RED 1", 0, 50), ("BLUE 2", 50, 90), ("WHITE 3", 90, 135)]
    assert again.looks == 0


def test_a_span_read_in_passing_is_read_again_at_its_own_pixels(film, index):
    with Decoder(film) as decoder:
        ensure_text(index, decoder, ColourReader())
        fine = ColourReader()
        ensure_text(index, decoder, fine, spans=[Span(10.0, 12.0)])
    assert fine.looks > 0
    assert lines(index) == [("RED 1", 0, 50), ("BLUE 2", 50, 90), ("WHITE 3", 90, 135)]


def test_a_span_outside_the_film_or_between_samples_is_survived(film, index):
    with Decoder(film) as decoder:
        assert ensure_text(index, decoder, ColourReader(), spans=[Span(500.0, 600.0)])
        assert ensure_text(index, decoder, ColourReader(), spans=[Span(60.2, 60.4)])
    assert lines(index) == [("BLUE 2", 60, 60)]


def test_reading_stops_when_the_budget_is_spent_and_says_so(film, index):
    reader, steps = ColourReader(), []
    with Decoder(film) as decoder:
        stopped = ensure_text(
            index, decoder, reader, until=lambda: len(steps) > 4, progress=steps.append
        )
        assert not stopped
        (read,) = index.text_read()
        assert 4.0 < read.end < 60.0  # not even one minute, and still kept
        assert steps[-1].done < steps[-1].total
        assert [line[0] for line in lines(index)] == ["RED 1"]
        assert ensure_text(index, decoder, reader)
    assert lines(index) == [("RED 1", 0, 50), ("BLUE 2", 50, 90), ("WHITE 3", 90, 135)]


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
        assert index.text_read()
        ensure_text(index, decoder, rest)
        clean = build_index(film, Store(tmp_path / "clean"), ColourEncoder())
        ensure_text(clean, decoder, whole)
    assert lines(index) == lines(clean)
    assert rest.looks < whole.looks


def test_looks_are_sparse_and_never_skip_a_cut(index):
    for start in (0.0, 60.0, 120.0):
        piece = Span(start, min(start + 60.0, index.info.duration))
        looks = looks_of(index, piece)
        assert (looks[0].start, looks[-1].end) == (piece.start, piece.end)
        for a, b in pairwise(looks):
            assert a.end == b.start
            assert b.second - a.second >= 2.0 or b.start in [shot.start for shot in index.shots]
    assert any(abs(look.start - 50.0) < 0.1 for look in looks_of(index, Span(0.0, 60.0)))


@pytest.fixture(scope="module")
def reader():
    return RapidReader()


def read_all(film, store, reader):
    index = build_index(film, Store(store), ColourEncoder())
    with Decoder(film) as decoder:
        ensure_text(index, decoder, reader)
    return index


def write_slides(path, slides, size=(640, 360), lines=12):
    """Render slides of (seconds, [(x, y, text)]) as a film."""
    import imageio_ffmpeg
    from PIL import Image, ImageDraw, ImageFont

    listed = []
    for number, (seconds, texts) in enumerate(slides):
        picture = Image.new("RGB", size, (245, 245, 240))
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size[1] // lines)
        for x, y, text in texts:
            pen.text((x * size[0], y * size[1]), text, font=font, fill=(20, 20, 30))
        picture.save(path.with_name(f"slide{number}.png"))
        listed += [
            "-loop",
            "1",
            "-t",
            str(seconds),
            "-i",
            str(path.with_name(f"slide{number}.png")),
        ]
    joined = "".join(f"[{k}:v]" for k in range(len(slides)))
    subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", "-r", "6"),
            *(*listed, "-filter_complex", f"{joined}concat=n={len(slides)},format=yuv420p"),
            *("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-r", "6", str(path)),
        ],
        check=True,
    )
    return path


SLIDES = [
    (6, [(0.1, 0.1, "AGENDA"), (0.1, 0.4, "1. New office"), (0.1, 0.7, "2. Hiring plan")]),
    (
        6,
        [
            *((0.1, 0.08, "BUDGET 2027"), (0.1, 0.35, "Rent"), (0.6, 0.35, "40 000")),
            *((0.1, 0.55, "Wages"), (0.6, 0.55, "310 000")),
            *((0.1, 0.75, "Total"), (0.6, 0.75, "350 000")),
        ],
    ),
]


def test_a_slide_is_read_row_by_row_and_answers(tmp_path, reader):
    index = read_all(write_slides(tmp_path / "talk.mp4", SLIDES), tmp_path / "store", reader)
    (passage, *_) = index.passages("What is the total?", "text")
    assert passage.text == "BUDGET 2027\nRent  40 000\nWages  310 000\nTotal  350 000"
    assert abs(passage.span.start - 6.0) < 1.1
    for question, answer in (
        ("What is the total?", "Total  350 000"),
        ("How much do we pay in wages?", "Wages  310 000"),
        ("What does the agenda slide say?", "AGENDA\n1. New office\n2. Hiring plan"),
    ):
        found = extract(question, index.passages(question, "text"))
        assert found is not None
        assert found.text == answer
        assert found.certain
    assert index.passages("What is the price of tea in the canteen?", "text") == []


def test_small_letters_are_read_where_they_are_wanted(tmp_path, reader):
    film = write_slides(tmp_path / "wide.mp4", [(1, [(0.4, 0.8, "PIER 38")])], (2560, 1440), 90)
    index = build_index(film, Store(tmp_path / "store"), ColourEncoder())
    looked: list[tuple[int, ...]] = []

    class Watched(RapidReader):
        def detect(self, pixels):
            looked.append(pixels.shape)
            return super().detect(pixels)

    with Decoder(film) as decoder:
        ensure_text(index, decoder, Watched(), spans=[Span(0.2, 0.8)])
    assert [line.text for line in index.texts()] == ["PIER 38"]
    assert len(looked) >= 9  # the frame's own pixels, part by part
    assert max(max(shape) for shape in looked) > 2560 / 3


def test_letters_of_an_unknown_alphabet_are_not_certain(cases, tmp_path, reader):
    assert reader.scripts[0] == "Latin"
    assert "Greek" not in reader.scripts
    assert "Δ" in reader.alphabet
    index = read_all(cases / "31-text-in-other-scripts" / "signs.mp4", tmp_path, reader)
    found = {line.text: line.certain for line in index.texts()}
    assert found["GRÖSSE ÄÖÜ"]
    assert not any(sure for text, sure in found.items() if set("ΔΣ") & set(text))
    assert unreadable_scripts("Where is ВЫХОД written?", reader.scripts) == ["Cyrillic"]


def test_signs_that_stand_on_their_head_are_read(cases, tmp_path, reader):
    index = read_all(cases / "31-text-in-other-scripts" / "upside_down.mp4", tmp_path, reader)
    assert {"GATE 42", "PLATFORM 7", "EXIT NORTH"} <= {line.text for line in index.texts()}


def test_every_line_of_a_recorded_slide_is_there(cases, tmp_path, reader):
    index = read_all(cases / "32-slide-with-lines" / "meeting.mp4", tmp_path, reader)
    said = extract("What is the total?", index.passages("What is the total?", "text"))
    assert said is not None
    assert said.text == "Total 350 000"
    assert said.passage.text == "BUDGET 2027\nRent 40 000\nWages 310 000\nTotal 350 000"


@pytest.mark.skipif(not MEDIA.is_dir(), reason="no test media")
def test_a_burned_in_counter_of_real_footage_is_read(tmp_path, reader):
    index = read_all(MEDIA / "moviepy" / "smpte-2997.mp4", tmp_path, reader)
    digits = "".join(c for line in index.texts() for c in line.text if c.isdigit())
    assert len(digits) >= 4
