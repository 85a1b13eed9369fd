"""What can be said about a picture, in many wordings, and whether it is true.

A statement is a claim about what is in view; the truth is known from the labels, for the whole
picture and, where it concerns an object or a colour, for each patch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from longtake.world.scenes.objects import COLOURS, OBJECTS, article, plural
from longtake.world.scenes.places import AT, PLACES
from longtake.world.training.encoder.data import NOTHING, SIGN, Sample

COLOUR_NAMES = tuple(COLOURS)

SYNONYMS: dict[str, str] = {
    "automobile": "car",
    "bike": "bicycle",
    "aeroplane": "plane",
    "airplane": "plane",
    "aircraft": "plane",
    "kitten": "cat",
    "kitty": "cat",
    "bunny": "rabbit",
    "hare": "rabbit",
    "tortoise": "turtle",
    "serpent": "snake",
    "locomotive": "train",
    "chopper": "helicopter",
    "sailboat": "boat",
    "ship": "boat",
    "mug": "cup",
    "kettle": "teapot",
    "blouse": "shirt",
    "shoe": "boot",
    "hatchet": "axe",
    "pail": "bucket",
    "spanner": "wrench",
    "cottage": "house",
    "toadstool": "mushroom",
    "spaceship": "rocket",
    "timepiece": "clock",
    "parasol": "umbrella",
    "violet": "purple",
    "crimson": "red",
    "scarlet": "red",
    "rose": "pink",
    "seaside": "beach",
    "shore": "beach",
    "woods": "forest",
    "port": "harbour",
    "harbor": "harbour",
    "town": "city",
    "snow": "snowfield",
    "mountains": "mountain",
    "dock": "harbour",
}

FOREIGN: tuple[str, ...] = tuple(
    [
        *("dog", "horse", "cow", "pig", "sheep", "goat", "lion", "tiger", "bear", "wolf", "fox"),
        *("deer", "monkey", "zebra", "camel", "kangaroo", "panda", "frog", "lizard", "dinosaur"),
        *("dragon", "shark", "dolphin", "octopus", "eagle", "owl", "chicken", "parrot", "swan"),
        *("bee", "ant", "worm", "man", "woman", "boy", "girl", "person", "child", "baby"),
        *("dancer", "robot", "king", "queen", "doctor", "soldier", "pirate", "bus", "truck"),
        *("van", "tractor", "tank", "motorcycle", "submarine", "scooter", "wagon", "tram"),
        *("jeep", "sled", "parachute", "sofa", "bed", "desk", "mirror", "door", "stairs"),
        *("bridge", "tower", "castle", "tent", "violin", "piano", "trumpet", "flute", "harp"),
        *("radio", "television", "computer", "laptop", "phone", "printer", "microphone"),
        *("lemon", "grape", "peach", "plum", "melon", "strawberry", "tomato", "potato", "onion"),
        *("corn", "pumpkin", "pepper", "bread", "cheese", "egg", "sandwich", "burger", "cookie"),
        *("candy", "coffee", "juice", "milk", "soup", "noodle", "sushi", "glove", "sock"),
        *("scarf", "belt", "dress", "skirt", "trousers", "jacket", "necklace", "ring", "watch"),
        *("glasses", "mask", "helmet", "spoon", "knife", "plate", "bowl", "pan", "oven"),
        *("fridge", "towel", "soap", "broom", "mop", "brush", "needle", "rope", "chain", "ball"),
        *("racket", "bat", "net", "goal", "skateboard", "kite", "puzzle", "doll", "dice"),
        *("card", "chess", "trophy", "medal", "flag", "map", "newspaper", "letter", "envelope"),
        *("stamp", "coin", "wallet", "bag", "backpack", "box", "basket", "barrel", "lock"),
        *("volcano", "rainbow", "lightning", "fire", "smoke", "battery", "bulb", "screw"),
        *("nail", "drill", "shovel", "rake", "telescope", "compass", "globe", "statue"),
        *("fountain", "windmill"),
    ]
)
_FOREIGN_PLACES = tuple(
    [
        *("airport", "stadium", "hospital", "school", "church", "office", "bedroom", "bathroom"),
        *("jungle", "street", "station", "museum", "theatre", "restaurant", "swamp", "volcano"),
        *("space", "moon", "underwater", "classroom"),
    ]
)

_FORMS = (
    *("{a}", "{a}", "{a}", "the {x}", "{x}", "a picture of {a}", "a photo of {a}"),
    *("there is {a}", "{a} is visible", "a frame with {a}", "one {x}", "where is the {x}"),
    *("{a} in the film", "the {x} appears", "this shows {a}", "an image of {a}"),
    *("{a} can be seen", "{xs}", "many {xs}", "some {xs}"),
)
_PLACE_FORMS = (
    *("the {p}", "the {p}", "{at}", "{at}", "{p}", "a {p}", "a picture of the {p}"),
    *("a scene {at}", "a view of the {p}", "this is {at}", "we are {at}"),
    *("the place is the {p}", "a photo of the {p}"),
)
_SIGN_FORMS = (
    "a sign",
    "the sign",
    "a sign with text",
    "a board with words",
    "a picture of a sign",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim: objects and colours (-1 for any), a place (-1 for any), or a sign.

    `parts` are (object, colour) claims that must all hold; a foreign statement never holds.
    """

    text: str
    parts: tuple[tuple[int, int], ...] = ()
    place: int = -1
    sign: bool = False
    foreign: bool = False


