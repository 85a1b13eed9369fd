"""Prompts are files: one `NAME.md` a prompt, holes written `$name`, filled by name.

Public names: `render`, `names`, `holes` and `digest` of this folder's prompts, and `Prompts`, the
same over a folder elsewhere.

Example:
    render("not_heard", subject="the ferry")
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

__all__ = ["Prompts", "digest", "holes", "names", "render"]


class Prompts:
    """The prompts of a folder.

    Args:
        folder: holds one `NAME.md` a prompt.
    """

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._text = lru_cache(maxsize=None)(self._read)

    def render(self, prompt: str, /, **values: object) -> str:
        """Fill a prompt's holes.

        Args:
            prompt: the file's name without `.md`.
            values: one value a hole, no more and no fewer. A `$` in a value stays as it is.

        Raises:
            KeyError: there is no such prompt.
            ValueError: a hole has no value, or a value no hole.
        """
        wanted = self.holes(prompt)
        missing, unused = sorted(wanted - values.keys()), sorted(values.keys() - wanted)
        if missing or unused:
            raise ValueError(f"prompt {prompt!r}: missing values {missing}, unused values {unused}")
        return Template(self._text(prompt)).substitute({k: str(v) for k, v in values.items()})

    def names(self) -> list[str]:
        """Return the names of all prompts."""
        found = (entry.name for entry in self._folder.iterdir())
        return sorted(name.removesuffix(".md") for name in found if name.endswith(".md"))

    def holes(self, prompt: str) -> set[str]:
        """Return the names of a prompt's holes."""
        template = Template(self._text(prompt))
        if not template.is_valid():
            raise ValueError(f"prompt {prompt!r}: a lone $ in the text; write $$ for a dollar sign")
        return set(template.get_identifiers())

    def digest(self, prompt: str) -> str:
        """Return the first 12 hex of the sha256 of a prompt's text, for the record of a run."""
        return hashlib.sha256(self._text(prompt).encode()).hexdigest()[:12]

    def _read(self, prompt: str) -> str:
        if prompt not in self.names():
            raise KeyError(f"prompt = {prompt!r}: expected one of {', '.join(self.names())}")
        return self._folder.joinpath(f"{prompt}.md").read_text(encoding="utf-8").strip()


_OWN = Prompts(files(__name__))
render, names, holes, digest = _OWN.render, _OWN.names, _OWN.holes, _OWN.digest
