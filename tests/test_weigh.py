from __future__ import annotations

import numpy as np
import pytest
from tools_fixtures import COLOURS, LEXICON, OBJECTS, PLACES

from longtake.index.video.frames import Box
from longtake.world.perception.claims import read_claim
from longtake.world.perception.detections import FrameDetections
from longtake.world.perception.grouping import Detection
from longtake.world.perception.lexicon import Lexicon
from longtake.world.perception.weigh import clip_score, count_spread, direction_odds

WORDS = Lexicon.from_json(LEXICON)


def detection(name: str, x: float, y: float, side: float = 0.2, p: float = 0.95) -> Detection:
    colour, thing = name.split()
    odds = np.full((len(OBJECTS), len(COLOURS)), 0.01, np.float32)
    odds[OBJECTS.index(thing), COLOURS.index(colour)] = p
    half_w, half_h = side * 9 / 32, side / 2
    return Detection(Box(x - half_w, y - half_h, x + half_w, y + half_h), odds, p)


def look(*detections: Detection, second: float = 0.0, place: str = "beach") -> FrameDetections:
    places = np.array([0.95 if name == place else 0.02 for name in PLACES], np.float32)
    blank = np.full((len(OBJECTS), len(COLOURS)), 0.01, np.float32)
    return FrameDetections(second, detections, places, blank, 0.02, ())


def score(statement: str, *looks: FrameDetections) -> float:
    return clip_score(read_claim(statement, WORDS), looks, WORDS)


def test_a_claim_holds_when_everything_in_it_is_seen_together():
    both = look(detection("red fish", 0.2, 0.5), detection("blue cup", 0.7, 0.5))
    assert score("the red fish is seen together with the blue cup on the beach", both) > 0.8
    assert score("the red fish is seen together with the blue cup in the forest", both) < 0.1
    assert score("the red fish is seen together with the blue key", both) < 0.1


def test_two_things_in_turn_are_not_together():
    apart = [look(detection("red fish", 0.2, 0.5)), look(detection("blue cup", 0.7, 0.5))]
    assert score("a red fish and a blue cup", *apart) < 0.1


@pytest.mark.parametrize(
    ("relation", "other"),
    [("to the left of", (0.8, 0.5)), ("to the right of", (0.1, 0.5)),
     ("above", (0.4, 0.85)), ("below", (0.4, 0.15))],
)  # fmt: skip
def test_relations_are_directed(relation, other):
    seen = look(detection("red fish", 0.4, 0.5), detection("blue cup", *other))
    assert score(f"the red fish is {relation} the blue cup", seen) > 0.8
    assert score(f"the blue cup is {relation} the red fish", seen) < 0.1


def test_the_tiny_thing_beside_is_the_near_and_small_one():
    seen = look(
        detection("blue cup", 0.4, 0.5, 0.26),
        detection("red key", 0.3, 0.52, 0.055),
        detection("green key", 0.6, 0.8, 0.055),
        detection("green fish", 0.55, 0.5, 0.25),
    )
    red = score("the tiny red key is beside the blue cup", seen)
    assert red > 0.8
    assert red > 2 * score("the tiny green key is beside the blue cup", seen)
    assert red > 3 * score("the tiny green fish is beside the blue cup", seen)


def test_a_count_is_a_distribution_over_sure_and_unsure_sights():
    seen = look(
        *(detection("red fish", x, 0.5) for x in (0.2, 0.4, 0.6)), detection("red cup", 0.8, 0.5)
    )
    assert score("3 red fish stand together", seen) > 0.8
    assert score("4 red fish stand together", seen) < 0.1
    thing = read_claim("red fish", WORDS).things[0]
    doubtful = look(detection("red fish", 0.2, 0.5), detection("red fish", 0.5, 0.5, p=0.5))
    spread = count_spread(doubtful, thing, WORDS)
    assert spread.sum() == pytest.approx(1)
    assert spread[1] == pytest.approx(spread[2], abs=0.05)


@pytest.mark.parametrize(
    ("step", "way"),
    [((0.05, 0), "right"), ((-0.05, 0), "left"), ((0, 0.06), "down"), ((0, -0.06), "up")],
)
def test_motion_is_followed_from_frame_to_frame(step, way):
    looks = [
        look(detection("red fish", 0.5 + i * step[0], 0.5 + i * step[1]), second=float(i))
        for i in range(5)
    ]
    thing = read_claim("red fish", WORDS).things[0]
    odds = direction_odds(looks, thing, WORDS)
    assert max(odds, key=lambda name: odds[name]) == way
    assert odds[way] > 0.9
    assert score(f"the red fish moves {way}", *looks) > 0.8


def test_what_stands_still_moves_nowhere():
    looks = [look(detection("red fish", 0.5, 0.5), second=float(i)) for i in range(5)]
    assert max(direction_odds(looks, read_claim("red fish", WORDS).things[0], WORDS).values()) < 0.3


def test_a_denial_is_true_where_the_claim_is_not():
    seen = look(detection("red fish", 0.5, 0.5))
    assert score("there is no red fish", seen) < 0.1
    assert score("there is no blue fish", seen) > 0.9
