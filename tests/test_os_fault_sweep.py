"""Every command meets every fault of the operating system: one line, never a bug's exit code.

A command that is added without a line here fails the first test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from film_fixtures import make_film

import longtake
from longtake.cli.main import app

# a dozen commands a test, on a machine that may be busy
pytestmark = pytest.mark.timeout(900)
DRIVER = Path(__file__).with_name("fault_driver.py")
QUESTION = "What is said at the beginning?"
DOCUMENTED = {0, 2, 3, 4, 5, 6, 7}
COMMANDS: dict[str, list[str]] = {
    "ask": ["ask", "{film}", QUESTION, "--sheet", "{out}/sheet.png"],
    "index": ["index", "{film}"],
    "ls": ["ls"],
    "search": ["search", "{film}", "morning"],
    "show": ["show", "{film}", "0:01", "--out", "{out}/frame.png"],
    "runs": ["runs"],
    "resume": ["resume", "{run}"],
    "replay": ["replay", "{run}"],
    "doctor": ["doctor", "{film}"],
    "config show": ["config", "show"],
    "models": ["models"],
    "models fetch": ["models", "fetch", "owner/name", "--yes"],
    "rm": ["rm", "{film}"],
    "film make": ["film", "make", "--minutes", "0.5", "--out", "{out}/made.mp4", "-q"],
    "demo": ["demo", "--minutes", "0.5", "--folder", "{out}", "-q"],
    "tell": ["tell", "{film}"],
    "eval datasets": ["eval", "datasets"],
    "eval run": ["eval", "run", "needles", "--data", "{out}", "--out", "{out}/eval"],
    "eval score": ["eval", "score", "{out}/eval"],
    "eval report": ["eval", "report", "{out}/eval"],
    "eval diff": ["eval", "diff", "{out}/eval", "{out}/eval"],
    "eval export": ["eval", "export", "{out}/eval", "--out", "{out}/export"],
    "eval compare": ["eval", "compare", "{film}", "--out", "{out}/compare.jsonl"],
    "eval fragments": ["eval", "fragments", "{film}", "--out", "{out}/pieces", "--count", "1"],
    "eval needles": ["eval", "needles", "--minutes", "0.5", "--limit", "1", "--no-baseline", "-q"],
}
# they render a film: without a fault that stops them this takes longer than a test may
SLOW = {"film make", "demo", "eval needles"}


def slow(*values: Any) -> list[Any]:
    """Return faults of a kind of which another one is met in every run of the suite."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Name every command that does something."""
    below = getattr(command, "commands", None)
    if below is None or (path and command.invoke_without_command):
        yield " ".join(path)
    for name, one in (below or {}).items():
        yield from leaves(one, (*path, name))


