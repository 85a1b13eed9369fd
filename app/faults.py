"""What escapes of the operating system, as an error that names path and setting: never exit 1."""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Sequence
from pathlib import Path

from longtake.index.storage.os_faults import FULL, INDEXES, NO_FILES, Place, reason, refused, remedy
from longtake.index.video.errors import InputError, LongtakeError, UsageError

_OUTPUTS = ("--out", "-o", "--sheet", "--record", "--folder")


def explain(error: BaseException, arguments: Sequence[str]) -> LongtakeError | None:
    """Return the error for the person at the terminal; None for what is a bug after all.

    Args:
        error: as it escaped from a command.
        arguments: the command line, which says what a path in the error is for.
    """
    if isinstance(error, ImportError):
        # libraries are loaded late, when as many files may be open as can be
        if "Too many open files" not in str(error):
            return None
        error = OSError(next(iter(NO_FILES)), "Too many open files")
    if type(error).__module__ == "sqlite3":  # not imported for the asking
        if not re.search(r"unable to open|disk|readonly|full", str(error)):
            return None
        where = _default_folder("store")
        text = f"a database below {where} or the folder of the runs cannot be used: {error}"
        return UsageError(text, "free some space or make it writable")
    if not isinstance(error, OSError) or error.errno is None:
        return None
    if error.errno in NO_FILES:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        at = f", at {_path_of(error)}" if _path_of(error) else ""
        return UsageError(f"too many files are open (the limit is {most}){at}", remedy(error, ""))
    path = _path_of(error)
    if path is None:
        return _without_path(error)
    place = _place_of(Path(path).absolute(), arguments)
    if place is None:
        return InputError(
            f"{path} cannot be read: {reason(error)}", "see that it is there and can be read"
        )
    return refused(error, path, place)


def _path_of(error: OSError) -> str | None:
    name = error.filename2 or error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes) else None


def _without_path(error: OSError) -> LongtakeError:
    try:
        here = os.getcwd()
    except OSError:
        return UsageError("the working folder is gone", "change to a folder that exists")
    if error.errno in FULL:
        return UsageError(
            f"no room to write: {reason(error)} (working folder {here})",
            "free some space and run the same command again; finished work is kept",
        )
    return UsageError(
        f"the operating system refused: {reason(error)} (working folder {here})",
        "run the same command again; -v tells more",
    )


def _place_of(path: Path, arguments: Sequence[str]) -> Place | None:
    """Return whose a path is: an output of the command line or a folder of ours; None: a film."""
    given = {Path(word).absolute(): at for at, word in enumerate(arguments) if word}
    flagged = {name: arguments[at - 1] for name, at in given.items() if at}
    if any(flag == "--store" and path.is_relative_to(name) for name, flag in flagged.items()):
        return INDEXES
    for name, flag in flagged.items():
        # the folder of an output, one above it, or something written aside in it
        beside = path.is_relative_to(name.parent) or name.is_relative_to(path)
        if flag in _OUTPUTS and beside:
            return Place(flag, UsageError)
    if path.is_relative_to(_default_folder("store")):
        return INDEXES
    if path.is_relative_to(_default_folder("runs")):
        return Place("LONGTAKE_RUNS", UsageError)
    if path in given:
        return None
    return Place("XDG_CACHE_HOME, or TMPDIR", UsageError)


def _default_folder(name: str) -> Path:
    """Return the folder of the indexes or the runs, as far as the settings can be read."""
    from longtake.config import data_home, load_settings, state_home

    try:
        settings = load_settings()
    except (LongtakeError, OSError):
        return data_home() if name == "store" else state_home() / "runs"
    return (settings.store_root if name == "store" else settings.runs_root).absolute()
