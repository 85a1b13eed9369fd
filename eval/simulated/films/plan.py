"""The plan of a truth film: what happens when, and which questions that answers.

One seed, one plan. The words come from `bank.toml`; only values, times, colours and places are
drawn here.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

from ....index.video.errors import UsageError
from ..truth import Fact
from .items import PAIRED, in_turns, load_bank, needed_facts, targets_of

COLOURS = ("red", "yellow", "green", "blue", "orange", "purple", "white", "black")
CORNERS = ("top left", "top right", "bottom left", "bottom right")
PLACES = (*CORNERS, "centre")


@dataclass(frozen=True, slots=True)
class Event:
    """Something drawn into the picture from `start` to `stop`, seconds.

    Attributes:
        fact: id of the fact it makes true.
        effect: name of a change of the picture; empty for none.
        icon: name of a drawing; empty for none.
        sign: text on a board; empty for none.
        small: whether that text is small.
    """

    fact: str
    start: float
    stop: float
    effect: str = ""
    icon: str = ""
    colour: str = ""
    place: str = ""
    sign: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Something said from `start` to `stop`, seconds; filler makes no fact true."""

    fact: str
    start: float
    stop: float
    text: str


@dataclass
class Plan:
    """A film before it is made.

    Attributes:
        values: fact to the value that was drawn for its text.
        targets: of paired items, the icon that is the answer, by the anchor's fact.
    """

    seed: int
    duration: float
    theme: str
    items: list[dict[str, Any]]
    values: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def facts_of(self, name: str) -> list[Fact]:
        """Return a fact's occurrences in time order, `icon.wheel` as `icon.wheel#1` and so on."""
        found = [fact for fact in self.facts if fact.id.split("#")[0] == name]
        return sorted(found, key=lambda fact: fact.spans)


def plan_film(duration: float, seed: int) -> Plan:
    """Arrange a film; a short one holds as many items as it has room for.

    Args:
        duration: seconds.
        seed: of everything that is drawn.

    Raises:
        UsageError: the film would last less than 40 s or more than six hours.
    """
    if not 40 <= duration <= 6 * 3600:
        raise UsageError(f"minutes = {duration / 60:g}", "give from 0.7 to 360 minutes")
    rng = random.Random(f"truth film {seed}")
    bank = load_bank()
    plan = Plan(seed, duration, rng.choice(sorted(bank["themes"])), [])
    chosen = in_turns(bank["items"], rng)
    for item in chosen:
        if _room(plan, [*plan.items, item]):
            plan.items.append(item)
    plan.targets = targets_of([i for i in plan.items if i["kind"] in PAIRED], rng)
    for group in ("lines", "signs"):
        for name, (text, *values) in bank[group].items():
            value = rng.choice(values) if values else ""
            plan.values[f"{group[:-1]}.{name}"] = value
            assert bool(values) == ("{}" in text), name
    _place_events(plan, _atoms(plan, rng), rng)
    _place_lines(plan, rng)
    return plan


def _room(plan: Plan, items: list[dict[str, Any]]) -> bool:
    """Say whether a film of this length can hold all that these items need."""
    needed = needed_facts(items)
    counts = sum(5 for item in items if item["kind"] == "count")
    pairs = sum(1 for item in items if item["kind"] in ("after", "before"))
    cards = 4 if any(item["kind"] == "about" for item in items) else 0
    visual = sum(not name.startswith("line.") for name in needed) + counts + pairs + cards
    # a line that stands beside an event takes the slots on both sides of it
    spoken = sum(name.startswith("line.") for name in needed) + 2 * pairs + counts + 3 * cards
    return visual * 5 <= plan.duration and (spoken + 1) * _slot(plan) <= plan.duration


def _atoms(plan: Plan, rng: random.Random) -> list[list[str]]:
    """Return runs of facts that must stand next to each other, in a drawn order."""
    bank = load_bank()
    atoms: list[list[str]] = []
    for item in plan.items:
        anchor, kind = item.get("fact", ""), item["kind"]
        if kind in ("after", "before"):
            pair = [anchor, f"icon.{plan.targets[anchor]}"]
            atoms.append(pair if kind == "after" else pair[::-1])
        elif kind == "count" and not anchor.startswith("line."):
            times = rng.randint(2, 5)
            atoms += [[f"{anchor}#{k}"] for k in range(1, times + 1)]
    with_icon = [icon for anchor, icon in plan.targets.items() if _is_lookup(plan, anchor)]
    placed = {name.split("#")[0] for atom in atoms for name in atom}
    placed |= {f"icon.{icon}" for icon in with_icon}
    wanted = {name for name in needed_facts(plan.items) if not name.startswith("line.")}
    if len(plan.items) == len(bank["items"]):
        # what nobody needs is a distractor
        wanted |= {f"icon.{icon}" for item in bank["items"] for icon in item.get("icons", [])}
        wanted |= {f"sign.{name}" for name in bank["signs"]}
    atoms += [[name] for name in sorted(wanted - placed)]
    if any(item["kind"] == "about" for item in plan.items):
        atoms += [[f"card.{k}"] for k in range(len(bank["themes"][plan.theme]["cards"]))]
    return rng.sample(atoms, len(atoms))


