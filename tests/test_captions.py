"""Captions of a language model, put right by what patches show."""

from __future__ import annotations

import numpy as np
import pytest
from tools_fixtures import LEXICON

from longtake.index.video.frames import Box
from longtake.world.perception.detections import FrameDetections
from longtake.world.perception.grouping import Detection
from longtake.world.perception.lexicon import Lexicon
from longtake.world.vlm.captions import belief, put_right

WORDS = Lexicon.from_json(LEXICON)
SHAPE = (len(WORDS.objects), len(WORDS.colours))


def view(second: float, place: str, **things: float) -> tuple[FrameDetections, FrameDetections]:
    """Return a frame with things (`red_fish=0.9`), as patches and middles see it alike."""
    detections = []
    for name, score in things.items():
        colour, thing = name.split("_")
        odds = np.zeros(SHAPE, np.float32)
        odds[WORDS.objects.index(thing), WORDS.colours.index(colour)] = score
        detections.append(Detection(Box(0.2, 0.2, 0.4, 0.4), odds, score))
    places = np.array([float(known == place) for known in WORDS.places], np.float32)
    look = FrameDetections(second, tuple(detections), places, np.zeros(SHAPE, np.float32), 0.0, ())
    return look, look


BEACH = view(0.0, "beach", red_fish=0.9, blue_car=0.95)
FOREST = view(1.0, "forest", green_key=0.9)


def test_a_thing_that_hardly_anything_shows_is_dropped():
    said = "on the beach: a red fish, a blue car, a green cup"
    assert put_right(said, [BEACH], WORDS) == "on the beach: a red fish, a blue car"


def test_a_thing_that_is_surely_there_is_added_before_the_sign():
    said = "on the beach: a red fish, a sign"
    assert put_right(said, [BEACH], WORDS) == "on the beach: a red fish, a blue car, a sign"


def test_what_is_neither_sure_nor_doubtful_stays_as_the_model_said():
    views = [view(0.0, "beach", red_fish=0.5, blue_car=0.5)]
    assert put_right("on the beach: a red fish", views, WORDS) == "on the beach: a red fish"


def test_a_thing_is_added_to_the_shot_of_the_place_it_was_seen_in():
    said = "on the beach: a red fish; in the forest: nothing"
    right = "on the beach: a red fish, a blue car; in the forest: a green key"
    assert put_right(said, [BEACH, FOREST], WORDS) == right


def test_a_thing_is_added_to_the_line_of_the_time_it_was_seen_at():
    said = "0.0 seconds: on the beach: a red fish\n1.0 seconds: in the forest: nothing"
    right = (
        "0.0 seconds: on the beach: a red fish, a blue car\n1.0 seconds: in the forest: a green key"
    )
    assert put_right(said, [BEACH, FOREST], WORDS) == right


def test_things_and_shots_are_said_once():
    said = "on the beach: a red fish, a red fish, a blue car; on the beach: a blue car, a red fish"
    assert put_right(said, [BEACH], WORDS) == "on the beach: a red fish, a blue car"


def test_a_shot_without_anything_says_nothing():
    assert put_right("on the beach: a green cup", [view(0.0, "beach")], WORDS) == (
        "on the beach: nothing"
    )


@pytest.mark.parametrize("said", ["", "A man walks his dog.", "on the beach: a red fish; so what"])
def test_a_caption_of_another_form_is_left_alone(said):
    assert put_right(said, [BEACH], WORDS) == said


def test_without_frames_the_caption_stands():
    assert put_right("on the beach: a green cup", [], WORDS) == "on the beach: a green cup"


def test_belief_is_the_mean_of_both_and_names_the_frame_that_shows_it_best():
    patches, _ = view(2.0, "beach", red_fish=0.8)
    _, middles = view(2.0, "beach", red_fish=0.4)
    trust, at = belief("red fish", [FOREST, (patches, middles)], WORDS)
    assert (trust, at) == (pytest.approx(0.6), 1)


def test_what_is_no_thing_of_the_lexicon_cannot_be_doubted():
    assert belief("sign", [BEACH], WORDS)[0] == 1.0
