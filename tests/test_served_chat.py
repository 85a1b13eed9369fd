"""The chat model behind a server plans: messages go through as they are, replies come back whole."""

import json

import pytest
from fault_server import BARE, MODEL, FaultServer
from served_fixtures import client_of, painted_eye

from longtake.agent.planners.choose import pick_planner
from longtake.agent.planners.llm import LlmPlanner
from longtake.agent.planners.self_test import examine
from longtake.index.video.errors import EndpointError
from longtake.models.client.chat import ServedChat
from longtake.models.registry import load_models

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TOLD = [{"role": "system", "content": "You plan."}, {"role": "user", "content": "Plan."}]


@pytest.fixture(scope="module")
def eye():
    return painted_eye()


def chat_of(server, *replies):
    """Return a chat whose server was probed already, so that the replies are the chat's."""
    chat = ServedChat(client_of(server))
    _ = chat.dialect
    server.replies = list(replies)
    return chat


def test_messages_and_schema_reach_the_server_and_the_reply_comes_back(eye):
    with FaultServer(eye) as server:
        chat = chat_of(server, '{"a": 1}')
        reply = chat.complete(TOLD, schema=SCHEMA, max_tokens=99)
        sent = server.bodies[-1]
        assert chat.id == f"endpoint:{MODEL}@{server.url}"
    assert json.loads(reply.text) == {"a": 1}
    assert (reply.tokens_in, reply.tokens_out) == (30, 3)
    assert sent["messages"] == TOLD
    assert sent["max_tokens"] == 99
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_server_that_cannot_bind_is_not_asked_to(eye):
    with FaultServer(eye, speaks=BARE) as server:
        assert chat_of(server, "words").complete(TOLD, schema=SCHEMA, max_tokens=9).text == "words"
        assert "response_format" not in server.bodies[-1]


def test_a_chat_outlives_faults_and_says_so_when_it_cannot(eye):
    with FaultServer(eye) as server:
        chat = chat_of(server, "fine", "fine")
        server.script += ["busy", "truncated", "html"]
        assert chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text == "fine"
        server.rate = 1.0
        with pytest.raises(EndpointError):
            chat.complete(TOLD, schema=SCHEMA, max_tokens=9)


def test_empty_replies_are_mended_in_the_last_message(eye):
    with FaultServer(eye) as server:
        chat = chat_of(server, "fine")
        server.script += ["empty"] * 3
        assert chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text == "fine"
        first, last = server.bodies[-1]["messages"]
        assert first == TOLD[0]
        assert last["content"].startswith("Plan.\n")


def test_a_model_that_talks_nonsense_is_not_let_plan(eye):
    with FaultServer(eye) as server:
        chat = chat_of(server, *["nonsense"] * 9)
        assert not examine(chat).passed
        assert not isinstance(pick_planner("auto", chat), LlmPlanner)
        assert isinstance(pick_planner("llm", chat), LlmPlanner)


def test_the_profile_names_the_planning_model():
    name = "endpoint:some/model@http://127.0.0.1:9/v1"
    models = load_models("embedded", {"planner": name})
    assert models.ids["planner"] == name
    assert models.planner.id == name
    assert load_models("embedded").planner is None
