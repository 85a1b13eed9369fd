"""What the operating system refuses is one line with the path and the setting, never exit code 1.

Every command meets every fault that can reach it. Nothing is simulated: folders that are files,
folders where nobody may write, real full and read-only disks in a mount namespace, real limits.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from film_fixtures import make_film

import longtake

QUESTION = "What is said at the beginning?"
DOCUMENTED = {2, 3, 4, 5}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two seconds with a line of subtitles."""
    path = make_film(tmp_path_factory.mktemp("film") / "a.mp4", source="testsrc2=s=160x96:r=25:d=2")
    path.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n")
    asked = {"id": "q1", "kind": "speech", "question": QUESTION, "choices": ["a", "b"]}
    asked |= {"answer_index": 0, "answer": "a", "spans": [[0.0, 1.5]]}
    path.with_suffix(".questions.json").write_text(json.dumps({"questions": [asked]}))
    return path


@pytest.fixture(scope="module")
def made(film: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A store that holds the film, a folder with a finished run, and its name."""
    root = tmp_path_factory.mktemp("made")
    with longtake.open(film, store=root / "store", runs=root / "runs") as opened:
        run = opened.ask(QUESTION).run_id
    return {"store": str(root / "store"), "runs": str(root / "runs"), "run": run}


@pytest.fixture(params=["a file", "below a file", "a folder of the kernel's"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A path that can be no folder of ours; the super-user is stopped too."""
    file = tmp_path / "file"
    file.write_text("")
    kernel = Path("/proc/longtake")
    return {"a file": file, "below a file": file / "sub"}.get(request.param, kernel)


def check_refused(done: Any, *words: str, codes: set[int] = DOCUMENTED) -> None:
    assert done.code in codes, (done.code, done.err)
    assert "Traceback" not in done.err
    last = done.err.splitlines()[-1]
    assert last.startswith("longtake: ")
    for word in words:
        assert word in last


STORE_COMMANDS = {
    "ask": ("ask", "{film}", QUESTION),
    "index": ("index", "{film}"),
    "search": ("search", "{film}", "morning"),
    "eval": ("eval", "needles", "{film}", "--out", "{tmp}/lines.jsonl"),
}


@pytest.mark.parametrize("command", sorted(STORE_COMMANDS))
def test_a_store_that_cannot_be_is_told(
    command: str, nowhere: Path, film: Path, longtake_here: Callable, tmp_path: Path
) -> None:
    words = [word.format(film=film, tmp=tmp_path) for word in STORE_COMMANDS[command]]
    check_refused(
        longtake_here(*words, "--store", nowhere), str(nowhere), "LONGTAKE_STORE", codes={4}
    )


def test_commands_that_only_read_the_store_say_that_it_is_none(
    film: Path, longtake_here: Callable, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for words in (["ls"], ["rm", film]):
        check_refused(
            longtake_here(*words, "--store", file), str(file), "LONGTAKE_STORE", codes={4}
        )
    doctor = longtake_here("doctor", "--store", file)
    assert doctor.code == 2
    assert f"{file} cannot be written" in doctor.out


def test_runs_that_cannot_be_kept_are_told(
    nowhere: Path, film: Path, made: dict[str, str], longtake_here: Callable, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LONGTAKE_RUNS", str(nowhere))
    asked = longtake_here("ask", film, QUESTION, "--store", made["store"])
    check_refused(asked, str(nowhere), "LONGTAKE_RUNS", codes={2})
    for words in (["resume", made["run"]], ["replay", made["run"]]):
        check_refused(longtake_here(*words), codes={2})
    if "/proc" not in str(nowhere):
        check_refused(longtake_here("runs"), str(nowhere), "LONGTAKE_RUNS", codes={2})


OUTPUTS = {
    "show a frame": ("show", "{film}", "1", "--out", "{nowhere}/x.png"),
    "show a sheet": ("show", "{film}", "0-2", "--out", "{nowhere}/x.png"),
    "show a clip": ("show", "{film}", "0-2", "--out", "{nowhere}/x.mp4"),
    "ask with a sheet": ("ask", "{film}", QUESTION, "--sheet", "{nowhere}/x.png"),
    "ask with a record": ("ask", "{film}", QUESTION, "--record", "{nowhere}"),
    "film make": ("film", "make", "--minutes", "0.5", "--out", "{nowhere}/x.mp4"),
    "eval": ("eval", "needles", "{film}", "--out", "{nowhere}/x.jsonl"),
    "demo": ("demo", "--minutes", "0.5", "--folder", "{nowhere}"),
}


@pytest.mark.parametrize("command", sorted(OUTPUTS))
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    command: str, nowhere: Path, film: Path, longtake_here: Callable, own_places: Path
) -> None:
    words = [word.format(film=film, nowhere=nowhere) for word in OUTPUTS[command]]
    done = longtake_here(*words)
    check_refused(done, str(nowhere), codes={2})
    assert len(done.err.splitlines()) == 1
    assert not [path for path in own_places.rglob("*") if path.is_file()]


def test_settings_and_caches_that_cannot_be_read_stop_nothing(
    nowhere: Path, film: Path, made: dict[str, str], longtake_here: Callable, monkeypatch: Any
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(variable, str(nowhere))
    monkeypatch.setenv("LONGTAKE_RUNS", made["runs"])
    for words in (["config", "show"], ["models"], ["ls"], ["runs"]):
        assert longtake_here(*words).code == 0
    assert longtake_here("ask", film, QUESTION, "--store", made["store"]).code == 0


@pytest.fixture
def on_a_disk(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs the command beside a small or read-only disk of its own."""
    from conftest import Ran

    disk = tmp_path / "disk"
    disk.mkdir()
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: it takes unshare and user namespaces")

    def run(options: str, *words: str | Path, **env: str) -> Ran:
        script = f'mount -t tmpfs -o {options} tmpfs "$1" && shift && exec "$@"'
        command = ["unshare", "-rm", "sh", "-c", script, "sh", str(disk)]
        command += [sys.executable, "-m", "longtake.cli.main"]
        done = subprocess.run(
            [*command, *(str(word).format(disk=disk) for word in words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, **{k: v.format(disk=disk) for k, v in env.items()}},
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize(
    ("options", "reason"), [("size=8k", "No space left"), ("ro", "Read-only file system")]
)
def test_a_full_or_read_only_disk_is_told_by_every_command_that_writes(
    options: str, reason: str, film: Path, made: dict[str, str], on_a_disk: Callable
) -> None:
    index = on_a_disk(options, "index", film, "--store", "{disk}/store")
    check_refused(index, reason, "/disk/store", "--store", codes={4})
    kept = {"LONGTAKE_STORE": made["store"]}
    asked = on_a_disk(options, "ask", film, QUESTION, **kept, LONGTAKE_RUNS="{disk}/runs")
    check_refused(asked, "/disk/runs", "LONGTAKE_RUNS", codes={2})
    for out in ("{disk}/x.png", "{disk}/x.mp4"):
        check_refused(on_a_disk(options, "show", film, "0-2", "-o", out), "/disk", codes={2})
    rendered = on_a_disk(options, "film", "make", "--minutes", "0.5", "-o", "{disk}/x.mp4")
    check_refused(rendered, codes={2})


def limited(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, value))


def run_limited(prepare: Callable[[], object], *words: str | Path, **options: Any) -> Any:
    from conftest import Ran

    done = subprocess.run(
        [sys.executable, "-m", "longtake.cli.main", *map(str, words)],
        preexec_fn=prepare,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    return Ran(done.returncode, done.stdout or "", done.stderr)


@pytest.mark.parametrize("most", [8, 20])
def test_too_many_open_files_is_one_line(most: int, film: Path, tmp_path: Path) -> None:
    for words in (
        ["index", film, "--store", tmp_path / str(most)],
        ["show", film, "1", "-o", tmp_path / "x.png"],
        ["ls"],
        ["models"],
        ["config", "show"],
    ):
        done = run_limited(limited(resource.RLIMIT_NOFILE, most), *words)
        if done.code:
            check_refused(done, f"the limit is {most}", "ulimit -n", codes={2})


def test_a_file_size_limit_is_one_line(film: Path, tmp_path: Path) -> None:
    for words in (
        ["index", film, "--store", tmp_path / "store"],
        ["film", "make", "--minutes", "0.5", "-o", tmp_path / "x.mp4"],
    ):
        done = run_limited(limited(resource.RLIMIT_FSIZE, 0), *words, cwd=tmp_path)
        check_refused(done, "File too large", codes={2, 4})


@pytest.mark.parametrize(
    "words", [["ls"], ["config", "show"], ["models"], ["config", "show", "--json"]]
)
def test_an_output_that_is_full_or_closed_is_no_bug(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = run_limited(lambda: None, *words, stdout=full)
    if words != ["ls"]:
        check_refused(done, "No space left on device", codes={2})
    assert "Traceback" not in done.err
    closed = run_limited(lambda: os.close(1), *words, stdout=None)
    assert (closed.code, "Traceback" in closed.err) == (0, False)


def test_a_working_folder_that_is_gone_is_told(film: Path, tmp_path: Path) -> None:
    for words in (["ls"], ["ask", film, QUESTION], ["show", film, "1"]):
        gone = tmp_path / "gone"
        gone.mkdir()
        done = run_limited(lambda folder=gone: (os.chdir(folder), os.rmdir(folder)), *words)
        check_refused(done, "the working folder is gone", codes={2})


def test_a_name_that_is_no_utf_8_goes_all_the_way(
    film: Path, tmp_path: Path, longtake_here: Callable, monkeypatch: Any
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    shutil.copyfile(film, odd)
    monkeypatch.setenv("LONGTAKE_STORE", str(tmp_path / "store"))
    answer = json.loads(longtake_here("ask", odd, QUESTION, "--json", "-q").out)
    assert answer["film"]["path"] == str(odd)
    shown = longtake_here("ls")
    assert "caf\ufffd.mp4" in shown.out
    assert json.loads(longtake_here("ls", "--json").out)[0]["path"] == str(odd)
    for words in (["resume", answer["run_id"], "--json"], ["replay", answer["run_id"], "--json"]):
        assert json.loads(longtake_here(*words).out) == answer
    lines = longtake_here("ask", odd, QUESTION, "--jsonl", "-q").out.splitlines()
    assert json.loads(lines[-1])["type"] == "run.finished"
    for words in (
        ["runs"],
        ["doctor", odd],
        ["search", odd, "morning"],
        ["show", odd, "1", "-o", "x.png"],
        ["rm", odd],
    ):
        assert longtake_here(*words).code == 0


def test_a_name_that_begins_with_a_dash_is_a_film(
    film: Path, made: dict[str, str], tmp_path: Path, longtake_here: Callable
) -> None:
    shutil.copyfile(film, tmp_path / "-dash.mp4")
    for words in (["ask", "-dash.mp4", QUESTION], ["-dash.mp4", QUESTION], ["index", "-dash.mp4"]):
        assert longtake_here(*words, "--store", made["store"]).code == 0
    assert longtake_here("show", "-dash.mp4", "1", "-o", "one.png").code == 0
    refused = longtake_here("ask", "-gone.mp4", QUESTION)
    check_refused(refused, codes={2})


def test_a_film_that_vanishes_is_an_unreadable_film(film: Path, tmp_path: Path) -> None:
    for stage in ("timeline", "vectors", "speech"):
        copy = tmp_path / f"{stage}.mp4"
        shutil.copyfile(film, copy)

        def vanish(progress: Any, copy: Path = copy, stage: str = stage) -> None:
            if progress.stage == stage:
                copy.unlink(missing_ok=True)

        opened = longtake.open(copy, store=tmp_path / stage)
        with opened, pytest.raises(longtake.InputError, match=copy.name):
            opened.index(progress=vanish)
    copy = tmp_path / "gone.mp4"
    shutil.copyfile(film, copy)
    opened = longtake.open(copy, store=tmp_path / "store")
    copy.unlink()
    with pytest.raises(longtake.InputError, match=r"gone\.mp4"):
        opened.index()


NETWORK = {
    "a certificate file that is none": {"SSL_CERT_FILE": "{film}"},
    "no certificate file": {"SSL_CERT_FILE": "/no/such/file.pem"},
    "a proxy without its helper": {"ALL_PROXY": "socks5://127.0.0.1:9"},
    "a proxy of no known kind": {"ALL_PROXY": "socks://127.0.0.1:9"},
}


@pytest.mark.parametrize("fault", sorted(NETWORK))
def test_settings_of_the_network_are_named(
    fault: str, film: Path, made: dict[str, str], longtake_here: Callable, monkeypatch: Any
) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    huggingface_hub.get_session()  # one opened before the fault, as in a long process
    ((variable, value),) = NETWORK[fault].items()
    monkeypatch.setenv(variable, value.format(film=film))
    url = "http://127.0.0.1:9/v1"
    for words in (
        ["ask", film, QUESTION, "--vlm", f"endpoint:m@{url}", "--store", made["store"]],
        ["doctor", "--endpoint", url],
        ["models", "fetch", "owner/name", "--yes"],
    ):
        check_refused(longtake_here(*words), variable, codes={2})


def test_a_settings_file_that_is_a_folder_or_no_text_is_named(
    longtake_here: Callable, tmp_path: Path
) -> None:
    (tmp_path / "longtake.toml").mkdir()
    check_refused(longtake_here("config", "show"), "longtake.toml", codes={2})
    (tmp_path / "longtake.toml").rmdir()
    (tmp_path / "longtake.toml").write_bytes(b"fps = 1 # caf\xe9\n")
    check_refused(longtake_here("config", "show"), "longtake.toml", codes={2})
