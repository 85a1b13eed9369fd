"""Benchmark runs: asked once, survive kills and Ctrl-C, keep what they cost, refuse what is off."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import run_longtake
from eval_fixtures import SteadyServer, make_questions, numbers, served

from longtake.batch.run import choose
from longtake.eval.reports import load_run, summarize
from longtake.eval.result import Result
from longtake.eval.runner.folder import RunFolder
from longtake.eval.runner.lines import LineFile, read_lines
from longtake.eval.runner.progress import Tally
from longtake.eval.runner.subtitles import subtitle_file
from longtake.eval.sample import Sample, Subtitles, Video
from longtake.eval.systems import systems_of
from longtake.eval.systems.watch import WatchedVLM
from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.frames import Frames

SYSTEMS = ("agent", "blind", "uniform:4", "uniform:equal-frames", "oracle")
ASKED = [part for name in SYSTEMS for part in ("--system", name)] + ["--no-baselines"]


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    return make_questions(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def server():
    with SteadyServer() as running:
        yield running


@pytest.fixture
def served_here(server, monkeypatch):
    for name, value in served(server).items():
        monkeypatch.setenv(name, value)
    return server


def results(folder):
    return [Result.model_validate(row) for _, row in read_lines(folder / "results.jsonl") if row]


@pytest.fixture(scope="module")
def finished(questions, server, tmp_path_factory):
    """Run the small benchmark once; tests work on copies."""
    folder = tmp_path_factory.mktemp("finished")
    homes = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE")}
    done = run_longtake(
        ["eval", "run", questions, *ASKED, "--out", "run", "-q"],
        cwd=folder,
        env={**homes, **served(server)},
    )
    assert done.code == 0, done.err
    return folder / "run"


@pytest.fixture
def run(finished, served_here, tmp_path):
    """Return a copy of the finished run's folder, the server's model in every role."""
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_has_a_line_for_every_sample_and_system_with_its_cost_and_frames(run):
    found = results(run)
    assert len(found) == 12 * len(SYSTEMS)
    assert len({(r.system, r.sample_id) for r in found}) == len(found)
    assert {r.status for r in found} == {"ok"}
    blind = [r for r in found if r.system == "blind"]
    uniform = [r for r in found if r.system == "uniform:4"]
    agent = [r for r in found if r.system == "agent"]
    assert all(r.frames.shown == 0 and not r.frames.pts for r in blind)
    assert all(r.frames.shown == 4 and len(r.frames.pts) == 4 for r in uniform)
    assert uniform[0].frames.pts == pytest.approx((0.6, 1.8, 3.1, 4.3), abs=0.11)
    assert all("PyAV" in (r.frames.backend or "") for r in found)
    assert all(r.usage["tokens_in"] >= 100 for r in found)
    assert all(r.n_tool_calls >= 1 and r.trace_ref for r in agent)
    equal = {r.sample_id: r for r in found if r.system == "uniform:equal-frames"}
    for answer in agent:
        # 50 frames are all that the film has
        assert equal[answer.sample_id].frames.shown == min(answer.frames.shown, 50)
    oracle = [r for r in found if r.system == "oracle"]
    assert all(1.0 <= second <= 2.0 for r in oracle for second in r.frames.pts)
    (film, other) = RunFolder(run).films().values()
    assert film["index_seconds"] > 0
    assert other["duration"] == pytest.approx(5.0, abs=0.2)


def test_the_report_tells_systems_differences_and_cost(run):
    summary = json.loads((run / "report.json").read_text())
    assert [system["name"] for system in summary["systems"]] == list(SYSTEMS)
    gain = next(row for row in summary["comparisons"] if row["visual_gain"])
    assert (gain["first"], gain["second"], gain["n"]) == ("agent", "blind", 12)
    assert any("below 30 films" in text for text in summary["warnings"])
    table = (run / "report.md").read_text()
    assert "| agent | 12 |" in table
    assert "(visual gain)" in table
    assert (run / "report.csv").read_text().count("\n") == 12 * len(SYSTEMS) + 1
    page = (run / "report.html").read_text()
    assert "Every question" in page
    assert "http://" not in page.replace(summary["config"]["models"]["vlm"], "").replace(
        "http://127.0.0.1", ""
    )


def test_a_second_call_asks_nothing_and_another_system_only_itself(
    run, served_here, longtake_here, questions
):
    before = (run / "results.jsonl").read_bytes()
    asked = len(served_here.bodies)
    again = longtake_here("eval", "run", questions, *ASKED, "--out", "run", "-q")
    assert again.code == 0
    assert (run / "results.jsonl").read_bytes() == before
    assert len(served_here.bodies) - asked <= 4  # what the server can do is found out anew
    more = longtake_here(
        *("eval", "run", questions, "--system", "uniform:2", "--no-baselines"),
        *("--out", "run", "-q"),
    )
    assert more.code == 0, more.err
    assert len(results(run)) == 12 * (len(SYSTEMS) + 1)


def test_frames_in_another_order_keep_their_times_and_the_report_tells_what_order_does(
    run, served_here, longtake_here, questions
):
    names = ("uniform:4", "uniform:4:shuffled", "uniform:4:reversed")
    asked = len(served_here.bodies)
    done = longtake_here(
        *("eval", "run", questions, "--no-baselines", "--out", "run", "-q"),
        *[part for name in names for part in ("--system", name)],
    )
    assert done.code == 0, done.err
    found = {(r.system, r.sample_id): r for r in results(run)}
    pictures = {}
    for body in served_here.bodies[asked:]:
        parts = [p for m in body["messages"] for p in m["content"] if isinstance(p, dict)]
        urls = tuple(p["image_url"]["url"] for p in parts if p.get("type") == "image_url")
        if len(urls) == 4:
            pictures.setdefault(frozenset(urls), set()).add(urls)
    assert len(pictures) == 2  # films
    for orders in pictures.values():
        # each shuffle is that of its question; the one turned round is among the orders
        assert len(orders) > 1
    for (system, sample), result in found.items():
        if system in names[1:]:
            assert result.frames.pts == found["uniform:4", sample].frames.pts
    (row,) = json.loads((run / "report.json").read_text())["order"]
    assert (row["system"], row["n"], row["chance"]) == ("uniform:4", 12, 0.25)
    assert set(row["accuracy"]) == {"in order", "shuffled", "reversed"}
    # this server answers by the options alone: order changes nothing, and no class is temporal
    assert len(set(row["accuracy"].values())) == 1
    assert row["needs_order"] in (False, None)
    classes = {found["class"]: found["n"] for found in row["classes"]}
    assert sum(classes.values()) == 12
    assert set(classes) <= {"language", "other"}
    assert "Do the questions need the order of frames?" in (run / "report.md").read_text()
    assert "and its order?" in (run / "report.html").read_text()


def test_a_torn_last_line_is_asked_again_and_only_it(run, longtake_here, questions):
    whole = (run / "results.jsonl").read_bytes()
    (run / "results.jsonl").write_bytes(whole[:-30])
    lost = json.loads(whole.splitlines()[-1])
    again = longtake_here("eval", "run", questions, *ASKED, "--out", "run", "-q")
    assert again.code == 0
    found = results(run)
    assert len(found) == 12 * len(SYSTEMS)
    assert (found[-1].sample_id, found[-1].system) == (lost["sample_id"], lost["system"])
    assert summarize(load_run(run))["systems"][0]["n"] == 12


def test_a_missing_film_is_counted_wrong_and_asked_when_it_is_there(
    served_here, longtake_here, questions, tmp_path
):
    rows = [json.loads(line) for line in questions.read_text().splitlines()[:7]]
    for row in rows:
        row["video"] = str(questions.parent / row["video"])
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    gone = questions.parent / "film1.mp4"
    gone.rename(gone.with_suffix(".away"))
    command = ("eval", "run", "two.jsonl", "--system", "uniform:2", "--no-baselines", "--out", "r")
    try:
        done = longtake_here(*command)
    finally:
        gone.with_suffix(".away").rename(gone)
    assert done.code == 0
    assert "missing_media 1 (14.3 %)" in done.out
    assert "1 of 2 films are not there" in done.err
    assert longtake_here(*command).code == 0
    (system,) = summarize(load_run(tmp_path / "r"))["systems"]
    assert system["status"] == {"ok": 7}


def test_a_server_that_is_down_stops_the_run_and_loses_nothing(
    longtake_here, questions, monkeypatch, tmp_path
):
    with SteadyServer() as server:
        environment = served(server)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = longtake_here(
        *("eval", "run", questions, "--system", "blind", "--no-baselines", "--out", "r"),
        *("--retries", "0", "--max-errors", "2", "-q"),
    )
    assert done.code == 5, done.err
    assert "2 errors one after the other" in done.err
    assert "go on with: longtake" in done.err.casefold()
    assert len(results(tmp_path / "r")) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nobench", "--data", "."), 2, "dataset = 'nobench'"),
        (("lvbench",), 2, "where are the files of lvbench?"),
        (("QUESTIONS", "--system", "agents"), 2, "system = 'agents' is not known"),
        (("QUESTIONS", "--system", "uniform:0"), 2, "system = 'uniform:0' is not known"),
        (("QUESTIONS", "--system", "uniform:4:"), 2, "system = 'uniform:4:' is not known"),
        (("QUESTIONS", "--system", "uniform:equal-frames"), 2, "takes its measure from the agent"),
        (("QUESTIONS", "--kind", "why"), 2, "The kinds are: what, where"),
        (("QUESTIONS", "--workers", "many"), 2, "workers = 'many'"),
        (("QUESTIONS", "--epochs", "0"), 2, "epochs = 0"),
        (("empty.jsonl",), 3, "no rows in it"),
    ],
)
def test_bad_input_is_one_clear_line(longtake_here, questions, tmp_path, arguments, code, says):
    (tmp_path / "empty.jsonl").write_text("\n")
    given = [questions if a == "QUESTIONS" else a for a in arguments]
    done = longtake_here("eval", "run", *given, "--no-baselines", "--out", "r")
    assert (done.code, done.err.count("\n")) == (code, 1), done.err
    assert says in done.err
    assert not (tmp_path / "r" / "results.jsonl").exists()


def test_a_folder_of_another_configuration_is_refused_by_name(
    run, longtake_here, questions, monkeypatch
):
    monkeypatch.setenv("LONGTAKE_FPS", "2")
    done = longtake_here("eval", "run", questions, *ASKED, "--out", "run", "-q")
    assert done.code == 2
    assert "another configuration: settings.fps: 1.0 -> 2.0" in done.err
    assert done.err.count("\n") == 1


def test_results_of_other_samples_or_configurations_are_refused(run, longtake_here):
    lines = (run / "results.jsonl").read_text().splitlines()
    other = {**json.loads(lines[0]), "sample_id": "nowhere"}
    (run / "results.jsonl").write_text("\n".join([*lines, json.dumps(other)]) + "\n")
    done = longtake_here("eval", "score", run)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "sample 'nowhere', which is not one of the 12" in done.err
    other = {**json.loads(lines[0]), "config_hash": "feedfeedfeedfeed"}
    (run / "results.jsonl").write_text("\n".join([*lines, json.dumps(other)]) + "\n")
    done = longtake_here("eval", "report", run)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "another configuration (feedfeedfeedfeed" in done.err
    done = longtake_here("eval", "score", run.parent)
    assert "not the folder of a run" in done.err


def test_scores_can_be_made_again_without_asking(run, longtake_here, server):
    asked = len(server.bodies)
    done = longtake_here("eval", "score", run, "--json")
    assert done.code == 0
    assert json.loads(done.out) == json.loads((run / "report.json").read_text())
    assert len(server.bodies) == asked


def test_two_runs_are_compared_on_what_they_share(
    run, served_here, longtake_here, questions, monkeypatch
):
    monkeypatch.setenv("LONGTAKE_FPS", "2")
    other = longtake_here(
        *("eval", "run", questions, "--system", "uniform:4", "--no-baselines"),
        *("--limit", "5", "--out", "other", "-q"),
    )
    assert other.code == 0
    done = longtake_here("eval", "diff", run, "other")
    assert done.code == 0, done.err
    assert "5 questions shared, 7 only in A, 0 only in B" in done.out
    assert "settings.fps: 1.0 -> 2.0" in done.out
    assert "| uniform:4 of A − uniform:4 of B | 5 | +0.0 (+0.0 to +0.0)" in done.out
    refused = longtake_here("eval", "diff", run, "other", "--system", "blind")
    assert refused.code == 2
    assert "system = 'blind'" in refused.err


def test_one_process_at_a_time_writes_a_run(run, longtake_here, questions):
    with RunFolder(run).written_by_us():
        done = longtake_here("eval", "run", questions, *ASKED, "--out", "run")
    assert done.code == 2
    assert "another process is writing this run" in done.err


def start(questions, out, server):
    environment = {**os.environ, **served(server)}
    command = [sys.executable, "-m", "longtake.cli.main", "eval", "run", str(questions)]
    return subprocess.Popen(
        [*command, *ASKED, "--out", str(out), "-q"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition, process, seconds=300):
    until = time.monotonic() + seconds
    while not condition() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)


def killed_run(questions, out, server, kills, seed):
    """Kill a run at random points; return how many kills hit it."""
    rng, hits = random.Random(seed), 0
    for _ in range(kills):
        process = start(questions, out, server)
        # time counts from the first request: starting Python is not what is tested
        asked = len(server.bodies)
        wait_for(lambda before=asked: len(server.bodies) > before + 2, process)
        time.sleep(rng.uniform(0.0, 1.2))
        process.kill()
        hits += process.wait() == -signal.SIGKILL
    process = start(questions, out, server)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    return hits


def same_as_uninterrupted(questions, tmp_path, server, kills, seed):
    clean = start(questions, tmp_path / "clean", server)
    assert clean.wait(timeout=600) == 0
    hits = killed_run(questions, tmp_path / "killed", server, kills, seed)
    found = results(tmp_path / "killed")
    keys = [(r.system, r.sample_id, r.epoch) for r in found]
    assert len(set(keys)) == len(keys), "a sample was done twice"
    assert set(keys) == {(r.system, r.sample_id, r.epoch) for r in results(tmp_path / "clean")}
    one, other = (
        numbers(json.loads((tmp_path / name / "report.json").read_text()))
        for name in ("clean", "killed")
    )
    assert one == other
    return hits


@pytest.mark.timeout(900)
def test_a_run_killed_twice_is_the_same_as_one_left_alone(tmp_path):
    questions = make_questions(tmp_path / "own", films=2, each=1)
    with SteadyServer(delay=0.05) as server:
        assert same_as_uninterrupted(questions, tmp_path, server, 2, seed=5) == 2


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_run_killed_at_20_points_is_the_same_as_one_left_alone(tmp_path):
    questions = make_questions(tmp_path / "own", films=3, each=14)
    with SteadyServer(delay=0.15) as server:
        assert same_as_uninterrupted(questions, tmp_path, server, 20, seed=9) == 20


@pytest.mark.timeout(900)
def test_ctrl_c_finishes_the_sample_and_says_how_to_go_on(tmp_path):
    questions = make_questions(tmp_path / "own", films=1, each=4)
    with SteadyServer(delay=0.1) as server:
        process = start(questions, tmp_path / "run", server)
        path = tmp_path / "run" / "results.jsonl"
        wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") >= 2, process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 130, errors
        assert path.read_bytes().endswith(b"\n")
        have = len(results(tmp_path / "run"))
        assert 2 <= have < 4 * len(SYSTEMS)
        again = start(questions, tmp_path / "run", server)
        assert again.wait(timeout=600) == 0
    found = results(tmp_path / "run")
    assert len({(r.system, r.sample_id) for r in found}) == len(found) == 4 * len(SYSTEMS)


def test_lines_are_whole_or_closed(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a": 1}\n{"a": 2')
    with LineFile(path) as file:
        file.append('{"a": 3}')
    assert [value for _, value in read_lines(path)] == [{"a": 1}, None, {"a": 3}]


def test_a_tally_tells_what_is_left_and_what_it_will_cost():
    now = [0.0]
    tally = Tally(lambda: now[0])
    agent, blind = systems_of(["agent", "blind"])
    tally.expect([(agent,)] * 4 + [(blind,)] * 4)
    for number in range(2):
        now[0] += 10
        tally.add(
            Result(
                system="agent",
                dataset="d",
                sample_id=str(number),
                film="f",
                status="ok",
                usage={"usd": 0.5},
            )
        )
    assert (tally.done, tally.total) == (2, 8)
    assert tally.usd == 1.0
    assert tally.usd_to_come() == 1.0
    assert tally.seconds_to_come() == 60
    assert tally.line() == "2 of 8 answers, $1.00 so far, about $1.00 to come, about 60 s left"


def test_systems_come_in_the_order_in_which_they_depend_on_each_other():
    names = ["oracle", "uniform:equal-tokens", "uniform:8", "uniform:equal-frames", "agent"]
    assert [system.name for system in systems_of([*names, "agent"])] == [
        *("agent", "uniform:8", "uniform:equal-frames", "uniform:equal-tokens", "oracle")
    ]
    with pytest.raises(UsageError, match="none is named"):
        systems_of([])


def test_questions_are_chosen_by_kind_and_film():
    samples = [
        SimpleNamespace(video=SimpleNamespace(id=film), kind=kind, task_type=(kind,), number=k)
        for film in "ab"
        for k, kind in enumerate(["order", "order", "count", "order", "count"])
    ]
    numbers_of = [(s.video.id, s.number) for s in choose(samples, per_kind=1)]
    assert numbers_of == [("a", 0), ("a", 2), ("b", 0), ("b", 2)]
    assert [s.number for s in choose(samples, films=1, kinds=["count"])] == [2, 4]
    assert len(choose(samples, limit=3, per_film=2)) == 3
    with pytest.raises(UsageError, match="none of the 10 questions is left"):
        choose(samples, kinds=["why"])


def subtitled(path: Path, kind, offset=0.0):
    return Sample(
        dataset="d",
        revision="r",
        split="s",
        sample_id="1",
        video=Video(id="v", path="/v.mp4"),
        subtitles=Subtitles(path=str(path), format=kind, offset=offset),
        question="?",
        form="text",
        answer_text="x",
    )


def test_subtitles_of_benchmarks_become_srt_on_the_films_clock(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            [
                {"timestamp": [100.5, 102.0], "text": "first"},
                {"timestamp": [103.0, "nan"], "text": "second"},
                {"timestamp": [90.0, 91.0], "text": "before the clip"},
            ]
        )
    )
    found = subtitle_file(subtitled(path, "longvideobench", 100.0), tmp_path / "out")
    assert found is not None
    text = found.read_text()
    assert "00:00:00,500 --> 00:00:02,000\nfirst" in text
    assert "00:00:03,000 --> 00:00:06,000\nsecond" in text
    assert "before" not in text
    path.write_text(json.dumps([{"start": "00:00:01.250", "end": "00:00:02.5", "line": "hello"}]))
    found = subtitle_file(subtitled(path, "longvideobench"), tmp_path / "out")
    assert found is not None
    assert "00:00:01,250 --> 00:00:02,500\nhello" in found.read_text()
    words = tmp_path / "w.jsonl"
    rows = [("we", 1.0, 1.2), ("go", 1.3, 1.5), ("now", 4.0, 4.4)]
    words.write_text(
        "".join(json.dumps({"text": t, "start_time": a, "end_time": b}) + "\n" for t, a, b in rows)
    )
    found = subtitle_file(subtitled(words, "words"), tmp_path / "out")
    assert found is not None
    assert "00:00:01,000 --> 00:00:01,500\nwe go\n" in found.read_text()
    other = tmp_path / "other" / "a.json"
    other.parent.mkdir()
    other.write_text(json.dumps([{"start": "00:00:01.250", "end": "00:00:02.5", "line": "bye"}]))
    first = subtitle_file(subtitled(path, "longvideobench"), tmp_path / "out")
    second = subtitle_file(subtitled(other, "longvideobench"), tmp_path / "out")
    assert first is not None
    assert second is not None
    assert "hello" in first.read_text()
    assert "bye" in second.read_text()
    path.write_text("[{}]")
    with pytest.raises(InputError, match="not subtitles of the kind"):
        subtitle_file(subtitled(path, "longvideobench"), tmp_path / "out")


def test_frames_shown_are_counted_on_after_a_kill_each_call_once(tmp_path):
    frames = Frames(np.zeros((2, 4, 4, 3), np.uint8), np.array([1.0, 2.0]))
    model = SimpleNamespace(answer=lambda *args: None, find=lambda *args: None)
    journal = tmp_path / "shown.jsonl"
    first = WatchedVLM(model)
    first.keep_in(journal)
    first.answer(frames, "Who?", ("a", "b"))
    first.find(frames, "a dog")
    journal.write_bytes(journal.read_bytes()[:-5])  # as a kill in the middle of a line leaves it
    second = WatchedVLM(model)
    second.keep_in(journal)
    second.find(frames, "a dog")
    second.answer(frames, "Who?", ("b", "a"))
    third = WatchedVLM(model)
    third.keep_in(journal)
    assert (second.shown, second.seconds) == (third.shown, third.seconds) == (6, (1.0, 2.0))
