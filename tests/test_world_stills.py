"""The rendered world's stills: objects, places, scenes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from longtake.world.scenes.objects import COLOURS, OBJECTS, article, draw_object, plural
from longtake.world.scenes.places import AT, PLACES, draw_place
from longtake.world.scenes.scene import Motion, Scene, Sign, Sprite, draw_scene, draw_sign


def _scene() -> Scene:
    walk = Motion(1.0, 3.0, 0.9, 0.5)
    return Scene(
        "beach",
        3,
        (
            Sprite("key", "red", 0.2, 0.5, 0.3),
            Sprite("cup", "blue", 0.5, 0.5, 0.3, 10.0, motion=walk),
            Sprite("star", "green", 0.8, 0.5, 0.3, appears=2.0, vanishes=4.0),
        ),
        (Sign("GATE 42", 0.5, 0.15, 0.1),),
    )


def test_the_world_has_64_objects_8_colours_and_12_places():
    assert (len(set(OBJECTS)), len(COLOURS), len(set(PLACES))) == (64, 8, 12)
    assert all(name.isalpha() and name.islower() for name in (*OBJECTS, *COLOURS, *PLACES))
    assert set(AT) == set(PLACES)


def test_plurals_and_articles_read_well():
    assert [plural(n) for n in ("key", "cherry", "axe", "fish", "wrench")] == [
        "keys", "cherries", "axes", "fish", "wrenches",
    ]  # fmt: skip
    assert (article("orange key"), article("red umbrella")) == ("an orange key", "a red umbrella")
    assert article("umbrella") == "an umbrella"
    assert len({plural(n) for n in OBJECTS}) == len(OBJECTS)


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_fills_its_square_and_shows_its_colour(name: str):
    image = draw_object(name, "red", 96)
    pixels = np.asarray(image).astype(int)
    assert image.mode == "RGBA"
    assert image.size == (96, 96)
    box = image.getchannel("A").getbbox()
    assert box is not None
    assert max(box[2] - box[0], box[3] - box[1]) >= 94
    main = np.abs(pixels[..., :3] - np.array(COLOURS["red"])).max(-1) < 12
    assert (main & (pixels[..., 3] > 200)).sum() > 0.04 * 96 * 96


def test_silhouettes_differ_at_24_pixels():
    shapes = [np.asarray(draw_object(n, "red", 24).convert("RGBA")) / 255.0 for n in OBJECTS]
    flat = np.stack([np.concatenate([s[..., 3:], s[..., :3] * s[..., 3:]], -1) for s in shapes])
    for i in range(len(OBJECTS)):
        gap = np.abs(flat - flat[i]).mean((1, 2, 3))
        gap[i] = 1
        assert gap.min() > 0.04, f"{OBJECTS[i]} looks like {OBJECTS[int(gap.argmin())]}"


def test_an_unknown_object_colour_or_place_is_refused_by_name():
    with pytest.raises(ValueError, match="name = 'dragon'"):
        draw_object("dragon", "red", 20)
    with pytest.raises(ValueError, match="colour = 'beige'"):
        draw_object("key", "beige", 20)
    with pytest.raises(ValueError, match="name = 'moonbase'"):
        draw_place("moonbase", 64, 36, 0)


@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_the_same_for_a_seed_and_another_for_the_next(name: str):
    first, again, other = (np.asarray(draw_place(name, 160, 90, s)) for s in (1, 1, 2))
    assert first.shape == (90, 160, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not (first.max(-1) == 0).mean() > 0.01  # nothing left unpainted


@pytest.mark.parametrize("name", PLACES)
def test_places_stay_duller_than_any_sprite(name: str):
    pixels = np.asarray(draw_place(name, 160, 90, 5)).astype(int)
    spread = pixels.max(-1) - pixels.min(-1)
    assert (
        np.quantile(spread, 0.99)
        < 125
        < min(max(c) - min(c) for n, c in COLOURS.items() if n not in ("white", "pink"))
    )


def test_a_sprite_walks_appears_and_vanishes_on_time():
    walker, guest = _scene().sprites[1:]
    assert walker.at(0) == (0.5, 0.5)
    assert walker.at(2.0) == pytest.approx((0.7, 0.5))
    assert walker.at(9) == (0.9, 0.5)
    assert [guest.at(t) is not None for t in (1.9, 2.0, 3.9, 4.0)] == [False, True, True, False]
    assert guest.box(0) is None
    box = guest.box(3)
    assert box is not None
    assert box.y1 - box.y0 == pytest.approx(0.3)
    assert (box.x1 - box.x0) * 16 / 9 == pytest.approx(0.3)


def test_a_sprite_outside_the_frame_has_no_box():
    assert Sprite("key", "red", -0.5, 0.5, 0.2).box(0) is None


def test_a_motion_must_take_time():
    with pytest.raises(ValueError, match="0 <= start < end"):
        Motion(2.0, 2.0, 0.1, 0.1)


def test_a_scene_survives_json():
    scene = _scene()
    assert Scene.from_json(json.loads(json.dumps(scene.to_json()))) == scene


def test_drawing_shows_what_the_scene_says_at_that_second():
    scene = _scene()
    bare = np.asarray(draw_place("beach", 320, 180, 3)).astype(int)

    def touched(second: float, moving: bool = True) -> list[bool]:
        picture = draw_scene(scene, 320, 180, second, moving=moving)
        change = np.abs(np.asarray(picture).astype(int) - bare).max(-1) > 40
        return [
            bool(change[80:100, int(x * 320) - 8 : int(x * 320) + 8].any()) for x in (0.2, 0.5, 0.8)
        ]

    assert touched(0.0) == [True, True, False]
    assert touched(2.5)[2]
    assert touched(2.5, moving=False) == [True, False, False]


def test_a_background_of_another_size_is_fitted():
    ground = draw_place("cave", 64, 36, 1)
    assert draw_scene(_scene(), 320, 180, background=ground).size == (320, 180)


def test_a_sign_is_legible_size_and_inside_its_box():
    sign = Sign("GATE 42", 0.5, 0.5, 0.08)
    board, corner = draw_sign(sign, 1280, 720)
    assert board.height == round(0.08 * 720)
    box = sign.box()
    assert corner[0] / 1280 == pytest.approx(box.x0, abs=0.002)
    assert corner[1] / 720 == pytest.approx(box.y0, abs=0.002)
    with pytest.raises(ValueError, match="scheme = 'neon'"):
        Sign("A", 0.5, 0.5, 0.1, "neon")
