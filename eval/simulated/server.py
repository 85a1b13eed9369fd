"""An OpenAI-compatible server of the played model, on 127.0.0.1 in a thread.

with SimulatedServer(Player(Evidence(load_truth(film)))) as server:
    longtake.open(film, vlm=f"endpoint:{MODEL}@{server.url}")
"""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from .evidence import Asked
from .played import Player, Said
from .reading import BadRequest, Sent, read_request
from .schema import fill

MODEL = "simulated-vl"
Speaks = Literal["logprobs", "json_schema", "frame_lists"]
SPEAKS: frozenset[Speaks] = frozenset({"logprobs", "json_schema"})
CONTEXT = 262_144
MOST_IMAGES = 512
OUTSIDE = 0.03  # mass that the model puts on no label


@dataclass(frozen=True, slots=True)
class Served:
    """A request that was answered, as the report counts it.

    Attributes:
        task: see `played.Said`.
        asked: the question that was found in it.
        shown: whether that question's evidence was among what was sent.
        images: pictures in it.
        known: pictures of the film among them.
        told: whether any fact of the film was among what was sent.
        tokens: prompt tokens, estimated.
    """

    task: str
    asked: Asked | None
    shown: bool
    images: int
    known: int
    told: bool
    tokens: int

    @property
    def probes(self) -> bool:
        """Whether it is about no film at all, as requests that find out what a server can do."""
        return self.asked is None and not self.known and not self.told

    @property
    def answers(self) -> bool:
        """Whether the request asked for an answer to a question."""
        return self.task == "answer"

    @property
    def malformed(self) -> bool:
        """Whether it asked for an answer to something that nobody asked."""
        unasked = self.asked is None or not self.asked.verbatim
        return self.answers and not self.probes and unasked


class SimulatedServer:
    """The server; a context manager.

    Args:
        player: answers.
        speaks: what it can do beyond text and images.

    Attributes:
        url: base URL, ending in `/v1`.
        log: the requests so far, in order.
    """

    def __init__(self, player: Player, speaks: frozenset[Speaks] = SPEAKS) -> None:
        self.player, self.speaks = player, speaks
        self.log: list[Served] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the chat completion of a request.

        Raises:
            BadRequest: the request is refused.
        """
        schemas = "json_schema" in self.speaks
        sent = read_request(body, schemas=schemas, lists="frame_lists" in self.speaks)
        if len(sent.shots) > MOST_IMAGES:
            raise BadRequest(f"At most {MOST_IMAGES} image(s) may be provided in one prompt.")
        if sent.tokens > CONTEXT:
            raise BadRequest(f"maximum context length is {CONTEXT} tokens, got {sent.tokens}")
        said = self.player.reply(sent)
        known = self.player.known_pictures(sent)
        count = len(sent.shots)
        served = Served(said.task, said.asked, said.shown, count, known, said.told, sent.tokens)
        self.log.append(served)
        return _completion(said, sent, "logprobs" in self.speaks)


def _completion(said: Said, sent: Sent, logprobs: bool) -> dict[str, Any]:
    text = said.text
    if sent.schema is not None:
        text = json.dumps(fill(sent.schema, said.values))
        if said.broken:
            text = text[: len(text) // 2]
    # a token is some four letters; a letter is one
    written = max(1, len(text) // 4)
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text[: 4 * sent.most]},
        "finish_reason": "length" if written > sent.most else "stop",
    }
    if logprobs and sent.alternatives is not None:
        choice["logprobs"] = {"content": [_token(said, max(1, sent.alternatives))]}
    usage = {"prompt_tokens": sent.tokens, "completion_tokens": min(written, sent.most)}
    usage["total_tokens"] = sum(usage.values())
    return {
        "id": f"chatcmpl-{sent.digest[:12]}",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [choice],
        "usage": usage,
    }


def _token(said: Said, most: int) -> dict[str, Any]:
    """Return the first token with its likeliest alternatives, each label in two spellings."""
    shares = said.shares or {said.text[:4] or "The": 1.0}
    spelt = {
        form.format(label): share * weight * (1 - OUTSIDE)
        for label, share in shares.items()
        for form, weight in (("{}", 0.9), (" {}", 0.1))
    }
    spelt["The"] = spelt.get("The", 0.0) + OUTSIDE
    ranked = sorted(spelt.items(), key=lambda item: -item[1])[:most]
    top = [{"token": t, "logprob": math.log(max(p, 1e-30)), "bytes": None} for t, p in ranked]
    return {**top[0], "top_logprobs": top}


def _handler(server: SimulatedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a reply waits 40 ms for the last one's receipt

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the log is the server's."""

        def do_GET(self) -> None:
            row = {"id": MODEL, "object": "model", "max_model_len": CONTEXT}
            found = self.path.rstrip("/") == "/v1/models"
            told = {"object": "list", "data": [row]} if found else _error("no such page")
            self._send(200 if found else 404, told)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path.rstrip("/") != "/v1/chat/completions":
                return self._send(404, _error("no such page"))
            try:
                body = json.loads(raw)
                if body.get("model") != MODEL:
                    return self._send(404, _error(f"the model {body.get('model')} does not exist"))
                return self._send(200, server.answer(body))
            except (BadRequest, ValueError) as error:
                return self._send(400, _error(str(error)))

        def _send(self, status: int, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None}}
