"""Runs on a local Ray of two workers: nothing is lost when one dies, and two are faster than one.

Skipped where Ray is not installed (`longtake[scale]`).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from eval_fixtures import SteadyServer, make_questions, served

from longtake.eval.result import Result
from longtake.eval.runner.cluster import connect
from longtake.eval.runner.lines import read_lines
from longtake.index.video.errors import EndpointError

ASKED = ["--system", "blind", "--system", "uniform:2", "--no-baselines"]


def results(folder):
    rows = [row for _, row in read_lines(folder / "results.jsonl") if row]
    return [Result.model_validate(row) for row in rows]


def _words(process):
    import psutil

    try:
        return process.cmdline()
    except psutil.Error:
        return []


def command(questions, out, *more):
    words = ["eval", "run", str(questions), *ASKED, "--out", str(out), "-q", *more]
    return [sys.executable, "-m", "longtake.cli.main", *words]


def test_a_cluster_that_is_not_there_is_one_clear_line(longtake_here, tmp_path):
    pytest.importorskip("ray")
    questions = make_questions(tmp_path / "own", films=1, each=1)
    done = longtake_here("eval", "run", questions, "--workers", "ray://127.0.0.1:1", "--out", "r")
    assert (done.code, done.err.count("\n")) == (5, 1), done.err
    assert "no Ray cluster answers there" in done.err


def test_without_ray_the_extra_is_named(longtake_here, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    questions = make_questions(tmp_path / "own", films=1, each=1)
    done = longtake_here("eval", "run", questions, "--ray", "--out", "r")
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert "pip install 'longtake[scale]'" in done.err


@pytest.mark.parametrize(("failures", "starts"), [(1, 2), (2, 2)])
def test_a_ray_that_comes_up_too_late_is_begun_once_more(monkeypatch, failures, starts):
    begun = []

    def init(address=None, **_):
        if address == "auto":
            raise ConnectionError
        begun.append(address)
        if len(begun) <= failures:
            raise RuntimeError("The current node timed out during startup.")

    ray = SimpleNamespace(init=init, shutdown=lambda: None, is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "ray", ray)
    if failures < starts:
        assert connect("") is ray
    else:
        with pytest.raises(EndpointError, match="Ray could not be started"):
            connect("")
    assert len(begun) == starts


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path):
    pytest.importorskip("ray")
    psutil = pytest.importorskip("psutil")
    questions = make_questions(tmp_path / "own", films=2, each=10)
    with SteadyServer(delay=0.5) as server:
        environment = {**os.environ, **served(server)}
        process = subprocess.Popen(
            command(questions, tmp_path / "run", "--ray", "--workers", "2"),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        path = tmp_path / "run" / "results.jsonl"
        until = time.monotonic() + 400
        while time.monotonic() < until and not (path.exists() and path.stat().st_size):
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        # a cluster that was there already (RAY_ADDRESS) is not of our children
        own = psutil.Process(process.pid).children(recursive=True)
        among = psutil.process_iter() if "RAY_ADDRESS" in os.environ else own
        workers = [child for child in among if "ray::_film_task" in " ".join(_words(child))]
        assert workers
        workers[0].send_signal(signal.SIGKILL)
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
    found = results(tmp_path / "run")
    assert len({(r.system, r.sample_id) for r in found}) == len(found) == 40
    assert {r.status for r in found} == {"ok"}
    summary = json.loads((tmp_path / "run" / "report.json").read_text())
    assert [system["n"] for system in summary["systems"]] == [20, 20]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_workers_are_almost_twice_as_fast_when_the_model_is_remote(tmp_path):
    """The time between the first and the last answer; starting Ray and Python is left out."""
    pytest.importorskip("ray")
    questions = make_questions(tmp_path / "own", films=2, each=16)
    took = {}
    for workers in (1, 2):
        with SteadyServer(delay=1.0) as server:
            done = subprocess.run(
                command(questions, tmp_path / str(workers), "--ray", "--workers", str(workers)),
                env={**os.environ, **served(server)},
                capture_output=True,
                text=True,
                timeout=600,
            )
            assert done.returncode == 0, done.stderr
        found = results(tmp_path / str(workers))
        assert len(found) == 64
        took[workers] = max(r.ended or "" for r in found), min(r.started or "" for r in found)
    seconds = {workers: _between(*ends) for workers, ends in took.items()}
    print(f"\none worker {seconds[1]:.1f} s, two {seconds[2]:.1f} s")
    assert seconds[1] / seconds[2] >= 1.8, seconds


def _between(last, first):
    from datetime import datetime

    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


def test_two_threads_work_two_films_at_once(longtake_here, tmp_path, monkeypatch):
    questions = make_questions(tmp_path / "own", films=2, each=3)
    with SteadyServer(delay=0.2) as server:
        for name, value in served(server).items():
            monkeypatch.setenv(name, value)
        done = longtake_here(*command(questions, tmp_path / "run", "--workers", "2")[3:])
        assert done.code == 0, done.err
        assert not [t for t in threading.enumerate() if t.name == "longtake-film"]
    found = results(tmp_path / "run")
    assert len({(r.system, r.sample_id) for r in found}) == len(found) == 12
    spans = {film: [r for r in found if r.film == film] for film in ("film0.mp4", "film1.mp4")}
    first, second = spans.values()
    assert min(str(r.started) for r in first) < max(str(r.ended) for r in second)
    assert min(str(r.started) for r in second) < max(str(r.ended) for r in first)
