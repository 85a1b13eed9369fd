"""Runs that are stopped half way: kill -9, Ctrl-C, a second process; nothing finished is redone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from agent_doubles import Toolbox, brought, hits, looked, run_double, verdict

from longtake.agent.run import resume
from longtake.agent.runs.interrupt import Interrupted
from longtake.agent.runs.record import RunFolder, list_runs, new_run_id
from longtake.agent.runs.trace import Trace, read_trace
from longtake.index.video.errors import UsageError

QUESTION = "Which of these appears first?"
CHOICES = ["the red fish", "the blue cup", "the green key", "the white moon"]


def slow_script(pause: float = 0.0) -> dict[str, Any]:
    """A first look that is unsure, a search, and looks that are surer the later they are."""

    def at(args):
        return args["spans"][0]["start"]

    def overview(args, n):
        return looked("overview", 5, 9, dict(zip("ABCD", [0.3, 0.3, 0.2, 0.2], strict=True)))

    def search(args, n):
        time.sleep(pause)
        return hits(*((20.0 * k, 20.0 * k + 6) for k in range(1, 13)))

    def look(args, n):
        time.sleep(pause)
        sure = 0.5 + (0.3 if args["max_frames"] > 32 else 0.0)
        rest = (1 - sure) / 3
        shares = {"A": rest, "B": sure, "C": rest, "D": rest}
        return looked(
            "zoom_time", at(args), at(args) + 6, shares, "the blue cup", enough=sure > 0.6
        )

    def check(args, n):
        time.sleep(pause)
        return verdict()

    return {"overview": overview, "search_clips": search, "zoom_time": look, "verify": check}


CHILD = textwrap.dedent(
    """
    import sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    from agent_doubles import Toolbox, run_double
    import importlib.util
    spec = importlib.util.spec_from_file_location("scripts", sys.argv[1] + "/test_run.py")
    scripts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scripts)
    box = Toolbox(scripts.slow_script(0.05), log=Path(sys.argv[2]) / "calls.log")
    run_double(Path(sys.argv[2]), box, scripts.QUESTION, scripts.CHOICES, durability=sys.argv[3])
    """
)


def start_child(folder: Path, durability: str) -> subprocess.Popen:
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", CHILD, here, str(folder), durability])


def comparable(answer) -> dict:
    document = answer.to_json()
    for volatile in ("timings", "usage"):
        document.pop(volatile)
    return document


@pytest.mark.parametrize(
    ("kill_after", "durability"),
    [
        (2, "sync"),
        (3, "async"),
        *(pytest.param(n, "async", marks=pytest.mark.slow) for n in (1, 4)),
    ],
)
def test_a_killed_run_goes_on_without_repeating_a_finished_call(tmp_path, kill_after, durability):
    whole = run_double(tmp_path / "whole", Toolbox(slow_script()), QUESTION, CHOICES)
    killed = tmp_path / "killed"
    killed.mkdir()
    child = start_child(killed, durability)
    trace = killed / "r1" / "trace.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if trace.exists() and trace.read_text().count('"type": "observation"') >= kill_after:
            break
        time.sleep(0.002)
    time.sleep(random.Random(kill_after).uniform(0, 0.05))
    child.kill()
    child.wait()
    finished = [(e["tool"], e["args"]) for e in read_trace(trace) if e["type"] == "observation"]
    assert len(finished) >= kill_after
    toolbox = Toolbox(slow_script())
    answer = run_double(killed, toolbox, QUESTION, CHOICES)
    assert comparable(answer) == comparable(whole)
    assert answer.usage.frames_shown == whole.usage.frames_shown
    again = [(tool, args) for tool, args, _ in toolbox.history]
    assert not [call for call in again if call in finished]
    assert (answer.choice, answer.answer) == ("B", "the blue cup")


def test_a_torn_last_line_of_the_trace_is_cut_off(tmp_path):
    run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES)
    path = tmp_path / "r1" / "trace.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert len(read_trace(path)) == len(whole.splitlines()) - 1
    Trace(path).close()
    assert path.read_bytes().endswith(b"\n")


def test_ctrl_c_finishes_the_step_and_says_how_to_go_on(tmp_path):
    script = slow_script()
    plain = script["zoom_time"]

    def interrupting(args, n):
        if args["max_frames"] > 32:  # the last look
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        return plain(args, n)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="longtake resume r1"):
        run_double(tmp_path, Toolbox({**script, "zoom_time": interrupting}), QUESTION, CHOICES)
    assert signal.getsignal(signal.SIGINT) is before
    assert RunFolder.find(tmp_path, "r1").answer() is None
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, QUESTION, CHOICES)
    assert answer.choice == "B"
    # the look was finished before the run stopped, and only its check is left
    assert toolbox.tools == ["verify"]


def test_a_callback_that_leaves_unwinds_the_run_and_leaves_it_resumable(tmp_path):
    class Left(BaseException):
        pass

    def leave(event):
        if event["type"] == "observation" and event["tool"] == "search_clips":
            raise Left

    with pytest.raises(Left):
        run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES, on_event=leave)
    assert "error" not in {event["type"] for event in read_trace(tmp_path / "r1" / "trace.jsonl")}
    assert run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES).choice == "B"


def test_a_bug_in_a_tool_crashes_is_traced_and_can_be_resumed(tmp_path):
    def broken(args, n):
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        run_double(tmp_path, Toolbox({**slow_script(), "search_clips": broken}), QUESTION, CHOICES)
    assert read_trace(tmp_path / "r1" / "trace.jsonl")[-1]["type"] == "error"
    assert run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES).choice == "B"


def test_two_processes_do_not_work_on_one_run(tmp_path):
    holder = Trace(tmp_path / "trace.jsonl")
    with pytest.raises(UsageError, match="another process"):
        Trace(tmp_path / "trace.jsonl")
    holder.close()
    Trace(tmp_path / "trace.jsonl").close()


def test_runs_work_off_the_main_thread(tmp_path):
    got = []
    thread = threading.Thread(
        target=lambda: got.append(run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES))
    )
    thread.start()
    thread.join()
    assert got[0].choice == "B"


def test_a_finished_graph_that_lost_its_answer_file_writes_it_again(tmp_path):
    first = run_double(tmp_path, Toolbox(slow_script()), QUESTION, CHOICES)
    (tmp_path / "r1" / "answer.json").unlink()
    toolbox = Toolbox(slow_script())
    assert run_double(tmp_path, toolbox, QUESTION, CHOICES) == first
    assert toolbox.history == []


def test_the_same_question_gives_the_same_document(tmp_path):
    first = run_double(tmp_path / "a", Toolbox(slow_script()), QUESTION, CHOICES)
    second = run_double(tmp_path / "b", Toolbox(slow_script()), QUESTION, CHOICES)
    assert json.dumps(comparable(first)) == json.dumps(comparable(second))


def test_run_ids_name_no_paths(tmp_path):
    for bad in ("../x", "", "a/b", ".hidden", "x" * 65):
        with pytest.raises(UsageError, match="run_id"):
            RunFolder.find(tmp_path, bad)
    with pytest.raises(UsageError, match="no such run"):
        RunFolder.find(tmp_path, "gone")
    RunFolder.create(tmp_path, "taken", {})
    with pytest.raises(UsageError, match="exists"):
        RunFolder.create(tmp_path, "taken", {})
    assert [run.run_id for run in list_runs(tmp_path)] == ["taken"]
    assert new_run_id() != new_run_id()


def test_resuming_over_another_film_is_refused(tmp_path):
    from types import SimpleNamespace

    RunFolder.create(tmp_path, "r9", {"film": {"id": "aaaa", "path": "a.mp4"}})
    other = SimpleNamespace(info=SimpleNamespace(film_id="bbbb"))
    with pytest.raises(UsageError, match="about film aaaa"):
        resume("r9", other, None, None, runs_dir=tmp_path)  # pyright: ignore


def test_an_error_observation_is_not_an_exception(tmp_path):
    script = slow_script()
    script["search_clips"] = lambda a, n: brought("search_clips", error="backend")
    answer = run_double(tmp_path, Toolbox(script), QUESTION, CHOICES)
    assert (answer.status, answer.choice) == ("answered", "A")
    assert answer.confidence.raw <= 0.5
