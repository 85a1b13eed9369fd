"""The local VLM: any image-text-to-text model of transformers, asked as a served one is.

The reply is begun for the model, `{"answer": "`, so that the probabilities of the letters are read
at the very place where it would write one; then it writes the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.frames import Box, Frames
from ...prompts import render
from ..client.parsing import read_box
from ..client.token_cost import family_of, frame_size, most_frames
from ..client.usage import metered, note
from .laid_out import pictures_in
from .prompts import VERDICTS, caption_text, choice_text, judge_text, open_text, option_letters
from .readings import read_answer, read_found, true_share
from .reply import Reply, cited_scores
from .request import Request
from .transformers_model import VideoModel

MAX_FRAMES = 64
EVIDENCE_TOKENS, OPEN_TOKENS, CAPTION_TOKENS, DENSE_TOKENS = 96, 512, 128, 512
ROOM = 8192  # tokens of frames: a model that runs here is small


class LocalVLM:
    """A `VLM` over a transformers model (see tools/protocols.py for the contract).

    Args:
        name: a folder with a model, or a name on the hub.
        version: the id written into answers; the name when not given.
        device: where torch runs.
        max_frames: the most frames that a call should take; an answer takes up to `frame_limit`.

    Raises:
        UsageError: the model cannot be loaded.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        version: str = "",
        device: str = "cpu",
        max_frames: int = MAX_FRAMES,
    ) -> None:
        self.model = VideoModel(name, device)
        self.id = version or str(name)
        self.family = family_of(str(name))
        self.max_frames = max_frames

    def __repr__(self) -> str:
        return f"LocalVLM({self.id})"

    @property
    def frame_limit(self) -> int:
        """The most frames of an answer: as many small ones as there is room for."""
        return max(self.max_frames, most_frames(self.family, ROOM))

    @property
    def most_pictures(self) -> int:
        """The most pictures of one call; frames may share them."""
        return self.max_frames

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the (width, height) that frames are best decoded at (see `VLM.frame_size`)."""
        return frame_size(self.family, source, count, ROOM)

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer a question about frames; with options, by the probabilities of their letters.

        Raises:
            UsageError: more options than letters, or memory runs out.
        """
        frames = self._shown(frames, self.frame_limit)
        with metered() as meter:
            if options:
                labels = option_letters(options, letters, self.id)
                reply = self._choose(frames, question, options, notes, labels)
            else:
                begun = '{"answer": "'
                written = self._written(frames, open_text(question, notes), begun, OPEN_TOKENS)
                found = read_answer(begun + written, (), ())
                # JSON that was cut off, or was none from the start
                text = found.text or ("" if found.enough is not None else _until_quote(written))
                scores = cited_scores(frames.seconds, found.cited, found.confidence or 0.5)
                reply = Reply(
                    text,
                    None,
                    "text",
                    scores,
                    cited=found.cited,
                    enough=found.enough,
                    confidence=found.confidence,
                )
        return _counted(reply, meter.total.tokens_in, meter.total.tokens_out)

    def _choose(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str],
        notes: Sequence[str],
        labels: Sequence[str],
    ) -> Reply:
        asked = choice_text(question, options, notes, labels)
        weights = self.model.weigh([Request(frames, asked, '{"answer": "')], labels)[0]
        shares = weights / weights.sum() if weights.sum() > 0 else np.full(len(labels), 1.0)
        shares = shares / shares.sum()
        best = int(np.argmax(shares))
        begun = f'{{"answer": "{labels[best]}", "seconds": ['
        written = begun + self._written(frames, asked, begun, EVIDENCE_TOKENS)
        found = read_answer(written, options, labels)
        return Reply(
            options[best],
            tuple(shares.tolist()),
            "logprob",
            cited_scores(frames.seconds, found.cited, float(shares[best])),
            outside=float(max(0.0, 1 - weights.sum())),
            cited=found.cited,
            enough=found.enough,
            confidence=found.confidence,
        )

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it."""
        asked = judge_text(claim, notes)
        rows = [row for row, clip in enumerate(clips) if len(clip) or notes]
        requests = [Request(self._shown(clips[row]), asked, '{"verdict": "') for row in rows]
        weights = self.model.weigh(requests, VERDICTS)
        found = np.zeros(len(clips))
        totals = np.maximum(weights.sum(1, keepdims=True), 1e-12)
        found[rows] = [true_share(row) for row in weights / totals]
        return found.tolist()

    def find(self, frames: Frames, what: str) -> list[float]:
        """Return how surely each frame shows what is asked for, [N], 0 to 1, in one request."""
        asked, begun = render("vlm_find", what=what), '{"seconds": ['
        scores: list[float] = []
        for first in range(0, len(frames), self.max_frames):
            part = frames.take(range(first, min(first + self.max_frames, len(frames))))
            written = begun + self._written(part, asked, begun, OPEN_TOKENS)
            found = read_found(written, part.seconds)
            if found is None:
                note(f"{self.id} did not say which frames show {what!r}")
            scores += found or [0.5] * len(part)
        return scores

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in a sentence, or a line a change."""
        most = DENSE_TOKENS if dense else CAPTION_TOKENS
        with metered() as meter:
            text = self._written(self._shown(frames), caption_text(dense, focus), "", most)
        return _counted(Reply(text, None, "text"), meter.total.tokens_in, meter.total.tokens_out)

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame the box that the model writes for the thing, None without one."""
        asked, begun = render("vlm_box", phrase=phrase), '{"bbox_2d": ['
        rows = [Request(frames.take([row]), asked, begun) for row in range(len(frames))]
        height, width = frames.pixels.shape[1:3]
        pixels = (width, height) if self.family.box_pixels else None
        return [_box_in(begun + text, pixels) for text in self.model.write(rows, 48)]

    def covers(self, frames: Frames) -> float | None:
        """Return None: a model of this kind cannot tell what it was trained on."""
        return None

    def ask(self, frames: Frames, asked: str, max_tokens: int, schema: Mapping[str, Any]) -> str:
        """Return the reply to another request about frames; the schema is in its words too."""
        return self._written(self._shown(frames), asked, "", max_tokens)

    def _written(self, frames: Frames, asked: str, begun: str, most: int) -> str:
        return self.model.write([Request(frames, asked, begun)], most)[0]

    def _shown(self, frames: Frames, most: int | None = None) -> Frames:
        most = most or self.max_frames
        if pictures_in(frames) <= most:
            return frames
        note(f"{most} of {len(frames)} frames were shown: a call takes no more")
        rows = np.linspace(0, len(frames) - 1, most).round().astype(int)
        return frames.take(rows)


def _until_quote(written: str) -> str:
    """Return a text that was begun inside quotes, up to their end."""
    try:
        return str(json.JSONDecoder().raw_decode(f'"{written}')[0]).strip()
    except ValueError:
        return written.partition('"')[0].strip()


def _box_in(text: str, pixels: tuple[int, int] | None) -> Box | None:
    try:
        return read_box(text, pixels)
    except ValueError:
        return None


def _counted(reply: Reply, tokens_in: int, tokens_out: int) -> Reply:
    return replace(reply, tokens_in=tokens_in, tokens_out=tokens_out)
