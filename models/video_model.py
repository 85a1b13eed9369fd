"""Any transformers image-text-to-text model: frames with times and a request in, words out.

Frames are given as single pictures with the time before each, which every class reads alike. What
comes before the request is the same for all requests about the same frames, so what the model made
of it is kept and used again.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..index.film.errors import UsageError
from ..index.film.frames import Frames
from .eye_prompts import chat
from .usage import Usage, spend

_KEPT = 2  # beginnings kept; one of 64 frames takes 17 MB of the embedded model, 1 GB of a 7 B one
_BATCH_TOKENS = 4096  # of one forward pass over several requests


@dataclass(frozen=True, slots=True)
class Request:
    """Frames in time order, and what is asked about them (from `eye_prompts.ask_text`)."""

    frames: Frames
    asked: str


@dataclass(slots=True)
class _Beginning:
    """What the model made of system line and frames."""

    cache: Any
    shift: Any


class VideoModel:
    """A model with its processor.

    Tokens are reported to `usage.metered`; those of a kept beginning are read once.

    Args:
        name: a folder, or a name on the hub.
        device: where torch runs.

    Raises:
        UsageError: it cannot be loaded, or reads no pictures.
    """

    def __init__(self, name: str | Path, device: str = "cpu") -> None:
        self.device = device
        self.processor, self.model = _load(str(name), device)
        self._kept: OrderedDict[str, _Beginning] = OrderedDict()
        self._lock = threading.RLock()

    def weigh(self, requests: Sequence[Request], words: Sequence[str]) -> np.ndarray:
        """Return the probability that the reply begins with each word, float64 [N, words].

        A word counts in all its spellings that are one token: with a space before it or not, with
        a capital or not.
        """
        groups = [self._spellings(word) for word in words]
        rows = [logits.double().softmax(-1) for logits in self._first(requests)]
        found = [[float(row[group].sum()) for group in groups] for row in rows]
        return np.array(found, dtype=np.float64).reshape(len(requests), len(words))

    def write(self, requests: Sequence[Request], most: int = 192) -> list[str]:
        """Return the replies, written greedily, each of at most so many tokens."""
        replies: list[str] = []
        with self._lock, torch.inference_mode():
            for batch in self._batches(requests):
                inputs = self._inputs(batch)
                out = self.model.generate(**inputs, max_new_tokens=most, do_sample=False)
                out = out[:, inputs["input_ids"].shape[1] :]
                spend(Usage(tokens_out=int((out != self.processor.tokenizer.pad_token_id).sum())))
                replies += self.processor.batch_decode(out, skip_special_tokens=True)
        return [reply.strip() for reply in replies]

    def _first(self, requests: Sequence[Request]) -> list[torch.Tensor]:
        """Return the logits [vocabulary] of each reply's first token."""
        with self._lock, torch.inference_mode():
            if len(requests) == 1:
                return [self._continued(requests[0])]
            rows: list[torch.Tensor] = []
            for batch in self._batches(requests):
                rows += list(self.model(**self._inputs(batch), logits_to_keep=1).logits[:, -1])
            return rows

    def _continued(self, request: Request) -> torch.Tensor:
        """Return the first token's logits, going on from the frames' beginning if it is kept."""
        head, tail = self._parts(request)
        if not len(request.frames):
            return self.model(**self._inputs([request]), logits_to_keep=1).logits[0, -1]
        beginning = self._beginning(request.frames, head)
        ids = self.processor.tokenizer(tail, add_special_tokens=False, return_tensors="pt")
        ids = ids["input_ids"].to(self.device)
        spend(Usage(tokens_in=ids.shape[1]))
        if beginning.shift is not None:
            self.model.model.rope_deltas = beginning.shift
        past = copy.deepcopy(beginning.cache)
        out = self.model(input_ids=ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1]

    def _beginning(self, frames: Frames, head: str) -> _Beginning:
        key = hashlib.sha256(head.encode() + frames.pixels.tobytes()).hexdigest()
        if key not in self._kept:
            inputs = self._prepared([head], [frames])
            out = self.model(**inputs, use_cache=True, logits_to_keep=1)
            shift = getattr(self.model.model, "rope_deltas", None)
            self._kept[key] = _Beginning(out.past_key_values, shift)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _parts(self, request: Request) -> tuple[str, str]:
        """Return the request's text up to its last picture, and the rest."""
        turns = chat(request.frames.seconds.tolist(), request.asked)
        text: str = self.processor.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=False
        )
        cut = text.rfind(request.asked)
        return text[:cut], text[cut:]

    def _inputs(self, requests: Sequence[Request]) -> Any:
        texts = ["".join(self._parts(request)) for request in requests]
        return self._prepared(texts, [request.frames for request in requests])

    def _prepared(self, texts: list[str], clips: Sequence[Frames]) -> Any:
        from PIL import Image

        pictures = [[Image.fromarray(pixels) for pixels in clip.pixels] for clip in clips]
        kept = {"images": pictures} if any(pictures) else {}
        inputs = self.processor(text=texts, padding=True, return_tensors="pt", **kept)
        spend(Usage(tokens_in=int(inputs["attention_mask"].sum())))
        return inputs.to(self.device, dtype=self.model.dtype)

    def _batches(self, requests: Sequence[Request]) -> list[list[Request]]:
        """Split requests so that a pass stays small; those of a batch have equally many frames."""
        batches: list[list[Request]] = []
        for request in requests:
            last = batches[-1] if batches else []
            frames, height, width = request.frames.pixels.shape[:3]
            # about 32 x 32 pixels are a token in most classes, and words come on top
            tokens = 60 + frames * (20 + height * width // 1024)
            fits = (len(last) + 1) * tokens <= _BATCH_TOKENS
            if last and fits and len(last[0].frames) == frames:
                last.append(request)
            else:
                batches.append([request])
        return batches

    def _spellings(self, word: str) -> list[int]:
        tokenizer, ids = self.processor.tokenizer, set()
        for text in {f"{space}{form}" for space in ("", " ") for form in (word, word.capitalize())}:
            found = tokenizer(text, add_special_tokens=False).input_ids
            if len(found) == 1:
                ids.add(found[0])
        return sorted(ids) or [tokenizer(word, add_special_tokens=False).input_ids[0]]


def _load(name: str, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would be drawn into the terminal's own
    # a processor of a CPU has no units for half precision as a rule
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    try:
        processor = AutoProcessor.from_pretrained(name)
        model: Any = AutoModelForImageTextToText.from_pretrained(name, dtype=dtype)
    except (OSError, ValueError) as problem:
        raise UsageError(
            f"eye = {name!r} cannot be loaded: {str(problem).splitlines()[0]}",
            "use tagger, transformers:NAME of an image-text-to-text model, or local-dir:PATH",
        ) from problem
    if getattr(processor, "image_processor", None) is None:
        raise UsageError(f"eye = {name!r} reads no pictures", "use an image-text-to-text model")
    processor.tokenizer.padding_side = "left"
    model = model.to(device)
    return processor, model.eval().requires_grad_(False)
