"""Real model servers: what the client finds out about them, and that words come back.

The model that they serve here is tiny and knows other prompts, so nothing is said about answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from colour_model import plain_frames
from real_servers import SERVERS, RealServer, serving

<<<<<<< HEAD
from longtake.models.client.client import EndpointProblem
from longtake.models.client.usage import metered
from longtake.models.vlm.served import ServedVLM, open_vlm
=======
import longtake as library
from longtake.index.video.frames import Frames
from longtake.world.perception.identity import EMBEDDED, vlm_folder
from longtake.models.vlm.served import open_eye
from longtake.world.render import make_film, question_path
from longtake.world.vlm.language_model import PromptedVLM
>>>>>>> world

FRAMES = plain_frames("red", "blue", size=(448, 256))
pytestmark = [pytest.mark.endpoint, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=SERVERS)
def server(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with serving(request.param, tmp_path_factory.mktemp("server")) as up:
        yield up


@pytest.fixture
def vlm(server: RealServer) -> ServedVLM:
    return open_vlm(server.name, "NO_KEY_IS_NEEDED")


<<<<<<< HEAD
def test_words_come_back_and_are_counted(vlm: ServedVLM) -> None:
    with metered() as meter:
        reply = vlm.caption(FRAMES)
    assert reply.text
    assert meter.total.tokens_in > 100
    assert vlm.client.capabilities.counts_tokens
=======
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
>>>>>>> world


def test_a_question_has_an_answer_or_one_error_in_words(vlm: ServedVLM) -> None:
    try:
        reply = vlm.answer(FRAMES, "Which colour is seen?", ["red", "green"])
    except EndpointProblem as problem:
        # a model that cannot write JSON, behind a server that cannot bind it
        assert problem.kind in ("unfit", "exhausted")
        assert problem.remedy
        return
    assert reply.options is not None
    assert sum(reply.options) == pytest.approx(1)
    assert reply.method in ("logprob", "stated")
