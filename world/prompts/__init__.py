"""Prompts of the drawn world: what its VLM is asked, and what its planner claims and says.

Public names: `render`, `digest`.
"""

from __future__ import annotations

from importlib.resources import files

from ...prompts import Prompts

__all__ = ["digest", "render"]

_OWN = Prompts(files(__name__))
render, digest = _OWN.render, _OWN.digest
