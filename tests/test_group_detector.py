from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from vlm_fixtures import training_module

from longtake.index.video.frames import Frames
from longtake.world.perception.encoder import WorldEncoder
from longtake.world.perception.group_detector import detect_groups, load_group_detector
from longtake.world.perception.identity import group_detector_folder
from longtake.world.scenes.scene import ASPECT, Scene, Sprite, draw_scene
from longtake.world.vlm.tagger import TaggerVLM

SIDE = 0.22  # of a sprite, frame heights
PAIRS = (("fish", "red"), ("cup", "blue"), ("umbrella", "orange"), ("rabbit", "white"))


def group(number: int, pair: tuple[str, str], place: str = "beach") -> np.ndarray:
    """Draw so many alike side by side in two rows, and one in another colour apart from them."""
    step, columns = SIDE * 1.12, -(-number // 2)
    sprites = [
        Sprite(*pair, (0.2 + k % columns * step) / ASPECT, 0.25 + k // columns * step, SIDE)
        for k in range(number)
    ]
    twin = Sprite(pair[0], "green", 0.85, 0.75, 0.25)
    picture = draw_scene(Scene(place, number, (*sprites, twin)), 1280, 720)
    return np.asarray(picture.resize((467, 259), Image.Resampling.BOX))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_things_side_by_side_have_a_middle_each(number):
    frames = np.stack([group(number, pair) for pair in PAIRS])
    for found in detect_groups(load_group_detector(), frames):
        assert len(found) == number + 1
        assert all(0.12 < c.side < 0.34 for c in found)


def test_an_empty_place_has_no_middles():
    places = ("beach", "city", "forest", "kitchen")
    frames = [np.asarray(draw_scene(Scene(place, 3), 467, 259)) for place in places]
    assert detect_groups(load_group_detector(), np.stack(frames)) == [[], [], [], []]


def test_the_tagger_counts_a_group_and_leaves_the_other_colour_out():
    eye = TaggerVLM(WorldEncoder())
    for number, pair in zip((2, 3, 5, 6), PAIRS, strict=True):
        frames = Frames(np.stack([group(number, pair)] * 2), np.array([1.0, 2.0]))
        things = f"{pair[1]} {pair[0]}" + ("es" if pair[0] == "fish" else "s")
        options = ("2", "3", "4", "5", "6")
        reply = eye.answer(frames, f"How many {things} stand together on the beach?", options)
        assert reply.text == str(number)


def test_without_frames_there_is_nothing_to_count():
    eye = TaggerVLM(WorldEncoder())
    none = Frames(np.zeros((0, 259, 467, 3), np.uint8), np.zeros(0))
    assert eye.detector.detect_apart(none) == []
    reply = eye.answer(none, "How many red cups stand together?", ("2", "3"))
    assert reply.options == (0.5, 0.5)


def test_pictures_of_a_seed_are_alike_and_their_middles_lie_inside():
    centres = training_module("detector.train_detector")
    pictures = training_module("detector.pictures")
    one, again = pictures.make_picture(5), pictures.make_picture(5)
    assert np.array_equal(one.pixels, again.pixels)
    assert np.array_equal(one.middles, again.middles)
    made = [pictures.make_picture(seed) for seed in range(20)]
    assert max(len(p.middles) for p in made) >= 5
    for picture in made:
        heat = centres.heat_of(picture.middles)
        assert heat.shape == picture.taught.shape == pictures.GRID
        assert (heat == 1).sum() <= len(picture.middles)
        assert heat.max(initial=0) == (1 if len(picture.middles) else 0)


def test_onnx_and_torch_give_the_same_maps():
    from safetensors.torch import load_file

    network = training_module("detector.network")
    net = network.GroupDetector()
    net.load_state_dict(load_file(group_detector_folder() / "model.safetensors"))
    frames = np.stack([group(4, PAIRS[0])[:256, :464], group(5, PAIRS[2])[:256, :464]])
    theirs = network.maps_of(net.eval())(frames)
    assert np.abs(load_group_detector()(frames) - theirs).max() < 1e-3


def test_a_few_steps_of_training_lower_the_loss():
    centres = training_module("detector.train_detector")
    torch.manual_seed(0)
    net = training_module("detector.network").GroupDetector()
    stepper = torch.optim.AdamW(net.parameters(), 3e-3)
    pictures = [training_module("detector.pictures").make_picture(seed) for seed in range(8)]
    losses = []
    for _ in range(12):
        heat, side = centres.loss_of(net, pictures)
        stepper.zero_grad()
        (heat + side).backward()
        stepper.step()
        losses.append(float(heat.detach()))
    assert losses[-1] < 0.6 * losses[0]
