"""Any transformers image-text-to-text model: frames with times and a request in, words out.

Frames are given as single pictures with the time before each, which every class reads alike. What
comes before the request is the same for all requests about the same frames, so what the model made
of it is kept and used again.
"""

from __future__ import annotations

import copy
import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...index.video.errors import UsageError
from ...index.video.frames import Frames
from ..client.usage import Usage, spend
from .batching import Batches, OutOfMemory, fitting
from .laid_out import LaidOut, parts_of, pictures_in, pixels_in, plain
from .prompts import chat_turns, picture_turns
from .request import Request

_KEPT = 2  # beginnings kept; one of 64 frames takes 17 MB of a model of 25 M weights, 1 GB of 7 B
_BATCH_TOKENS = 4096  # of one forward pass over several requests
Turns = Callable[[Sequence[float], str], list[dict[str, Any]]]
"""From the seconds of frames and what is asked to the turns of a chat, pictures left open."""


@dataclass(slots=True)
class _Beginning:
    """What the model made of system line and frames."""

    cache: Any
    shift: Any


class VideoModel:
    """A model with its processor.

    Tokens are reported to `usage.metered`; those of a kept beginning are read once. Where the
    device's memory runs out, batches are halved and frames of such a size not kept any more.

    Args:
        name: a folder, or a name on the hub.
        device: where torch runs.
        turns: writes the chat; the prompts of `prompts.py` by default.

    Raises:
        UsageError: it cannot be loaded, or reads no pictures.
    """

    def __init__(self, name: str | Path, device: str = "cpu", turns: Turns = chat_turns) -> None:
        self.name, self.device, self._turns = str(name), device, turns
        self.processor, self.model = _load(str(name), device)
        self._kept: OrderedDict[str, _Beginning] = OrderedDict()
        self._unkept: float = math.inf  # tokens from which on keeping takes too much memory
        self._batches = Batches(_BATCH_TOKENS)
        self._lock = threading.RLock()

    def weigh(self, requests: Sequence[Request], words: Sequence[str]) -> np.ndarray:
        """Return the probability that the reply begins, or goes on, with each word.

        Float64 [N, words]. A word counts in all its spellings that are one token: with a space
        before it or not, with a capital or not.
        """
        groups = [self._spellings(word) for word in words]
        rows = [logits.double().softmax(-1) for logits in self._first(requests)]
        found = [[float(row[group].sum()) for group in groups] for row in rows]
        return np.array(found, dtype=np.float64).reshape(len(requests), len(words))

    def write(self, requests: Sequence[Request], most: int = 192) -> list[str]:
        """Return the replies, written greedily, each of at most so many tokens."""

        def reply(batch: list[Request]) -> list[str]:
            inputs = self._inputs(batch)
            out = self.model.generate(**inputs, max_new_tokens=most, do_sample=False)
            out = out[:, inputs["input_ids"].shape[1] :]
            written = int((out != self.processor.tokenizer.pad_token_id).sum())
            spend(Usage(tokens_in=_tokens(inputs), tokens_out=written))
            return self.processor.batch_decode(out, skip_special_tokens=True)

        return [text.strip() for text in self._run(requests, reply)]

    def _first(self, requests: Sequence[Request]) -> list[torch.Tensor]:
        """Return the logits [vocabulary] of each reply's first token."""
        if len(requests) == 1 and len(requests[0].frames):
            with self._lock, torch.inference_mode():
                found = self._from_kept(requests[0])
            if found is not None:
                return [found]
        return self._run(requests, self._whole)

    def _run(
        self, requests: Sequence[Request], work: Callable[[list[Request]], list[Any]]
    ) -> list[Any]:
        """Do the work on batches of requests.

        Raises:
            UsageError: the device's memory does not hold a single request.
        """
        with self._lock, torch.inference_mode():
            try:
                return self._batches.run(requests, _size, work)
            except OutOfMemory:
                self._kept.clear()
        frames, height, width = max(request.frames.pixels.shape[:3] for request in requests)
        raise UsageError(
            f"vlm = {self.name!r} runs out of memory on device = {self.device!r} "
            f"with a single request of {frames} x {width}x{height} pixels",
            "lower max_frames, take a smaller model, or free the device's memory",
        )

    def _whole(self, requests: list[Request]) -> list[torch.Tensor]:
        """Return the first tokens' logits, from reading everything."""
        inputs = self._inputs(requests)
        logits = self.model(**inputs, logits_to_keep=1).logits[:, -1]
        spend(Usage(tokens_in=_tokens(inputs)))
        return list(logits)

    def _from_kept(self, request: Request) -> torch.Tensor | None:
        """Return the first token's logits; None where keeping the frames takes too much memory."""
        tokens = _size(request)[0]
        if tokens >= self._unkept:
            return None
        found = fitting(lambda: self._continued(request))
        if found is None and self._kept:
            self._kept.clear()  # it lies in the memory that ran out
            found = fitting(lambda: self._continued(request))
        if found is None:
            self._kept.clear()
            self._unkept = tokens
        return found

    def _continued(self, request: Request) -> torch.Tensor:
        """Return the first token's logits, going on from the frames' beginning if it is kept."""
        head, tail = self._parts(request)
        beginning = self._beginning(request.frames, head)
        ids = self.processor.tokenizer(tail, add_special_tokens=False, return_tensors="pt")
        ids = ids["input_ids"].to(self.device)
        if beginning.shift is not None:
            self.model.model.rope_deltas = beginning.shift
        past = copy.deepcopy(beginning.cache)
        out = self.model(input_ids=ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        spend(Usage(tokens_in=ids.shape[1]))
        return out.logits[0, -1]

    def _beginning(self, frames: Frames, head: str) -> _Beginning:
        shown = b"".join(pixels.tobytes() for _, pixels in parts_of(self._sent(frames)))
        key = hashlib.sha256(head.encode() + shown).hexdigest()
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            inputs = self._prepared([head], [frames])
            out = self.model(**inputs, use_cache=True, logits_to_keep=1)
            spend(Usage(tokens_in=_tokens(inputs)))
            shift = getattr(self.model.model, "rope_deltas", None)
            self._kept[key] = _Beginning(out.past_key_values, shift)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _parts(self, request: Request) -> tuple[str, str]:
        """Return the request's text up to its last picture, and the rest."""
        frames = self._sent(request.frames)
        if isinstance(frames, LaidOut):
            turns = picture_turns([words for words, _ in parts_of(frames)], request.asked)
        else:
            turns = self._turns(frames.seconds.tolist(), request.asked)
        text: str = self.processor.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=False
        )
        cut = text.rfind(request.asked)
        return text[:cut], text[cut:] + request.begun

    def _inputs(self, requests: Sequence[Request]) -> Any:
        texts = ["".join(self._parts(request)) for request in requests]
        return self._prepared(texts, [request.frames for request in requests])

    def _prepared(self, texts: list[str], clips: Sequence[Frames]) -> Any:
        from PIL import Image

        pictures = [
            [Image.fromarray(pixels) for _, pixels in parts_of(self._sent(clip))] for clip in clips
        ]
        kept = {"images": pictures} if any(pictures) else {}
        inputs = self.processor(text=texts, padding=True, return_tensors="pt", **kept)
        return inputs.to(self.device, dtype=self.model.dtype)

    def _sent(self, frames: Frames) -> Frames:
        """Return the frames, without a layout where the model's own turns know none."""
        return frames if self._turns is chat_turns else plain(frames)

    def _spellings(self, word: str) -> list[int]:
        tokenizer, ids = self.processor.tokenizer, set()
        for text in {f"{space}{form}" for space in ("", " ") for form in (word, word.capitalize())}:
            found = tokenizer(text, add_special_tokens=False).input_ids
            if len(found) == 1:
                ids.add(found[0])
        return sorted(ids) or [tokenizer(word, add_special_tokens=False).input_ids[0]]


def _size(request: Request) -> tuple[int, int]:
    """Return about how many tokens a request is, and its number of frames."""
    pictures = pictures_in(request.frames)
    # about 32 x 32 pixels are a token in most classes, and words come on top
    return 60 + 20 * pictures + pixels_in(request.frames) // 1024, pictures


def _tokens(inputs: Any) -> int:
    return int(inputs["attention_mask"].sum())


def _load(name: str, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would be drawn over the terminal's own
    # a processor of a CPU has no units for half precision as a rule
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    try:
        processor = AutoProcessor.from_pretrained(name)
        model: Any = AutoModelForImageTextToText.from_pretrained(name, dtype=dtype)
    except (OSError, ValueError) as problem:
        raise UsageError(
            f"vlm = {name!r} cannot be loaded: {str(problem).splitlines()[0]}",
            "name an image-text-to-text model, as transformers:NAME or local-dir:PATH",
        ) from problem
    if getattr(processor, "image_processor", None) is None:
        raise UsageError(f"vlm = {name!r} reads no pictures", "use an image-text-to-text model")
    processor.tokenizer.padding_side = "left"
    model = model.to(device)
    return processor, model.eval().requires_grad_(False)
