"""Proves a film's questions a second way: by looking at it instant by instant.

Nothing of the ledger is used. The film is sampled every quarter of a second, each sprite being
asked where it is, and every answer must follow from those samples alone; so must the promises (a
lead is where its needle says and nowhere else) and the temptations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from longtake.world.films.film import FilmPlan
from longtake.world.films.narration import name_thing
from longtake.world.scenes.cast import Pair
from longtake.world.scenes.places import AT
from longtake.world.scenes.scene import ASPECT, Sign, Sprite
from longtake.world.truths.questions import Question, make_questions

STEP = 0.25  # seconds between two looks
SLACK = 2 * STEP
TINY = 0.1  # share of the frame's height below which a sprite is a tiny object
GAP = 20.0  # seconds that separate two counted appearances


@dataclass(frozen=True, slots=True)
class Look:
    """What is in view at one instant: centres are shares of the frame."""

    second: float
    shot: int
    place: str
    seen: tuple[tuple[Sprite, float, float], ...]
    signs: tuple[Sign, ...]

    def pairs(self) -> set[Pair]:
        """Return the coloured objects in view."""
        return {(s.object, s.colour) for s, _, _ in self.seen}

    def find(self, pair: Sequence[str]) -> list[tuple[Sprite, float, float]]:
        """Return where the pair is in view."""
        return [e for e in self.seen if (e[0].object, e[0].colour) == tuple(pair)]


def look_through(plan: FilmPlan) -> list[Look]:
    """Sample the whole film."""
    looks: list[Look] = []
    for row, shot in enumerate(plan.shots):
        length, second = shot.span.duration, STEP / 2
        while second < length:
            seen = []
            for sprite in shot.scene.sprites:
                centre = sprite.at(second)
                if centre is not None:
                    seen.append((sprite, *centre))
            signs = tuple(s for s in shot.scene.signs if s.visible(second))
            looks.append(Look(shot.span.start + second, row, shot.scene.place, tuple(seen), signs))
            second += STEP
    return looks


def seen_when(looks: Sequence[Look], pair: Sequence[str]) -> list[tuple[float, float]]:
    """Return the stretches in which the pair is in view, to the sampling step."""
    spans: list[tuple[float, float]] = []
    for look in looks:
        if look.find(pair):
            if spans and look.second - spans[-1][1] <= SLACK + 1e-6:
                spans[-1] = (spans[-1][0], look.second)
            else:
                spans.append((look.second, look.second))
    return spans


def check_plan(plan: FilmPlan) -> list[str]:
    """Return everything that is wrong with a film and its questions; empty when all is well."""
    looks = look_through(plan)
    problems = _check_shots(plan, looks)
    for question in make_questions(plan):
        problems += [f"{question.id}: {p}" for p in _check_form(question)]
        view = CHECKS[question.form if question.answer is not None else "absent"]
        found = view(looks, question, plan)
        if found != question.answer:
            problems.append(f"{question.id}: says {question.answer!r}, the film shows {found!r}")
        if "pair" in question.about and plan.duration >= 300:
            problems += [f"{question.id}: {p}" for p in _check_tempting(looks, question)]
    return problems


def _check_shots(plan: FilmPlan, looks: Sequence[Look]) -> list[str]:
    """Check the cuts, and that nothing overlaps or leaves the frame."""
    problems = []
    for before, after in pairwise(plan.shots):
        if before.stop != after.first or before.scene.place == after.scene.place:
            problems.append(f"shots at {before.span} and {after.span} do not make a clean cut")
    for before, look in zip([None, *looks], looks, strict=False):
        if before and (before.seen, before.signs) == (look.seen, look.signs):
            continue  # nothing has moved
        boxes = [(x * ASPECT, y, s.size / 2, s.size / 2) for s, x, y in look.seen]
        for sign in look.signs:
            box = sign.box()
            width, height = (box.x1 - box.x0) * ASPECT, box.y1 - box.y0
            boxes.append((sign.x * ASPECT, sign.y, width / 2, height / 2))
        for row, (x, y, w, h) in enumerate(boxes):
            if x - w < 0 or x + w > ASPECT or y - h < 0 or y + h > 1:
                problems.append(f"something leaves the frame at {look.second:.2f} s")
            for a, b, c, d in boxes[:row]:
                if abs(a - x) < c + w - 1e-6 and abs(b - y) < d + h - 1e-6:
                    problems.append(f"two things overlap at {look.second:.2f} s")
    return problems


def _check_form(question: Question) -> list[str]:
    problems = []
    if question.choices is not None:
        if len(set(question.choices)) != len(question.choices):
            problems.append("the same choice twice")
        if question.choices[question.answer_index or 0] != question.answer:
            problems.append("answer_index does not point at the answer")
    if question.answer is None and (question.choices or question.spans):
        problems.append("an absent question has choices or spans")
    if question.answer is not None and not question.spans:
        problems.append("no span proves the answer")
    return problems


def _check_tempting(looks: Sequence[Look], question: Question) -> list[str]:
    name, colour = question.about["pair"]
    pairs = set().union(*(look.pairs() for look in looks))
    problems = []
    if not any(n == name and c != colour for n, c in pairs):
        problems.append(f"no {name} in another colour")
    if not any(n != name and c == colour for n, c in pairs):
        problems.append(f"nothing else is {colour}")
    return problems


View = Callable[[Sequence[Look], Question, FilmPlan], str | None]


def _only(values: Iterable[str]) -> str | None:
    """Return the one value there is; None when there are none or several."""
    unique = set(values)
    return unique.pop() if len(unique) == 1 else None


def _colour_at(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    about = question.about
    return _only(
        s.colour
        for look in looks
        if look.place == about["place"]
        for s, _, _ in look.seen
        if s.object == about["object"]
    )


def _companion(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    pair = tuple(question.about["pair"])
    return _only(
        f"the {c} {n}" for look in looks if look.find(pair) for n, c in look.pairs() - {pair}
    )


def _where(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    return _only(AT[look.place] for look in looks if look.find(question.about["pair"]))


def _appearance(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    spans = seen_when(looks, question.about["pair"])
    (truth,) = question.spans
    if len(spans) != 1 or not 2.9 < truth.duration < 20.1:
        return None
    close = abs(spans[0][0] - truth.start) <= SLACK and abs(spans[0][1] - truth.end) <= SLACK
    return question.answer if close else None


def _order(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    spans = {tuple(p): seen_when(looks, p) for p in question.about["options"]}
    if any(len(s) != 1 for s in spans.values()):
        return None
    name, colour = (min if question.form == "first" else max)(spans, key=lambda p: spans[p][0])
    return f"the {colour} {name}"


def _repeats(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    spans = seen_when(looks, question.about["pair"])
    apart = all(b[0] - a[1] >= GAP for a, b in pairwise(spans))
    return str(len(spans)) if apart else None


def _group(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    pair, place = question.about["pair"], question.about["place"]
    counts = {len(look.find(pair)) for look in looks if look.place == place}
    return _only(str(n) for n in counts if n)


def _nearest(look: Look, pair: Sequence[str], things: Sequence[tuple[str, float, float]]) -> str:
    """Return the thing whose centre is nearest to the pair's."""
    ((_, x, y),) = look.find(pair)
    return min(things, key=lambda t: ((t[1] - x) * ASPECT) ** 2 + (t[2] - y) ** 2)[0]