def _is_lookup(plan: Plan, anchor: str) -> bool:
    return any(item["kind"] == "lookup" and item["fact"] == anchor for item in plan.items)


def _place_events(plan: Plan, atoms: list[list[str]], rng: random.Random) -> None:
    """Give every event its own cell of the film, so that no two are seen together."""
    names = [name for atom in atoms for name in atom]
    cards = iter(sorted(name for name in names if name.startswith("card.")))
    names = [next(cards) if name.startswith("card.") else name for name in names]
    cell = plan.duration / max(1, len(names))
    for number, name in enumerate(names):
        start = (number + rng.uniform(0.1, 0.35)) * cell
        # most things are short, a few stay for a while
        long = min(18.0, max(3.0, rng.lognormvariate(math.log(7), 0.5)))
        stop = min(start + long, (number + 0.95) * cell)
        if name.startswith("line."):
            _say(plan, name, start)
            continue
        event = _event(plan, name, round(start, 1), round(stop, 1), rng)
        plan.events.append(event)


def _event(plan: Plan, name: str, start: float, stop: float, rng: random.Random) -> Event:
    bank = load_bank()
    kind, key = name.split("#")[0].split(".")
    colour, place = rng.choice(COLOURS), rng.choice(PLACES)
    if kind == "icon":
        return Event(name, start, stop, icon=key, colour=colour, place=place)
    if kind == "effect":
        icon = plan.targets[f"effect.{key}"] if _is_lookup(plan, f"effect.{key}") else ""
        return Event(name, start, stop, effect=key, icon=icon, colour=colour, place=place)
    if kind == "card":
        text = bank["themes"][plan.theme]["cards"][int(key)]
        return Event(name, start, stop, sign=text, place="centre")
    text = bank["signs"][key][0].replace("{}", plan.values[name.split("#")[0]])
    return Event(name, start, stop, sign=text.rstrip(" ~"), small=text.endswith("~"), place=place)


def _slot(plan: Plan) -> float:
    """Return seconds from one line to the next."""
    return 9.0 if plan.duration >= 300 else 4.5


def _say(plan: Plan, name: str, start: float, text: str = "") -> None:
    if not text:
        form = load_bank()["lines"][name.split("#")[0].removeprefix("line.")][0]
        text = form.replace("{}", plan.values[name.split("#")[0]])
    long = min(_slot(plan) - 0.3, 1.2 + 0.33 * len(text.split()))
    plan.lines.append(Line(name, round(start, 2), round(start + long, 2), text))


def _place_lines(plan: Plan, rng: random.Random) -> None:
    """Spread the narration; what is left of the time is filled with talk that tells nothing."""
    bank, slot = load_bank(), _slot(plan)
    said = {line.fact for line in plan.lines}
    needed = needed_facts(plan.items)
    whole = len(plan.items) == len(bank["items"])
    names = [f"line.{n}" for n in bank["lines"] if whole or f"line.{n}" in needed]
    told = [(name, "") for name in names if name not in said and name != "line.bell"]
    if "line.bell" in names:
        told += [(f"line.bell#{k}", "") for k in range(1, rng.randint(2, 5) + 1)]
    if any(item["kind"] == "about" for item in plan.items):
        twice = 2 if plan.duration >= 1200 else 1
        lines = list(enumerate(bank["themes"][plan.theme]["lines"])) * twice
        told += [(f"theme.{k}#{i}", text) for i, (k, text) in enumerate(lines)]
    if whole:
        told += [("", text) for text in bank["near"].values()]
    taken = [(line.start - slot, line.stop) for line in plan.lines]
    slots = [k * slot for k in range(int((plan.duration - 1) // slot))]
    free = [s for s in slots if not any(a < s + 0.3 and s < b + 0.3 for a, b in taken)]
    if len(free) < len(told):
        raise UsageError(f"minutes = {plan.duration / 60:g}", "give more minutes")
    chosen = rng.sample(free, len(told))
    for start, (name, text) in zip(chosen, told, strict=True):
        _say(plan, name, start + rng.uniform(0, 0.2), text)
    filler = bank["filler"]
    for start in sorted(set(free) - set(chosen)):
        if rng.random() < 0.8:
            words = rng.choice(filler["openers"]) + rng.choice(filler["lines"])
            _say(plan, "", start, words[0].upper() + words[1:])
    plan.lines.sort(key=lambda line: line.start)
