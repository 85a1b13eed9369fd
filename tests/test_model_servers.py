"""The shipped video LLM behind real servers, asked as any endpoint is; and a real chat model that plans."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_servers import SERVERS, RealServer, serving

import longtake as library
from longtake.index.video.frames import Frames
from longtake.world.perception.identity import EMBEDDED, vlm_folder
from longtake.models.vlm.served import open_eye
from longtake.world.render import make_film, question_path
from longtake.world.vlm.language_model import PromptedVLM

FRAME_SIZE = (448, 256)
# what is known of each kind, so that a probe that finds too little or too much is seen
KNOWN: dict[str, dict[str, Any]] = {
    "transformers": {"logprobs": 0, "json_schema": False, "frame_lists": False, "context": None},
    "vllm": {"logprobs": 20, "cached_tokens": True, "frame_lists": True, "context": 8192},
}
# a chat model that is being served, `endpoint:NAME@URL`; tests themselves see no such variables
PLANNER = os.environ.get("LONGTAKE_TEST_PLANNER")
pytestmark = [pytest.mark.endpoint, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=SERVERS)
def server(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with serving(request.param, tmp_path_factory.mktemp("server")) as up:
        yield up


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
def served(server: RealServer) -> Any:
    return open_eye(server.name, "NO_KEY_IS_NEEDED")


def test_a_served_model_answers_as_the_same_model_does_in_process(served, asked):
    here = PromptedVLM(eye_folder(EMBEDDED), frame_size=FRAME_SIZE)  # type: ignore[arg-type]
    same, apart = [], 0.0
    for frames, question in asked:
        words = question["question"], question["choices"]
        there, own = served.answer(frames, *words), here.answer(frames, *words)
        same.append(there.text == own.text)
        if there.method == "logprob":
            shares = np.array(there.options) - np.array(own.options)
            apart = max(apart, float(np.abs(shares).max()))
    print(f"{sum(same)} of {len(same)} answers agree, probabilities within {apart:.4f}")
    assert len(same) == 60
    assert sum(same) >= 0.95 * len(same)
    assert apart < 0.02


def test_a_server_is_seen_for_what_it_is(server: RealServer, served):
    dialect = served.dialect
    assert dialect.images
    assert {name: getattr(dialect, name) for name in KNOWN[server.kind]} == KNOWN[server.kind]
    assert bool(dialect.label_tokens) == bool(dialect.logprobs)
    for name, why in dialect.lacking.items():
        print(f"{name}: {why}")
        assert why


def test_frames_go_as_a_video_where_that_is_read(server: RealServer, served, asked):
    if served.dialect.video == "images":
        pytest.skip("it reads no videos")
    eye = open_eye(server.name, "NO_KEY_IS_NEEDED", video=True)
    replies = [eye.answer(frames, q["question"], q["choices"]) for frames, q in asked[:12]]
    truth = [q["answer"] for _, q in asked[:12]]
    right = sum(reply.text == true for reply, true in zip(replies, truth, strict=True))
    print(f"{right} of 12 right, frames as {served.dialect.video}")
    assert right >= 4  # by chance 3; as pictures this model is right in about half
    assert all(reply.tokens_in > 300 for reply in replies)


def test_the_whole_agent_answers_over_it_and_streams_its_events(
    server: RealServer, film: Path, longtake: Callable[..., Any]
):
    kept = json.loads(question_path(film).read_text())["questions"]
    question = next(q for q in kept if q["kind"] == "retrieve")
    choices = [part for choice in question["choices"] for part in ("--choice", choice)]
    done = longtake(
        "ask", film, question["question"], *choices, "--profile", "served", "--jsonl",
        "--store", film.parent / "store", timeout=900,
        LONGTAKE_ENDPOINT=server.url, LONGTAKE_ENDPOINT_MODEL=server.model,
    )  # fmt: skip
    assert done.code == 0, done.err
    events = [json.loads(line) for line in done.out.splitlines()]
    assert len(events) > 3
    assert events[-1]["type"] == "run.finished"
    assert events[-1]["status"] in ("answered", "abstained")
    assert f"@{server.url}" in done.out


def test_words_stream_as_they_are_written(server: RealServer, asked):
    from openai import OpenAI

    from longtake.models.client.media import JpegCache
    from longtake.models.client.prompt import Prompt
    from longtake.world.vlm.prompts import ask_text

    prompt = Prompt(ask_text("caption"), asked[0][0].take([0]))
    with OpenAI(base_url=server.url, api_key="none", max_retries=0) as client:
        messages: Any = prompt.messages(JpegCache())
        parts = client.chat.completions.create(
            model=server.model, messages=messages, stream=True, max_tokens=48
        )
        words = [part.choices[0].delta.content for part in parts if part.choices]
    assert len([w for w in words if w]) > 2


@pytest.mark.parametrize("planner", ["llm", "auto"])
def test_a_real_chat_model_plans_within_its_budget_and_invents_nothing(
    planner: str, film: Path, longtake: Callable[..., Any]
):
    if not PLANNER:
        pytest.skip("LONGTAKE_TEST_PLANNER names no chat model")
    kept = json.loads(question_path(film).read_text())["questions"]
    for question in [q for q in kept if q["choices"]][::6]:
        choices = [part for choice in question["choices"] for part in ("--choice", choice)]
        done = longtake(
            "ask", film, question["question"], *choices, "--planner", planner,
            "--planner-model", PLANNER, "--max-steps", "6", "--json",
            "--store", film.parent / "store", timeout=900,
        )  # fmt: skip
        assert done.code in (0, 6), done.err
        answer = json.loads(done.out)
        print(question["kind"], answer["status"], answer["stop_reason"], answer["answer"])
        assert answer["models"]["planner"]
        assert all(0 <= e["start"] <= e["end"] <= 360.1 for e in answer["evidence"])
        assert answer["status"] != "answered" or answer["choice"] in ("A", "B", "C", "D")