def test_the_sweep_knows_every_command() -> None:
    assert set(COMMANDS) == set(leaves(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two seconds with a line of subtitles."""
    path = make_film(tmp_path_factory.mktemp("film") / "a.mp4", source="testsrc2=s=160x96:r=25:d=2")
    path.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n")
    return path


@pytest.fixture(scope="module")
def made(film: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A store that holds the film, a folder with a finished run, and its name."""
    root = tmp_path_factory.mktemp("made")
    with longtake.open(film, store=root / "store", runs=root / "runs") as opened:
        run = opened.ask(QUESTION).run_id
    return {"store": str(root / "store"), "runs": str(root / "runs"), "run": run}


@pytest.fixture
def sweep(film: Path, made: dict[str, str], tmp_path: Path) -> Callable[..., None]:
    """Return a function that runs all commands under one fault and checks how each ended."""

    def run(
        fault: str,
        *,
        film: Path = film,
        out: Path = tmp_path,
        without: set[str] = SLOW,
        before: tuple[str, ...] = (),
        words: tuple[str, ...] = (),
        **env: str,
    ) -> None:
        facts = {"film": film, "out": out, "run": made["run"]}
        asked = {
            name: [word.format(**facts) for word in line]
            for name, line in COMMANDS.items()
            if name not in without
        }
        reading, writing = os.pipe()
        # the finished run is there to be read, unless the fault is about its folder
        places = {"LONGTAKE_RUNS": made["runs"], "HF_HUB_OFFLINE": "1"} | env
        done = subprocess.run(
            [*before, sys.executable, str(DRIVER), str(writing), fault],
            input=json.dumps(asked).encode(),
            capture_output=True,
            pass_fds=(writing,),
            cwd=tmp_path,
            env={**os.environ, **places},
            timeout=800,
        )
        os.close(writing)
        with os.fdopen(reading) as file:
            results = [json.loads(line) for line in file]
        assert [name for name, _, _ in results] == list(asked), done.stderr.decode()[-2000:]
        faults = [f"{name}: {why}" for name, code, said in results if (why := _wrong(code, said))]
        assert not faults, "\n".join(faults)
        if words:
            assert any(all(word in said for word in words) for _, _, said in results)

    return run


def _wrong(code: Any, said: str) -> str:
    """Say what is wrong with the end of a command; nothing where all is well."""
    if not isinstance(code, int) or code not in DOCUMENTED:
        return f"exit {code}: {said[-500:]}"
    if "Traceback" in said:
        return said[-800:]
    lines = said.splitlines()
    if code and not (lines and lines[-1].startswith("longtake: ")) and "doctor" not in said:
        return f"exit {code} without a line that says why: {lines[-1:]}"
    return ""


HOMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
FOLDERS = {"LONGTAKE_STORE": "/store", "LONGTAKE_RUNS": "/runs", "HF_HUB_CACHE": "/hub"}


@pytest.mark.parametrize("where", ["a file", *slow("below a file", "the kernel's")])
def test_folders_that_can_be_none(where: str, sweep: Callable, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    place = {"a file": file, "below a file": file / "sub"}.get(where, Path("/proc/longtake"))
    env = dict.fromkeys(HOMES, str(place)) | {name: str(place) for name in FOLDERS}
    sweep("none", out=place, without=set(), words=(str(place),), **env, TMPDIR=str(place))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LONGTAKE_RUNS", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"])
def test_one_folder_that_can_be_none(name: str, sweep: Callable, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    sweep("none", **{name: str(file)})


@pytest.mark.parametrize("options", ["size=8k", *slow("ro", "size=1m,nr_inodes=3")])
def test_a_full_or_read_only_disk(options: str, sweep: Callable, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: it takes unshare and user namespaces")
    script = f'mount -t tmpfs -o {options} tmpfs "$1" && cd "$1" && shift && exec "$@"'
    env = dict.fromkeys(HOMES, str(disk)) | {name: str(disk) + at for name, at in FOLDERS.items()}
    sweep(
        "none",
        out=disk,
        without=set(),
        before=("unshare", "-rm", "sh", "-c", script, "sh", str(disk)),
        words=(str(disk),),
        **env,
        TMPDIR=str(disk),
    )


@pytest.mark.slow
@pytest.mark.parametrize("most", [12, 20, 28])
def test_too_many_open_files(most: int, sweep: Callable) -> None:
    sweep(f"open files={most}", without=SLOW if most > 12 else set())


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["file size=2000", "file size=0"])
def test_a_file_size_limit(fault: str, sweep: Callable, tmp_path: Path) -> None:
    new = {"LONGTAKE_STORE": str(tmp_path / "store"), "LONGTAKE_RUNS": str(tmp_path / "runs")}
    sweep(fault, without=set(), **new)


def test_an_output_that_is_full(sweep: Callable) -> None:
    sweep("output=/dev/full")


def test_a_working_folder_that_is_gone(sweep: Callable) -> None:
    sweep("no working folder", words=("the working folder is gone",))


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"SSL_CERT_FILE": "/no/such/file.pem"},
        {"SSL_CERT_FILE": "{film}"},
        {"REQUESTS_CA_BUNDLE": "/no/such/file.pem"},
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
        {"HTTPS_PROXY": "socks://127.0.0.1:9"},
        {"HTTP_PROXY": "not a proxy", "HTTPS_PROXY": "http://[::1"},
    ],
    ids=str,
)
def test_settings_of_the_network(env: dict[str, str], sweep: Callable, film: Path) -> None:
    served = {"LONGTAKE_VLM": "endpoint:m@http://127.0.0.1:9/v1", "HF_HUB_OFFLINE": ""}
    sweep("none", **served, **{name: value.format(film=film) for name, value in env.items()})


@pytest.mark.parametrize("name", [b"caf\xe9.mp4", *slow(b"new\nline.mp4", b"per%cent %d {x}.mp4")])
def test_names_that_are_no_text(name: bytes, sweep: Callable, film: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    shutil.copyfile(film, odd)
    sweep("none", film=odd)


@pytest.mark.slow
def test_a_film_that_may_not_be_read(sweep: Callable, film: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder.mp4"
    folder.mkdir()
    link = tmp_path / "link.mp4"
    link.symlink_to(tmp_path / "gone.mp4")
    for path in (folder, link, Path("/dev/null"), film / "x.mp4"):
        sweep("none", film=path)
