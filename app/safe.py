"""Text made safe to print, and files made safe from being written over."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from longtake.index.storage.os_faults import Place, refused
from longtake.index.video.errors import UsageError

# control, format (bidi overrides, zero-width) and surrogate characters: what could move a cursor,
# recolour a terminal or reverse a line; none of them carries meaning in an answer
_UNSAFE = frozenset({"Cc", "Cf"})
_ODD_BYTE = re.compile("[\ud800-\udfff]")  # of a file name that is no UTF-8


def printable(text: object, limit: int | None = None) -> str:
    """Return the text on one line without characters that a terminal would act on.

    Args:
        text: anything; turned into text.
        limit: the most characters to keep; cut text ends in an ellipsis.
    """
    line = "".join(
        " " if char in "\t\n\r" else "" if unicodedata.category(char) in _UNSAFE else char
        for char in _ODD_BYTE.sub("\ufffd", str(text))
    )
    line = " ".join(line.split())
    if limit is not None and len(line) > limit:
        return line[: max(1, limit - 1)].rstrip() + "…"
    return line


def make_folder(folder: Path, flag: str) -> None:
    """Make a folder that a flag names, so that one which cannot be written is told before the work.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(error, folder, Place(flag, UsageError)) from error


def spare_film(out: Path, film: Path | None) -> None:
    """Refuse to write where the film itself lies, by whatever name it is reached.

    Raises:
        UsageError: both are the same file.
    """
    if film is not None and out.exists() and film.exists() and out.samefile(film):
        raise UsageError(f"{out} is the film itself", "choose another file to write")
