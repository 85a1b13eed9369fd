"""A model server for tests: vLLM's fields, answers by a real eye, and faults at a set rate.

It decodes the data-URI frames of a request, reads the question out of the prompt, asks an eye of
ours that runs in this process, and puts the reply into the fields that a real server uses.
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
from server_fields import MODEL, OUTSIDE, Said, completion_of, tokens_of
from server_reading import Asked, read_request, sends_clip
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FAULTS = (
    "busy", "error", "unavailable", "reset", "truncated", "html", "bad_json", "empty", "null",
    "no_choices", "hang", "drip",
)  # fmt: skip
VLLM = frozenset({
    "logprobs", "token_ids", "json_schema", "structured_outputs", "cached", "frame_lists", "clips",
    "tools",
})  # fmt: skip
__all__ = ["BARE", "FAULTS", "MODEL", "OUTSIDE", "VLLM", "FaultServer"]
BARE: frozenset[str] = frozenset()  # as `transformers serve` is: it ignores what it does not know
HTML = "<!doctype html><html><body>Bad gateway</body></html>"


class FaultServer:
    """The server; a context manager that runs it on 127.0.0.1 in a thread.

    Args:
        eye: answers.
        rate: share of requests that meet a fault, 0 to 1.
        seed: of the faults.
        kinds: faults that may happen.
        speaks: capabilities beyond text and images.
        delay: seconds that an answer takes in the mean, half of it more or less.
        key: what `Authorization` must carry; None lets everybody in.
        most_images: more are refused as too large.
        script: faults of the first requests, in order; None is a good answer.
        clip_frames: frames that it reads of an mp4; None for all.
        letter_bias: share of every choice's mass that goes to the first letter, whatever it is.
        echo: give the `Authorization` header back wherever a reply has room for it.
        blind: leave pictures closed, for an eye that does not look.
    """

    def __init__(
        self,
        eye: Any,
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
        letter_bias: float = 0.0,
        echo: bool = False,
        blind: bool = False,
    ) -> None:
        self.eye, self.rate, self.kinds, self.speaks = eye, rate, tuple(kinds), speaks
        self.delay, self.key, self.most_images = delay, key, most_images
        self.retry_after, self.echo, self.blind = retry_after, echo, blind
        self.clip_frames, self.letter_bias = clip_frames, letter_bias
        self.script = list(script)
        self.replies: list[
            str
        ] = []  # what conversations without frames are answered with, in order
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
            self._app, log_config=None, access_log=False, ws="none", lifespan="off", http="h11",
            interface="asgi3", proxy_headers=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
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
        whole = json.dumps(completion_of(Said(f"B {sent}"), {}, 10, frozenset()))
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
            "empty": JSONResponse(completion_of(Said(""), {}, 10, frozenset())),
            "null": JSONResponse(completion_of(Said(""), {}, 10, frozenset(), null=True)),
            "no_choices": JSONResponse({"object": "chat.completion", "choices": []}),
            "strange": JSONResponse({"choices": [{"message": {"content": 7}}]}),
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
            *(
                [Route("/tokenize", self._tokenize, methods=["POST"])]
                if "token_ids" in self.speaks
                else []
            ),
        ]
        await Starlette(routes=routes)(scope, receive, send)

    async def _models(self, request: Request) -> Response:
        row = {"id": MODEL, "object": "model"}
        if self.speaks:
            row["max_model_len"] = 32768  # type: ignore[assignment]
        return JSONResponse({"object": "list", "data": [row]})

    async def _tokenize(self, request: Request) -> Response:
        body = await request.json()
        return JSONResponse(tokens_of(body["prompt"]))

    async def _chat(self, request: Request) -> Response:
        began = time.perf_counter()
        body = await request.json()
        self.bodies.append(body)
        if self.key is not None and header_of(request.scope) != f"Bearer {self.key}":
            return JSONResponse(error_of(f"bad key: {header_of(request.scope)}"), 401)
        if body["model"] != MODEL:
            return JSONResponse(error_of(f"the model {body['model']} does not exist"), 404)
        if "media_io_kwargs" in body and "frame_lists" not in self.speaks:
            return JSONResponse(error_of("extra fields not permitted"), 422)
        if "clips" not in self.speaks and sends_clip(body):
            return JSONResponse(error_of("no such media"), 400)
        asked = read_request(body, self.clip_frames, self.blind)
        if len(asked.frames) > self.most_images:
            said = f"At most {self.most_images} image(s) may be provided in one prompt."
            return JSONResponse(error_of(said), 400)
        if self.delay:
            await asyncio.sleep(self.delay * (0.5 + self._random.random()))
        if asked.task == "other" and self.replies:
            value = completion_of(Said(self.replies.pop(0)), {}, 30, self.speaks)
            return JSONResponse(value)
        said = await run_in_threadpool(answer_by, self.eye, asked, self.letter_bias)
        tokens = 30 + 112 * len(asked.frames)
        value = completion_of(said, body, tokens, self.speaks)
        self.served.append((asked.subject, time.perf_counter() - began))
        return JSONResponse(value)


def error_of(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": None}}


def header_of(scope: Any) -> str:
    return dict(scope["headers"]).get(b"authorization", b"").decode()


def answer_by(eye: Any, asked: Asked, letter_bias: float = 0.0) -> Said:
    """Answer with the eye, some of a choice's mass put on its first letter."""
    frames = asked.frames
    if asked.task == "choice":
        if not len(frames):
            return Said("A", {"A": 0.7, "B": 0.3})
        reply = eye.answer(frames, asked.subject, asked.options, asked.notes)
        shares = dict(zip(asked.letters, reply.options, strict=True))
        shares = {letter: share * (1 - letter_bias) for letter, share in shares.items()}
        shares[asked.letters[0]] += letter_bias
        return Said(max(shares, key=lambda k: shares[k]), shares)
    if asked.task == "verify":
        yes = min(1 - 1e-6, max(1e-6, eye.judge([frames], asked.subject)[0]))
        return Said("yes" if yes >= 0.5 else "no", {"yes": yes, "no": 1 - yes})
    if asked.task == "short":
        return Said(eye.answer(frames, asked.subject).text or "not visible")
    if asked.task == "box":
        box = eye.locate(frames, asked.subject)[0]
        if box is None:
            return Said("not visible")
        sides = [round(side * 1000) for side in (box.x0, box.y0, box.x1, box.y1)]
        return Said(f"<box>{' '.join(map(str, sides))}</box>")
    if asked.task in ("caption", "dense", "focus"):
        focus = asked.subject if asked.task == "focus" else None
        return Said(eye.caption(frames, dense=asked.task == "dense", focus=focus).text or "nothing")
    return Said("Hello.")
