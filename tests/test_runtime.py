"""Where models run: what is asked for, what torch sees, and what a small card is left to."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

import longtake.models.clip_encoder  # noqa: F401 - while torch still tells the truth
from longtake.index.video.errors import UsageError
from longtake.models.registry import load_models
from longtake.models.runtime import ROOM, Runtime


@pytest.fixture
def cards(monkeypatch):
    """Let torch see so many cards of so much memory, and no Apple GPU."""

    def plug(count: int, memory: int = 2 * ROOM) -> None:
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        found = SimpleNamespace(total_memory=memory)
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: found)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    return plug


def test_auto_takes_a_gpu_where_there_is_one(cards):
    cards(0)
    assert Runtime().find_device() == "cpu"
    cards(1)
    assert Runtime().find_device() == "cuda"
    assert Runtime("cpu").find_device() == "cpu"


def test_a_small_card_is_left_to_the_vlm_unless_it_is_named(cards):
    cards(1, ROOM // 2)
    assert Runtime().find_device() == "cuda"
    assert Runtime().find_device(sharing=True) == "cpu"
    assert Runtime("cuda:0").find_device(sharing=True) == "cuda:0"
    cards(1)
    assert Runtime().find_device(sharing=True) == "cuda"


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "CPU", ""])
def test_a_device_of_no_such_name_is_refused_before_anything_loads(device):
    with pytest.raises(UsageError, match="auto, cpu, cuda"):
        Runtime(device)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_a_device_that_torch_does_not_see_is_one_usage_error(device, cards):
    cards(0)
    models = load_models("local", runtime=Runtime(device))
    with pytest.raises(UsageError, match=f"device = '{device}': torch .* sees 0 GPUs"):
        _ = models.vlm


def test_the_setting_reaches_the_models(longtake_here, monkeypatch, media):
    monkeypatch.setenv("LONGTAKE_DEVICE", "gpu")
    done = longtake_here("ask", media / "derived" / "bbb_vfr_h264.mp4", "What is it?")
    assert done.code == 2
    assert "device = 'gpu'" in done.err
    assert done.err.count("\n") == 1
