"""Prompts of the drawn world: what its VLM is asked, and what its planner claims and says.

Public names: `render`, `holes`, `digest`.
"""

from __future__ import annotations

from importlib.resources import files

from ...prompts import Prompts

__all__ = ["digest", "holes", "render"]

_OWN = Prompts(files(__name__))
render, holes, digest = _OWN.render, _OWN.holes, _OWN.digest
