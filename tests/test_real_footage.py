"""Signs and narration over real pictures, answered from words alone (profile `embedded`)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import ImageDraw, ImageFont

import longtake
from longtake.eval.simulated.films.make import (
    FPS,
    encode_film,
    footage,
    frames_of,
    subtitles_of,
)
from longtake.eval.simulated.films.plan import Line

SECONDS = 24.0
SIGNS = [(3.0, 8.0, "KIOSK 52", 40), (12.0, 18.0, "Harvest Dates\nBarley in July", 26)]
SAID = [
    (1.0, 4.5, "The miller's daughter refused to leave the village."),
    (5.0, 8.5, "A flood in 1953 carried away nine houses and a chapel."),
    (9.0, 12.0, "Her brother froze two fingers on the mountain pass."),
    (13.0, 17.0, "Nobody has seen the silver trumpet since."),
]


@pytest.fixture(scope="module")
def film(media: Path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("footage")
    sources = [frames_of(media / "moviepy" / "big_buck_bunny_432_433.webm")]

    def pictures():
        rng = random.Random(4)
        places = [(rng.randrange(20, 200), rng.randrange(20, 120)) for _ in SIGNS]
        for number, picture in enumerate(footage(SECONDS, 4, sources)):
            draw = ImageDraw.Draw(picture)
            for place, (start, end, text, height) in zip(places, SIGNS, strict=True):
                if start <= number / FPS < end:
                    _draw(draw, place, text, height)
            yield picture

    path = folder / "film.mp4"
    encode_film(path, pictures())
    path.with_suffix(".srt").write_text(subtitles_of([Line("", *line) for line in SAID]), "utf-8")
    with longtake.open(
        path, profile="embedded", store=folder / "store", runs=folder / "runs", text_encoder="none"
    ) as opened:
        yield opened


def _draw(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, height: int) -> None:
    font = ImageFont.load_default(height)
    x0, y0, x1, y1 = draw.multiline_textbbox(place, text, font=font)
    draw.rectangle((x0 - 12, y0 - 12, x1 + 12, y1 + 12), fill=(244, 240, 225))
    draw.multiline_text(place, text, font=font, fill=(20, 20, 20))


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("A board begins with the word KIOSK. Which number is on it?", ["52"]),
        ("Which word goes with 52 on the sign?", ["KIOSK"]),
        ("What does the sign at 0:05 say?", ["KIOSK", "52"]),
        ("All I remember of that billboard is KIOSK. Which digits came behind it?", ["52"]),
        ("OCR the picture at 0:05.", ["KIOSK", "52"]),
        ("My aunt claims there is writing in the picture at 0:05. What is it?", ["KIOSK", "52"]),
        ("What is written on screen between 0:12 and 0:18?", ["Harvest Dates", "Barley in July"]),
        ("What does the slide about harvest dates say?", ["Barley in July"]),
        ("What do we hear about the trumpet?", [SAID[3][2]]),
        ("How many houses were carried away by the flood?", ["nine houses"]),
        ("Who did freeze two fingers?", ["Her brother"]),
        ("What does the voice say at 0:10?", [SAID[2][2]]),
    ],
)
def test_a_question_that_names_something_gets_the_line_that_answers(film, question, texts):
    answer = film.ask(question)
    assert answer.status == "answered"
    assert all(text in " ".join(answer.answer.split()) for text in texts), answer.answer
    assert len(answer.answer) < 120


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("At which point can KIOSK 52 be read?", 3.0, 8.0),
        ("When do they bring up the chapel?", 5.0, 8.5),
    ],
)
def test_a_question_for_a_time_gets_the_span(film, question, start, end):
    answer = film.ask(question)
    assert answer.evidence[0].start == pytest.approx(start, abs=1.5)
    assert answer.evidence[0].end == pytest.approx(end, abs=1.5)


@pytest.mark.parametrize(
    "question",
    [
        "What number is on the sign that starts with STALL?",
        "When does the sign KIOSK 53 appear?",
        "All I remember of that billboard is HOSTEL. Which digits came behind it?",
        "What does the slide about sheep shearing say?",
        "What does the sign at 0:21 say?",
        "When is the golden trumpet of the bishop mentioned?",
        "What does the narrator say about the submarine?",
        "How many soldiers crossed the river?",
    ],
)
def test_what_is_neither_written_nor_said_is_refused(film, question):
    answer = film.ask(question)
    assert answer.status == "abstained"
    assert answer.answer is None


def test_looking_is_left_out_where_the_model_does_not_know_the_footage(film):
    tools = []
    film.ask(
        "What is said about the chapel?",
        on_event=lambda event: tools.append(event.get("tool")) if "tool" in event else None,
    )
    assert "overview" not in tools
