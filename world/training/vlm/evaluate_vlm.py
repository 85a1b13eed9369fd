"""Measure the embedded video LLM on held-out clips: alone, or as the embedded profile asks it.

    python -m longtake.world.training.vlm.evaluate_vlm --count 200
    python -m longtake.world.training.vlm.evaluate_vlm --count 200 --profile
    python -m longtake.world.training.vlm.evaluate_vlm --count 200 --profile --only captions boxes

Clips come from seeds that training never draws, half of the questions in wordings that it never
uses. Every share is printed with n and its 95 % Wilson interval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from longtake.world.training.clips.film import make_clip
from longtake.world.training.clips.scene import HELD_OUT, Clip
from longtake.world.training.lessons.captions import match_caption
from longtake.world.training.lessons.moments import ask_one
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.rate import rate_of
from longtake.world.training.vlm.asked import Asked, Native, Together
from longtake.world.training.vlm.probe import area, iou, read_box
from longtake.world.vlm.prompts import YES

# row of the table: kinds of question, and numbers of frames
ROWS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "single-frame questions": (("colour", "object", "place", "seen", "companion"), (1,)),
    "relation": (("relation",), (1, 1, 4)),
    "count of objects": (("count",), (1, 1, 4)),
    "motion and order, 8 to 16 frames": (("motion", "order"), (8, 12, 16)),
    "when": (("when",), (8, 16)),
    "appearances counted": (("repeats",), (8, 16)),
    "longest place, what comes after": (("longest", "after"), (8, 16)),
    "verification": (("verify",), (1, 4, 8)),
    "notes": (("noted", "mentioned"), (1, 4, 8)),
}
PARTS = ("captions", "relevance", "blind", "boxes", "questions")
FIRST = HELD_OUT + 1_000_000  # apart from the clips that the training's probes look at


def questions(
    row: str, kinds: Sequence[str], lengths: Sequence[int], count: int, held_out: bool
) -> Iterator[tuple[Clip, Turn]]:
    """Yield clips, each with one question; the same for every model."""
    salt = sum(map(ord, row)) * 1000 + 500 * held_out
    made, number = 0, 0
    while made < count:
        rng = np.random.default_rng([FIRST, salt, number])
        clip = make_clip(FIRST + salt * 1000 + number, int(rng.choice(lengths)))
        number += 1
        turn = ask_one(rng, clip, str(rng.choice(kinds)), held_out)
        if turn is not None:
            made += 1
            yield clip, turn


def rates(vlm: Asked, count: int) -> dict[str, list[bool]]:
    """Ask the questions of `ROWS`, half of them in wordings never trained on."""
    found: dict[str, list[bool]] = {}
    new: list[bool] = []
    for row, (kinds, lengths) in ROWS.items():
        known = [vlm.right(*q) for q in questions(row, kinds, lengths, count // 2, False)]
        other = [vlm.right(*q) for q in questions(row, kinds, lengths, count // 2, True)]
        found[row] = known + other
        new += other
        print(f"{row}: {np.mean(found[row]):.3f}", flush=True)
    return found | {"all of these in wordings never trained on": new}


def captions(vlm: Asked, count: int, length: int = 1) -> dict[str, float]:
    """Return F1 of the objects that captions name, and how many of the right ones' colours are."""
    right = wrong = missed = coloured = 0
    for clip, turn in questions("caption", ("caption",), (length,), count, False):
        match = match_caption(vlm.caption(clip, turn), clip)
        right, wrong = right + match.right, wrong + match.wrong
        missed, coloured = missed + match.missed, coloured + match.coloured
    return {
        "f1": 2 * right / max(1, 2 * right + wrong + missed),
        "colour": coloured / max(1, right),
        "n": right + missed,
    }


def relevance(vlm: Asked, count: int) -> dict[str, float]:
    """Return the area under the ROC curve of yes against no, over clips of 1 to 8 frames."""
    scores = []
    for clip, turn in questions("relevant", ("relevant",), (1, 4, 8), count, False):
        scores.append((vlm.yes(clip, turn), turn.answer == YES))
    return {"auc": area(scores), "n": len(scores)}


def boxes(vlm: Asked, count: int) -> dict[str, list[bool]]:
    """Ask for boxes: of things that are there, and of things that are not."""
    there, away = [], []
    for clip, turn in questions("box", ("box",), (1,), count, False):
        said = vlm.box(clip, turn)
        truth = read_box(turn.answer)
        if truth is None:
            away.append(said is None)
        else:
            there.append(said is not None and iou(said, truth) >= 0.5)
    return {"box, IoU of 0.5 or more": there, "no box for what is not there": away}


def blind(vlm: Asked, count: int) -> dict[str, float]:
    """Return how often choices are right without any frames, and how often by chance."""
    rows = [(row, k, n) for row, (k, n) in ROWS.items() if row != "notes"]
    found = [
        (vlm.right(replace(clip, pixels=clip.pixels[:0], visible=()), turn), 1 / len(turn.options))
        for row, kinds, lengths in rows
        for clip, turn in questions(row, kinds, lengths, count // 4, False)
        if turn.options
    ]
    hits, chance = zip(*found, strict=True)
    return {"right": float(np.mean(hits)), "chance": float(np.mean(chance)), "n": len(found)}


def numbers_of(vlm: Asked, count: int, parts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measure what is no share of right answers: captions, relevance, choices without frames."""
    numbers: dict[str, dict[str, float]] = {}
    if "captions" in parts:
        numbers["caption, one frame"] = captions(vlm, count // 2)
        numbers["caption, 8 frames"] = captions(vlm, count // 8, 8)
    if "relevance" in parts:
        numbers["relevance"] = relevance(vlm, count)
    if "blind" in parts:
        numbers["blind"] = blind(vlm, count)
    return numbers


def answers_of(vlm: Asked, count: int, parts: Sequence[str]) -> dict[str, list[bool]]:
    """Ask for what is answered right or wrong: boxes, and the questions of `ROWS`."""
    found = boxes(vlm, count) if "boxes" in parts else {}
    return found | (rates(vlm, count) if "questions" in parts else {})


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description="Measure the embedded video LLM on held-out clips."
    )
    parser.add_argument("--model", type=Path, default=Path("world/weights/vlm"))
    parser.add_argument("--count", type=int, default=400, help="questions a row")
    parser.add_argument(
        "--profile", action="store_true", help="ask it as the embedded profile does, with patches"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="of the measures")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    kind = Together if options.profile else Native
    vlm = kind(options.model, options.device)
    numbers: dict[str, Any] = dict(numbers_of(vlm, options.count, options.only))
    for name, found in numbers.items():
        print(f"{name:58} " + ", ".join(f"{k} {v:.3g}" for k, v in found.items()))
    for name, right in answers_of(vlm, options.count, options.only).items():
        rate = rate_of(right)
        numbers[name] = {"value": rate.value, "low": rate.low, "high": rate.high, "n": rate.n}
        print(f"{name:58} {rate.value:6.1%}  ({rate.low:.1%} to {rate.high:.1%}, n = {rate.n})")
    if options.out:
        options.out.write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
