"""Prompts are files: one `NAME.md` a prompt, holes written `$name`, filled by name.

Example:
    render("claim_text", words="GATE 42")
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from string import Template

__all__ = ["digest", "holes", "names", "render"]


def render(prompt: str, /, **values: object) -> str:
    """Fill a prompt's holes.

    Args:
        prompt: the file's name without `.md`.
        values: one value a hole, no more and no fewer. A `$` in a value stays as it is.

    Raises:
        KeyError: there is no such prompt.
        ValueError: a hole has no value, or a value no hole.
    """
    wanted = holes(prompt)
    missing, unused = sorted(wanted - values.keys()), sorted(values.keys() - wanted)
    if missing or unused:
        raise ValueError(f"prompt {prompt!r}: missing values {missing}, unused values {unused}")
    return Template(_text(prompt)).substitute({k: str(v) for k, v in values.items()})


def names() -> list[str]:
    """Return the names of all prompts."""
    found = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".md") for name in found if name.endswith(".md"))


def holes(prompt: str) -> set[str]:
    """Return the names of a prompt's holes."""
    template = Template(_text(prompt))
    if not template.is_valid():
        raise ValueError(f"prompt {prompt!r}: a lone $ in the text; write $$ for a dollar sign")
    return set(template.get_identifiers())


def digest(prompt: str) -> str:
    """Return the first 12 hex of the sha256 of a prompt's text, for the record of a run."""
    return hashlib.sha256(_text(prompt).encode()).hexdigest()[:12]


@cache
def _text(prompt: str) -> str:
    if prompt not in names():
        raise KeyError(f"prompt = {prompt!r}: expected one of {', '.join(names())}")
    return files(__name__).joinpath(f"{prompt}.md").read_text(encoding="utf-8").strip()
