"""The other names of who and what a film names, so that a search by one finds them all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..storage.sealed import SealBroken, seal, unseal, write_atomically
from ..text.spelling import words_of

FILE = "names.json"

MOST = 6
"""Names that a query is widened by, at most."""


def other_names(query: str, forms: Sequence[Sequence[str]]) -> list[str]:
    """Return the other forms of every name in a query.

    Args:
        query: in words.
        forms: by entity, all its names.
    """
    asked = f" {' '.join(words_of(query))} "
    found: list[str] = []
    for names in forms:
        held = [name for name in names if f" {' '.join(words_of(name))} " in asked]
        if held:
            # a form that is part of what was asked finds nothing new
            said = {word for name in held for word in words_of(name)}
            found += [
                name for name in names if name not in held and not set(words_of(name)) <= said
            ]
    return list(dict.fromkeys(found))[:MOST]


def keep_names(folder: Path, forms: Sequence[Sequence[str]]) -> None:
    """Keep the names of a film, by entity, beside its index.

    Raises:
        IndexProblem: the disk is full or read-only.
    """
    write_atomically(folder / FILE, seal({"names": [list(names) for names in forms]}))


def read_names(folder: Path) -> list[list[str]]:
    """Return the names of a film by entity; none where it was not told yet."""
    try:
        rows = unseal((folder / FILE).read_bytes())["names"]
    except (OSError, SealBroken, KeyError):
        return []
    return [[str(name) for name in row] for row in rows]
