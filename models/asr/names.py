"""Names of the role `asr`, and which of their weights are on this machine; loads nothing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ...index.video.errors import UsageError
from ..client.transport.address import SERVED, read_address
from ..identity import LOCAL, files_digest
from ..weights import WHISPER, WHISPER_SIZES, find_cached

EXTRA = "pip install 'longtake[asr]'"
# `auto` takes the first of these that is here: base is the smallest that hears most words rightly
_ORDER = ("base", "small", "turbo", "medium", "large-v3", "base.en", "small.en", "tiny")
_FILES = ("model.bin", "config.json", "tokenizer.json")


def has_library() -> bool:
    """Say whether faster-whisper is installed; does not import it."""
    return find_spec("faster_whisper") is not None


def usual_whisper() -> str | None:
    """Return the name that `auto` stands for; None where no weights of Whisper are here."""
    if not has_library():
        return None
    names = [f"{WHISPER}{size}" for size in _ORDER]
    return next((name for name in names if find_cached(name)), None)


def whisper_name(name: str) -> str:
    """Return how people call a model: `whisper base`."""
    if name.startswith(SERVED):
        return read_address(name).model
    if name.startswith(LOCAL):
        return Path(name.removeprefix(LOCAL)).name.replace("-", " ")
    return name.replace(":", " ")


def check_whisper(name: str) -> None:
    """Refuse a size of Whisper that there is none of.

    Raises:
        UsageError: an unknown size.
    """
    size = name.removeprefix(WHISPER)
    if name.startswith(WHISPER) and size not in WHISPER_SIZES and "/" not in size:
        raise UsageError(
            f"asr = {name!r}",
            f"use {WHISPER}SIZE with one of {', '.join(WHISPER_SIZES)}, or {WHISPER}OWNER/NAME",
        )


def whisper_folder(name: str) -> Path:
    """Return the folder of a model's weights.

    Raises:
        UsageError: they are not here, or not whole.
    """
    if name.startswith(LOCAL):
        folder = Path(name.removeprefix(LOCAL)).expanduser()
        remedy = "name a folder with Whisper in CTranslate2's form, as faster-whisper loads it"
    else:
        cached = find_cached(name)
        remedy = f"longtake models fetch {name} fetches it; --asr none goes without hearing"
        if cached is None:
            raise UsageError(f"asr = {name!r} is not on this machine", remedy)
        folder = cached.folder
    missing = [file for file in _FILES[:2] if not (folder / file).is_file()]
    if missing:
        raise UsageError(f"asr = {name!r}: {folder} holds no {' and no '.join(missing)}", remedy)
    return folder


def whisper_id(name: str) -> str:
    """Return a model's id: its name, with a digest of its weights where they lie in a folder."""
    if not name.startswith(LOCAL):
        return name
    folder = whisper_folder(name)
    files = (folder / file for file in _FILES)
    return f"{folder.name}@{files_digest(path for path in files if path.is_file())}"
