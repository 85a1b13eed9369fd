"""The folders are floors, their sub-folders rooms: imports go down and never in circles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {
    name: level
    for level, name in enumerate(
        ("prompts", "index", "models", "tools", "agent", "world", "eval", "app")
    )
}
PRODUCT = ("prompts", "index", "models", "tools", "agent")
# library -> where it may be imported
HOMES = {
    "av": ("index/video/",),
    "faiss": ("index/storage/",),
    "langgraph": ("agent/",),
    "langchain_core": (),
    "torch": ("models/", "world/"),
    "torchvision": ("models/", "world/"),
    "open_clip": ("models/", "world/"),
    "transformers": ("models/", "world/"),
    "openai": ("models/",),
    "httpx2": ("models/",),
    "onnxruntime": ("models/", "world/"),
    "rapidocr": ("models/",),
    "safetensors": ("models/", "world/"),
    "pickle": (),
    "dill": (),
    "joblib": (),
    "shelve": (),
    "marshal": (),
    "cv2": (),
    "decord": (),
    "torchcodec": (),
}
MOST_MODULES = 15
# words that name things of the drawn world and little else; colours and common nouns may occur
WORLD_WORDS = ("paraphras", "penguin", "lighthouse", "snowman", "cactus", "teapot")


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def module_of(path: Path) -> str:
    """Return `floor.room.module` of a file; a package is named by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, at_start: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, those of the package as `floor.room.module`.

    Args:
        path: a source file.
        at_start: only what runs when the module is imported, type-checking blocks left out.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    package = list(path.relative_to(ROOT).parts[:-1])
    for node in _at_start(tree) if at_start else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, _plain(alias.name)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                base = _plain(node.module or "")
            else:
                base = ".".join([*package[: len(package) - node.level + 1], node.module or ""])
            base = base.strip(".")
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}".strip(".")) for alias in node.names)


def _at_start(tree: ast.Module) -> Iterator[ast.stmt]:
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            stack += node.body + node.orelse
        elif isinstance(node, ast.Try | ast.With):
            stack += node.body


def _plain(name: str) -> str:
    """Return a name of the package without `longtake`; the root's own modules are of `app`."""
    if name != "longtake" and not name.startswith("longtake."):
        return name
    rest = name.removeprefix("longtake").strip(".")
    return rest if rest.split(".")[0] in FLOORS else f"app.{rest}".strip(".")


MODULES = {module_of(path): path for path in sources(*FLOORS)}


def edges(*, at_start: bool) -> dict[str, set[str]]:
    """Return for each module of the package those that it imports."""
    return {
        name: {found for _, found in imports(path, at_start=at_start) if found in MODULES} - {name}
        for name, path in MODULES.items()
    }


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return one cycle of a graph as a path, empty when there is none."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for other in sorted(graph.get(node, ())):
            if found := visit(other, [*path, node]):
                return found
        done.add(node)
        return []

    for start in sorted(graph):
        if found := visit(start, []):
            return found
    return []


@pytest.mark.parametrize("floor", list(FLOORS))
def test_a_floor_imports_only_from_lower_floors(floor: str) -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(floor)
        for line, name in imports(path)
        if (top := name.split(".")[0]) in FLOORS and FLOORS[top] > FLOORS[floor]
    ]
    assert not strays, "\n".join(strays)


def test_no_module_imports_itself_in_a_circle() -> None:
    assert not cycle_in(edges(at_start=True))


@pytest.mark.parametrize("floor", list(FLOORS))
def test_the_rooms_of_a_floor_have_no_circle(floor: str) -> None:
    """A room is a sub-folder; the modules beside the rooms may use rooms and be used by them."""

    def room_of(name: str) -> str:
        return ".".join(name.split(".")[:2])

    graph: dict[str, set[str]] = {}
    for name, found in edges(at_start=False).items():
        parts = MODULES[name].relative_to(ROOT).parts
        if parts[0] != floor or len(parts) < 3:
            continue
        others = {
            room_of(other)
            for other in found
            if MODULES[other].relative_to(ROOT).parts[0] == floor
            and len(MODULES[other].relative_to(ROOT).parts) > 2
        }
        graph.setdefault(room_of(name), set()).update(others - {room_of(name)})
    assert not cycle_in(graph)


def test_heavy_and_unsafe_libraries_stay_where_they_belong() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(*FLOORS)
        for line, name in imports(path)
        if (top := name.split(".")[0]) in HOMES
        and not str(path.relative_to(ROOT)).startswith(HOMES[top] or ("-",))
    ]
    assert not strays, "\n".join(strays)


def test_tests_and_benches_do_not_use_pickle() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("tests", "bench")
        for line, name in imports(path)
        if name.split(".")[0] in ("pickle", "dill", "joblib")
    ]
    assert not strays, strays


def test_the_product_does_not_know_the_drawn_world() -> None:
    """Neither its code nor its vocabulary: objects and places by name, question templates."""
    from longtake.world.scenes.objects import OBJECTS
    from longtake.world.scenes.places import AT

    named = {str(name) for name in [*OBJECTS, *AT]}
    strays = []
    for path in sources(*PRODUCT):
        text = path.read_text(encoding="utf-8")
        literals = {
            node.value.casefold()
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        # a list that spells the world's objects or places; a word or two are plain English
        listed = sorted(named & literals)
        strays += [f"{path.relative_to(ROOT)}: {listed}"] if len(listed) > 2 else []
        strays += [
            f"{path.relative_to(ROOT)}: {word!r}" for word in WORLD_WORDS if word in text.casefold()
        ]
        if re.search(r"\bworld\b", text):
            strays += [
                f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
                for number, line in enumerate(text.splitlines(), 1)
                if re.search(r"\b(drawn|rendered|small) world\b", line)
            ]
    assert not strays, "\n".join(strays)


def test_no_room_holds_more_than_fifteen_modules() -> None:
    full = {}
    for folder in {path.parent for path in sources(*FLOORS)}:
        count = sum(1 for path in folder.glob("*.py") if path.name != "__init__.py")
        if count > MOST_MODULES:
            full[str(folder.relative_to(ROOT))] = count
    assert not full, f"rooms with more than {MOST_MODULES} modules: {full}"


@pytest.mark.parametrize("floor", list(FLOORS))
def test_every_floor_says_its_public_names_and_each_has_a_docstring(floor: str) -> None:
    import importlib

    package = importlib.import_module("longtake" if floor == "app" else f"longtake.{floor}")
    assert package.__doc__, f"{floor}/__init__.py says nothing"
    assert list(package.__all__) == sorted(package.__all__), f"__all__ of {floor} is not sorted"
    for name in package.__all__:
        value = getattr(package, name)
        documented = getattr(value, "__doc__", None)
        assert documented, f"longtake.{floor}.{name} has no docstring"


def test_the_test_itself_sees_a_planted_upward_import() -> None:
    assert _plain("longtake.agent.run") == "agent.run"
    assert _plain("longtake.api") == "app.api"
    assert _plain("numpy") == "numpy"
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert not cycle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()})
