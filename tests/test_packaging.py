"""What the wheel holds is what the clone holds."""

from __future__ import annotations

import fnmatch
import tomllib
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP = {"agent", "app", "eval", "index", "models", "prompts", "tools", "world"}


@pytest.fixture(scope="module")
def setuptools_table() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def packages_on_disk(mapping: dict[str, str]) -> set[str]:
    """Return the import name of every folder with Python files below the mapped ones."""
    longest_first = sorted(mapping.items(), key=lambda pair: -len(pair[1]))
    found = set()
    for top in TOP:
        for file in (ROOT / top).rglob("*.py"):
            folder = file.parent.relative_to(ROOT).as_posix()
            for package, place in longest_first:
                if folder == place or folder.startswith(place + "/"):
                    rest = folder[len(place) :].strip("/").replace("/", ".")
                    found.add(f"{package}.{rest}" if rest else package)
                    break
    return found


def test_every_package_on_disk_is_in_the_list_and_the_other_way_round(
    setuptools_table: dict,
) -> None:
    assert packages_on_disk(setuptools_table["package-dir"]) == set(setuptools_table["packages"])


def test_every_package_has_an_init(setuptools_table: dict) -> None:
    for top in TOP:
        for file in (ROOT / top).rglob("*.py"):
            assert (file.parent / "__init__.py").is_file(), f"{file.parent} has no __init__.py"


def test_no_folder_shadows_the_installed_package() -> None:
    assert not (ROOT / "longtake").exists()


def test_prompts_and_weights_are_package_data(setuptools_table: dict) -> None:
    data = setuptools_table["package-data"]
    for package, folder, kinds in (
        ("longtake.prompts", ROOT / "prompts", ("*.md",)),
        ("longtake.agent.cost", ROOT / "agent" / "cost", ("*.toml",)),
        ("longtake.eval.simulated.films", ROOT / "eval" / "simulated" / "films", ("*.toml",)),
        ("longtake.index.text", ROOT / "index" / "text", ("*.json",)),
        ("longtake.world", ROOT / "world", ("*.md", "*.safetensors", "*.json", "*.txt", "*.jinja")),
    ):
        files = [file for kind in kinds for file in folder.rglob(kind)]
        for file in files:
            name = file.relative_to(folder).as_posix()
            patterns = [pattern.replace("**/", "*") for pattern in data[package]]
            assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), (
                f"{file.relative_to(ROOT)} matches no pattern of package-data[{package!r}]"
            )


def test_the_installed_package_finds_its_prompts_and_weights() -> None:
    prompts = [file.name for file in resources.files("longtake.prompts").iterdir()]
    assert any(name.endswith(".md") for name in prompts)
    world = Path(str(resources.files("longtake.world")))
    weights = list(world.glob("weights/**/*.safetensors"))
    assert weights, "no weights in the installed package"
    assert sum(file.stat().st_size for file in weights) <= 40e6


def test_no_file_names_a_package_index() -> None:
    for name in ("constraints.txt", "pyproject.toml", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text()
        assert "index-url" not in text
        assert "://pypi" not in text
