"""Real model servers on 127.0.0.1 that serve the shipped video LLM, started by the tests.

`transformers serve` comes with `pip install "transformers[serving]" torchcodec`. vLLM wants an
environment of its own: LONGTAKE_TEST_VLLM names its program, else the one on the path is taken.
`llama` serves a chat model out of a GGUF file; LONGTAKE_TEST_LLAMA names a Python that has
`llama-cpp-python[server]`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from urllib.request import urlopen

import pytest

from longtake.world.perception.identity import EMBEDDED, vlm_folder

START = 400.0  # seconds until a server must be up
# a small cache of keys and values: by default vLLM takes a share of all memory
OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}


@dataclass(frozen=True)
class RealServer:
    """A server that is up: its kind, and where which model is asked."""

    kind: str
    url: str
    model: str

    @property
    def name(self) -> str:
        return f"endpoint:{self.model}@{self.url}"


@contextmanager
def serving(
    kind: str, folder: Path, started: tuple[str, list[str]] | None = None
) -> Iterator[RealServer]:
    """Run a server of a kind, its log and caches in the folder; skips where it is not installed.

    Args:
        kind: one of `SERVERS`, or a name for `started`.
        folder: where its log and caches go.
        started: the model's name and the command of another server.
    """
    model, command = started or SERVERS[kind]()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "hub").mkdir()
    log = folder / "server.log"
    at = ["--host", "127.0.0.1", "--port", str(port)]
    places = os.environ | OFFLINE | {"HF_HOME": str(folder)}
    with log.open("w") as written, subprocess.Popen(
        [*command, *at], env=places, stdout=written, stderr=written
    ) as process:  # fmt: skip
        try:
            health = "v1/models" if kind == "llama" else "health"
            _wait_for(f"http://127.0.0.1:{port}/{health}", process, log)
            yield RealServer(kind, f"http://127.0.0.1:{port}/v1", model)
        finally:
            process.terminate()


def _wait_for(health: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(health, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


def _transformers() -> tuple[str, list[str]]:
    if not util.find_spec("fastapi"):
        pytest.skip("transformers[serving] is not installed")
    model, program = str(vlm_folder()), Path(sys.executable).with_name("transformers")
    return model, [str(program), "serve", model, "--device", "cpu", "--dtype", "float32"]


def llama(weights: Path) -> tuple[str, list[str]]:
    """Return the name and command of the chat model in a folder of weights; skips without."""
    python = os.environ.get("LONGTAKE_TEST_LLAMA")
    if not python:
        pytest.skip("LONGTAKE_TEST_LLAMA names no Python with llama-cpp-python[server]")
    files = sorted((weights / "qwen-1.5b").glob("*.gguf"))
    if not files:
        pytest.skip(f"no chat model: {weights / 'qwen-1.5b'} has no *.gguf")
    options = [
        "--model_alias",
        "chat",
        "--n_ctx",
        "4096",
        "--n_threads",
        "1",
        "--n_threads_batch",
        "1",
    ]
    return "chat", [python, "-m", "llama_cpp.server", "--model", str(files[0]), *options]


def _vllm() -> tuple[str, list[str]]:
    program = os.environ.get("LONGTAKE_TEST_VLLM") or shutil.which("vllm")
    if not program:
        pytest.skip("vLLM is not installed; LONGTAKE_TEST_VLLM may name its program")
    # frame lists are refused unless requests may say how media are read
    options = (
        f"--served-model-name {EMBEDDED} --dtype float32 --max-model-len 8192 --enforce-eager "
        "--enable-prompt-tokens-details --trust-request-mm-kwargs"
    )
    return EMBEDDED, [program, "serve", str(vlm_folder()), *options.split()]


SERVERS: dict[str, Callable[[], tuple[str, list[str]]]] = {
    "transformers": _transformers,
    "vllm": _vllm,
}