def say(rng: np.random.Generator, item: int, colour: int, place: int = -1) -> Statement:
    """Word the claim that an object (or colour, or both) is in view, at a place or anywhere."""
    text = _phrase(rng, item, colour)
    if place >= 0:
        text += " " + AT[PLACES[place]]
    return Statement(_mapped(rng, text), ((item, colour),), place)


def say_place(rng: np.random.Generator, place: int) -> Statement:
    """Word the claim that the picture is of a place."""
    name = PLACES[place]
    form = _PLACE_FORMS[rng.integers(len(_PLACE_FORMS))]
    return Statement(_mapped(rng, form.format(p=name, at=AT[name])), place=place)


def say_sign(rng: np.random.Generator) -> Statement:
    """Word the claim that a sign is in view."""
    return Statement(_SIGN_FORMS[rng.integers(len(_SIGN_FORMS))], sign=True)


def say_both(
    rng: np.random.Generator, first: tuple[int, int], second: tuple[int, int]
) -> Statement:
    """Word the claim that two things are in view together."""
    joint = ("and", "beside", "next to", "with", "to the left of", "near", "together with")
    text = f"{article(_name(*first))} {joint[rng.integers(len(joint))]} {article(_name(*second))}"
    return Statement(_mapped(rng, text), (first, second))


def say_foreign(rng: np.random.Generator) -> Statement:
    """Word a claim about something that the rendered world does not have."""
    if rng.random() < 0.2:
        name = _FOREIGN_PLACES[rng.integers(len(_FOREIGN_PLACES))]
        return Statement(f"{('in the', 'at the', 'the')[rng.integers(3)]} {name}", foreign=True)
    if rng.random() < 0.25:  # a word nobody has taught it
        word = "".join(chr(rng.integers(97, 123)) for _ in range(int(rng.integers(3, 9))))
    else:
        word = FOREIGN[rng.integers(len(FOREIGN))]
    if rng.random() < 0.5:
        word = f"{COLOUR_NAMES[rng.integers(len(COLOUR_NAMES))]} {word}"
    return Statement(_fill(rng, word, word + "s"), foreign=True)


def _name(item: int, colour: int) -> str:
    return " ".join(
        part
        for part in (
            COLOUR_NAMES[colour] if colour >= 0 else "",
            OBJECTS[item] if item >= 0 else "thing",
        )
        if part
    )


def _phrase(rng: np.random.Generator, item: int, colour: int) -> str:
    if item < 0:
        forms = (
            "something {c}",
            "something {c}",
            "{c}",
            "a {c} thing",
            "a {c} object",
            "anything {c}",
        )
        return forms[rng.integers(len(forms))].format(c=COLOUR_NAMES[colour])
    many = plural(OBJECTS[item])
    return _fill(
        rng, _name(item, colour), f"{COLOUR_NAMES[colour]} {many}" if colour >= 0 else many
    )


def _fill(rng: np.random.Generator, name: str, many: str) -> str:
    return _FORMS[rng.integers(len(_FORMS))].format(a=article(name), x=name, xs=many)


_BACK: dict[str, list[str]] = {}
for _other, _known in SYNONYMS.items():
    _BACK.setdefault(_known, []).append(_other)


def _mapped(rng: np.random.Generator, text: str) -> str:
    """Swap now and then a word for a synonym."""
    if rng.random() > 0.12:
        return text
    words = text.split()
    for i, word in enumerate(words):
        if word in _BACK:
            words[i] = _BACK[word][rng.integers(len(_BACK[word]))]
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Batch:
    """Stacked samples; shapes as in `Sample` with a leading axis of pictures."""

    pixels: np.ndarray
    objects: np.ndarray
    colours: np.ndarray
    places: np.ndarray
    pairs: np.ndarray
    signs: np.ndarray


def stack(samples: list[Sample]) -> Batch:
    """Join samples into a batch."""
    return Batch(
        np.stack([s.pixels for s in samples]),
        np.stack([s.objects for s in samples]),
        np.stack([s.colours for s in samples]),
        np.array([s.place for s in samples], np.int64),
        np.stack([s.pairs for s in samples]),
        np.array([s.sign for s in samples], np.int8),
    )


