"""A caption that a language model wrote, put right by what an encoder's patches show.

A small language model follows places and motion, but leaves out a thing here and puts in one
there. What it names and the patches hardly show is dropped; what they surely show is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..perception.claims import read_claim
from ..perception.detections import FrameDetections, article, pair_score
from ..perception.lexicon import Lexicon

DOUBT = 0.3  # what the caption names stands from this share of the patches' belief on
SURE = 0.8  # what it does not name is added from this one on
NOTHING = "nothing"
_TIMED = re.compile(r"(\d+(?:\.\d+)?) seconds?: ")

Views = Sequence[
    tuple[FrameDetections, FrameDetections]
]  # every frame, looked at by patches and by middles


@dataclass
class Shot:
    """A part of a caption: `on the beach: a red fish, a sign`, its items by what they name."""

    head: str
    second: float | None
    place: int | None
    items: dict[str, str]

    def __str__(self) -> str:
        signs = [item for item in self.items.values() if item == "a sign"]
        things = [item for item in self.items.values() if item != "a sign"]
        return f"{self.head}: {', '.join(things + signs) or NOTHING}"


def put_right(caption: str, views: Views, lexicon: Lexicon) -> str:
    """Return the caption with doubtful things dropped, each thing once a shot, missing ones added.

    Args:
        caption: shots parted by `; `, each `on the beach: a red fish, a sign`; or such a line for
            every change, with its time (`3.5 seconds: …`) before it.
        views: what the caption's frames show, in time order.
        lexicon: the words of both.
    """
    parting = "\n" if _TIMED.match(caption) else "; "
    shots = [_read(part, lexicon) for part in caption.split(parting)]
    if not views or not all(shots):
        return caption
    read = [shot for shot in shots if shot is not None]
    named = dict.fromkeys(name for shot in read for name in shot.items)
    for name in named | dict.fromkeys(_seen(views, lexicon)):
        trust, at = belief(name, views, lexicon)
        for shot in read if trust < DOUBT else ():
            shot.items.pop(name, None)
        if trust >= SURE and name not in named:
            _shot_of(views[at][0], read).items[name] = article(name)
    # a shot that says no more than one before it says nothing
    distinct = {(shot.head, frozenset(shot.items)): str(shot) for shot in reversed(read)}
    return parting.join(reversed(distinct.values()))


def _read(part: str, lexicon: Lexicon) -> Shot | None:
    """Read one shot; None for anything else."""
    timed = _TIMED.match(part)
    head, colon, listed = part[timed.end() if timed else 0 :].partition(": ")
    if not colon:
        return None
    items: dict[str, str] = {}
    for item in listed.split(", "):
        things = read_claim(item, lexicon).things
        name = " ".join(filter(None, (things[0].colour, things[0].object))) if things else item
        if item and item != NOTHING:
            items.setdefault(name, item)
    place = read_claim(head, lexicon).place
    return Shot(
        part[: timed.end()] + head if timed else head,
        float(timed[1]) if timed else None,
        lexicon.places.index(place) if place else None,
        items,
    )


def _shot_of(look: FrameDetections, shots: Sequence[Shot]) -> Shot:
    """Return the shot that a frame belongs to: the last that began, or that of the likeliest place."""
    if shots[0].second is not None:
        begun = [s for s in shots if s.second is not None and s.second <= look.second + 0.05]
        return begun[-1] if begun else shots[0]
    fits = [0.0 if s.place is None else float(look.places[s.place]) for s in shots]
    return shots[int(np.argmax(fits))]


def _seen(views: Views, lexicon: Lexicon) -> Iterator[str]:
    """Yield the likeliest name of every detection."""
    for look in chain.from_iterable(views):
        for detection in look.detections:
            thing, colour = detection.best
            yield f"{lexicon.colours[colour]} {lexicon.objects[thing]}"


def belief(name: str, views: Views, lexicon: Lexicon) -> tuple[float, int]:
    """Return how surely a thing is in view, by patches and middles, and the frame that shows it best.

    What is no thing of the lexicon cannot be doubted.
    """
    things = read_claim(name, lexicon).things
    if not things:
        return 1.0, 0
    shown = np.array(
        [
            [
                max((pair_score(s.odds, things[0], lexicon) for s in look.detections), default=0.0)
                for look in view
            ]
            for view in views
        ]
    )
    return float(shown.max(0).mean()), int(shown.mean(1).argmax())
