"""How needles are planted: one function a form, each arranging what its question will ask about.

A plot returns None when the film has no room for it. Nothing here states an answer; the answers
are read off the finished film.
"""

from __future__ import annotations

from collections.abc import Callable

from . import plots_close, plots_sight, plots_time, plots_whole
from .director import Director, Needle

Plot = Callable[[Director], Needle | None]

# the order is that of the room they need: whole shots first, guests in shared shots last
PLOTS: dict[str, tuple[Plot, ...]] = {
    "hop": (plots_time.after_sign, plots_time.while_mentions),
    "relation": (plots_close.neighbour,),
    "count-objects": (plots_sight.group,),
    "retrieve": (plots_sight.companion, plots_sight.where, plots_sight.colour_at),
    "read": (plots_close.sign_beside,),
    "detail": (plots_close.tiny_colour, plots_close.tiny_object),
    "motion": (plots_time.direction,),
    "when": (plots_time.appearance,),
    "count-events": (plots_time.repeats,),
    "absent": (plots_whole.missing,),
}


def plant_needles(director: Director) -> list[Needle]:
    """Plant every kind `per_kind` times, round by round, as far as there is room."""
    needles: list[Needle] = []
    for turn in range(director.per_kind):
        for plots in PLOTS.values():
            needle = plots[turn % len(plots)](director)
            if needle is not None:
                needles.append(needle)
    return needles
