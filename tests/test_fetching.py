"""Weights come when they are asked for: said first, resumed, checked; never inside a question."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from film_fixtures import make_film
from hub_server import HubServer

WEIGHTS = random.Random(1).randbytes(300_000)
FILES = {
    "config.json": b'{"model_type": "none"}',
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"the same weights in an older form" * 100,
}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer("owner/tiny-2B", FILES) as server:
        yield server


@pytest.fixture
def fetch(hub: HubServer, longtake: Callable, tmp_path: Path) -> Callable:
    """Return a function that runs a command against the small hub, in a process of its own."""
    place = {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "NO_PROXY": "127.0.0.1",
    }
    return lambda *words, **env: longtake(*words, **{**place, **env})


def test_nothing_is_fetched_before_somebody_agrees(fetch: Callable, hub: HubServer) -> None:
    done = fetch("models", "fetch", "owner/tiny-2B")
    assert done.code == 2
    assert "owner/tiny-2B: 2 files, 0 MB" in done.err
    assert "add --yes" in done.err.lower()
    assert hub.served == {}


def test_what_was_fetched_is_whole_listed_and_not_fetched_again(
    fetch: Callable, hub: HubServer
) -> None:
    before = json.loads(fetch("models", "--json", LONGTAKE_TEXT_ENCODER="owner/tiny-2B").out)
    (row,) = [row for row in before["weights"] if row["name"] == "owner/tiny-2B"]
    assert (row["here"], row["size"]) == (False, "about 4.0 GB")
    done = fetch("models", "fetch", "owner/tiny-2B", "--yes")
    assert done.code == 0, done.err
    folder = Path(done.out.strip())
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert not (folder / "pytorch_model.bin").exists()
    after = json.loads(fetch("models", "--json").out)
    (row,) = [row for row in after["weights"] if row["name"] == "owner/tiny-2B"]
    assert (row["here"], row["bytes"]) == (True, len(WEIGHTS) + len(FILES["config.json"]))
    assert fetch("models", "fetch", "owner/tiny-2B", "--yes").code == 0
    assert hub.served["model.safetensors"] == len(WEIGHTS)


def test_a_transfer_that_broke_off_goes_on_where_it_stopped(
    fetch: Callable, hub: HubServer
) -> None:
    large = WEIGHTS * 80
    hub.files["model.safetensors"] = large
    # the client writes 10 MiB at a time: two of them are kept
    hub.break_at["model.safetensors"] = 23_000_000
    done = fetch("models", "fetch", "owner/tiny-2B", "--yes")
    if done.code:  # the client may try again by itself, or leave that to the person
        assert done.code == 5
        assert "what came is kept" in done.err
        done = fetch("models", "fetch", "owner/tiny-2B", "--yes")
    assert done.code == 0, done.err
    assert (Path(done.out.strip()) / "model.safetensors").read_bytes() == large
    assert len(large) < hub.served["model.safetensors"] < 1.3 * len(large)


def test_what_came_damaged_is_thrown_away(fetch: Callable, hub: HubServer) -> None:
    hub.spoilt.add("model.safetensors")
    done = fetch("models", "fetch", "owner/tiny-2B", "--yes")
    assert done.code == 5
    assert "model.safetensors came damaged" in done.err
    hub.spoilt.clear()
    done = fetch("models", "fetch", "owner/tiny-2B", "--yes")
    assert done.code == 0, done.err
    assert (Path(done.out.strip()) / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("name", ["owner/other", "nonsense"])
def test_a_name_that_the_hub_does_not_have_is_refused(name: str, fetch: Callable) -> None:
    done = fetch("models", "fetch", name, "--yes")
    assert done.code in (2, 5)
    assert name in done.err
    assert len(done.err.splitlines()) == 1


def test_a_question_never_fetches_and_says_at_once_what_is_missing(
    fetch: Callable, hub: HubServer, tmp_path: Path
) -> None:
    film = make_film(tmp_path / "a.mp4", source="testsrc2=s=160x96:r=25:d=1")
    began = time.monotonic()
    done = fetch("ask", film, "What is said?", "--vlm", "transformers:owner/tiny-2B")
    assert time.monotonic() - began < 30  # 5 s on an idle machine
    assert done.code == 2
    (line,) = done.err.splitlines()
    for words in (
        "owner/tiny-2B",
        "about 4.0 GB",
        "longtake models fetch owner/tiny-2B",
        "without",
    ):
        assert words in line
    assert hub.served == {}
    fetched = fetch("ask", film, "What is said?", "--vlm", "transformers:owner/tiny-2B", "--yes")
    assert hub.served["model.safetensors"] == len(WEIGHTS)
    # these weights are no model, which is told as such
    assert fetched.code == 2
    assert "cannot be loaded" in fetched.err.splitlines()[-1]
