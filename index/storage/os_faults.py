"""What the operating system refuses, in words: the path, the reason, and the setting that helps."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from ..video.errors import IndexProblem, LongtakeError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR})


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that we write to.

    Attributes:
        setting: what names another one, for the remedy.
        failure: the error that a refusal becomes.
    """

    setting: str
    failure: type[LongtakeError]


INDEXES = Place("--store or LONGTAKE_STORE", IndexProblem)


def refused(error: OSError, path: Path | str, place: Place) -> LongtakeError:
    """Return the error for a file or folder of ours that cannot be read or written.

    Args:
        error: as the operating system gave it.
        path: which file; used where the error itself names none.
        place: what the file belongs to.
    """
    named = error.filename if isinstance(error.filename, str | bytes) else path
    message = f"{os.fsdecode(named)} cannot be used: {reason(error)}"
    return place.failure(message, remedy(error, place.setting))


def reason(error: BaseException) -> str:
    """Return the operating system's own word for what is wrong."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def remedy(error: OSError, setting: str) -> str:
    """Return what to do about a refusal, for a folder that `setting` names."""
    if error.errno in NO_FILES:
        return "let the shell open more files (ulimit -n 1024), or close other programs"
    if error.errno in FULL:
        return (
            f"free some space, or name another folder with {setting}, and run the same command "
            "again; finished work is kept"
        )
    if error.errno in _DENIED:
        return f"make it writable, or name another folder with {setting}"
    if error.errno in _NOT_A_FOLDER:
        return f"a file is where a folder is wanted: name another folder with {setting}"
    return f"name another folder with {setting}"
