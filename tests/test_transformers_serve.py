"""The shipped video LLM behind a real server: `transformers serve`, asked as any endpoint is."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import longtake as library
from longtake.eval.world.render import make_film, question_path
from longtake.index.film.frames import Frames
from longtake.models.identity import EMBEDDED, eye_folder
from longtake.models.served import open_eye
from longtake.models.vlm import VlmEye

START = 240.0  # seconds until a server must be up
FRAME_SIZE = (448, 256)
pytestmark = [pytest.mark.endpoint, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the shipped model is served."""
    pytest.importorskip("fastapi", reason="transformers[serving] is not installed")
    home, folder = tmp_path_factory.mktemp("hub"), eye_folder(EMBEDDED)
    (home / "hub").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(folder)]
    options = f"--device cpu --dtype float32 --host 127.0.0.1 --port {port}"
    log = home / "server.log"
    with log.open("w") as written, subprocess.Popen(
        [*command, *options.split()], env=os.environ | places, stdout=written, stderr=written
    ) as server:  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait_for(health: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(health, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered film of six minutes."""
    return make_film(6, 21, tmp_path_factory.mktemp("film") / "served.mp4")


@pytest.fixture(scope="module")
def asked(film: Path) -> list[tuple[Frames, dict[str, Any]]]:
    """60 questions with choices, each beside frames of the film that bear on it."""
    kept = json.loads(question_path(film).read_text())["questions"]
    kept = [q for q in kept if q["choices"] and q["spans"]]
    found = []
    with library.open(film, store=film.parent / "store") as opened:
        for number in range(60):
            question = kept[number % len(kept)]
            start, end = question["spans"][0]
            shift = 0.15 * (number // len(kept))
            seconds = [start + (end - start) * (k + 0.5 + shift) / 4 for k in range(4)]
            found.append((opened.frames(seconds, size=FRAME_SIZE), question))
    return found


@pytest.fixture
def served(url: str) -> Any:
    return open_eye(f"endpoint:{eye_folder(EMBEDDED)}@{url}", "NO_KEY_IS_NEEDED")


def test_a_served_model_answers_as_the_same_model_does_in_process(served, asked):
    here = VlmEye(eye_folder(EMBEDDED), frame_size=FRAME_SIZE)  # type: ignore[arg-type]
    same = []
    for frames, question in asked:
        words = question["question"], question["choices"]
        same.append(served.answer(frames, *words).text == here.answer(frames, *words).text)
    print(f"{sum(same)} of {len(same)} answers agree")
    assert len(same) == 60
    assert sum(same) >= 0.95 * len(same)


def test_a_server_that_ignores_what_it_does_not_know_is_seen_through(served):
    assert served.dialect.images
    assert served.dialect.logprobs == 0
    assert not served.dialect.json_schema
    assert not served.dialect.frame_lists


def test_the_whole_agent_answers_over_it_and_streams_its_events(
    url: str, film: Path, longtake: Callable[..., Any]
):
    kept = json.loads(question_path(film).read_text())["questions"]
    question = next(q for q in kept if q["kind"] == "retrieve")
    choices = [part for choice in question["choices"] for part in ("--choice", choice)]
    done = longtake(
        "ask", film, question["question"], *choices, "--profile", "served", "--jsonl",
        "--store", film.parent / "store", timeout=900,
        LONGTAKE_ENDPOINT=url, LONGTAKE_ENDPOINT_MODEL=str(eye_folder(EMBEDDED)),
    )  # fmt: skip
    assert done.code == 0, done.err
    events = [json.loads(line) for line in done.out.splitlines()]
    assert len(events) > 3
    assert events[-1]["type"] == "run.finished"
    assert events[-1]["status"] in ("answered", "not_found")
    assert f"@{url}" in done.out


def test_words_stream_as_they_are_written(url: str, asked):
    from openai import OpenAI

    from longtake.models.eye_prompts import ask_text
    from longtake.models.jpeg import JpegCache
    from longtake.models.prompt import Prompt

    prompt = Prompt(ask_text("caption"), asked[0][0].take([0]))
    with OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        messages: Any = prompt.messages(JpegCache())
        parts = client.chat.completions.create(
            model=str(eye_folder(EMBEDDED)), messages=messages, stream=True, max_tokens=48
        )
        words = [part.choices[0].delta.content for part in parts if part.choices]
    assert len([w for w in words if w]) > 2
