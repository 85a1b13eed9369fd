"""The drawn world: films of drawn objects with exact truth, and the models that know it.

A room of its own for the demo, the needle benchmark and tests of the whole chain. `scenes` draws
pictures, `films` makes films of them, `truths` asks questions about them; `grammar` reads such
questions, `perception` and `vlm` are the models that were trained on it (`weights`, by `training`),
`tools` and `planner` what they need of the agent. `profile` is what the front door registers.
"""

from __future__ import annotations

__all__: list[str] = []
