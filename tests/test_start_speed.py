"""A command loads only the libraries that its work needs: the rest is what a start costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fault_server import MODEL, FaultServer

from longtake.world.render import make_film

LEARNING = {"torch", "torchvision", "open_clip", "transformers", "scipy"}
AGENT = {"langgraph", "langchain_core", "openai", "httpx2"}
SCRIPT = """
import json, subprocess, sys
started = []
real = subprocess.Popen.__init__
def spy(self, args, *rest, **named):
    started.append(str(args))
    real(self, args, *rest, **named)
subprocess.Popen.__init__ = spy
from longtake.cli.main import run
code = run(sys.argv[2:])
loaded = sorted({name.split(".")[0] for name in sys.modules})
open(sys.argv[1], "w").write(json.dumps([code, started, loaded]))
"""


def run(folder: Path, *arguments: str) -> tuple[int, list[str], set[str], str]:
    """Run a command line and return its code, the processes it started, its modules, its output."""
    report = folder / "report.json"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(report), *arguments],
        capture_output=True, text=True, cwd=folder, timeout=250, check=False,
    )  # fmt: skip
    assert report.exists(), done.stderr
    code, children, loaded = json.loads(report.read_text())
    return code, children, set(loaded), done.stdout + done.stderr


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make_film(0.5, 3, path)
    return path


def test_a_search_of_an_indexed_film_loads_no_torch_and_starts_no_process(film: Path) -> None:
    store = str(film.parent / "store")
    code, _, loaded, said = run(film.parent, "index", str(film), "--store", store)
    assert code == 0, said
    assert loaded & LEARNING == set()
    code, children, loaded, said = run(
        film.parent, "search", str(film), "the narrator says a word", "--store", store
    )
    assert code == 0, said
    assert "longtake: vectors" not in said  # nothing was built
    assert children == []
    assert loaded & (LEARNING | AGENT | {"faiss", "av"}) == set()


def test_a_search_by_words_loads_no_model_at_all(film: Path) -> None:
    arguments = ["--store", str(film.parent / "store"), "--modality", "speech"]
    run(film.parent, "index", str(film), *arguments[:2])
    code, children, loaded, said = run(film.parent, "search", str(film), "password", *arguments)
    assert (code, children) == (0, []), said
    assert loaded & (LEARNING | AGENT | {"faiss", "av", "onnxruntime"}) == set()


def test_a_question_to_the_shipped_models_loads_no_torch(film: Path) -> None:
    question = ["How many different places are shown?", "-c", "1", "-c", "2", "-c", "3"]
    store = ["--store", str(film.parent / "store")]
    code, _, loaded, said = run(film.parent, "ask", str(film), *question, *store)
    assert code == 0, said
    assert "onnxruntime" in loaded
    assert loaded & (LEARNING | {"openai", "faiss", "av"}) == set()


def test_a_served_question_without_an_encoder_loads_no_torch(film: Path) -> None:
    with FaultServer(rate=0.0) as server:
        models = ["--vlm", f"endpoint:{MODEL}@{server.url}", "--text-encoder", "none"]
        code, _, loaded, said = run(
            film.parent, "ask", str(film), "What happens?", "-c", "a dog runs", "-c", "a cat sits",
            "--encoder", "none", "--ocr", "none", "--store", str(film.parent / "served"), *models,
        )  # fmt: skip
    assert code == 0, said
    assert "langgraph" in loaded
    assert loaded & (LEARNING | {"onnxruntime", "faiss", "av"}) == set()


def test_threads_that_wait_sleep_unless_the_user_wants_otherwise(tmp_path: Path) -> None:
    code = "import longtake, os; print(os.environ['OMP_WAIT_POLICY'])"
    for wanted, expected in ((None, "PASSIVE"), ("ACTIVE", "ACTIVE")):
        env = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
        env |= {"OMP_WAIT_POLICY": wanted} if wanted else {}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected
