"""The folders are floors: imports go down only, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {
    "prompts": 0, "index": 1, "models": 2, "tools": 3, "agent": 4, "eval": 5, "app": 6,
    "train": 6,
}  # fmt: skip
# side by side: they meet in agent/run.py only, through the protocols of tools/base.py
STRANGERS = {("tools", "models"), ("models", "tools")}
# library -> where it may be imported; train/ and bench/ are not shipped and may use anything
HOMES = {
    "av": ("index/film/",),
    "faiss": ("index/store.py",),
    "langgraph": ("agent/",),
    "langchain_core": (),
    "torch": ("models/",),
    "torchvision": ("models/",),
    "open_clip": ("models/",),
    "transformers": ("models/",),
    "openai": ("models/",),
    "onnxruntime": ("models/",),
    "rapidocr": ("models/",),
    "safetensors": ("models/",),
    "pickle": (),
    "dill": (),
    "joblib": (),
    "shelve": (),
    "marshal": (),
    "cv2": (),
    "decord": (),
    "torchcodec": (),
}


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, relative ones resolved to `floor.module`."""
    relative = path.relative_to(ROOT)
    package = list(relative.parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                yield node.lineno, node.module or ""
                continue
            base = package[: len(package) - node.level + 1]
            if not base:
                # above the floors: `from ..tools import x` or `from .. import tools`
                names = [node.module] if node.module else [alias.name for alias in node.names]
                yield from ((node.lineno, f"longtake.{name}") for name in names)
            else:
                yield node.lineno, "longtake." + ".".join([*base, node.module or ""])


def floor_of(name: str) -> str | None:
    """Return the floor that an absolute import reaches; the package root counts as app."""
    parts = name.split(".")
    if parts[0] != "longtake":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "app"


@pytest.mark.parametrize("path", sources(*FLOORS), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_floor_imports_only_from_lower_floors(path: Path) -> None:
    mine = path.relative_to(ROOT).parts[0]
    for line, name in imports(path):
        theirs = floor_of(name)
        if theirs is None or theirs == mine or mine == "train":
            continue
        assert FLOORS[theirs] < FLOORS[mine], f"{path}:{line} imports upward: {name}"
        assert (mine, theirs) not in STRANGERS, f"{path}:{line}: {mine} must not see {theirs}"


def test_heavy_and_unsafe_libraries_stay_where_they_belong() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(*(floor for floor in FLOORS if floor != "train"))
        for line, name in imports(path)
        if (top := name.split(".")[0]) in HOMES
        and not str(path.relative_to(ROOT)).startswith(HOMES[top] or ("-",))
    ]
    assert not strays, "\n".join(strays)


def test_train_and_tests_do_not_use_pickle() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("train", "tests", "bench")
        for line, name in imports(path)
        if name.split(".")[0] in ("pickle", "dill", "joblib")
    ]
    assert not strays, strays


def test_the_test_itself_sees_a_planted_upward_import(tmp_path: Path) -> None:
    assert floor_of("longtake.agent.run") == "agent"
    assert floor_of("longtake.api") == "app"
    assert floor_of("longtake") == "app"
    assert floor_of("numpy") is None
    assert FLOORS["agent"] > FLOORS["index"]
