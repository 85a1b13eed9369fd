"""Questions that need the course of a clip, or the notes beside it; and how a clip's are drawn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import numpy as np

from longtake.world.films import narration
from longtake.world.scenes.places import AT, PLACES
from longtake.world.scenes.signs import SignWriter
from longtake.world.training.clips.scene import COLOUR_NAMES, Clip
from longtake.world.training.clips.truth import WAYS, Name, words
from longtake.world.training.lessons.claims import CLAIMS
from longtake.world.training.lessons.questions import STILL, the
from longtake.world.training.lessons.turns import Asker, Turn
from longtake.world.training.lessons.wordings import STATEMENTS, word
from longtake.world.vlm.prompts import NO, NOT_VISIBLE, YES

Maker = Callable[[Asker], Turn | None]


def direction(a: Asker) -> Turn | None:
    """Ask where something moves to."""
    movers = [(p, way) for p in a.known() if (way := a.facts.way(p))]
    if not movers:
        return None
    pair, way = a.pick(movers)
    if a.rng.random() < 0.25:
        said = way if a.rng.random() < 0.5 else a.pick([w for w in WAYS if w != way])
        text = STATEMENTS["moves"].format(pair=words(pair), way=said)
        return a.open("motion", "verify", text, YES if said == way else NO)
    question = word(a.rng, "direction", a.held_out, pair=words(pair))
    if a.rng.random() < 0.35:
        return a.open("motion", "short", question, way)
    return a.choice("motion", question, way, WAYS)


def order(a: Asker) -> Turn | None:
    """Ask which of several comes first or last."""
    starts = {p: a.facts.rows(p)[0] for p in a.known()}
    pool: list[Name] = []
    for pair in a.some(list(starts), len(starts)):
        if all(starts[pair] != starts[other] for other in pool):
            pool.append(pair)
    if len(pool) < 2:
        return None
    chosen = pool[: a.size()]
    early = a.rng.random() < 0.5
    right = (min if early else max)(chosen, key=lambda p: starts[p])
    if a.rng.random() < 0.2:
        one, two = chosen[:2]
        text = STATEMENTS["before"].format(pair=words(one), other=words(two))
        return a.open("order", "verify", text, YES if starts[one] < starts[two] else NO)
    question = word(a.rng, "first" if early else "last", a.held_out)
    return a.choice("order", question, the(right), [the(p) for p in chosen])


def when(a: Asker) -> Turn | None:
    """Ask at which time something appears."""
    subject = a.subject(absent=0.12)
    if subject is None:
        return None
    pair, there = subject
    question = word(a.rng, "appearance", a.held_out, pair=words(pair))
    times = [f"{s.second:.1f} seconds" for s in a.facts.visible]
    right = times[a.facts.rows(pair)[0]] if there else None
    if a.rng.random() < 0.35:
        shown = {times[i] for i in a.facts.rows(pair)} - {right}
        return a.choice("when", question, right, [t for t in times if t not in shown])
    return a.open("when", "moment", question, right or NOT_VISIBLE)


def repeats(a: Asker) -> Turn | None:
    """Ask how many separate times something appears."""
    runs = {p: n for p in a.known() if (n := a.facts.runs(p))}
    many = [p for p, n in runs.items() if n > 1]
    if not runs or (not many and a.rng.random() < 0.8):
        return None
    pair = a.pick(many or list(runs))
    question = word(a.rng, "repeats", a.held_out, pair=words(pair))
    right = str(runs[pair])
    if a.rng.random() < 0.5:
        return a.open("repeats", "short", question, right)
    near = [str(n) for n in range(1, 9) if abs(n - runs[pair]) <= 3]
    return a.choice("repeats", question, right, near)


def longest(a: Asker) -> Turn | None:
    """Ask at which place most or fewest frames are."""
    spent = Counter(s.place for s in a.facts.visible if s.place)
    if len(spent) < 2:
        return None
    ranked = spent.most_common()
    most = a.rng.random() < 0.7
    best, next_best = (ranked[0], ranked[1]) if most else (ranked[-1], ranked[-2])
    if best[1] == next_best[1]:
        return None
    question = word(a.rng, "most" if most else "least", a.held_out)
    others = [AT[p] for p in spent if p and p != best[0]]
    if most and len(others) < 3:
        others += [AT[p] for p in a.some(PLACES, 3) if p not in spent]
    return a.choice("longest", question, AT[best[0]], others)  # type: ignore[index]


def after(a: Asker) -> Turn | None:
    """Ask what the next shot shows after the one with something in it."""
    shots = list(dict.fromkeys(s.shot for s in a.facts.visible))
    found = []
    for pair in a.known():
        rows = a.facts.rows(pair)
        mine = {a.facts.visible[i].shot for i in rows}
        if len(mine) == 1 and (at := shots.index(mine.pop())) + 1 < len(shots):
            found.append((pair, shots[at + 1]))
    if not found:
        return None
    pair, shot = a.pick(found)
    then = {x.pair for s in a.facts.visible if s.shot == shot for x in s.seen}
    sure = sorted(p for p in then if a.facts.sure(p))
    if not sure:
        return None
    right = a.pick(sure)
    question = word(a.rng, "after", a.held_out, pair=words(pair))
    wrong = a.some([p for p in a.known() if p not in then and p != pair], 3)
    wrong += a.strangers(3 - len(wrong)) if len(wrong) < 3 else []
    return a.choice("after", question, the(right), [the(p) for p in wrong])


def noted(a: Asker) -> Turn | None:
    """Ask what the notes say: a sign that was read, or a fact that was told."""
    luck = random.Random(int(a.rng.integers(1 << 30)))
    second = a.pick(a.facts.visible).second
    if a.rng.random() < 0.5 and a.known():
        pair, texts = a.pick(a.known()), SignWriter(luck).four()
        question = word(a.rng, "sign_beside", a.held_out, pair=words(pair))
        note = f"{second:.1f} seconds, a sign: {texts[0]}"
    else:
        thing = (luck.choice(narration.ATTRIBUTES), luck.choice(narration.OWNERS))
        texts, named = narration.draw_values(luck, thing[0]), narration.name_thing(thing)
        luck.shuffle(texts)
        question = word(a.rng, "fact", a.held_out, thing=named)
        line = luck.choice(narration.FACT_LINES)
        told = line.format(Thing=named[0].upper() + named[1:], thing=named, value=texts[0])
        note = f"{second:.1f} seconds, said: {told}"
    notes = [note]
    if a.rng.random() < 0.4:
        notes.append(f"{second + 6:.1f} seconds, said: {luck.choice(narration.TALK)}")
    if a.rng.random() < 0.4:
        return a.open("noted", "short", question, texts[0], notes)
    return a.choice("noted", question, texts[0], texts, notes)


def mentioned(a: Asker) -> Turn | None:
    """Ask for the colour of something shown while a topic is spoken of."""
    row = int(a.rng.integers(len(a.facts.visible)))
    sight = a.facts.visible[row]
    names = sorted({s.object for s in sight.clear})
    single = [n for n in names if len({s.colour for s in sight.seen if s.object == n}) == 1]
    if not single:
        return None
    item = a.pick(single)
    right = next(s.colour for s in sight.clear if s.object == item)
    luck = random.Random(int(a.rng.integers(1 << 30)))
    topic = luck.choice(luck.choice(narration.TOPICS))
    note = f"{sight.second:.1f} seconds, said: {luck.choice(narration.TOPIC_LINES).format(topic=topic)}"
    question = word(a.rng, "while_mentions", a.held_out, object=item, topic=topic)
    return a.choice("mentioned", question, right, COLOUR_NAMES, [note])


COURSE: dict[str, tuple[Maker, float]] = {
    "motion": (direction, 2.2),
    "order": (order, 2.2),
    "when": (when, 1.4),
    "repeats": (repeats, 1.2),
    "longest": (longest, 0.8),
    "after": (after, 0.8),
    "noted": (noted, 0.8),
    "mentioned": (mentioned, 0.4),
}
KINDS: dict[str, tuple[Maker, float]] = STILL | CLAIMS | COURSE
EASY = frozenset(
    ("checklist", "caption", "box", "exists", "relevant", "colour", "object", "place", "focus")
)

# what is said in the frames' own words; letters of options come later
OPEN = frozenset(("checklist", "caption", "box", "yesno", "relevant", "short", "focus"))


def make_turns(
    rng: np.random.Generator,
    clip: Clip,
    count: int,
    kinds: frozenset[str] | None = None,
    tasks: frozenset[str] | None = None,
) -> list[Turn]:
    """Ask so many different questions about a clip, fewer where it gives too little to ask.

    Args:
        rng: chooses.
        clip: what is asked about.
        count: how many turns.
        kinds: only these; None for all.
        tasks: only answers of these forms; None for all.
    """
    asker = Asker(rng, clip)
    pool = {k: v for k, v in KINDS.items() if kinds is None or k in kinds}
    if len(clip.visible) == 1:
        pool = {k: v for k, v in pool.items() if k not in COURSE or k == "noted"}
    names = list(pool)
    # long clips are dear: they are asked what only they can teach
    course = 2.0 if len(clip.visible) > 2 else 1.0
    weights = np.array([pool[n][1] * (course if n in COURSE else 1.0) for n in names])
    turns: dict[tuple[str, str], Turn] = {}
    for _ in range(count * 3):
        turn = pool[names[rng.choice(len(names), p=weights / weights.sum())]][0](asker)
        if turn is not None and (tasks is None or turn.task in tasks):
            turns.setdefault((turn.kind, turn.text), turn)
        if len(turns) == count:
            break
    return list(turns.values())


def ask_one(rng: np.random.Generator, clip: Clip, kind: str, held_out: bool = False) -> Turn | None:
    """Ask one question of a kind; None when the clip gives nothing to ask it about."""
    asker = Asker(rng, clip, held_out)
    turns = (KINDS[kind][0](asker) for _ in range(6))
    return next((turn for turn in turns if turn is not None), None)
