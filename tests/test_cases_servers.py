"""Model servers as they come: every manner that was reported of one is accepted, or told in words.

A small server of our own plays each manner around the answers of a model that looks at colours, so
that what gets through is also seen to be right.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from colour_model import ColourModel, plain_frames
from served_fixtures import QUICK
from server_fields import completion_of
from server_reading import read_request

from longtake.index.video.errors import UsageError
from longtake.models.client.chat import ServedChat
from longtake.models.client.client import EndpointClient
from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.client.transport.refusals import retry_after
from longtake.models.client.usage import metered
from longtake.models.vlm.served import ServedVLM

Sent = dict[str, Any]
# what a server does with a request: a status with JSON, or with bytes and their type, or headers
Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Manner = Callable[[Sent, Sent], Reply]
LIMITS = replace(QUICK, read=20.0, attempt=20.0)  # a busy machine takes longer
SEEN = ("red", "green", "blue", "yellow", "white", "red", "green", "blue")
FRAMES = plain_frames(*SEEN)
THOUGHT = "The user asks for a colour. I look at every frame before I answer. Could it be A? No."


class MannerServer(ThreadingHTTPServer):
    """A server of one manner on 127.0.0.1; `bodies` are the questions it was asked."""

    def __init__(self, manner: Manner) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.manner, self.bodies = manner, []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: MannerServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self._send(200, {"data": [{"id": "m"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        good = completion_of(ColourModel().reply(read_request(body)), body, 50)
        status, value, *headers = self.server.manner(body, good)
        self._send(status, value, headers[0] if headers else {})

    def _send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        headers.setdefault("Content-Length", str(len(raw)))
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(raw)
        self.close_connection = int(headers["Content-Length"]) != len(raw)


@contextmanager
def serving(manner: Manner) -> Iterator[MannerServer]:
    with MannerServer(manner) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def vlm_of(server: MannerServer) -> ServedVLM:
    return ServedVLM(EndpointClient(server.url, "m", limits=LIMITS))


def ask(vlm: ServedVLM) -> None:
    """Ask about eight frames, and see that the answer rests on having seen them."""
    reply = vlm.answer(FRAMES, "What is seen?", ["something black", "something yellow"])
    assert reply.text == "something yellow"
    assert reply.cited == (6,)
    assert reply.options == pytest.approx((0.2, 0.8))


# --- replies of other forms


def message(good: Sent, **fields: Any) -> Reply:
    """Return the good reply with other fields of its message; None takes one away."""
    good["choices"][0]["message"] |= fields
    return 200, good


def text_of(good: Sent) -> str:
    return good["choices"][0]["message"]["content"]


def as_json(good: Sent) -> Any:
    """Return the reply as an object, or its words where it is none."""
    text = text_of(good)
    return json.loads(text) if text.startswith("{") else text


def cut(good: Sent, finish: str = "length", **fields: Any) -> Reply:
    """Return a reply whose length was used up."""
    good["choices"][0] |= {"finish_reason": finish}
    return message(good, **fields)


def usage(good: Sent, value: Any) -> Reply:
    return 200, {**good, "usage": value}


def thinks_apart(body: Sent, good: Sent) -> Reply:
    room = body.get("max_tokens", 0)
    if room < 3000:
        return cut(good, content=None, reasoning_content=THOUGHT * 9)
    return message(good, reasoning_content=THOUGHT)


def thinks_inline(body: Sent, good: Sent) -> Reply:
    if body.get("max_tokens", 0) < 1000:
        return cut(good, content=f"<think>\n{THOUGHT * 9}")
    return message(good, content=f"<think>\n{THOUGHT}\n</think>\n\n{text_of(good)}")


def events(body: Sent, good: Sent) -> Reply:
    pieces = [text_of(good)[:9], text_of(good)[9:]]
    rows = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    lines = "".join(f"data: {json.dumps(row)}\n\n" for row in rows)
    return 200, f"{lines}data: [DONE]\n\n".encode(), {"Content-Type": "text/event-stream"}


def thinks_in_events(body: Sent, good: Sent) -> Reply:
    """Stop for the length in the middle of the answer until there is room for the reasoning."""
    short = body["max_tokens"] < 1000
    pieces = [{"reasoning_content": THOUGHT}, {"content": text_of(good)[: 9 if short else None]}]
    rows = [{"choices": [{"index": 0, "delta": piece}]} for piece in pieces]
    rows += [{"choices": [{"delta": {}, "finish_reason": "length" if short else "stop"}]}]
    rows += [{"choices": [], "usage": {"prompt_tokens": 50, "completion_tokens": 3}}]
    lines = "".join(f"data: {json.dumps(row)}\n\n" for row in rows)
    return 200, lines.encode(), {"Content-Type": "text/event-stream"}


def only_streams(body: Sent, good: Sent) -> Reply:
    if not body.get("stream"):
        words = "This model only support stream mode, please enable the stream parameter."
        return 400, {"error": {"message": words}}
    return thinks_in_events(body, good)


ACCEPTED: dict[str, Manner] = {
    "as OpenAI documents it": lambda body, good: (200, good),
    "content as parts": lambda body, good: message(
        good,
        content=[
            {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
            {"type": "text", "text": text_of(good)},
        ],
    ),
    "content as parts of strings": lambda body, good: message(
        good, content=[text_of(good)[:5], text_of(good)[5:]]
    ),
    "content as one part": lambda body, good: message(
        good, content={"type": "output_text", "text": text_of(good)}
    ),
    "no usage": lambda body, good: usage(good, None),
    "usage of nulls": lambda body, good: usage(
        good, {"prompt_tokens": None, "completion_tokens": None, "prompt_tokens_details": None}
    ),
    "usage of floats and words": lambda body, good: usage(
        good, {"prompt_tokens": 50.0, "completion_tokens": "3"}
    ),
    "usage of other names": lambda body, good: usage(
        good, {"input_tokens": 50, "output_tokens": 3, "cost": {"usd": 0.1}}
    ),
    "usage that is no object": lambda body, good: usage(good, [50, 3]),
    "unknown fields and no error": lambda body, good: (
        200, {**good, "error": None, "detail": [], "system_fingerprint": 7, "x": {"y": []}}
    ),
    "null finish, index in words": lambda body, good: (
        200, {"choices": [{**good["choices"][0], "finish_reason": None, "index": "0"}]}
    ),
    "tool calls of nothing": lambda body, good: message(
        good, tool_calls=[], function_call=None, refusal=None, annotations=[]
    ),
    "a call in place of content": lambda body, good: message(
        good, content=None, tool_calls=[{"type": "function", "function": {
            "name": "reply", "arguments": text_of(good)}}]
    ),
    "a call of the older form": lambda body, good: message(
        good, content="", function_call={"name": "reply", "arguments": text_of(good)}
    ),
    "content as the object itself": lambda body, good: message(good, content=as_json(good)),
    "an object beside no content": lambda body, good: message(
        good, content=None, parsed=as_json(good)
    ),
    "reasoning beside it, as DeepSeek": lambda body, good: message(good, reasoning_content=THOUGHT),
    "reasoning beside it, as OpenRouter": lambda body, good: message(
        good, reasoning=THOUGHT, reasoning_details=[{"text": THOUGHT}]
    ),
    "reasoning inline": lambda body, good: message(
        good, content=f"<think>{THOUGHT}</think>{text_of(good)}"
    ),
    "reasoning inline, other tag": lambda body, good: message(
        good, content=f"<thinking>\n{THOUGHT}\n</thinking>\n{text_of(good)}"
    ),
    "reasoning inline, only its end": lambda body, good: message(
        good, content=f"{THOUGHT}\n</think>\n\n{text_of(good)}"
    ),
    "reasoning inline, in brackets": lambda body, good: message(
        good, content=f"[THINK]{THOUGHT}[/THINK]{text_of(good)}"
    ),
    "reasoning in channels": lambda body, good: message(
        good,
        content=f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{text_of(good)}",
    ),
    "reasoning never closed": lambda body, good: message(
        good, content=f"<think>{THOUGHT} {text_of(good)}"
    ),
    "all of it taken for reasoning": lambda body, good: message(
        good, content="", reasoning_content=f"{THOUGHT} {text_of(good)}"
    ),
    "in a box": lambda body, good: message(
        good, content=f"<|begin_of_box|>{text_of(good)}<|end_of_box|>"
    ),
    "in a fence, with words around it": lambda body, good: message(
        good, content=f"Sure!\n```json\n{text_of(good)}\n```\nAnything else?"
    ),
    "events that nobody asked for": events,
    "a mark of byte order before it": lambda body, good: (
        200, b"\xef\xbb\xbf" + json.dumps(good).encode()
    ),
    "a message without choices, as Ollama": lambda body, good: (
        200, {"message": good["choices"][0]["message"], "done": True, "prompt_eval_count": 50}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_reply_of_another_form_is_understood_at_once(name: str) -> None:
    with serving(ACCEPTED[name]) as server:
        vlm = vlm_of(server)
        ask(vlm)
        assert len(server.bodies) == 1
        # the planning side reads the same replies
        schema = {"type": "object", "properties": {"a": {"type": "string"}}}
        ServedChat(vlm.client).complete([{"role": "user", "content": "Hello."}], schema=schema)
        assert len(server.bodies) == 2


@pytest.mark.parametrize("manner", [thinks_apart, thinks_inline, thinks_in_events])
def test_a_model_that_thinks_is_given_the_room_it_needs_and_that_is_remembered(manner) -> None:
    with serving(manner) as server:
        vlm = vlm_of(server)
        ask(vlm)
        rooms = [body["max_tokens"] for body in server.bodies]
        assert rooms == sorted(rooms)
        assert rooms[0] >= 256
        assert len(rooms) <= 3
        server.bodies.clear()
        ask(vlm_of(server))
        assert len(server.bodies) == 1
        assert ServedChat(vlm.client).complete([{"role": "user", "content": "Hi."}]).text


def test_a_model_that_only_streams_is_asked_to_stream_from_then_on() -> None:
    with serving(only_streams) as server:
        vlm = vlm_of(server)
        ask(vlm)
        assert [bool(body.get("stream")) for body in server.bodies] == [False, True, True]
        assert vlm.client.capabilities.counts_tokens
        server.bodies.clear()
        ask(vlm_of(server))
        assert len(server.bodies) == 1


def test_a_choice_whose_list_of_times_never_ends_is_still_a_choice() -> None:
    def rambles(body: Sent, good: Sent) -> Reply:
        return cut(good, content=text_of(good).partition("[")[0] + "[" + "6.0, " * 200)

    with serving(rambles) as server:
        reply = vlm_of(server).answer(FRAMES, "What is seen?", ["something black", "it is yellow"])
        assert reply.text == "it is yellow"
        assert len(server.bodies) == 2


def test_a_model_that_cannot_list_or_judge_still_answers() -> None:
    def only_answers(body: Sent, good: Sent) -> Reply:
        able = "answer" in text_of(good)
        return (200, good) if able else message(good, content="I watched all of it.")

    with serving(only_answers) as server, metered() as meter:
        vlm = vlm_of(server)
        ask(vlm)
        assert vlm.find(FRAMES, "something green") == [0.25] * len(FRAMES)
        assert vlm.judge([FRAMES], "it is green") == [0.5]
    lacks = [text for text in meter.total.notes if text.startswith("m gave no")]
    assert lacks == ["m gave no times for 'something green'", "m gave no verdict on 'it is green'"]


@pytest.mark.parametrize("seconds", [[7500, 1e300, -4, 1e999], list(range(50_000))])
def test_times_and_characters_that_cannot_be_leave_the_answer_as_it_is(seconds) -> None:
    written = json.dumps({"answer": "red \ud800\x00fish", "seconds": seconds, "enough": True})
    with serving(lambda body, good: message(good, content=written)) as server:
        reply = vlm_of(server).answer(FRAMES, "What is seen?")
    assert reply.text == "red ?\x00fish"
    assert len(reply.cited) <= 1000
    assert all(0 <= second <= 1e6 for second in reply.cited)


def test_a_server_that_failed_throughout_one_request_is_not_asked_as_often_for_the_next() -> None:
    with serving(said("GPU lost", 500)) as server:
        vlm = vlm_of(server)
        for most in (8, 3, 3):
            server.bodies.clear()
            with pytest.raises(EndpointProblem, match="GPU lost"):
                ask(vlm)
            assert len(server.bodies) == most


# --- requests that must be changed


def when(wrong: Callable[[Sent], Any], status: int, error: Any) -> Manner:
    """Refuse a request for as long as something is wrong with it."""

    def manner(body: Sent, good: Sent) -> Reply:
        return (status, error) if wrong(body) else (200, good)

    return manner


def images(body: Sent) -> int:
    return json.dumps(body["messages"]).count('"image_url": {')


def has(*names: str) -> Callable[[Sent], bool]:
    return lambda body: any(name in json.dumps(body) for name in names)


OVERFLOWS = {
    "llama.cpp": (500, {"error": {
        "code": 500, "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096,
        "message": "the request exceeds the available context size, try increasing it",
    }}),
    "vLLM": (400, {"object": "error", "message": "This model's maximum context length is 4096 "
             "tokens. However, you requested 9512 tokens (9000 in the messages, 512 in the "
             "completion). Please reduce the length of the messages or completion."}),
    "SGLang": (400, {"error": {"message": "The input (9000 tokens) is longer than the model's "
                               "context length (4096 tokens)."}}),
    "a proxy": (413, b"<html><h1>413 Request Entity Too Large</h1></html>"),
    "FastAPI": (422, {"detail": [{"loc": ["body"], "msg": "prompt is too long"}]}),
    "Anthropic's form": (400, {"type": "error", "error": {
        "type": "invalid_request_error", "message": "prompt is too long: 9000 tokens > 4096 maximum"
    }}),
    "Groq": (429, {"error": {"message": "Request too large for model on tokens per minute (TPM): "
                             "Limit 6000, Requested 9000", "code": "rate_limit_exceeded"}}),
    "inside a 200": (200, {"error": {"code": 400, "message": "Input exceeds the maximum context "
                                     "length"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERFLOWS)
def test_what_does_not_fit_becomes_fewer_or_smaller_frames_at_once(name: str) -> None:
    status, error = OVERFLOWS[name]
    manner = when(lambda body: len(json.dumps(body)) > 6000 or images(body) > 4, status, error)
    frames = plain_frames(*(["red"] * 64), size=(448, 252))
    with serving(manner) as server, metered() as meter:
        reply = vlm_of(server).answer(frames, "What is seen?", ["something red", "something blue"])
    assert reply.text == "something red"
    assert len(server.bodies) <= 8
    sizes = [len(json.dumps(body)) for body in server.bodies]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)
    assert any("too much for m" in note for note in meter.total.notes)


def test_what_went_through_is_remembered_so_that_later_questions_fit() -> None:
    status, error = OVERFLOWS["FastAPI"]
    film = (448, 252)

    def pixels(body: Sent) -> int:
        frames = read_request(body).frames.pixels
        return frames.shape[0] * frames.shape[1] * frames.shape[2]

    with serving(when(lambda body: pixels(body) > 600_000, status, error)) as server:
        vlm = vlm_of(server)
        vlm.find(plain_frames(*(["red"] * 40), size=film), "something red")
        first = len(server.bodies)
        again = vlm_of(server)
        count = again.max_frames
        size = again.frame_size(film, count)
        assert len(again.find(plain_frames(*(["red"] * count), size=size), "red")) == count
        few = again.frame_size((1920, 1080), 3)
        again.caption(plain_frames("red", "red", "red", size=few))
    assert first > 1
    assert len(server.bodies) == first + 2
    assert 4 <= count < 40
    assert few > size


LIMITS_OF_IMAGES = [
    (1, 400, "At most 1 image(s) may be provided in one prompt."),
    (1, 422, "This model supports only one image"),
    (1, 500, "multiple images are not supported"),
    (4, 400, "You provided 8 images, but the limit is 4 images per request"),
    (4, 400, "The maximum number of images is 4, got 8"),
    (5, 400, "Too many images in request. Maximum is 5"),
    (4, 400, "too many images"),
    (3, 200, "Number of image(s) 8 exceeds limit 3"),
]


@pytest.mark.parametrize(("most", "status", "words"), LIMITS_OF_IMAGES)
def test_where_fewer_images_are_taken_frames_share_them_as_grids(most, status, words) -> None:
    manner = when(lambda body: images(body) > most, status, {"error": {"message": words}})
    with serving(manner) as server:
        vlm = vlm_of(server)
        ask(vlm)
        assert len(server.bodies) == 2
        assert images(server.bodies[-1]) <= most
        # remembered, also by another process
        server.bodies.clear()
        again = vlm_of(server)
        ask(again)
        found = again.find(FRAMES, "something green")
        assert len(server.bodies) == 2
        assert again.max_frames == min(64, most * 16)
    assert [score > 0.5 for score in found] == [colour == "green" for colour in SEEN]


UNKNOWN_FIELDS: list[tuple[str, Callable[[Sent], bool], int, str]] = [
    ("logprobs", has("logprobs"), 400, "logprobs are not supported with reasoning models"),
    ("top_logprobs", lambda b: b.get("top_logprobs", 0) > 5, 400, "top_logprobs must be <= 5"),
    ("response_format", has("response_format"), 400, "response_format is not supported"),
    ("response_format", has("json_schema"), 500, "unsupported value: json_schema"),
    ("response_format", has("json_schema"), 500, "1 validation error: {'type': 'literal_error', "
     "'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'"
     "\", 'input': 'json_schema'}"),
    ("temperature", has("temperature"), 400,
     "Unsupported value: 'temperature' does not support 0.0 with this model."),
    ("max_tokens", has("max_tokens"), 400, "Unsupported parameter: 'max_tokens' is not supported "
     "with this model. Use 'max_completion_tokens' instead."),
    ("max_tokens", lambda b: b["max_tokens"] > 300, 400,
     "max_tokens is too large: 512. This model supports at most 300 completion tokens."),
    ("system", has('"system"'), 400, "System role not supported"),
    ("logprobs", has("logprobs"), 403, "You are not allowed to request logprobs from this model"),
    ("logprobs", has("logprobs"), 400, "logprobs is not supported for multimodal models"),
    ("response_format", has("response_format"), 400, "response_format is not taken with images"),
    ("response_format", has("json_schema"), 400, "Invalid schema for response_format 'reply': it "
     "exceeds the maximum length"),
    ("max_tokens", has("max_tokens"), 400, "Unrecognized request argument supplied: max_tokens"),
    *(("max_tokens", lambda b: b["max_tokens"] > 300, 400, words) for words in (
        "Range of max_tokens should be [1, 300]",
        "`max_tokens` must be less than or equal to `300`, the maximum value for `max_tokens` is "
        "less than the `context_window` for this model",
        "max_tokens: 512 > 300, which is the maximum allowed number of output tokens for m",
        "it has a maxOutputTokens value of 512 but the supported range is from 1 (inclusive) to "
        "301 (exclusive)",
    )),
    ("system", has('"system"'), 400, "Only user and assistant roles are supported!"),
    ("system", has('"system"'), 400, "Developer instruction is not enabled for models/m"),
    ("system", has('"system"'), 400, "'messages[0].role' does not support 'system'"),
    ("something", has("logprobs"), 400, "bad request"),
    ("something", has("logprobs", "response_format"), 422, "extra fields not permitted"),
    ("something", has("logprobs", "response_format"), 500, "Internal Server Error"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "status", "words"), UNKNOWN_FIELDS)
def test_a_field_that_a_server_does_not_know_is_left_out(name, wrong, status, words) -> None:
    with serving(when(wrong, status, {"error": {"message": words}})) as server:
        ask(vlm_of(server))
        assert len(server.bodies) <= 3
        if status != 500 or name != "something":
            server.bodies.clear()
            ask(vlm_of(server))
            assert len(server.bodies) == 1


def test_a_field_is_found_where_only_the_place_of_the_fault_names_it() -> None:
    place = {"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"}
    with serving(when(has("temperature"), 422, {"detail": [place]})) as server:
        ask(vlm_of(server))
        assert len(server.bodies) == 2


def test_a_server_that_refuses_one_part_after_the_other_is_asked_until_nothing_is_left() -> None:
    parts: list[tuple[Callable[[Sent], Any], str]] = [
        (lambda b: b.get("top_logprobs", 0) > 5, "top_logprobs must be at most 5"),
        (has("logprobs"), "logprobs is not supported"),
        (has("json_schema"), "response_format: json_schema is not supported"),
        (has("structured_outputs"), "structured_outputs: extra inputs are not permitted"),
        (has("json_object"), "response_format: json_object is not supported"),
        (has("temperature"), "temperature is not supported"),
        (has("max_tokens"), "use max_completion_tokens"),
        (has('"system"'), "system role not supported"),
        (lambda b: images(b) > 1, "At most 1 image(s) may be provided"),
    ]

    def strict(body: Sent, good: Sent) -> Reply:
        words = next((words for wrong, words in parts if wrong(body)), None)
        return (200, good) if words is None else (400, {"error": {"message": words}})

    with serving(strict) as server:
        ask(vlm_of(server))
        assert len(server.bodies) == len(parts) + 1
        server.bodies.clear()
        ask(vlm_of(server))
        assert len(server.bodies) == 1


# --- what cannot be mended

QUOTA = {"error": {"message": "You exceeded your current quota, please check your plan.",
                   "type": "insufficient_quota", "code": "insufficient_quota"}}  # fmt: skip
NO_IMAGES = "serve a vision-language model"
ENDLESS = {"choices": [{"message": {"content": None, "reasoning_content": THOUGHT},
                        "finish_reason": "length"}]}  # fmt: skip
HTML = b"<!doctype html><title>Sign in</title><script>let x = 1</script>"


def fixed(status: int, value: Any, **headers: str) -> Manner:
    return lambda body, good: (status, value, headers)


def said(words: Any, status: int = 400) -> Manner:
    return fixed(status, {"error": {"message": words}})


REFUSED: dict[str, tuple[Manner, str, str, str, int]] = {
    # manner, kind, the server's words, the remedy's words, attempts at most
    "quota used up": (fixed(429, QUOTA), "quota", "exceeded your current quota", "credit", 1),
    "payment required": (said("Insufficient credits", 402), "quota", "credits", "credit", 1),
    "balance, in a 403": (said("insufficient balance", 403), "quota", "balance", "credit", 1),
    "wrong key": (said("bad key", 401), "denied", "bad key", "key_env", 1),
    "declined in words": (fixed(200, {"choices": [{"message": {"content": "I cannot look at "
                                                               "people."}}]}),
                          "unfit", "I cannot look at people", "another model", 2),
    "withheld, in a 400": (said("filtered due to Azure OpenAI's content management policy"),
                           "unfit", "management policy", "another model", 1),
    "the reason beside its kind": (fixed(405, {"error": "Bad Request", "message": "no tenant 17"}),
                                   "refused", "no tenant 17", "doctor", 1),
    "a reason under another name, in a 200": (
        fixed(200, {"choices": None, "base_resp": {"status_msg": "insufficient balance"}}),
        "quota", "insufficient balance", "credit", 1,
    ),
    "a list of errors in a 200": (fixed(200, {"success": False, "errors": [{"message": "no GPU"}]}),
                                  "server", "no GPU", "log", 8),
    "an address wanted": (said("Invalid image url: must start with http:// or https://"),
                          "refused", "must start with http", "doctor", 1),
    "TLS wanted": (fixed(400, b"Client sent an HTTP request to an HTTPS server."),
                   "moved", "HTTPS server", "give https://127.0.0.1", 1),
    "a wait of an hour": (fixed(429, {"error": "slow down"}, **{"Retry-After": "3600"}), "busy",
                          "it asks to wait 3600 s", "wait a while", 1),
    "loading": (said("Loading model", 503), "busy", "Loading model", "wait a while", 8),
    "no such model": (said("model m not found", 404), "missing", "not found", "which models", 1),
    "wrong path": (fixed(404, b"404 page not found"), "missing", "404", "/v1", 1),
    "text only, llama.cpp": (said("image input is not supported - hint: provide the mmproj", 500),
                             "no_images", "mmproj", NO_IMAGES, 1),
    "text only, OpenRouter": (said("No endpoints found that support image input", 404),
                              "no_images", "support image", NO_IMAGES, 1),
    "text only, DeepSeek": (said("Failed to deserialize: unknown variant `image_url`, expected "
                                 "`text`", 422), "no_images", "image_url", NO_IMAGES, 1),
    "text only, vLLM": (said("m is not a multimodal model"), "no_images", "multimodal",
                        NO_IMAGES, 1),
    "error in a 200": (
        fixed(200, {"error": {"message": "Provider returned error", "code": 502,
                              "metadata": {"raw": "upstream model is overloaded"}}}),
        "server", "upstream model is overloaded", "log", 8,
    ),
    "key error in a 200": (fixed(200, {"error": {"message": "No auth", "code": 401}}),
                           "denied", "No auth", "key_env", 1),
    "error in words in a 200": (fixed(200, {"error": "insufficient_quota"}), "quota",
                                "insufficient_quota", "credit", 1),
    "error inside a choice": (
        fixed(200, {"choices": [{"error": {"code": 402, "message": "Insufficient credits"},
                                 "message": {"content": ""}, "finish_reason": "error"}]}),
        "quota", "Insufficient credits", "credit", 1,
    ),
    "withheld": (fixed(200, {"choices": [{"message": {"content": ""},
                                          "finish_reason": "content_filter"}]}),
                 "unfit", "content_filter", "another model", 1),
    "declined": (fixed(200, {"choices": [{"message": {"content": None, "refusal": "I cannot help "
                                                      "with that."}}]}),
                 "unfit", "I cannot help", "another model", 1),
    "reasons for ever": (fixed(200, ENDLESS), "exhausted", "reasoning", "limit", 4),
    "a web page": (fixed(200, HTML, **{"Content-Type": "text/html"}), "garbled", "Sign in",
                   "/v1", 3),
    "a list": (fixed(200, ["no"]), "garbled", "list", "/v1", 3),
    "a cut reply": (fixed(200, b'{"choices": [', **{"Content-Length": "900"}), "connection",
                    "broke off", "doctor", 3),
    "moved": (fixed(308, b"", Location="/v2/chat/completions?key=sk-hidden"), "moved", "/v2",
              "as the endpoint", 1),
    "moved elsewhere": (fixed(301, b"", Location="https://user:sk-hidden@h.example/v1/models"),
                        "moved", "https://h.example/v1", "https://h.example/v1", 1),
    "over the images, always": (said("At most 1 image(s) may be provided"), "image_limit",
                                "At most 1", "limit of images", 2),
    "over the context, always": (said("context length exceeded"), "too_large", "context",
                                 "longer context", 8),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_mended_is_one_error_in_the_servers_words(name: str) -> None:
    manner, kind, words, remedy, most = REFUSED[name]
    with serving(manner) as server, pytest.raises(EndpointProblem) as caught:
        ask(vlm_of(server))
    problem = caught.value
    assert (problem.kind, problem.exit_code) == (kind, 5)
    assert words in problem.message
    assert remedy in problem.remedy
    assert "sk-hidden" not in str(problem)
    assert "\n" not in str(problem)
    assert 1 <= len(server.bodies) <= most


def test_a_model_without_pictures_may_still_plan() -> None:
    manner = when(images, 500, {"error": {"message": "image input is not supported"}})
    with serving(manner) as server:
        vlm = vlm_of(server)
        with pytest.raises(EndpointProblem, match="image input"):
            ask(vlm)
        assert (
            ServedChat(vlm.client).complete([{"role": "user", "content": "Hi."}]).text == "Hello."
        )


@pytest.mark.parametrize(
    ("words", "headers", "seconds"),
    [
        ("slow down", {"retry-after-ms": "350"}, 0.35),
        ("Please try again in 0.4s.", {}, 0.4),
        ("You exceeded your current quota.\n" + "* Quota of the minute. " * 40 + "Please retry in "
         "450ms.", {}, 0.45),
    ],
)  # fmt: skip
def test_the_wait_that_a_server_names_is_waited_for(words, headers, seconds) -> None:
    came: list[float] = []

    def manner(body: Sent, good: Sent) -> Reply:
        came.append(time.monotonic())
        busy = len(came) == 1
        return (429, {"error": {"message": words}}, headers) if busy else (200, good)

    with serving(manner) as server:
        ask(vlm_of(server))
    assert len(came) == 2
    assert came[1] - came[0] >= seconds


def test_waits_are_read_in_the_forms_servers_write() -> None:
    assert retry_after({}, "Please try again in 1h12m3.5s.") == 4323.5
    assert retry_after({}, "Please retry after 12 seconds.") == 12
    assert retry_after({}, "Try again in 320ms") == 0.32
    assert retry_after({"retry-after": "7"}, "try again in 9 s") == 7
    assert retry_after({"retry-after": "soon"}, "retry 3 times") is None


@pytest.mark.parametrize("listed", [
    [{"id": "m", "context_length": 4096}],
    {"models": [{"name": "m", "context_length": 4096}]},
])  # fmt: skip
def test_a_list_of_models_is_read_in_other_forms(listed: Any, monkeypatch) -> None:
    monkeypatch.setattr(_Handler, "do_GET", lambda handler: handler._send(200, listed))
    with serving(ACCEPTED["as OpenAI documents it"]) as server:
        client = vlm_of(server).client
        assert [row["id"] for row in client.list_models()] == ["m"]
        assert client.capabilities.context == 4096


def test_a_server_without_tls_is_named_where_https_was_given() -> None:
    with serving(ACCEPTED["as OpenAI documents it"]) as server:
        client = EndpointClient(server.url.replace("http:", "https:"), "m", limits=LIMITS)
        with pytest.raises(EndpointProblem) as caught:
            client.list_models()
    assert f"give {server.url} as the endpoint" in caught.value.remedy


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("ALL_PROXY", "socks5://me:hidden@127.0.0.1:1080", "socksio"),
        ("ALL_PROXY", "socks://127.0.0.1:1080", "socks5://HOST:PORT"),
        ("https_proxy", "ftp://127.0.0.1:1080", "http://HOST:PORT"),
        ("HTTP_PROXY", "http://me:hidden@127.0.0.1:port", "http://HOST:PORT"),
        ("ALL_PROXY", "http://[::1", "http://HOST:PORT"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "PEM"),
        ("SSL_CERT_FILE", __file__, "PEM"),
        ("SSL_CERT_FILE", "/", "PEM"),
    ],
)
def test_a_setting_of_the_environment_is_one_line_with_its_name(
    variable, value, remedy, monkeypatch, longtake_here
) -> None:
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=variable) as caught:
        EndpointClient("http://127.0.0.1:9/v1", "m", limits=LIMITS).list_models()
    assert caught.value.exit_code == 2
    assert remedy in caught.value.remedy
    assert "hidden" not in str(caught.value)
    assert caught.value.__context__ is None
    done = longtake_here("doctor", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m")
    assert done.code == 2
    assert variable in done.err
    assert done.err.count("\n") == 1


def test_a_cache_folder_that_is_a_file_costs_only_what_would_be_remembered(
    tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with serving(ACCEPTED["as OpenAI documents it"]) as server:
        ask(vlm_of(server))
        ask(vlm_of(server))


@pytest.mark.parametrize(
    ("manner", "code", "words"),
    [
        (ACCEPTED["content as parts"], 0, "ok    images           taken as data URIs"),
        (thinks_apart, 0, "tokens are kept for it"),
        (fixed(429, QUOTA), 5, "exceeded your current quota"),
        (fixed(308, b"", Location="http://h.example/v2/models"), 5, "http://h.example/v2"),
        (when(images, 500, {"error": {"message": "image input is not supported"}}), 0,
         "warn  images           not taken: status 500: image input is not supported"),
        (when(lambda body: images(body) > 1, 400,
              {"error": {"message": "At most 1 image(s) may be provided"}}), 0,
         "at most 1 a request"),
    ],
)  # fmt: skip
def test_the_doctor_says_what_it_found(manner, code, words, longtake_here) -> None:
    with serving(manner) as server:
        done = longtake_here("doctor", "--endpoint", server.url, "--model", "m")
    assert done.code == code, done.err
    assert words in (done.err if code else done.out)
    assert "Traceback" not in done.err
