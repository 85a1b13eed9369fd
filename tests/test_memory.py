"""Memory that runs out makes batches smaller, and is an error where one request is too many."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from vlm_fixtures import noise, tiny_qwen

from longtake.index.video.errors import UsageError
from longtake.models.client.usage import metered
from longtake.models.vlm.batching import ran_out
from longtake.models.vlm.prompts import LETTERS, choice_text
from longtake.models.vlm.request import Request
from longtake.models.vlm.transformers_model import VideoModel

ASKED = choice_text("What colour is it?", ["red", "blue", "green"], (), "ABC")
SIZE = (64, 64)


class Card:
    """A device with room for so many rows in a forward pass, and for keeping or not."""

    def __init__(self, model: VideoModel, rows: int, error: Exception, keeps: bool) -> None:
        self.rows, self.error, self.keeps = rows, error, keeps
        self.passes: list[int] = []
        model.model.register_forward_pre_hook(self._check, with_kwargs=True)

    def _check(self, module, args, kwargs) -> None:
        rows = len(kwargs["input_ids"])
        self.passes.append(rows)
        keeping = kwargs.get("use_cache") and kwargs["input_ids"].shape[1] > 1 and not self.keeps
        if rows > self.rows or keeping:
            raise self.error


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_qwen(tmp_path_factory.mktemp("checkpoint") / "qwen")


@pytest.fixture
def card(folder):
    model = VideoModel(folder)

    def limited(rows, error=None, keeps=True):
        error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return model, Card(model, rows, error, keeps)

    return limited


def requests(count: int) -> list[Request]:
    return [Request(noise(1, seed=k, size=SIZE), ASKED) for k in range(count)]


def test_a_batch_that_does_not_fit_is_halved_and_says_the_same(card, folder):
    model, device = card(3)
    asked = requests(8)
    with metered() as meter:
        weights = model.weigh(asked, LETTERS[:3])
    assert device.passes == [8, 4, 2, 2, 2, 2]
    roomy = VideoModel(folder)
    with metered() as whole:
        np.testing.assert_allclose(weights, roomy.weigh(asked, LETTERS[:3]), rtol=1e-3, atol=1e-7)
    # what failed was not read
    assert meter.total == whole.total


def test_the_smaller_batch_is_remembered_for_later_requests(card):
    model, device = card(3)
    model.weigh(requests(8), LETTERS[:3])
    device.passes.clear()
    model.weigh(requests(6), LETTERS[:3])
    assert device.passes == [2, 2, 2]
    device.rows = 1
    assert len(model.write(requests(3), 1)) == 3


def test_one_request_that_does_not_fit_says_what_to_lower(card):
    model, _ = card(0)
    with pytest.raises(UsageError, match="runs out of memory on device = 'cpu'") as caught:
        model.weigh(requests(4), LETTERS[:3])
    assert "1 x 64x64 pixels" in caught.value.message
    assert "max_frames" in caught.value.remedy
    with pytest.raises(UsageError, match="a single request"):
        model.weigh(requests(1), LETTERS[:3])


def test_frames_that_cannot_be_kept_are_read_anew_each_time(card):
    model, device = card(8, keeps=False)
    first = model.weigh(requests(1), LETTERS[:3])
    tries = len(device.passes)
    again = model.weigh(requests(1), LETTERS[:3])
    assert len(device.passes) == tries + 1
    assert not model._kept
    np.testing.assert_array_equal(first, again)


def test_other_errors_are_no_lack_of_memory(card):
    model, device = card(0, RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="multiplied"):
        model.weigh(requests(4), LETTERS[:3])
    assert device.passes == [4]


def test_what_the_allocator_of_the_processor_says_is_understood():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert ran_out(caught.value)
    assert ran_out(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
    assert ran_out(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"))
    assert not ran_out(ValueError("out of memory"))
