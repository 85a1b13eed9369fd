"""Measure the embedded video LLM on held-out clips, through transformers' own generate.

    python -m train.evaluate_eye --model models/embedded/vlm --count 400 --out numbers.json

Clips come from seeds that training never draws, half of the questions in wordings that it never
uses. Every share is printed with n and its 95 % Wilson interval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from longtake.eval.stats import wilson
from longtake.models.eye_prompts import LETTERS, NO, YES, chat
from train.eye_captions import match_caption
from train.eye_film import make_clip
from train.eye_moments import ask_one
from train.eye_probe import area, iou, read_box
from train.eye_scene import HELD_OUT, Clip
from train.eye_turns import Turn

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
FIRST = HELD_OUT + 1_000_000  # apart from the clips that the training's probes look at


class Native:
    """The saved model, opened and asked as any user of transformers would.

    Args:
        folder: of the checkpoint.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        self.processor: Any = AutoProcessor.from_pretrained(folder)
        model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
        self.model = model.to(device).eval()
        self.blind = False

    def inputs(self, pairs: Sequence[tuple[Clip, str]]) -> Any:
        """Return the model's inputs for clips and what is asked about each."""
        texts, images = [], []
        for clip, asked in pairs:
            seconds = [] if self.blind else [s.second for s in clip.sights]
            turns = chat(seconds, asked)
            texts.append(
                self.processor.apply_chat_template(
                    turns, add_generation_prompt=True, tokenize=False
                )
            )
            images += [] if self.blind else [Image.fromarray(p) for p in clip.pixels]
        kept = {"images": images} if images else {}
        made = self.processor(text=texts, padding=True, return_tensors="pt", **kept)
        return made.to(self.model.device)

    @torch.no_grad()
    def write(self, pairs: Sequence[tuple[Clip, str]]) -> list[str]:
        """Return what the model says, greedily."""
        inputs = self.inputs(pairs)
        out = self.model.generate(**inputs)[:, inputs["input_ids"].shape[1] :]
        texts = self.processor.batch_decode(out, skip_special_tokens=True)
        return [text.strip() for text in texts]

    @torch.no_grad()
    def weigh(self, pairs: Sequence[tuple[Clip, str]], words: Sequence[str]) -> torch.Tensor:
        """Return log-probabilities [N, words] of the first token being each word."""
        ids = [self.processor.tokenizer(w, add_special_tokens=False).input_ids[0] for w in words]
        logits = self.model(**self.inputs(pairs), logits_to_keep=1).logits[:, -1].float()
        return logits.log_softmax(-1)[:, ids].cpu()

    def right(self, clip: Clip, turn: Turn) -> bool:
        """Say whether the model answers a question as the truth does."""
        if turn.task == "choice":
            letters = LETTERS[: len(turn.options)]
            return letters[int(self.weigh([(clip, turn.text)], letters).argmax())] == turn.answer
        if turn.task in ("yesno", "relevant", "verify"):
            best = int(self.weigh([(clip, turn.text)], (YES, NO)).argmax())
            return (YES, NO)[best] == turn.answer
        return self.write([(clip, turn.text)])[0] == turn.answer


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


def rates(eye: Native, count: int) -> dict[str, list[bool]]:
    """Ask the questions of `ROWS`, half of them in wordings never trained on."""
    found: dict[str, list[bool]] = {}
    new: list[bool] = []
    for row, (kinds, lengths) in ROWS.items():
        known = [eye.right(*q) for q in questions(row, kinds, lengths, count // 2, False)]
        other = [eye.right(*q) for q in questions(row, kinds, lengths, count // 2, True)]
        found[row] = known + other
        new += other
        print(f"{row}: {np.mean(found[row]):.3f}", flush=True)
    return found | {"all of these in wordings never trained on": new}


def captions(eye: Native, count: int, length: int = 1) -> dict[str, float]:
    """Return F1 of the objects that captions name, and how many of the right ones' colours are."""
    right = wrong = missed = coloured = 0
    for clip, turn in questions("caption", ("caption",), (length,), count, False):
        match = match_caption(eye.write([(clip, turn.text)])[0], clip)
        right, wrong = right + match.right, wrong + match.wrong
        missed, coloured = missed + match.missed, coloured + match.coloured
    return {
        "f1": 2 * right / max(1, 2 * right + wrong + missed),
        "colour": coloured / max(1, right),
        "n": right + missed,
    }


def relevance(eye: Native, count: int) -> dict[str, float]:
    """Return the area under the ROC curve of yes against no, over clips of 1 to 8 frames."""
    scores = []
    for clip, turn in questions("relevant", ("relevant",), (1, 4, 8), count, False):
        yes, no = eye.weigh([(clip, turn.text)], (YES, NO))[0].tolist()
        scores.append((yes - no, turn.answer == YES))
    return {"auc": area(scores), "n": len(scores)}


def boxes(eye: Native, count: int) -> dict[str, list[bool]]:
    """Ask for boxes: of things that are there, and of things that are not."""
    there, away = [], []
    for clip, turn in questions("box", ("box",), (1,), count, False):
        said = read_box(eye.write([(clip, turn.text)])[0])
        truth = read_box(turn.answer)
        if truth is None:
            away.append(said is None)
        else:
            there.append(said is not None and iou(said, truth) >= 0.5)
    return {"box, IoU of 0.5 or more": there, "no box for what is not there": away}


def blind(eye: Native, count: int) -> dict[str, float]:
    """Return how much more often than by chance choices are right without any frames."""
    eye.blind = True
    rows = [(row, k, n) for row, (k, n) in ROWS.items() if row != "notes"]
    found = [
        (eye.right(clip, turn), 1 / len(turn.options))
        for row, kinds, lengths in rows
        for clip, turn in questions(row, kinds, lengths, count // 4, False)
        if turn.options
    ]
    eye.blind = False
    hits, chance = zip(*found, strict=True)
    return {"right": float(np.mean(hits)), "chance": float(np.mean(chance)), "n": len(found)}


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description="Measure the embedded video LLM on held-out clips."
    )
    parser.add_argument("--model", type=Path, default=Path("models/embedded/vlm"))
    parser.add_argument("--count", type=int, default=400, help="questions a row")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    eye = Native(options.model, options.device)
    numbers: dict[str, Any] = {
        "caption, one frame": captions(eye, options.count // 2),
        "caption, 8 frames": captions(eye, options.count // 8, 8),
        "relevance": relevance(eye, options.count),
        "blind": blind(eye, options.count),
    }
    for name, found in numbers.items():
        print(f"{name:58} " + ", ".join(f"{k} {v:.3g}" for k, v in found.items()))
    for name, right in (boxes(eye, options.count) | rates(eye, options.count)).items():
        rate = wilson(sum(right), len(right))
        numbers[name] = {"value": rate.value, "low": rate.low, "high": rate.high, "n": rate.n}
        print(f"{name:58} {rate.value:6.1%}  ({rate.low:.1%} to {rate.high:.1%}, n = {rate.n})")
    if options.out:
        options.out.write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