def _sign_beside(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    pair = question.about["pair"]
    return _only(
        _nearest(look, pair, [(s.text, s.x, s.y) for s in look.signs])
        for look in looks
        if look.find(pair)
    )


def _tiny(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    pair, found = question.about["pair"], set[str]()
    for look in looks:
        if look.find(pair):
            tiny = [(f"the {s.colour} {s.object}", x, y) for s, x, y in look.seen if s.size < TINY]
            found.add(_nearest(look, pair, tiny))
    answer = _only(found)
    if question.form == "tiny_object" or answer is None:
        return answer
    return answer.split()[1] if answer.split()[2] == question.about["object"] else None


def _direction(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    places = [(x * ASPECT, y) for look in looks for _, x, y in look.find(question.about["pair"])]
    across, down = places[-1][0] - places[0][0], places[-1][1] - places[0][1]
    if abs(across) > 4 * abs(down):
        return "right" if across > 0 else "left"
    if abs(down) > 4 * abs(across):
        return "down" if down > 0 else "up"
    return None


def _neighbour(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    pair, side = question.about["pair"], question.form
    found = set()
    for look in looks:
        for _, x, y in look.find(pair):
            for s, a, b in look.seen:
                across, down = (a - x) * ASPECT, b - y
                ahead = {"left": -across, "right": across, "above": -down, "below": down}[side]
                aside = abs(down if side in ("left", "right") else across)
                if ahead > 0.15 and aside < 0.15:
                    found.add(f"the {s.colour} {s.object}")
    return _only(found)


def _fact(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    thing = name_thing(question.about["thing"])
    said = [line for line in plan.lines if thing in line.text.lower()]
    values = [v for v in question.choices or () if said and v in said[0].text]
    return _only(values) if len(said) == 1 else None


def _after_sign(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    shots = {k.shot for k in looks if question.about["text"] in {s.text for s in k.signs}}
    if len(shots) != 1:
        return None
    after = shots.pop() + 1
    return _only(f"the {c} {n}" for k in looks if k.shot == after for n, c in k.pairs())


def _while_mentions(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    said = [line.span for line in plan.lines if question.about["topic"] in line.text]
    return _only(
        s.colour
        for look in looks
        if any(span.contains(look.second) for span in said)
        for s, _, _ in look.seen
        if s.object == question.about["object"]
    )


def _total(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    """Add up the looks at each of the choices; the margin has to be clear."""
    half = plan.duration / 2
    spent = dict.fromkeys(AT.values() if question.form != "least" else question.choices or (), 0)
    for look in looks:
        early = look.second < half
        meant = question.form in ("most", "least") or early == (question.form == "most_first_half")
        if meant and AT[look.place] in spent:
            spent[AT[look.place]] += 1
    ranked = sorted(spent, key=spent.__getitem__, reverse=question.form != "least")
    low, high = sorted((spent[ranked[0]], spent[ranked[1]]))
    return ranked[0] if high > low * 1.05 else None


def _absent(looks: Sequence[Look], question: Question, plan: FilmPlan) -> str | None:
    """Return something when the film does show what it must not."""
    about, form = question.about, question.form
    if "pair" in about:
        return "in view" if seen_when(looks, about["pair"]) else None
    if form == "colour_at":
        return _colour_at(looks, question, plan)
    if form == "after_sign":
        texts = {s.text for look in looks for s in look.signs}
        return "in view" if about["text"] in texts else None
    thing = name_thing(about["thing"])
    return "said" if any(thing in line.text.lower() for line in plan.lines) else None


CHECKS: dict[str, View] = {
    "colour_at": _colour_at,
    "companion": _companion,
    "where": _where,
    "appearance": _appearance,
    "first": _order,
    "last": _order,
    "repeats": _repeats,
    "group": _group,
    "sign_beside": _sign_beside,
    "tiny_colour": _tiny,
    "tiny_object": _tiny,
    "direction": _direction,
    "left": _neighbour,
    "right": _neighbour,
    "above": _neighbour,
    "below": _neighbour,
    "fact": _fact,
    "after_sign": _after_sign,
    "while_mentions": _while_mentions,
    "most": _total,
    "least": _total,
    "most_first_half": _total,
    "most_second_half": _total,
    "absent": _absent,
}
