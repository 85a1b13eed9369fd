"""What is true of a clip: the facts that questions are made of, and when they are too doubtful."""

from __future__ import annotations

from functools import cached_property

from longtake.world.scenes.objects import OBJECTS
from longtake.world.scenes.scene import ASPECT
from longtake.world.training.clips.scene import COLOUR_NAMES, Clip, Seen, Sight

Name = tuple[str, str]  # object and colour
Way = tuple[float, float]  # right and down, in frame widths
WAYS = ("left", "right", "up", "down")
SIDES = ("left", "right", "above", "below")
ALL_PAIRS: tuple[Name, ...] = tuple((o, c) for o in OBJECTS for c in COLOUR_NAMES)


def words(pair: Name) -> str:
    """Write a pair, `red fish`."""
    return f"{pair[1]} {pair[0]}"


def side_of(here: Seen, there: Seen) -> str | None:
    """Say on which side of `here` the other is; None when that is not clear."""
    (x0, y0), (x1, y1) = here.centre, there.centre
    dx, dy = x1 - x0, y1 - y0
    if max(abs(dx), abs(dy)) < 0.15 or min(abs(dx), abs(dy)) > 0.7 * max(abs(dx), abs(dy)):
        return None
    if abs(dx) > abs(dy):
        return "right" if dx > 0 else "left"
    return "below" if dy > 0 else "above"


def way_between(here: Seen, there: Seen) -> Way:
    """Return how far right and down something is of another."""
    (x0, y0), (x1, y1) = here.centre, there.centre
    return (x1 - x0) / ASPECT, (y1 - y0) / ASPECT


class Facts:
    """A clip's visible, asked in the ways that questions need."""

    def __init__(self, clip: Clip) -> None:
        self.visible = clip.visible

    @cached_property
    def pairs(self) -> list[Name]:
        """Every pair that is clearly seen, in the order of appearance, then from the left."""
        found: dict[Name, None] = {}
        for sight in self.visible:
            for seen in sorted(sight.clear, key=lambda s: s.centre):
                found.setdefault(seen.pair)
        return list(found)

    @cached_property
    def doubtful(self) -> set[Name]:
        """The pairs that are somewhere too small or too hidden to be recognised."""
        return {s.pair for sight in self.visible for s in sight.seen if not s.clear}

    def sure(self, pair: Name) -> bool:
        """Whether every appearance of the pair is a clear one."""
        return pair not in self.doubtful

    def rows(self, pair: Name) -> list[int]:
        """Return the frames in which the pair is clearly seen."""
        return [i for i, s in enumerate(self.visible) if any(x.pair == pair for x in s.clear)]

    def find(self, sight: Sight, pair: Name) -> Seen | None:
        """Return the pair's only sprite in a frame; None when there is none, or several."""
        found = [s for s in sight.seen if s.pair == pair]
        return found[0] if len(found) == 1 and found[0].clear else None

    def colours(self, name: str, place: str | None = None) -> set[str] | None:
        """Return an object's colours, at one place if wanted; None when one is doubtful."""
        visible = [s for s in self.visible if place is None or s.place == place]
        found = [x for s in visible for x in s.seen if x.object == name]
        return {x.colour for x in found} if all(x.clear for x in found) else None

    def objects(self, colour: str) -> set[str] | None:
        """Return the objects of a colour; None when one is doubtful."""
        found = [x for s in self.visible for x in s.seen if x.colour == colour]
        return {x.object for x in found} if all(x.clear for x in found) else None

    def places(self, pair: Name) -> set[str | None]:
        """Return where the pair is clearly seen."""
        return {self.visible[i].place for i in self.rows(pair)}

    def holds(self, name: str | None, colour: str | None, place: str | None = None) -> bool | None:
        """Say whether something like this is seen, at a place if given; None when doubtful."""
        doubt = False
        for sight in self.visible:
            if place is not None and sight.place != place:
                continue
            for seen in sight.seen:
                if name in (None, seen.object) and colour in (None, seen.colour):
                    if seen.clear:
                        return True
                    doubt = True
        return None if doubt else False

    def number(self, pair: Name, place: str | None = None) -> int | None:
        """Return how many of a pair stand together; None when that changes or is doubtful."""
        if not self.sure(pair):
            return None
        counts = [
            sum(s.pair == pair for s in sight.clear)
            for sight in self.visible
            if place is None or sight.place == place
        ]
        # a shot in which none is left out does not change the number
        kinds = set(counts) - ({0} if place is None and len(self.visible) > 1 else set())
        return kinds.pop() if len(kinds) == 1 else (0 if not kinds and counts else None)

    def way(self, pair: Name) -> str | None:
        """Return where the pair's only sprite moves to; None when it stands or that is not clear."""
        rows = self.rows(pair)
        found = [self.find(self.visible[i], pair) for i in rows]
        if not self.sure(pair) or len(rows) < 2 or None in found:
            return None
        if (
            len({(self.visible[i].shot, s.actor) for i, s in zip(rows, found, strict=True) if s})
            != 1
        ):
            return None
        (x0, y0), (x1, y1) = found[0].centre, found[-1].centre  # type: ignore[union-attr]
        dx, dy = x1 - x0, y1 - y0
        if max(abs(dx), abs(dy)) < 0.1 or min(abs(dx), abs(dy)) > 0.35 * max(abs(dx), abs(dy)):
            return None
        if abs(dx) > abs(dy):
            return "right" if dx > 0 else "left"
        return "down" if dy > 0 else "up"

    def runs(self, pair: Name) -> int | None:
        """Return how many separate times the pair appears; None when doubtful."""
        if not self.sure(pair):
            return None
        rows = self.rows(pair)
        return sum(i - 1 not in rows for i in rows)

    def side(self, pair: Name, other: Name) -> str | None:
        """Return on which side of `other` the pair is, in every frame with both; None if unclear."""
        sides = set()
        for sight in self.visible:
            here, there = self.find(sight, other), self.find(sight, pair)
            if here and there:
                sides.add(side_of(here, there))
        return sides.pop() if len(sides) == 1 else None

    def apart(self, pair: Name, other: Name) -> Way | None:
        """Return the way from a pair to another where first both are seen."""
        for sight in self.visible:
            here, there = self.find(sight, pair), self.find(sight, other)
            if here and there:
                return way_between(here, there)
        return None

    def course(self, pair: Name) -> Way | None:
        """Return the way a pair's only sprite moves; None when it stands or that is not clear."""
        if self.way(pair) is None:
            return None
        rows = self.rows(pair)
        found = [self.find(self.visible[row], pair) for row in (rows[0], rows[-1])]
        return way_between(found[0], found[1])  # type: ignore[arg-type]

    def around(self, pair: Name) -> dict[str, list[Name]] | None:
        """Return what is on each side of the pair; None when something there is doubtful."""
        out: dict[str, list[Name]] = {side: [] for side in SIDES}
        mates = {x.pair for i in self.rows(pair) for x in self.visible[i].seen} - {pair}
        for mate in mates:
            side = self.side(mate, pair)
            if side is None or not self.sure(mate):
                return None
            out[side].append(mate)
        return out
