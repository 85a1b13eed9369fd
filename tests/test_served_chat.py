"""The chat model behind a server: messages go through as they are, replies come back whole."""

from __future__ import annotations

import json

import pytest
from fault_server import BARE, MODEL, VLLM, FaultServer
from served_fixtures import client_of

from longtake.index.video.errors import EndpointError
from longtake.models.client.chat import ServedChat

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TOLD = [{"role": "system", "content": "You plan."}, {"role": "user", "content": "Plan."}]


def chat_of(server, *replies):
    server.replies = list(replies)
    return ServedChat(client_of(server))


def test_messages_and_schema_reach_the_server_and_the_reply_comes_back():
    with FaultServer(speaks=VLLM) as server:
        chat = chat_of(server, '{"a": 1}')
        reply = chat.complete(TOLD, schema=SCHEMA, max_tokens=99)
        (sent,) = server.bodies
        assert chat.id == f"endpoint:{MODEL}@{server.url}"
    assert json.loads(reply.text) == {"a": 1}
    assert (reply.tokens_in, reply.tokens_out, reply.cached) == (30, 3, 15)
    assert reply.seconds > 0
    assert sent["messages"] == TOLD
    assert sent["max_tokens"] == 99
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "logprobs" not in sent


def test_a_reply_in_words_without_a_schema_is_left_as_it_is():
    with FaultServer() as server:
        assert chat_of(server, "{} words").complete(TOLD, max_tokens=9).text == "{} words"
        assert "response_format" not in server.bodies[-1]


def test_a_server_that_cannot_be_bound_is_told_the_schema_in_words():
    with FaultServer(speaks=frozenset({"strict"})) as server:
        chat = chat_of(server, 'Here: ```json\n{"a": 1}\n```', '{"a": 2}')
        assert json.loads(chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text) == {"a": 1}
        assert len(server.bodies) == 4
        assert json.loads(chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text) == {"a": 2}
        assert len(server.bodies) == 5
        last = server.bodies[-1]
    assert "response_format" not in last
    assert last["messages"][1]["content"].startswith("Plan.\n")
    assert json.dumps(SCHEMA) in last["messages"][1]["content"]


def test_words_instead_of_json_are_handed_on_for_the_planner_to_mend():
    with FaultServer(speaks=BARE) as server:
        assert chat_of(server, "words").complete(TOLD, schema=SCHEMA, max_tokens=9).text == "words"


def test_a_chat_outlives_faults_and_says_so_when_it_cannot():
    with FaultServer() as server:
        chat = chat_of(server, "fine", "fine")
        server.script += ["busy", "truncated", "html"]
        assert chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text == "fine"
        server.rate = 1.0
        with pytest.raises(EndpointError):
            chat.complete(TOLD, schema=SCHEMA, max_tokens=9)


def test_empty_replies_are_mended_in_the_last_message():
    with FaultServer() as server:
        chat = chat_of(server, "fine")
        server.script += ["empty"] * 3
        assert chat.complete(TOLD, schema=SCHEMA, max_tokens=9).text == "fine"
        first, last = server.bodies[-1]["messages"]
        assert first == TOLD[0]
        assert last["content"].startswith("Plan.\n")


def test_text_that_is_none_in_utf_8_does_not_stop_a_question():
    with FaultServer() as server:
        told = [TOLD[0], {"role": "user", "content": "film-\udce9.mp4"}]
        assert chat_of(server, "fine").complete(told, max_tokens=9).text == "fine"
        assert server.bodies[-1]["messages"][1]["content"] == "film-?.mp4"
