"""Who is asked in a measurement: the language model alone, or with the patches at its side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from longtake.index.video.frames import Frames
from longtake.world.perception.encoder import WorldEncoder
from longtake.world.training.clips.scene import Clip
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.vlm.probe import read_box
from longtake.world.vlm.mini import MiniVLM
from longtake.world.vlm.prompts import LETTERS, NO, NOT_VISIBLE, YES, chat

Corners = tuple[float, ...]  # x0, y0, x1, y1 in shares of the frame


class Asked(Protocol):
    """Answers questions about clips."""

    def right(self, clip: Clip, turn: Turn) -> bool:
        """Say whether a question is answered as the truth does."""
        ...

    def yes(self, clip: Clip, turn: Turn) -> float:
        """Return how surely a clip shows something; larger is surer."""
        ...

    def caption(self, clip: Clip, turn: Turn) -> str:
        """Describe a clip in a line."""
        ...

    def box(self, clip: Clip, turn: Turn) -> Corners | None:
        """Return where something is, None where it is not seen."""
        ...


class Native:
    """The saved model, opened and asked as any user of transformers would.

    Args:
        folder: of the checkpoint.
        device: where it runs.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        self.processor: Any = AutoProcessor.from_pretrained(folder)
        model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
        self.model = model.to(device).eval()

    def right(self, clip: Clip, turn: Turn) -> bool:
        """Say whether the model answers a question as the truth does."""
        if turn.task == "choice":
            letters = LETTERS[: len(turn.options)]
            return letters[int(self._weigh(clip, turn, letters).argmax())] == turn.answer
        if turn.task in ("yesno", "relevant", "verify"):
            return (YES, NO)[int(self._weigh(clip, turn, (YES, NO)).argmax())] == turn.answer
        return self.caption(clip, turn) == turn.answer

    def yes(self, clip: Clip, turn: Turn) -> float:
        """Return the logarithm of the odds of yes."""
        yes, no = self._weigh(clip, turn, (YES, NO)).tolist()
        return yes - no

    @torch.no_grad()
    def caption(self, clip: Clip, turn: Turn) -> str:
        """Return what the model writes, greedily."""
        inputs = self._inputs(clip, turn.text)
        out = self.model.generate(**inputs)[:, inputs["input_ids"].shape[1] :]
        return self.processor.batch_decode(out, skip_special_tokens=True)[0].strip()

    def box(self, clip: Clip, turn: Turn) -> Corners | None:
        """Return the box that the model writes."""
        return read_box(self.caption(clip, turn))

    def _inputs(self, clip: Clip, asked: str) -> Any:
        turns = chat([s.second for s in clip.visible], asked)
        text = self.processor.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        images = [Image.fromarray(p) for p in clip.pixels]
        kept = {"images": images} if images else {}
        return self.processor(text=[text], return_tensors="pt", **kept).to(self.model.device)

    @torch.no_grad()
    def _weigh(self, clip: Clip, turn: Turn, words: Sequence[str]) -> torch.Tensor:
        """Return log-probabilities [words] of the first token being each word."""
        ids = [self.processor.tokenizer(w, add_special_tokens=False).input_ids[0] for w in words]
        logits = self.model(**self._inputs(clip, turn.text), logits_to_keep=1).logits[0, -1]
        return logits.float().log_softmax(-1)[ids].cpu()


class Together:
    """The VLM of the embedded profile: the model, the encoder's patches and the middles.

    Args:
        folder: of the model's checkpoint.
        device: where it runs.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self.vlm = MiniVLM(WorldEncoder(), folder, device)

    def right(self, clip: Clip, turn: Turn) -> bool:
        """Say whether the VLM answers a question as the truth does."""
        frames, notes = _frames(clip), turn.notes
        if turn.task == "choice":
            reply = self.vlm.answer(frames, turn.subject, turn.options, notes)
            return reply.text == turn.options[LETTERS.index(turn.answer)]
        if turn.task in ("relevant", "verify"):
            return (self.yes(clip, turn) >= 0.5) == (turn.answer == YES)
        options = (YES, NO) if turn.task == "yesno" else ()
        reply = self.vlm.answer(frames, turn.subject, options, notes)
        return (reply.text or NOT_VISIBLE) == turn.answer

    def yes(self, clip: Clip, turn: Turn) -> float:
        """Return how true the VLM judges a statement."""
        return self.vlm.judge([_frames(clip)], turn.subject)[0]

    def caption(self, clip: Clip, turn: Turn) -> str:
        """Return the VLM's caption."""
        return self.vlm.caption(_frames(clip)).text

    def box(self, clip: Clip, turn: Turn) -> Corners | None:
        """Return where the VLM locates something."""
        found = self.vlm.locate(_frames(clip), turn.subject)[0]
        return None if found is None else (found.x0, found.y0, found.x1, found.y1)


def _frames(clip: Clip) -> Frames:
    return Frames(clip.pixels, np.array([sight.second for sight in clip.visible], np.float64))
