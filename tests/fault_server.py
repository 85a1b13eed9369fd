"""A model server for tests: vLLM's fields, answers by a model that looks, faults at a set rate.

It decodes the data-URI frames of a request, reads the question out of the prompt, asks a model that
runs in this process (`colour_model.py`), and puts the reply into the fields of a real server.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Sequence
from typing import Any

import uvicorn
from colour_model import ColourModel, Said, words_of
from server_fields import MODEL, completion_of
from server_reading import MP4, read_request, sends_video
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FAULTS = (
    "busy",
    "error",
    "unavailable",
    "reset",
    "truncated",
    "html",
    "bad_json",
    "empty",
    "null",
    "no_choices",
    "hang",
    "drip",
)
VLLM = frozenset({"logprobs", "json_schema", "cached", "frame_lists", "clips"})
BARE: frozenset[str] = frozenset()  # ignores what it does not know; writes JSON as it is told to
WORDS = frozenset({"words"})  # as BARE, but answers in words
__all__ = ["BARE", "FAULTS", "MODEL", "VLLM", "WORDS", "FaultServer"]
HTML = "<!doctype html><html><body>Bad gateway</body></html>"


class FaultServer:
    """The server; a context manager that runs it on 127.0.0.1 in a thread.

    Args:
        model: answers.
        rate: share of requests that meet a fault, 0 to 1.
        seed: of the faults.
        kinds: faults that may happen.
        speaks: capabilities beyond text and images; `strict` refuses fields of others.
        delay: seconds that an answer takes in the mean, half of it more or less.
        key: what `Authorization` must carry; None lets everybody in.
        most_images: more are refused as too large.
        script: faults of the first requests, in order; None is a good answer.
        clip_frames: frames that it reads of an mp4; None for all.
        echo: give the `Authorization` header back wherever a reply has room for it.
        blind: leave pictures closed, for a model that does not look.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        rate: float = 0.0,
        seed: int = 0,
        kinds: Sequence[str] = FAULTS,
        speaks: frozenset[str] = VLLM,
        delay: float = 0.0,
        key: str | None = None,
        most_images: int = 256,
        retry_after: str = "0",
        script: Sequence[str | None] = (),
        clip_frames: int | None = None,
        echo: bool = False,
        blind: bool = False,
    ) -> None:
        self.model = model or ColourModel()
        self.rate, self.kinds, self.speaks = rate, tuple(kinds), speaks
        self.delay, self.key, self.most_images = delay, key, most_images
        self.retry_after, self.echo, self.clip_frames = retry_after, echo, clip_frames
        self.blind = blind
        self.script = list(script)
        # what conversations without frames are answered with, in order
        self.replies: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.served: list[tuple[str, float]] = []
        self.faults: list[str] = []
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def __enter__(self) -> FaultServer:
        # only for sockets that say TCP themselves does asyncio turn Nagle's algorithm off, which
        # else holds the body of a reply back for 40 ms, as no server does that opens its own port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="off",
            http="h11",
            interface="asgi3",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.force_exit = self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self._good(scope, receive, send)
        with self._lock:
            planned = self.script.pop(0) if self.script else self._draw()
            if planned:
                self.faults.append(planned)
        if planned is None:
            return await self._good(scope, receive, send)
        await Request(scope, receive).body()
        return await self._break(planned, scope, receive, send)

    def _draw(self) -> str | None:
        return self._random.choice(self.kinds) if self._random.random() < self.rate else None

    async def _break(self, fault: str, scope: Any, receive: Any, send: Any) -> None:
        sent = header_of(scope) if self.echo else ""
        more = {"x-echo": sent}
        headers = {"retry-after": self.retry_after, **more}
        whole = json.dumps(completion_of(Said(f"B {sent}"), {}, 10))
        plain: dict[str, Response] = {
            "busy": JSONResponse(error_of(f"slow down {sent}"), 429, headers),
            "error": JSONResponse(error_of(f"CUDA error {sent}"), 500, more),
            "unavailable": Response(f"upstream is away {sent}", 503, more),
            "denied": JSONResponse(error_of(f"bad key: {sent}"), 401, more),
            "forbidden": Response(f"<p>{sent}</p>", 403, more, media_type="text/html"),
            "unknown": JSONResponse({"detail": [{"loc": ["body"], "msg": sent}]}, 422, more),
            "moved": Response("", 307, {"location": f"http://127.0.0.1:9/{sent}", **more}),
            "html": Response(HTML + sent, 200, more, media_type="text/html"),
            "bad_json": Response(whole[:-9] + ",,}", 200, media_type="application/json"),
            "empty": JSONResponse(completion_of(Said(""), {}, 10)),
            "null": JSONResponse(null_of(completion_of(Said(""), {}, 10))),
            "no_choices": JSONResponse({"object": "chat.completion", "choices": []}),
            "strange": JSONResponse(["choices", sent]),
        }
        if fault in plain:
            return await plain[fault](scope, receive, send)
        if fault == "hang":
            await asyncio.sleep(2)
        if fault in ("reset", "hang"):
            transport = send.__self__.transport
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
            return transport.abort()
        length = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(whole))]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        body = whole.encode()
        if fault == "truncated":
            await send({"type": "http.response.body", "body": body[:40], "more_body": True})
            return send.__self__.transport.close()
        for k in range(160):
            await send({"type": "http.response.body", "body": body[k : k + 1], "more_body": True})
            await asyncio.sleep(0.05)
        return send.__self__.transport.close()

    async def _good(self, scope: Any, receive: Any, send: Any) -> None:
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/models", self._models),
        ]
        await Starlette(routes=routes)(scope, receive, send)

    async def _models(self, request: Request) -> Response:
        row: dict[str, Any] = {"id": MODEL, "object": "model"}
        if self.speaks & VLLM:
            row["max_model_len"] = 32768
        return JSONResponse({"object": "list", "data": [row]})

    async def _chat(self, request: Request) -> Response:
        began = time.perf_counter()
        body = await request.json()
        self.bodies.append(body)
        if self.key is not None and header_of(request.scope) != f"Bearer {self.key}":
            return JSONResponse(error_of(f"bad key: {header_of(request.scope)}"), 401)
        if body["model"] != MODEL:
            return JSONResponse(error_of(f"the model {body['model']} does not exist"), 404)
        refused = self._refusal(body)
        if refused is not None:
            return refused
        asked = read_request(body, self.clip_frames, self.blind)
        if asked.images > self.most_images:
            said = f"At most {self.most_images} image(s) may be provided in one prompt."
            return JSONResponse(error_of(said), 400)
        if self.delay:
            await asyncio.sleep(self.delay * (0.5 + self._random.random()))
        if asked.task in ("chat", "other") and self.replies:
            value = completion_of(Said(self.replies.pop(0)), {}, 30, self.speaks)
            return JSONResponse(value)
        said = await run_in_threadpool(self.model.reply, asked)
        if "words" in self.speaks:
            said = Said(words_of(said))
        value = completion_of(said, body, 30 + 112 * len(asked.frames), self.speaks)
        self.served.append((asked.subject, time.perf_counter() - began))
        return JSONResponse(value)

    def _refusal(self, body: dict[str, Any]) -> Response | None:
        """Return what a server says that does not know a part of the request."""
        if "media_io_kwargs" in body and "frame_lists" not in self.speaks:
            return JSONResponse(error_of("extra fields not permitted: media_io_kwargs"), 422)
        if "clips" not in self.speaks and sends_video(body, MP4):
            return JSONResponse(error_of("no such media: video"), 400)
        if "strict" not in self.speaks:
            return None
        if "logprobs" in body and "logprobs" not in self.speaks:
            return JSONResponse(error_of("logprobs is not supported"), 400)
        form = body.get("response_format", {}).get("type", "")
        form = "structured_outputs" if "structured_outputs" in body else form
        if form and form not in self.speaks:
            return JSONResponse(error_of(f"{form} is not supported"), 400)
        return None


def null_of(value: dict[str, Any]) -> dict[str, Any]:
    value["choices"][0]["message"]["content"] = None
    return value


def error_of(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": None}}


def header_of(scope: Any) -> str:
    return dict(scope["headers"]).get(b"authorization", b"").decode()
