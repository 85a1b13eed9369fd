"""Token costs, against the published numbers of each family."""

from __future__ import annotations

import pytest

from longtake.models.client.token_cost import (
    UNKNOWN,
    family_of,
    frame_size,
    most_frames,
    prompt_tokens,
    vision_tokens,
)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct", "Qwen2.5-VL"),
        ("Qwen/Qwen3-VL-8B-Instruct", "Qwen3-VL"),
        ("Qwen/Qwen3.5-35B-A3B", "Qwen3-VL"),
        ("Qwen/Qwen3.8-27B", "Qwen3-VL"),
        ("OpenGVLab/InternVL3_5-8B", "InternVL"),
        ("allenai/Molmo2-8B", "Molmo2"),
        ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", "SmolVLM2"),
        ("HuggingFaceTB/SmolVLM2-500M-Video-Instruct", "SmolVLM2 small"),
        ("lmms-lab/llava-onevision-qwen2-7b-ov", "LLaVA-OneVision"),
        ("VideoChat3-4B", "VideoChat3"),
        ("gpt-6", "unknown"),
    ],
)
def test_a_model_is_told_by_its_name(model: str, family: str) -> None:
    assert family_of(model).name == family


@pytest.mark.parametrize(
    ("model", "frames", "size", "video", "tokens"),
    [
        # (H/28)(W/28) per 2 frames; as images a frame has them for itself
        ("Qwen2.5-VL-7B", 2, (448, 252), True, 16 * 9),
        ("Qwen2.5-VL-7B", 2, (448, 252), False, 2 * 16 * 9),
        # 448x256 = 14x8 = 112 a pair; 64 frames 3.6 k
        ("Qwen3-VL-8B", 2, (448, 256), True, 112),
        ("Qwen3-VL-8B", 64, (448, 256), True, 3584),
        ("Qwen3-VL-8B", 64, (448, 256), False, 7168),
        ("Qwen3-VL-8B", 3, (448, 256), True, 224),
        # a video item has 12,288 at most, an hour of 768 frames too
        ("Qwen3-VL-8B", 768, (448, 256), True, 12_288),
        ("InternVL3-8B", 10, (448, 448), False, 2560),
        ("Molmo2-8B", 10, (378, 378), False, 810),
        ("SmolVLM2-2.2B-Instruct", 10, (384, 384), False, 810),
        ("SmolVLM2-500M-Video", 10, (512, 512), False, 640),
        ("llava-onevision-7b", 10, (384, 384), False, 1960),
        ("VideoChat3-4B", 10, (768, 432), False, 1010),
    ],
)
def test_frames_cost_what_the_family_says(model, frames, size, video, tokens) -> None:
    assert vision_tokens(family_of(model), frames, size, video=video) == tokens


def test_times_and_marks_of_64_frames_are_four_hundred_tokens() -> None:
    family = family_of("Qwen3-VL-8B")
    whole = prompt_tokens(family, 64, (448, 256), video=True)
    assert 300 <= whole - 3584 <= 500


def test_an_unknown_model_is_not_thought_cheaper_than_qwen() -> None:
    known = prompt_tokens(family_of("Qwen3-VL-8B"), 8, (448, 256))
    assert prompt_tokens(UNKNOWN, 8, (448, 256)) >= known


def test_as_many_frames_fit_as_the_context_holds() -> None:
    family = family_of("Qwen3-VL-8B")
    most = most_frames(family, 4096)
    size = frame_size(family, (1920, 1080), most, 4096)
    assert prompt_tokens(family, most, size) <= 4096
    assert most_frames(family, 10) == 1


SOURCES = [(1920, 1080), (1080, 1920), (640, 360), (720, 540), (3840, 1600), (320, 240)]


@pytest.mark.parametrize("model", ["Qwen3-VL-8B", "Qwen2.5-VL-7B", "InternVL3-8B", "gpt-6"])
@pytest.mark.parametrize("source", SOURCES)
def test_frames_keep_their_aspect_and_grow_as_there_are_fewer(model, source) -> None:
    family, before = family_of(model), (0, 0)
    for count in (64, 16, 8, 1):
        width, height = size = frame_size(family, source, count)
        assert width % 2 == height % 2 == 0
        assert width <= source[0] + 1
        assert height <= source[1] + 1
        assert width / height == pytest.approx(source[0] / source[1], rel=0.03)
        assert size >= before
        before = size
        assert vision_tokens(family, count, size) <= 12_288 or family.side is None
    if max(source) <= 640 and family.side:
        assert before == source


def test_a_short_context_makes_frames_smaller() -> None:
    family = family_of("Qwen3-VL-8B")
    wide, short = (frame_size(family, (1920, 1080), 32, room) for room in (None, 4096))
    assert short < wide
    assert prompt_tokens(family, 32, short) <= 4096


def test_64_frames_of_a_large_film_are_larger_than_they_used_to_be() -> None:
    width, height = frame_size(family_of("Qwen3-VL-8B"), (1920, 1080), 64)
    assert width > 500
    assert height > 280
