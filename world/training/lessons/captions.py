"""Captions of clips, short and dense, and how well one that a model wrote agrees with the truth."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from longtake.world.scenes.objects import COLOURS, OBJECTS, article, plural
from longtake.world.scenes.places import AT
from longtake.world.training.clips.scene import Clip, Seen, Sight
from longtake.world.training.clips.truth import Facts, Name, words
from longtake.world.training.encoder.data import GRID
from longtake.world.training.lessons.wordings import GROUNDS, NUMBERS
from longtake.world.training.vlm.tower import MERGE, token_at

_PLURALS = {plural(o): o for o in OBJECTS}
_THING = re.compile(
    rf"\b(a|an|{'|'.join(NUMBERS[2:])}) ({'|'.join(COLOURS)}) "
    rf"({'|'.join(sorted({*OBJECTS, *_PLURALS}, key=len, reverse=True))})\b"
)


def at_place(place: str | None) -> str:
    """Write a place, `on the beach`."""
    return AT[place] if place else GROUNDS[0]


def count_words(pair: Name, number: int) -> str:
    """Write so many of a pair: `a red fish`, `two red fish`."""
    if number == 1:
        return article(words(pair))
    return f"{NUMBERS[min(number, 9)]} {pair[1]} {plural(pair[0])}"


def reading_order(seen: Seen) -> tuple[int, int]:
    """Return what to sort by from left to right, and top to bottom, in steps of a token's width."""
    row, column = divmod(token_at(seen.box), GRID[1] // MERGE)
    return column, row


def listing(sight: Sight) -> list[tuple[Name, int]]:
    """Return what is clearly seen in a frame, from left to right, with numbers."""
    counts = Counter(s.pair for s in sorted(sight.clear, key=reading_order))
    return list(counts.items())


def frame_caption(sight: Sight) -> str:
    """Describe one frame: `on the beach: a red fish, two blue cups, a sign`."""
    things = [count_words(*entry) for entry in listing(sight)] + ["a sign"] * bool(sight.signs)
    return f"{at_place(sight.place)}: {', '.join(things) or GROUNDS[1]}"


def short_caption(clip: Clip) -> str:
    """Describe a clip in one line: what each shot shows, in order, and what moves where."""
    facts, parts = Facts(clip), []
    for shot in dict.fromkeys(s.shot for s in clip.visible):
        visible = [s for s in clip.visible if s.shot == shot]
        most: dict[Name, int] = {}
        for sight in visible:
            for pair, number in listing(sight):
                most[pair] = max(most.get(pair, 0), number)
        things = []
        for pair, number in most.items():
            way = facts.way(pair) if len(visible) > 1 else None
            things.append(count_words(pair, number) + (f" moving {way}" if way else ""))
        things += ["a sign"] * bool(visible[0].signs)
        parts.append(f"{at_place(visible[0].place)}: {', '.join(things) or GROUNDS[1]}")
    return "; ".join(dict.fromkeys(parts))


def focus_caption(clip: Clip, pair: Name) -> str:
    """Describe what becomes of one thing, place by place, or say that it is not visible."""
    facts, parts = Facts(clip), []
    for row in facts.rows(pair):
        sight = clip.visible[row]
        number = sum(s.pair == pair for s in sight.clear)
        parts.append(f"{count_words(pair, number)} {at_place(sight.place)}")
    way = facts.way(pair)
    return "; ".join(dict.fromkeys(parts)) + (f", moving {way}" if way else "") or "not visible"


def dense_caption(clip: Clip) -> str:
    """Describe a clip with a line and its time whenever something comes, goes or the place changes."""
    lines, last = [], ""
    for sight in clip.visible:
        now = frame_caption(sight)
        if sorted(re.split(r"[:,] ?", now)) != sorted(re.split(r"[:,] ?", last)):
            lines.append(f"{sight.second:.1f} seconds: {now}")
        last = now
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Match:
    """How a caption agrees with a clip: objects named right, wrongly, missed; colours right."""

    right: int
    wrong: int
    missed: int
    coloured: int


def match_caption(text: str, clip: Clip) -> Match:
    """Compare the objects that a caption names with those clearly seen; doubtful ones are free."""
    facts = Facts(clip)
    named = {(_PLURALS.get(o, o), c) for _, c, o in _THING.findall(text)}
    objects = {o for o, _ in facts.pairs}
    free = {o for o, _ in facts.doubtful} - objects
    said = {o for o, _ in named} - free
    right = said & objects
    coloured = sum(
        {c for o, c in named if o == x} == {c for o, c in facts.pairs if o == x} for x in right
    )
    return Match(len(right), len(said - objects), len(objects - said), coloured)
