"""Shared by all tests: real media, a command line in its own process, and places that are our own.

Nothing a test does may reach the user's own folders or settings: every XDG folder and every
`LONGTAKE_*` variable is replaced before a test runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

# before any library with OpenMP is loaded, as longtake itself does it
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point every folder that Longtake writes to into the test's own."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("LONGTAKE_")]:
        if not name.startswith("LONGTAKE_TEST_"):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    return home


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real media files; the test is skipped where there is none."""
    folder = Path(os.environ.get("LONGTAKE_TEST_MEDIA", ROOT.parent / "shared" / "media"))
    if not folder.is_dir():
        pytest.skip(f"no real media: {folder} is absent; LONGTAKE_TEST_MEDIA names their folder")
    return folder


@pytest.fixture(scope="session")
def cases(media: Path) -> Path:
    """The folder of troublesome files, beside the real media; the test is skipped without it."""
    folder = media.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no troublesome files: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder of real weights; the test is skipped where there is none."""
    folder = Path(os.environ.get("LONGTAKE_TEST_WEIGHTS", ROOT.parent / "weights"))
    if not folder.is_dir():
        pytest.skip(
            f"no real weights: {folder} is absent; LONGTAKE_TEST_WEIGHTS names their folder"
        )
    return folder


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


@pytest.fixture
def longtake(tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs the `longtake` command in a process of its own."""

    def run(*arguments: str | Path, stdin: str = "", timeout: float = 240, **env: str) -> Ran:
        return run_longtake(arguments, cwd=tmp_path, stdin=stdin, timeout=timeout, env=env)

    return run


@pytest.fixture
def longtake_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Return a function that runs the command in this process, where its start costs nothing."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Ran:
        from longtake.cli.main import run

        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered film of one minute, questions beside it; made once for all test processes."""
    from filelock import FileLock

    from longtake.world.render import make_film, question_path

    # pytest-xdist gives every worker a folder of its own below a common one
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    film = shared / "small.mp4"
    with FileLock(shared / "small.lock"):
        if not (film.is_file() and question_path(film).is_file()):
            make_film(1, 3, film)
    return film


@pytest.fixture
def shelf(small_film: Path) -> Path:
    """A store that holds the small film; made once, shared by the tests of a process."""
    store = small_film.parent / f"store-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    if not store.exists():
        import longtake

        with longtake.open(small_film, store=store) as film:
            film.index()
    return store


def run_longtake(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    stdin: str = "",
    timeout: float = 240,
    env: dict[str, str] | None = None,
) -> Ran:
    """Run the command as a user does, from another folder than the clone."""
    done = subprocess.run(
        [sys.executable, "-m", "longtake.cli.main", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
    )
    return Ran(done.returncode, done.stdout, done.stderr)
