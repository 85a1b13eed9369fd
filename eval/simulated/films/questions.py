"""Facts and questions of a planned film, read off the finished plan."""

from __future__ import annotations

import itertools
import random
from typing import Any

from ..truth import Cue, Fact, Group, Question, Wording
from .drawing import ICON_PIXELS, TEXT_PIXELS, box_of
from .items import load_bank
from .plan import COLOURS, PLACES, Plan

OPTIONS = 4
ABOUT = 3  # lines or cards of its theme that show what a film is about


def facts_of(plan: Plan, size: tuple[int, int]) -> list[Fact]:
    """Return everything that the plan makes true."""
    facts: list[Fact] = []
    for event in plan.events:
        span = ((event.start, event.stop),)
        box = box_of(event, size)
        if event.sign:
            facts.append(_fact(event.fact, "written", event.sign, span, box, TEXT_PIXELS))
            continue
        drawn = ""
        if event.icon:
            drawn = f"{with_article(event.icon)}, {event.colour}, in the {_spot(event.place)}"
        change = load_bank()["effects"].get(event.effect, "")
        text = f"{change}, over it {drawn}" if change and drawn else change or drawn
        facts.append(_fact(event.fact, "seen", text, span, box, ICON_PIXELS if box else 0.0))
        if event.effect and event.icon:
            icon = _fact(f"icon.{event.icon}", "seen", drawn, span, box, ICON_PIXELS)
            facts.append(icon)
    for line in plan.lines:
        if line.fact:
            span = ((line.start, line.stop),)
            facts.append(_fact(line.fact, "said", line.text, span, None, 0.0))
    return facts


def _fact(name: str, kind: Any, text: str, spans: Any, box: Any, pixels: float) -> Fact:
    return Fact(id=name, kind=kind, text=text, spans=spans, box=box, pixels=pixels)


def with_article(noun: str) -> str:
    """Return `a kite`, `an umbrella`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _spot(place: str) -> str:
    return place if place == "centre" else f"{place} corner"


def questions_of(plan: Plan) -> list[Question]:
    """Return the questions of a plan whose facts are known, options shuffled by its seed."""
    rng = random.Random(f"truth questions {plan.seed}")
    return [_question(plan, item, number, rng) for number, item in enumerate(plan.items)]


def _question(plan: Plan, item: dict[str, Any], number: int, rng: random.Random) -> Question:
    right, wrong = _ANSWERS[item["kind"]](plan, item, rng)
    options = [right, *wrong[: OPTIONS - 1]]
    rng.shuffle(options)
    assert len(set(options)) == OPTIONS, item
    offered = item["kind"] == "not" or bool(item.get("first"))
    tail = f" Choose from: {'; '.join(options)}." if offered else ""
    wordings = tuple(
        Wording(text=text, open=text + tail, tuning=tuning)
        for tuning in (True, False)
        for text in item["tuning" if tuning else "held"]
    )
    cues = []
    for cue in item["cues"]:
        modality, text = cue.split(": ", 1)
        role = "anchor" if len(item["cues"]) == 2 and cue == item["cues"][0] else "target"
        cues.append(Cue.model_validate({"text": text, "modality": modality, "role": role}))
    return Question(
        id=f"{item['kind']}-{number:02d}",
        kind=item["kind"],
        wordings=wordings,
        options=tuple(options),
        right=options.index(right),
        accepted=_accepted(right),
        evidence=_evidence(plan, item),
        cues=tuple(cues),
        statement=item["statement"],
    )


def _accepted(right: str) -> tuple[str, ...]:
    bare = right.split(" ", 1)[-1] if right.split(" ", 1)[0] in ("a", "an", "the") else right
    return tuple(dict.fromkeys((right, bare, right.removeprefix("at about "))))


def _evidence(plan: Plan, item: dict[str, Any]) -> tuple[Group, ...]:
    if item["kind"] == "about":
        told = [f.id for f in plan.facts if f.id.split(".")[0] in ("theme", "card")]
        return (Group(facts=tuple(told), at_least=ABOUT),)
    names = item.get("facts", [item.get("fact")])
    if item["kind"] in ("after", "before"):
        names = [item["fact"], f"icon.{plan.targets[item['fact']]}"]
    return tuple(Group(facts=(f.id,)) for name in names for f in plan.facts_of(name))


def _value(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    kind, name = item["fact"].split(".")
    if kind == "icon":
        event = next(e for e in plan.events if e.icon == name)
        by_colour = item["kind"] == "colour"
        pool = COLOURS if by_colour else [_spot(place) for place in PLACES]
        value = event.colour if by_colour else _spot(event.place)
    else:
        pool, value = load_bank()[f"{kind}s"][name][1:], plan.values[item["fact"]]
    return value.rstrip(" ~"), rng.sample([other for other in pool if other != value], OPTIONS - 1)


def _icon(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    target = plan.targets[item["fact"]]
    return with_article(target), [with_article(i) for i in item["icons"] if i != target]


def _count(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    right = len(plan.facts_of(item["fact"]))
    first = max(1, right - rng.randrange(OPTIONS))
    return str(right), [str(n) for n in range(first, first + OPTIONS) if n != right]


def _order(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    begins = [plan.facts_of(name)[0].spans[0][0] for name in item["facts"]]
    names = [name for _, name in sorted(zip(begins, item["names"], strict=True))]
    if item.get("first"):
        return names[0], names[1:]
    ways = [", then ".join(way) for way in itertools.permutations(item["names"])]
    right = ", then ".join(names)
    return right, rng.sample([way for way in ways if way != right], OPTIONS - 1)


def _never(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    return rng.choice(item["never"]), item["names"]


def _when(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    start = plan.facts_of(item["fact"])[0].spans[0][0]
    apart = max(4.0, 0.06 * plan.duration)
    times = [start]
    while len(times) < OPTIONS:
        other = rng.uniform(0.02, 0.98) * plan.duration
        if all(abs(other - t) >= apart for t in times):
            times.append(other)
    said = [f"at about {int(t) // 60}:{int(t) % 60:02d}" for t in times]
    return said[0], said[1:]


def _about(plan: Plan, item: dict[str, Any], rng: random.Random) -> tuple[str, list[str]]:
    themes = load_bank()["themes"]
    others = rng.sample([name for name in sorted(themes) if name != plan.theme], OPTIONS - 1)
    return themes[plan.theme][item["field"]], [themes[name][item["field"]] for name in others]


_ANSWERS = {
    "colour": _value,
    "where": _value,
    "written": _value,
    "said": _value,
    "why": _value,
    "lookup": _icon,
    "after": _icon,
    "before": _icon,
    "count": _count,
    "order": _order,
    "not": _never,
    "when": _when,
    "about": _about,
}
