"""A run that a language model plans, killed half way: the same calls, and no reply paid twice."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from agent_doubles import Toolbox, glance, hits, items, lines, looked, run_double, verdict
from chat_doubles import ScriptedChat, call, calls, finish, known_ids

from longtake.agent.planners.llm.planner import LlmPlanner
from longtake.agent.runs.trace import read_trace

QUESTION = "What colour is the fish beside the well?"
CHOICES = ["red", "blue"]


def script(pause: float = 0.0):
    def look(args, n):
        time.sleep(pause)
        start = args["spans"][0]["start"]
        return looked("zoom_time", start, start + 8, {"A": 0.2, "B": 0.8}, "blue")

    def every(args, n):
        time.sleep(pause)
        return items([(100, 108, 0.9), (300, 308, 0.7)], args["predicate"])

    def said(args, n):
        time.sleep(3 * pause)
        return lines()

    def check(args, n):
        time.sleep(pause)
        return verdict()

    return {
        "overview": glance,
        "enumerate": every,
        "search_clips": lambda a, n: hits((100, 108)),
        "zoom_time": look,
        "verify": check,
        "search_words": said,
    }


def moves(pause: float = 0.0):
    def zoom(prompt):
        time.sleep(pause)
        return call("zoom_time", question="what colour", spans=[[400, 408]])

    def at_once(prompt):
        time.sleep(pause)
        spans = ([100, 108], [300, 308])
        looks = [("zoom_time", {"question": "what colour", "spans": [span]}) for span in spans]
        return calls(*looks, ("search_words", {"queries": ["fish"]}))

    def end(prompt):
        time.sleep(pause)
        return finish(known_ids(prompt)[-1], choice="B")

    plan = {1: call("enumerate", predicate="a fish"), 2: at_once, 3: zoom, 4: end}

    def by_memory(prompt):
        """Reply by what was done, as a model does: the same request gets the same reply."""
        looks, every = prompt.count("act, zoom_time"), "act, enumerate" in prompt
        move = plan[4 if looks > 2 else 3 if looks else 2 if every else 1]
        return move if isinstance(move, str) else move(prompt)

    return by_memory


class Careless(ScriptedChat):
    """Needs a repair turn at first."""

    def complete(self, messages, *, schema, max_tokens):
        reply = super().complete(messages, schema=schema, max_tokens=max_tokens)
        first = len(messages) == 2 and "act, enumerate" not in messages[1]["content"]
        return type(reply)("hm", reply.tokens_in, reply.tokens_out) if first else reply


CHILD = textwrap.dedent(
    """
    import sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    from agent_doubles import Toolbox, run_double
    import importlib.util
    spec = importlib.util.spec_from_file_location("scripts", sys.argv[1] + "/test_llm_resume.py")
    scripts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scripts)
    from longtake.agent.planners.llm.planner import LlmPlanner
    chat = scripts.Careless([scripts.moves(0.03)])
    run_double(Path(sys.argv[2]), Toolbox(scripts.script(0.04)), scripts.QUESTION, scripts.CHOICES,
               planner=LlmPlanner(chat), durability=sys.argv[3])
    """
)


def run(folder: Path):
    chat, toolbox = Careless([moves()]), Toolbox(script())
    answer = run_double(folder, toolbox, QUESTION, CHOICES, planner=LlmPlanner(chat))
    return answer, chat, toolbox


def told(folder: Path, kind: str, *keys: str):
    events = read_trace(folder / "r1" / "trace.jsonl")
    return [tuple(str(e[key]) for key in keys) for e in events if e["type"] == kind]


def comparable(answer) -> dict:
    document = answer.to_json()
    document.pop("timings")
    usage = document["usage"]
    for part in (usage, *usage["by_role"].values(), *usage["by_tool"].values()):
        part.pop("seconds")
    return document


@pytest.mark.parametrize(
    ("kill_after", "durability"),
    [
        (2, "async"),
        (6, "sync"),
        (8, "async"),
        *(pytest.param(n, "async", marks=pytest.mark.slow) for n in (1, 3, 4, 5, 7, 9, 10)),
    ],
)
def test_a_killed_run_makes_the_same_calls_and_pays_for_no_reply_twice(
    tmp_path, kill_after, durability
):
    whole, chat, _ = run(tmp_path / "whole")
    assert whole.choice == "B"
    assert len(chat.history) == 5
    killed = tmp_path / "killed"
    killed.mkdir()
    here = str(Path(__file__).parent)
    child = subprocess.Popen([sys.executable, "-c", CHILD, here, str(killed), durability])
    trace = killed / "r1" / "trace.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if trace.exists() and told_so_far(trace) >= kill_after:
            break
        time.sleep(0.002)
    time.sleep(random.Random(kill_after).uniform(0, 0.03))
    child.kill()
    child.wait()
    paid = told(killed, "chat.reply", "key")
    made = told(killed, "observation", "tool", "args")
    answer, chat, toolbox = run(killed)
    assert comparable(answer) == comparable(whole)
    assert len(paid) + len(chat.history) == 5
    again = [(tool, str(args)) for tool, args, _ in toolbox.history]
    assert not set(again) & set(made)
    replies = told(killed, "chat.reply", "key")
    assert replies == told(tmp_path / "whole", "chat.reply", "key")
    assert len(set(replies)) == len(replies)
    calls_made = sorted(told(killed, "observation", "number", "tool", "args"))
    assert calls_made == sorted(told(tmp_path / "whole", "observation", "number", "tool", "args"))


def told_so_far(trace: Path) -> int:
    text = trace.read_text()
    return text.count('"type": "observation"') + text.count('"type": "chat.reply"')


def test_a_reply_that_was_written_down_is_read_back_and_not_asked_for_again(tmp_path):
    whole, *_ = run(tmp_path)
    # as if the kill had come after the replies and before any checkpoint
    for name in ("checkpoints.sqlite", "answer.json"):
        (tmp_path / "r1" / name).unlink()
    answer, chat, toolbox = run(tmp_path)
    assert (chat.history, toolbox.history) == ([], [])
    assert comparable(answer) == comparable(whole)
