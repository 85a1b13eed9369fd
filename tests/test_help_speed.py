"""Looking at the help, or importing the package, loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "av", "faiss", "langgraph", "langchain_core", "numpy", "onnxruntime", "open_clip", "openai",
    "PIL", "pydantic", "rapidocr", "rich", "scipy", "sqlite3", "torch", "transformers",
}  # fmt: skip


def heavy_after(code: str, cwd: Path) -> set[str]:
    """Run the code in a fresh interpreter and return the heavy modules it has then."""
    script = (
        f"import sys\n{code}\nsys.stderr.write('|'.join({{m.split('.')[0] for m in sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=cwd, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split("|")) & HEAVY


@pytest.mark.parametrize(
    "code",
    [
        "import longtake",
        "import longtake.cli.main",
        "from longtake.cli.main import run\nassert run(['--help']) == 0",
    ],
)
def test_nothing_heavy_is_loaded(code: str, tmp_path: Path) -> None:
    assert heavy_after(code, tmp_path) == set()


@pytest.mark.parametrize("arguments", [["ask", "--help"], ["config", "show"]])
def test_a_light_command_stays_light(arguments: list[str], tmp_path: Path) -> None:
    code = f"from longtake.cli.main import run\nassert run({arguments!r}) == 0"
    # typer checks arguments with pydantic
    assert heavy_after(code, tmp_path) <= {"pydantic"}


def test_importing_the_parts_loads_no_model_library(tmp_path: Path) -> None:
    code = "import longtake.api, longtake.doctor, longtake.sheet"
    assert heavy_after(code, tmp_path) <= {"numpy", "sqlite3"}


def test_the_public_names_are_the_documented_ones(tmp_path: Path) -> None:
    import longtake

    assert longtake.__all__ == sorted(longtake.__all__)
    assert set(longtake.__all__) == set(longtake._HOMES)
    for name in longtake.__all__:
        assert getattr(longtake, name) is not None
    with pytest.raises(AttributeError, match="no public name 'nonsense'"):
        longtake.nonsense  # noqa: B018
