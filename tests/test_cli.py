"""The command line end to end: real film, real store, real graph, answers on stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from film_fixtures import make_film

from longtake.cli.main import expand_short_form
from longtake.cli.output import OUT, ProgressLines, colourful, one_line
from longtake.index.video.errors import InputError, LongtakeError, UsageError

FIELDS = [
    "schema_version", "run_id", "film", "question", "choices", "status", "answer", "choice",
    "confidence", "evidence", "stop_reason", "caveats", "models", "usage", "timings",
]  # fmt: skip


@pytest.fixture
def asked(small_film: Path) -> dict:
    """A question of the small film with choices, and its truth."""
    questions = json.loads(small_film.with_suffix(".questions.json").read_text())["questions"]
    return next(q for q in questions if q["choices"])


def choices_of(question: dict) -> list[str]:
    return [part for choice in question["choices"] for part in ("--choice", choice)]


def test_the_whole_way_in_a_process_of_its_own(
    longtake, small_film: Path, asked: dict, tmp_path: Path
) -> None:
    """Index and ask by the short form, then read the same run back."""
    done = longtake(
        small_film, asked["question"], *choices_of(asked), "--json", "--sheet", "sheet.png"
    )
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert list(answer) == FIELDS
    assert answer["question"] == asked["question"]
    assert answer["film"]["path"] == str(small_film)
    assert answer["status"] in ("answered", "abstained")
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    assert "vectors" in done.err
    assert "Traceback" not in done.err

    listed = json.loads(longtake("runs", "--json").out)
    assert [row["run_id"] for row in listed] == [answer["run_id"]]
    again = json.loads(longtake("resume", answer["run_id"], "--json").out)
    assert again == answer


def test_index_says_what_it_made_and_a_second_run_does_nothing(
    longtake_here, small_film: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    first = longtake_here("index", small_film, "--store", store, "--json")
    (row,) = json.loads(first.out)
    assert first.code == 0
    assert row["frames"] == 60
    assert row["covered"] == 1.0
    second = longtake_here("index", small_film, "--store", store, "--json")
    assert json.loads(second.out) == [row]
    assert second.err == ""


def test_one_bad_film_does_not_stop_the_shelf(
    longtake_here, small_film: Path, shelf: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.mp4").write_text("<html></html>")
    done = longtake_here("index", tmp_path / "bad.mp4", small_film, "--store", shelf)
    assert done.code == 3
    lines = done.out.splitlines()
    assert "failed" in lines[0]
    assert "60 frames" in lines[1]


def test_an_answer_for_a_person_has_times_and_is_alone_on_stdout(
    longtake_here, small_film: Path, shelf: Path
) -> None:
    done = longtake_here("ask", small_film, "Which place is it?", "--store", shelf, "-q")
    assert done.code == 0
    assert done.err == ""
    assert "confidence" in done.out
    assert "\x1b" not in done.out


def test_jsonl_streams_typed_events(
    longtake_here, small_film: Path, shelf: Path, asked: dict
) -> None:
    done = longtake_here(
        "ask", small_film, asked["question"], *choices_of(asked), "--jsonl", "--store", shelf
    )
    events = [json.loads(line) for line in done.out.splitlines()]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "run.started"
    assert kinds[-2:] == ["answer", "run.finished"]
    assert "step.started" in kinds
    assert list(events[-2]["answer"]) == FIELDS


def test_what_is_not_in_the_film_is_not_guessed(
    longtake_here, small_film: Path, shelf: Path
) -> None:
    question = "When does the narrator mention the emperor of Byzantium?"
    done = longtake_here("ask", small_film, question, "--store", shelf, "--fail-on-abstain")
    assert done.code == 7
    assert "No answer" in done.out


def test_with_options_there_is_an_answer_unless_a_confidence_is_asked_for(
    longtake_here, small_film: Path, shelf: Path
) -> None:
    asked = ("ask", small_film, "What is the name of the emperor?", "-c", "Basil", "-c", "Leo")
    question = (*asked, "--ocr", "none")  # reading its screen text takes half a minute
    answer = json.loads(longtake_here(*question, "--json", "--store", shelf).out)
    assert answer["status"] == "answered"
    assert answer["choice"] in ("A", "B")
    assert answer["confidence"]["raw"] <= 0.5
    done = longtake_here(*question, "--abstain-below", "0.6", "--json", "--store", shelf)
    assert json.loads(done.out)["status"] == "abstained"


def test_a_spent_budget_is_exit_6_with_what_there_is(
    longtake_here, small_film: Path, shelf: Path, asked: dict
) -> None:
    done = longtake_here(
        "ask", small_film, asked["question"], "--max-frames", "1", "--max-steps", "1",
        "--json", "--store", shelf,
    )  # fmt: skip
    answer = json.loads(done.out)
    assert (done.code == 6) == (answer["status"] == "budget")
    assert answer["usage"]["frames_shown"] <= 1


def test_the_question_may_come_from_stdin(longtake, small_film: Path) -> None:
    done = longtake("ask", small_film, "-", stdin="  \n", timeout=60)
    assert done.code == 2
    assert "empty" in done.err


def test_search_finds_spans(longtake_here, small_film: Path, shelf: Path) -> None:
    done = longtake_here("search", small_film, "a red fish", "-k", "3", "--json", "--store", shelf)
    hits = json.loads(done.out)
    assert done.code == 0
    assert 1 <= len(hits) <= 3
    assert all(0 <= hit["start"] < hit["end"] <= 60 for hit in hits)
    person = longtake_here("search", small_film, "a red fish", "--store", shelf)
    assert len(person.out.splitlines()) >= 1


def test_show_saves_frames_and_sheets(longtake_here, small_film: Path, tmp_path: Path) -> None:
    from PIL import Image

    assert longtake_here("show", small_film, "0:30", "--out", "one.png").code == 0
    assert Image.open(tmp_path / "one.png", formats=["PNG"]).size == (1280, 720)
    assert longtake_here("show", small_film, "10-20", "5", "--out", "many.jpg").code == 0
    assert (tmp_path / "many.jpg").is_file()


def test_show_cuts_a_clip_that_is_a_film_itself(
    longtake_here, small_film: Path, tmp_path: Path
) -> None:
    import longtake

    assert longtake_here("show", small_film, "10-12.5", "--out", "clip.mp4").code == 0
    with longtake.open(tmp_path / "clip.mp4") as clip, longtake.open(small_film) as film:
        assert clip.info.duration == pytest.approx(2.5, abs=0.05)
        ours = clip.frames(1.0, size=(64, 36)).pixels.astype(int)
        theirs = film.frames(11.0, size=(64, 36)).pixels.astype(int)
        assert abs(ours - theirs).mean() < 6
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert longtake_here("show", small_film, "10", "--out", "clip.mp4").code == 2
    assert longtake_here("show", small_film, "0-60", "10-20", "--out", "clip.mp4").code == 2


def test_ls_and_rm_know_films_by_path_and_by_id(
    longtake_here, small_film: Path, tmp_path: Path, shelf: Path
) -> None:
    import shutil

    store = tmp_path / "copy"
    shutil.copytree(shelf, store)
    (row,) = json.loads(longtake_here("ls", "--json", "--store", store).out)
    assert row["path"] == str(small_film)
    assert row["film_id"] in longtake_here("ls", "--store", store).out
    assert longtake_here("rm", "other.mp4", "--store", store).code == 4
    assert longtake_here("rm", small_film, "--store", store).code == 0
    assert json.loads(longtake_here("ls", "--json", "--store", store).out) == []
    assert longtake_here("ask", small_film, "What?", "--no-index", "--store", store).code == 4


def test_a_damaged_index_is_exit_4_with_the_command_that_mends_it(
    longtake_here, small_film: Path, tmp_path: Path, shelf: Path
) -> None:
    import shutil

    store = tmp_path / "copy"
    shutil.copytree(shelf, store)
    (vectors,) = store.rglob("vectors*.npy")
    data = bytearray(vectors.read_bytes())
    data[len(data) // 2] ^= 1
    vectors.write_bytes(data)
    done = longtake_here("search", small_film, "a fish", "--store", store)
    assert done.code == 4
    assert "longtake index" in done.err
    assert "--refresh" in done.err


def test_interrupting_is_exit_130_and_the_next_run_goes_on(
    small_film: Path, tmp_path: Path, longtake
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "longtake.cli.main", "ask", str(small_film), "Which place is it?"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "timeline" in first
    # as a terminal does: to the command and to every process that it started
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert "To go on: " in err
    assert longtake("ask", small_film, "Which place is it?").code == 0


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "longtake.cli.main", "config", "show"],
        cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == -signal.SIGPIPE


def test_a_served_run_says_first_which_encoder_searches(
    longtake_here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(tmp_path / "a.mp4", source="testsrc2=s=160x96:r=25:d=2")
    monkeypatch.setenv("LONGTAKE_VLM", "endpoint:m@http://127.0.0.1:9/v1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for words in (["index", film], ["search", film, "a ball"], ["ask", film, "What is shown?"]):
        first = longtake_here(*words).err.splitlines()[0]
        assert first.startswith("longtake: encoder: none (SigLIP2 is not on this machine")
        assert "longtake models fetch ViT-B-16-SigLIP2" in first
    snapshot = tmp_path / "hub" / "models--timm--ViT-B-16-SigLIP2" / "snapshots" / "0"
    snapshot.mkdir(parents=True)
    (snapshot / "open_clip_model.safetensors").write_bytes(b"weights")
    told = longtake_here("search", film, "a ball").err.splitlines()[0]
    assert told == "longtake: encoder: ViT-B-16-SigLIP2"


def test_a_film_that_no_model_here_knows_is_answered_from_words_and_the_way_on_is_said(
    longtake_here, tmp_path: Path
) -> None:
    film = make_film(tmp_path / "a.mp4", source="testsrc2=s=160x96:r=25:d=2")
    film.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n")
    done = longtake_here("ask", film, "Who says good morning?")
    (note,) = [line for line in done.err.splitlines() if "LONGTAKE_VLM=endpoint:NAME@URL" in line]
    assert "said and written" in note


def test_version_and_help(longtake_here) -> None:
    import longtake

    assert longtake_here("--version").out == f"longtake {longtake.__version__}\n"
    for command in (
        "ask",
        "index",
        "search",
        "show",
        "ls",
        "rm",
        "runs",
        "resume",
        "doctor",
        "models",
    ):
        done = longtake_here(command, "--help")
        assert done.code == 0
        assert "Examples:\n  longtake" in done.out
    bare = longtake_here()
    assert bare.code == 2
    assert "Commands:" in bare.err


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["film.mp4", "What?"], "ask"),
        (["./film", "What?"], "ask"),
        (["ls"], "ls"),
        (["lss"], "lss"),
        (["--help"], "--help"),
        ([], None),
    ],
)
def test_the_short_form_is_for_paths_only(arguments: list[str], first: str | None) -> None:
    expanded = expand_short_form(arguments, {"ask", "ls"})
    assert (expanded[0] if expanded else None) == first


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UsageError("x = 1", "give 2"), "longtake: x = 1. Give 2"),
        (InputError("no film."), "longtake: no film"),
        (LongtakeError("why?", "longtake ls"), "longtake: why? longtake ls"),
        (LongtakeError("\x1b[1mbold\n"), "longtake: [1mbold"),
    ],
)
def test_an_error_is_one_clean_line(error: LongtakeError, line: str) -> None:
    assert one_line(error) == line


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert colourful(Terminal())  # pyright: ignore[reportArgumentType]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colourful(Terminal())  # pyright: ignore[reportArgumentType]
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not colourful(Terminal())  # pyright: ignore[reportArgumentType]


def test_progress_without_a_terminal_is_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    from longtake.index.build import Progress

    OUT.configure()
    now = [0.0]
    lines = ProgressLines(clock=lambda: now[0])
    with lines:
        for done in range(101):
            now[0] += 0.5
            lines(Progress("vectors", done, 100, "frames", now[0]))
        lines(Progress("vectors", 100, 100, "frames", now[0]))
        lines(Progress("shots", 0, 1, "pass", 0.0))
        lines(Progress("shots", 1, 1, "pass", 0.2))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("of 100 frames") == 5
    assert printed.err.count("100 frames in") == 1
    assert "shots: done in 0.2 s" in printed.err
