"""Text that came out of a film, a file name or a model, made safe to print."""

from __future__ import annotations

import unicodedata

# control, format (bidi overrides, zero-width) and surrogate characters: what could move a cursor,
# recolour a terminal or reverse a line; none of them carries meaning in an answer
_UNSAFE = frozenset({"Cc", "Cf", "Cs"})


def printable(text: object, limit: int | None = None) -> str:
    """Return the text on one line without characters that a terminal would act on.

    Args:
        text: anything; turned into text.
        limit: the most characters to keep; cut text ends in an ellipsis.
    """
    line = "".join(
        " " if char in "\t\n\r" else "" if unicodedata.category(char) in _UNSAFE else char
        for char in str(text)
    )
    line = " ".join(line.split())
    if limit is not None and len(line) > limit:
        return line[: max(1, limit - 1)].rstrip() + "…"
    return line
