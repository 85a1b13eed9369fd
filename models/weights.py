"""Weights on this machine: what is there, without importing a library or asking a network."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

AUTO = "auto"
USUAL_ENCODER = "ViT-B-16-SigLIP2"
USUAL_TEXT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
HUB = "transformers:"
WHISPER = "whisper:"
USUAL_ASR = f"{WHISPER}base"
# size -> (repository in CTranslate2's form, bytes)
WHISPER_SIZES: dict[str, tuple[str, float]] = {
    "tiny": ("Systran/faster-whisper-tiny", 7.8e7),
    "tiny.en": ("Systran/faster-whisper-tiny.en", 7.8e7),
    "base": ("Systran/faster-whisper-base", 1.48e8),
    "base.en": ("Systran/faster-whisper-base.en", 1.48e8),
    "small": ("Systran/faster-whisper-small", 4.87e8),
    "small.en": ("Systran/faster-whisper-small.en", 4.87e8),
    "medium": ("Systran/faster-whisper-medium", 1.53e9),
    "medium.en": ("Systran/faster-whisper-medium.en", 1.53e9),
    "large-v2": ("Systran/faster-whisper-large-v2", 3.09e9),
    "large-v3": ("Systran/faster-whisper-large-v3", 3.09e9),
    "turbo": ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1.62e9),
}
_WHISPER_NAMES = {f"{WHISPER}{size}": found for size, found in WHISPER_SIZES.items()}
# where the hub keeps the weights of names that are not the hub's own
_REPOSITORIES = {USUAL_ENCODER: "timm/ViT-B-16-SigLIP2"} | {
    name: repository for name, (repository, _) in _WHISPER_NAMES.items()
}
# bytes of names that do not tell how many parameters they have: 375 and 23 million of 4 bytes
_SIZES = {USUAL_ENCODER: 1.5e9, USUAL_TEXT_ENCODER: 9.1e7} | {
    name: size for name, (_, size) in _WHISPER_NAMES.items()
}
_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.onnx")


@dataclass(frozen=True, slots=True)
class Cached:
    """Weights that are on this machine.

    Attributes:
        folder: where.
        size: of all its files, bytes.
    """

    folder: Path
    size: int


def hub_cache() -> Path:
    """Return the folder where the hub's client keeps what it has fetched."""
    if named := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named)
    if home := os.environ.get("HF_HOME"):
        return Path(home) / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "huggingface" / "hub"


def repository_of(name: str) -> str | None:
    """Return the hub's repository of a model; None where only a library could tell it.

    Args:
        name: as in a role: an open_clip name of `_REPOSITORIES`, `whisper:SIZE`, `owner/name`, or
            `transformers:NAME`.
    """
    found = _REPOSITORIES.get(name, name.removeprefix(HUB).removeprefix(WHISPER))
    if found == name and is_open_clip(name):
        return None
    return found if re.fullmatch(r"[\w.-]+/[\w.-]+", found) else None


def is_open_clip(name: str) -> bool:
    """Say whether open_clip has a model `MODEL` or `MODEL/TAG`; does not import it."""
    library = find_spec("open_clip")
    if library is None or library.origin is None:
        return False
    model = name.partition("/")[0]
    return (Path(library.origin).parent / "model_configs" / f"{model}.json").is_file()


def find_cached(name: str) -> Cached | None:
    """Return what of a model's weights is on this machine; None where they are not.

    Args:
        name: see `repository_of`.
    """
    repository = repository_of(name)
    if repository is None:
        return None
    snapshots = hub_cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
    try:
        folders = sorted(snapshots.iterdir(), key=lambda path: path.stat().st_mtime)
    except OSError:
        return None
    for folder in reversed(folders):
        # a link whose file was never finished leads nowhere
        files = [path for path in folder.rglob("*") if path.is_file()]
        if any(path.match(pattern) for path in files for pattern in _WEIGHTS):
            return Cached(folder, sum(path.stat().st_size for path in files))
    return None


def likely_bytes(name: str) -> float | None:
    """Return about how large a model's weights are; None where the name does not tell.

    Names of language models say how many parameters they have (`2B`), two bytes each.
    """
    if name in _SIZES:
        return _SIZES[name]
    told = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![A-Za-z0-9])", name)
    if told is None:
        return None
    return float(told[1]) * {"B": 2e9, "M": 2e6}[told[2]]


def size_text(count: float | None) -> str:
    """Return bytes as people write them."""
    if count is None:
        return "size not known"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def cached_repositories() -> list[str]:
    """Return the repositories of which weights are on this machine, by name."""
    try:
        folders = sorted(path.name for path in hub_cache().iterdir())
    except OSError:
        return []
    names = [name.removeprefix("models--").replace("--", "/", 1) for name in folders
             if name.startswith("models--")]  # fmt: skip
    return [name for name in names if find_cached(name) is not None]
