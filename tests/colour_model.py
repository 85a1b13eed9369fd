"""A model that looks: it knows the plain colours of frames, and answers about them.

It is what test servers put behind their fields: it decodes the pictures that it was sent, so that a
wrong order, a lost frame or a wrong time shows as a wrong answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from server_reading import Asked

from longtake.index.video.frames import Frames

COLOURS = {
    "red": (220, 20, 20),
    "green": (20, 180, 40),
    "blue": (20, 40, 220),
    "yellow": (230, 220, 30),
    "white": (245, 245, 245),
    "black": (8, 8, 8),
}


@dataclass
class Said:
    """A reply: its text, and where in it a label stands with which probabilities.

    Attributes:
        text: as written.
        name: the JSON property of the label; empty for none.
        shares: label to probability.
    """

    text: str
    name: str = ""
    shares: dict[str, float] | None = None


def plain_frames(*colours: str, step: float = 2.0, size: tuple[int, int] = (64, 48)) -> Frames:
    """Return frames that are each of one colour, so many seconds apart."""
    rows = [np.full((size[1], size[0], 3), COLOURS[c], np.uint8) for c in colours]
    return Frames(np.stack(rows), np.arange(len(colours)) * step)


def colours_of(frames: Frames) -> list[str]:
    """Return the colour that most pixels of each frame are nearest to."""
    names, values = list(COLOURS), np.array(list(COLOURS.values()), float)
    found = []
    for pixels in frames.pixels:
        step = max(1, min(pixels.shape[:2]) // 24)
        away = ((pixels[::step, ::step, None].astype(float) - values) ** 2).sum(-1)
        counts = np.bincount(away.argmin(-1).ravel(), minlength=len(names))
        found.append(names[int(counts.argmax())])
    return found


class ColourModel:
    """Answers requests about frames of plain colours.

    Args:
        sure: probability that it gives to an answer that it saw.
    """

    def __init__(self, sure: float = 0.8) -> None:
        self.sure = sure

    def reply(self, asked: Asked) -> Said:
        """Return the reply to a request, in the JSON that its prompt asks for."""
        seen, seconds = colours_of(asked.frames), asked.frames.seconds.tolist()
        wanted = [colour for colour in COLOURS if colour in asked.subject.lower()]
        shown = [t for t, c in zip(seconds, seen, strict=True) if c in wanted]
        if asked.task == "choice":
            return self._choose(asked, seen, seconds)
        if asked.task == "judge":
            shares = self._verdict(bool(shown), bool(seen))
            return _json("verdict", max(shares, key=shares.__getitem__), shares)
        if asked.task == "find":
            return Said(json.dumps({"seconds": shown, "confidence": self.sure}))
        if asked.task == "open":
            text = ", then ".join(seen)
            found = {"answer": text, "seconds": seconds, "enough": bool(seen)}
            return Said(json.dumps({**found, "confidence": self.sure if seen else 0.1}))
        if asked.task == "box":
            return Said(json.dumps({"bbox_2d": [100, 200, 300, 400] if shown else []}))
        return Said(" then ".join(seen) or "Hello.")

    def _choose(self, asked: Asked, seen: list[str], seconds: list[float]) -> Said:
        there = [any(colour in option.lower() for colour in seen) for option in asked.options]
        best = there.index(True) if True in there else 0
        sure = self.sure if True in there else 1 / len(there)
        rest = (1 - sure) / max(1, len(there) - 1)
        shares = {
            letter: sure if place == best else rest for place, letter in enumerate(asked.letters)
        }
        option = asked.options[best].lower()
        cited = [t for t, colour in zip(seconds, seen, strict=True) if colour in option]
        return _json("answer", asked.letters[best], shares, seconds=cited, enough=True in there)

    def _verdict(self, shown: bool, looked: bool) -> dict[str, float]:
        rest = (1 - self.sure) / 2
        verdict = "supported" if shown else "refuted" if looked else "unclear"
        return {
            label: self.sure if label == verdict else rest
            for label in ("supported", "refuted", "unclear")
        }


def _json(name: str, label: str, shares: dict[str, float], **more: Any) -> Said:
    value = {name: label, **more, "confidence": round(shares[label], 4)}
    return Said(json.dumps(value), name, shares)


def words_of(said: Said) -> str:
    """Return a reply as a model writes it that does not care for JSON."""
    found = re.search(r'"(?:answer|verdict)": "(.*?)"', said.text)
    return f"The answer is {found[1]}." if found else said.text
