"""Real model servers: what the client finds out about them, and that words come back.

The model that they serve here is tiny and knows other prompts, so nothing is said about answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from colour_model import plain_frames
from real_servers import SERVERS, RealServer, serving

from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.client.usage import metered
from longtake.models.vlm.served import ServedVLM, open_vlm

FRAMES = plain_frames("red", "blue", size=(448, 256))
pytestmark = [pytest.mark.endpoint, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=SERVERS)
def server(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with serving(request.param, tmp_path_factory.mktemp("server")) as up:
        yield up


@pytest.fixture
def vlm(server: RealServer) -> ServedVLM:
    return open_vlm(server.name, "NO_KEY_IS_NEEDED")


def test_words_come_back_and_are_counted(vlm: ServedVLM) -> None:
    with metered() as meter:
        reply = vlm.caption(FRAMES)
    assert reply.text
    assert meter.total.tokens_in > 100
    assert vlm.client.capabilities.counts_tokens


def test_a_question_has_an_answer_or_one_error_in_words(vlm: ServedVLM) -> None:
    reply, problem = None, None
    try:
        reply = vlm.answer(FRAMES, "Which colour is seen?", ["red", "green"])
    except EndpointProblem as error:
        problem = error
    if problem is not None:
        # a model that cannot write JSON, behind a server that cannot bind it
        assert problem.kind in ("unfit", "exhausted")
    if reply is not None:
        assert sum(reply.options or ()) == pytest.approx(1)
        assert reply.method in ("logprob", "stated")
