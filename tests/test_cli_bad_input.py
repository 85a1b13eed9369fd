"""What bad input gets, on real files and the real command: the exit code, one line, no debris."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

ACCEPTED = "accepted: MP4/MOV"


def check_refusal(done, code: int, *words: str) -> None:
    assert done.code == code, done.err
    assert done.out == ""
    lines = done.err.splitlines()
    assert len(lines) == 1, done.err
    assert lines[0].startswith("longtake: ")
    for word in words:
        assert word in lines[0]


def nothing_was_written(home: Path) -> bool:
    return not [path for path in home.rglob("*") if path.is_file()]


REAL_FILES = [
    ("derived/zero_bytes.mp4", "an empty file"),
    ("moviepy/result.webm", "an empty file"),
    ("derived/not_a_video.mp4", "an HTML page"),
    ("derived/bbb_audio_only.m4a", "only audio"),
    ("inspect_ai/sample.wav", "an audio file (WAV)"),
    ("moviepy/subtitles.srt", "a text file"),
    ("derived/bbb_truncated_no_moov.mp4", "damaged or incomplete"),
    ("derived", "a directory"),
    ("no/such/film.mp4", "No such file"),
]


@pytest.mark.parametrize(("name", "found"), REAL_FILES, ids=[name for name, _ in REAL_FILES])
def test_what_is_no_film_is_refused_in_one_line(
    name: str, found: str, media: Path, longtake, own_places: Path
) -> None:
    done = longtake("ask", media / name, "When does the red fish appear?")
    check_refusal(done, 3, Path(name).name, found, ACCEPTED)
    assert nothing_was_written(own_places)


@pytest.mark.parametrize("command", [["index"], ["doctor"], ["show"], ["search"]])
def test_every_door_refuses_the_same_way(command: list[str], media: Path, longtake) -> None:
    extra = {"show": ["1"], "search": ["a fish"]}.get(command[0], [])
    done = longtake(*command, media / "derived" / "not_a_video.mp4", *extra)
    check_refusal(done, 3, "an HTML page", ACCEPTED)


def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path, longtake) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    done = longtake("ask", tmp_path / "pipe.mp4", "What?", timeout=30)
    check_refusal(done, 3, "pipe.mp4", ACCEPTED)
    done = longtake("ask", "/dev/zero", "What?", timeout=30)
    check_refusal(done, 3, "a device", ACCEPTED)


def test_a_playlist_named_mp4_opens_nothing(tmp_path: Path, longtake) -> None:
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nsecret.mp4\n")
    check_refusal(longtake("index", tmp_path / "list.mp4"), 3, "an HLS playlist")


def test_a_hostile_file_name_cannot_write_to_the_terminal(tmp_path: Path, longtake) -> None:
    name = "\x1b[31mred\x07.mp4"
    (tmp_path / name).write_text("nothing")
    done = longtake("ask", tmp_path / name, "What?")
    assert done.code == 3
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


BAD_USAGE = [
    (["ask", "{film}", ""], "empty"),
    (["ask", "{film}", "  ?! "], "empty"),
    (["ask", "{film}", "What?", "--choice", "one"], "one choice"),
    (["ask", "{film}", "What?", "--max-frames", "0"], "max_frames = 0"),
    (["ask", "{film}", "What?", "--max-seconds", "nan"], "max_seconds = nan"),
    (["ask", "{film}", "What?", "--profile", "huge"], "auto, served, local, embedded"),
    (["ask", "{film}", "What?", "--planner", "magic"], "planner = 'magic'. use vlm"),
    (["ask", "{film}", "What?", "--selector", "best"], "selector = 'best'. use one of uniform"),
    (["ask", "{film}", "What?", "--presenter", "wall"], "presenter = 'wall'. use one of frames"),
    (["ask", "{film}", "What?", "--sheet", "out.gif"], "out.gif is no picture"),
    (["ask", "{film}", "What?", "--sheet", "no/where.jpg"], "there is no folder"),
    (["ask", "{film}", "What?", "--planning", "magic"], "scripted, llm, auto"),
    (["ask", "{film}", "What?", "--planning", "llm"], "no chat model"),
    (["ask", "{film}", "What?", "--vlm", "gpt"], "vlm = 'gpt'. use endpoint:name@url"),
    (["ask", "{film}", "What?", "--vlm", "endpoint:gpt"], "needs a name and a url"),
    (["ask", "{film}", "What?", "--profile", "served"], "longtake_vlm=endpoint:"),
    (["ask", "{film}", "What?", "--ocr", "tesseract"], "use rapidocr or vlm or none"),
    (["ask", "{film}", "What?", "--abstain-below", "2"], "at most 1"),
    (["ask", "{film}", "What happens at 4:00?"], "the film lasts 0:15.0"),
    (["models", "fetch", "nonsense", "--yes"], "name = 'nonsense'"),
    (["ask"], "Missing argument"),
    (["ask", "{film}", "What?", "--bogus"], "--bogus"),
    (["show", "{film}", "-5"], "the film lasts 0:15.0"),
    (["show", "{film}", "nan"], "the film lasts 0:15.0"),
    (["show", "{film}", "9-4"], "the film lasts 0:15.0"),
    (["show", "{film}", "50-60"], "the film lasts 0:15.0"),
    (["show", "{film}", "3", "--out", "x.tiff"], "x.tiff is no picture"),
    (["show", "{film}", "3-4", "--out", "{film}"], "is the film itself"),
    (["film", "make", "--haystack", "{film}", "--out", "{film}"], "is the film itself"),
    (["index", "{film}", "--refresh", "everything"], "everything"),
    (["resume", "../../etc"], "run_id"),
    (["resume", "20200101-000000-abcdef"], "no such run"),
    (["film", "make", "--out", "a.mp4", "--minutes", "0"], "minutes"),
    (["film", "make", "--out", "a.avi", "--minutes", "1"], ".mp4"),
    (["aks", "{film}"], "No such command"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_USAGE, ids=[" ".join(a) for a, _ in BAD_USAGE])
def test_bad_usage_is_exit_2_and_one_line(
    arguments: list[str], words: str, media: Path, longtake_here, own_places: Path
) -> None:
    film = str(media / "derived" / "hardcuts_4_8_12.mp4")
    done = longtake_here(*(argument.format(film=film) for argument in arguments))
    assert done.code == 2, done.err
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, done.err
    assert words.lower() in done.err.lower()
    assert "Traceback" not in done.err
    assert nothing_was_written(own_places)


def test_a_time_past_the_end_is_clamped_and_reported(media: Path, longtake, tmp_path: Path) -> None:
    film = media / "derived" / "hardcuts_4_8_12.mp4"
    done = longtake("show", film, "99", "--out", "end.png")
    assert done.code == 0, done.err
    assert "was cut to the film's end" in done.err
    assert (tmp_path / "end.png").is_file()
    done = longtake("show", film, "10-99", "--out", "span.png", "--frames", "3")
    assert done.code == 0, done.err
    assert "was cut to the film's end" in done.err


def test_with_json_an_error_is_json_on_stdout(media: Path, longtake) -> None:
    done = longtake("ask", media / "derived" / "not_a_video.mp4", "What?", "--json")
    assert done.code == 3
    error = json.loads(done.out)["error"]
    assert error["code"] == "input"
    assert "an HTML page" in error["message"]
    assert done.err == ""
    done = longtake("ask", "x.mp4", "What?", "--jsonl")
    assert json.loads(done.out)["type"] == "error"


def test_usage_errors_are_json_too(longtake_here) -> None:
    usage = json.loads(longtake_here("ask", "--json").out)["error"]
    assert usage["code"] == "usage"
    both = json.loads(longtake_here("ask", "x.mp4", "What?", "--json", "--jsonl").out)
    assert both["type"] == "error"
    assert "exclude each other" in both["message"]


def test_a_kind_that_no_question_has_is_refused_with_the_kinds_there_are(
    tmp_path: Path, longtake
) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    asked = {"id": "when-01", "kind": "when", "question": "When?", "spans": [[1.0, 2.0]]}
    question = asked | {"choices": None, "answer_index": None, "answer": None}
    film.with_name("film.questions.json").write_text(json.dumps({"questions": [question]}))
    done = longtake("eval", "needles", film, "--kind", "typo", "--out", tmp_path / "run")
    check_refusal(done, 2, "kind = typo", "The kinds are: when")
    assert not (tmp_path / "run").exists()
