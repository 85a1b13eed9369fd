"""The embedded video LLM: a transformers model, asked in the words that it was trained with.

Option probabilities are those of the letters at the reply's first place, renormalised; a statement
is judged by yes against no. One more option, `not visible`, is offered with every choice: what it
takes is how little the frames have to do with the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.frames import Box, Frames
from ...models.client.parsing import read_box
from ...models.client.usage import metered
from ...models.vlm.reply import Reply
from ...models.vlm.request import Request
from ..grammar.plain import plain
from ..perception.claims import what_is_asked
from ..perception.statements import statement_of
from .frame_relevance import score_frames
from .onnx_model import DECODER, OnnxVideoModel
from .prompts import NO, NOT_VISIBLE, YES, Task, ask_text, chat, with_not_visible
from .sentences import judging_text


class PromptedVLM:
    """A `VLM` over a transformers model (see tools/protocols.py for the contract).

    Args:
        name: a folder with a model, or a name on the hub.
        version: the id written into answers; the name when not given.
        device: where torch runs.
        frame_size: (width, height) that frames are decoded at; the model's processor may still
            resize them.
        max_frames: the most frames of one call.

    Raises:
        UsageError: the model cannot be loaded.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        version: str = "",
        device: str = "cpu",
        frame_size: tuple[int, int] = (448, 252),
        max_frames: int = 128,
    ) -> None:
        self.model = _open_network(name, device)
        self.id = version or str(name)
        self.size, self.max_frames = frame_size, max_frames

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the one size that the model was taught."""
        return self.size

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer about frames in time order."""
        shares: tuple[float, ...] | None = None
        with metered() as meter:
            if options:
                weights = self._weigh_options(frames, question, options, notes, letters)
                shares = tuple((weights[:-1] / weights[:-1].sum()).tolist())
                text = options[int(np.argmax(shares))]
                strength = 1.0 - float(weights[-1] / weights.sum())
            else:
                asked = ask_text(_task(question), question, notes=notes)
                text = self.model.write([Request(frames, asked)])[0]
                text = "" if text.lower().startswith(NOT_VISIBLE) else text
                strength = 1.0 if text else 0.0
            scores = self.frame_scores(frames, statement_of(question, text)) if text else ()
        method = "logprob" if options else "text"
        strengths = tuple(strength * score for score in scores)
        used = meter.total
        return Reply(text, shares, method, strengths, used.tokens_in, used.tokens_out)

    def _weigh_options(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str],
        notes: Sequence[str],
        letters: str,
    ) -> np.ndarray:
        """Return the probability of each option's letter and of `not visible`, [options + 1]."""
        offered, letters = with_not_visible(options, letters)
        asked = ask_text("choice", question, offered, notes, letters)
        weights = self.model.weigh([Request(frames, asked)], letters)[0]
        return weights if len(weights) > len(options) else np.append(weights, 0.0)

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it, by its pictures alone."""
        asked = judging_text(claim)
        some = [row for row, clip in enumerate(clips) if len(clip)]
        # words alone it was not taught to judge
        found = np.full(len(clips), 0.5 if notes else 0.0)
        found[some] = self._shares_of_yes([clips[row] for row in some], asked)
        return found.tolist()

    def find(self, frames: Frames, what: str) -> list[float]:
        """Return how surely each frame shows what is asked for, [N], 0 to 1."""
        return self.judge([frames.take([row]) for row in range(len(frames))], what)

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames: in a line, above all `focus` if given; dense, a line a change."""
        task: Task = "dense" if dense else "focus" if focus else "caption"
        with metered() as meter:
            text = self.model.write([Request(frames, ask_text(task, focus or ""))])[0]
        return Reply(text, None, "text", (), meter.total.tokens_in, meter.total.tokens_out)

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame the box that the model writes for the thing, None without one."""
        asked = ask_text("box", phrase)
        rows = [Request(frames.take([row]), asked) for row in range(len(frames))]
        return [_box_in(text) for text in self.model.write(rows, 48)]

    def covers(self, frames: Frames) -> float | None:
        """Return None: a model of this kind cannot tell what it was trained on."""
        return None

    def frame_scores(self, frames: Frames, statement: str) -> tuple[float, ...]:
        """Return how strongly each frame shows what is stated, [N], 0 to 1."""
        return score_frames(frames, statement, self._shares_of_yes)

    def _shares_of_yes(self, clips: Sequence[Frames], asked: str) -> list[float]:
        weights = self.model.weigh([Request(clip, asked) for clip in clips], (YES, NO))
        return (weights[:, 0] / np.maximum(weights.sum(1), 1e-12)).tolist()


def _open_network(name: str | Path, device: str) -> Any:
    """Return the network: by onnxruntime where there are graphs and no GPU, else by transformers."""
    if device == "cpu" and (Path(name) / DECODER).is_file():
        return OnnxVideoModel(Path(name))
    from ...models.vlm.transformers_model import VideoModel

    return VideoModel(name, device, turns=chat)


def _box_in(text: str) -> Box | None:
    try:
        return read_box(text)
    except ValueError:
        return None


def _task(question: str) -> Task:
    if re.match(r"(?:when|at (?:what|which) time)\b", plain(question), re.I):
        return "moment"
    return "yesno" if what_is_asked(question) == "yes" else "short"