def thin(rng: np.random.Generator, batch: Batch) -> tuple[Batch, np.ndarray]:
    """Keep a little more than half of the patches, mostly those with something on them.

    Returns:
        The batch with labels [B, count], and the kept patches' numbers, int64 [B, count].
    """
    objects = batch.objects.reshape(len(batch.pixels), -1)
    colours = batch.colours.reshape(len(batch.pixels), -1)
    bare = (objects == NOTHING) * rng.uniform(0.5, 1.5, (len(objects), 1))
    count = objects.shape[1] * 8 // 15
    rank = np.argsort(bare + rng.random(objects.shape), axis=1)[:, :count]
    parts = (np.take_along_axis(x, rank, 1) for x in (objects, colours))
    return replace(batch, **dict(zip(("objects", "colours"), parts, strict=True))), rank


def choose_statements(rng: np.random.Generator, batch: Batch, budget: int = 150) -> list[Statement]:
    """Return statements for a batch: every simple one, and pairs that are true, nearly or not."""
    chosen = [say(rng, item, -1) for item in range(len(OBJECTS))]
    chosen += [say(rng, -1, colour) for colour in range(len(COLOUR_NAMES))]
    chosen += [say_place(rng, place) for place in range(len(PLACES))] + [say_sign(rng)]
    chosen += [say_foreign(rng) for _ in range(20)]
    rows, items, colours = np.nonzero(batch.pairs == 1)
    order = rng.permutation(len(rows))
    for k in order[: int(budget * 0.55)]:
        chosen.append(say(rng, int(items[k]), int(colours[k])))
    while len(chosen) < 105 + int(budget * 0.8):  # near misses and strangers
        if len(rows) and rng.random() < 0.7:
            k = rng.integers(len(rows))
            same = rng.random() < 0.6
            item = items[k] if same else rng.integers(len(OBJECTS))
            colour = rng.integers(len(COLOUR_NAMES)) if same else colours[k]
        else:
            item, colour = rng.integers(len(OBJECTS)), rng.integers(len(COLOUR_NAMES))
        chosen.append(say(rng, int(item), int(colour)))
    while len(chosen) < 105 + budget and len(rows):
        k = rng.integers(len(rows))
        pair, row = (int(items[k]), int(colours[k]) if rng.random() < 0.8 else -1), rows[k]
        if rng.random() < 0.6:
            there = int(batch.places[row])
            fits = there < len(PLACES) and rng.random() < 0.6
            chosen.append(say(rng, *pair, there if fits else int(rng.integers(len(PLACES)))))
        else:
            mates = np.flatnonzero(rows == row) if rng.random() < 0.6 else np.arange(len(rows))
            j = mates[rng.integers(len(mates))]
            chosen.append(say_both(rng, pair, (int(items[j]), int(colours[j]))))
    return chosen


def picture_truth(statements: list[Statement], batch: Batch) -> np.ndarray:
    """Return int8 [pictures, statements]: 1 true, 0 false, -1 not recognisable."""
    truth = np.ones((len(batch.pixels), len(statements)), np.int8)
    for column, statement in enumerate(statements):
        claims = [_part_truth(part, batch.pairs) for part in statement.parts]
        if statement.place >= 0:
            claims.append((batch.places == statement.place).astype(np.int8))
        if statement.sign:
            claims.append(batch.signs)
        if statement.foreign:
            claims.append(np.zeros(len(batch.pixels), np.int8))
        for claim in claims:
            known = truth[:, column]
            false = (known == 0) | (claim == 0)
            truth[:, column] = np.where(false, 0, np.minimum(known, claim))
    return truth


def patch_truth(
    statements: list[Statement], objects: np.ndarray, colours: np.ndarray
) -> np.ndarray:
    """Return int8 [patches, statements] for patch labels [patches]; -1 where it is not theirs."""
    truth = np.full((len(objects), len(statements)), -1, np.int8)
    for column, statement in enumerate(statements):
        if statement.sign:
            truth[:, column] = objects == SIGN
        elif statement.foreign:
            truth[:, column] = 0
        elif len(statement.parts) == 1 and statement.place < 0:
            item, colour = statement.parts[0]
            fits = objects == item if item >= 0 else (objects != NOTHING) & (objects != SIGN)
            truth[:, column] = fits & (colours == colour) if colour >= 0 else fits
    return truth


def _part_truth(part: tuple[int, int], pairs: np.ndarray) -> np.ndarray:
    item, colour = part
    chosen = pairs if item < 0 else pairs[:, item : item + 1]
    chosen = chosen if colour < 0 else chosen[:, :, colour : colour + 1]
    flat = chosen.reshape(len(pairs), -1)
    seen = (flat == 1).any(1)
    doubt = (flat == -1).any(1)
    return np.where(seen, 1, np.where(doubt, -1, 0)).astype(np.int8)
