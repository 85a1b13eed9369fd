"""Checks of fine perception after SF²T (Hu et al., arXiv 2504.07745): order, speed, direction.

A fragment of a film in which something moves is shown twice, a grey pause between: the second time
as it was, backwards, faster, slower, or with its parts in another order. What was done to it is
known, so any film will do and nobody has to label it.
"""

from __future__ import annotations

import json
import os
import random
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..index.storage.sealed import write_atomically
from ..index.video.clip import encode_clip
from ..index.video.decode import Decoder
from ..index.video.errors import InputError
from .runner.lines import OUT

QUESTION = (
    "A scene is shown, then a grey picture, then the same scene once more, then grey again. "
    "How does the second showing differ from the first?"
)
CHANGES = {  # what is done: kind of the question, option
    "none": ("same", "It does not differ."),
    "reversed": ("reversal", "It runs backwards."),
    "faster": ("speed", "It runs twice as fast."),
    "slower": ("speed", "It runs at half the speed."),
    "shuffled": ("order", "Its parts come in another order."),
}
SECONDS = 4  # of a fragment
RATE = 8  # frames a second
PARTS = 4  # that a shuffle moves
PAUSE = RATE // 2  # grey frames
WIDTH = 480  # pixels, at most
_TRIED = 4  # windows that are looked at for each fragment wanted
_LOOKS = 6  # frames of a window
_THUMB = (64, 36)
_MOVES = 1.0  # grey levels of 255, mean over a picture from look to look
_CUT = 6.0  # times the usual change: a cut, not a motion


def make_fragments(film: Path, folder: Path, count: int = 20, seed: int = 0) -> Path:
    """Cut fragments from a film; write the clips, and questions about them beside them.

    Args:
        film: any film of a minute or more.
        folder: gets `STEM-01.mp4` and so on, and `STEM.jsonl`.
        count: of clips, the five changes in turn.
        seed: of the order of changes and options.

    Returns:
        The file of questions, as `longtake eval run` takes it.

    Raises:
        InputError: the film cannot be read, or too little moves in it.
    """
    rng = random.Random(os.fsencode(f"{film.stem} {seed}"))
    changes = [list(CHANGES)[number % len(CHANGES)] for number in range(count)]
    rng.shuffle(changes)
    rows = []
    with Decoder(film) as decoder:
        starts = moving(decoder, count)
        for number, (start, change) in enumerate(zip(starts, changes, strict=True), 1):
            clip = folder / f"{film.stem}-{number:02}.mp4"
            pixels, end = _shown(decoder, start, change, rng)
            write_atomically(clip, encode_clip(pixels, Fraction(RATE)), OUT)
            options = [option for _, option in CHANGES.values()]
            rng.shuffle(options)
            kind, right = CHANGES[change]
            rows.append(
                {
                    "id": clip.stem,
                    "video": clip.name,
                    "question": QUESTION,
                    "options": options,
                    "answer_index": options.index(right),
                    "type": kind,
                    "evidence": [[0, round(end, 3)]],
                }
            )
    path = folder / f"{film.stem}.jsonl"
    write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows).encode(), OUT)
    return path


def moving(decoder: Decoder, count: int) -> list[float]:
    """Return where windows of `SECONDS` begin in which most moves, without a cut; in time order.

    Raises:
        InputError: there are fewer than `count`.
    """
    last = decoder.info.duration - SECONDS
    tried = max(0, min(_TRIED * count, int(last // SECONDS) + 1))
    found = []
    for start in np.linspace(0.0, max(0.0, last), tried).tolist():
        looks = start + np.linspace(0.0, SECONDS - 1 / RATE, _LOOKS)
        grey = decoder.frames(looks, _THUMB).pixels.mean(axis=3)
        changes = np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2))
        usual = float(np.median(changes)) if len(changes) == _LOOKS - 1 else 0.0
        if usual >= _MOVES and float(changes.max()) < _CUT * usual:
            found.append((usual, start))
    if len(found) < count:
        raise InputError(
            f"{decoder.info.path}: something moves in {len(found)} of {tried} windows, "
            f"{count} are wanted",
            "ask for fewer with --count, or name another film",
        )
    return sorted(start for _, start in sorted(found, reverse=True)[:count])


def _shown(
    decoder: Decoder, start: float, change: str, rng: random.Random
) -> tuple[np.ndarray, float]:
    """Return the frames of a clip, all clips of one length, and when its second showing ends."""
    info = decoder.info
    width = min(WIDTH, info.width) // 2 * 2
    height = max(2, round(info.height * width / info.width) // 2 * 2)
    times = start + np.arange(SECONDS * RATE) / RATE
    first = decoder.frames(times, (width, height)).pixels
    second = changed(first, change, rng)
    grey = np.full((1, height, width, 3), 128, np.uint8)
    spare = 2 * len(first) - len(second) + PAUSE
    pixels = np.concatenate([first, grey.repeat(PAUSE, 0), second, grey.repeat(spare, 0)])
    return pixels, (len(first) + PAUSE + len(second)) / RATE


def changed(pixels: np.ndarray, change: str, rng: random.Random) -> np.ndarray:
    """Return frames with a change of `CHANGES` made to them."""
    if change == "reversed":
        return pixels[::-1]
    if change == "faster":
        return pixels[::2]
    if change == "slower":
        return pixels.repeat(2, axis=0)
    if change == "shuffled":
        parts = np.array_split(np.arange(len(pixels)), PARTS)
        order = own = list(range(PARTS))
        while order in (own, own[::-1]):
            order = rng.sample(own, PARTS)
        return pixels[np.concatenate([parts[place] for place in order])]
    return pixels
