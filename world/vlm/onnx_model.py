"""The embedded VLM's network by onnxruntime: what `VideoModel` does by transformers and torch.

Loading those takes several times as long as most questions. The checkpoint stays an ordinary one;
the graphs beside it (`world/training/vlm/export_onnx.py`) read its weights. What the model made of
the frames is kept, so that a second request about the same ones reads only its own words.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.frames import Frames
from ...models.client.usage import Usage, spend
from ...models.onnx_session import open_session
from ...models.vlm.request import Request
from .picture_tower import TOWER, WEIGHTS, PictureTower, read_weight
from .prompts import chat

__all__ = ["DECODER", "TOWER", "WEIGHTS", "OnnxVideoModel"]

DECODER = "decoder.onnx"
HIDDEN = -1e9  # added to the score of what must not be looked at
_KEPT = 2  # beginnings, 17 MB for 64 frames each
_BATCH_TOKENS = 4096
_FRAME_TOKENS, _TEXT_TOKENS = 60, 80  # about what a frame and the words of a request are
_EMBEDDINGS = "model.language_model.embed_tokens.weight"


@dataclass(frozen=True, slots=True)
class _Read:
    """Tokens ready for the decoder: states float32 [T, width], positions int [3, T], what follows."""

    states: np.ndarray
    positions: np.ndarray
    after: int


@dataclass(frozen=True, slots=True)
class _State:
    """What the decoder made of all so far: keys and values, the next token's logits and position."""

    keys: np.ndarray
    values: np.ndarray
    logits: np.ndarray
    after: int


class OnnxVideoModel:
    """A checkpoint of the Qwen3-VL class with its graphs; loads when it is first used.

    Safe to share between threads. Tokens are reported to `usage.metered`.

    Args:
        folder: the checkpoint.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, _State] = OrderedDict()
        self._lock = threading.RLock()

    def weigh(self, requests: Sequence[Request], words: Sequence[str]) -> np.ndarray:
        """Return the probability that the reply begins, or goes on, with each word.

        Float64 [N, words]. A word counts in all its spellings that are one token: with a space
        before it or not, with a capital or not.
        """
        groups = [self._spellings(word) for word in words]
        with self._lock:
            if len(requests) == 1 and len(requests[0].frames):
                rows = [self._continued(requests[0]).logits[0]]
            else:
                rows = [row for batch in self._batches(requests) for row in self._whole(batch)]
        found = [[float(row[group].sum()) for group in groups] for row in map(_shares, rows)]
        return np.array(found, np.float64).reshape(len(requests), len(words))

    def write(self, requests: Sequence[Request], most: int = 192) -> list[str]:
        """Return the replies, written greedily, each of at most so many tokens."""
        with self._lock:
            return [self._written(request, most) for request in requests]

    def _written(self, request: Request, most: int) -> str:
        state, ids = self._continued(request), []
        end = self._config["text_config"]["eos_token_id"]
        while len(ids) < most and (chosen := int(state.logits[0].argmax())) != end:
            ids.append(chosen)
            state = self._go_on(state, self._words(state.after, [chosen]))
        spend(Usage(tokens_out=len(ids) + 1))
        return self._tokenizer.decode(ids, skip_special_tokens=True).strip()

    def _continued(self, request: Request) -> _State:
        """Return the state after a request, going on from the frames' beginning if it is kept."""
        head, tail = self._parts(request)
        key = hashlib.sha256(request.frames.pixels.tobytes() + "".join(head).encode()).hexdigest()
        kept = key in self._kept
        if not kept:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            self._kept[key] = self._go_on(None, self._read(head, request.frames))
        self._kept.move_to_end(key)
        state = self._kept[key]
        before, read = state.keys.shape[3], self._words(state.after, self._ids(tail))
        spend(Usage(tokens_in=before + len(read.states), cached=before if kept else 0))
        return self._go_on(state, read)

    def _go_on(self, state: _State | None, read: _Read) -> _State:
        """Read on from a state; None for the beginning."""
        before = 0 if state is None else state.keys.shape[3]
        count = len(read.states)
        mask = np.triu(np.full((count, before + count), HIDDEN, np.float32), before + 1)
        past = self._nothing(1) if state is None else (state.keys, state.values)
        made = self._decode(read.states[None], read.positions[:, None], mask[None], past)
        return _State(made[1], made[2], made[0], read.after)

    def _whole(self, requests: Sequence[Request]) -> np.ndarray:
        """Return the logits [N, vocabulary] after requests that are read from their beginning."""
        reads = []
        for request in requests:
            head, tail = self._parts(request)
            read = self._read([*head[:-1], head[-1] + tail], request.frames)
            spend(Usage(tokens_in=len(read.states)))
            reads.append(read)
        longest = max(len(read.states) for read in reads)
        states = np.zeros((len(reads), longest, reads[0].states.shape[1]), np.float32)
        positions = np.zeros((3, len(reads), longest), np.int64)
        mask = np.repeat(
            np.triu(np.full((1, longest, longest), HIDDEN, np.float32), 1), len(reads), 0
        )
        for row, read in enumerate(reads):
            first = longest - len(read.states)  # the last token of all is in the last column
            states[row, first:], positions[:, row, first:] = read.states, read.positions
            mask[row, :, :first] = HIDDEN
        return self._decode(states, positions, mask, self._nothing(len(reads)))[0]

    def _decode(
        self,
        states: np.ndarray,
        positions: np.ndarray,
        mask: np.ndarray,
        past: tuple[np.ndarray, np.ndarray],
    ) -> list[np.ndarray]:
        cos, sin = self._angles(positions)
        return self._decoder.run(
            None,
            {
                "states": states,
                "cos": cos[:, None],
                "sin": sin[:, None],
                "mask": mask[:, None, None],
                "past_keys": past[0],
                "past_values": past[1],
            },
        )

    def _angles(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return cosine and sine [N, T, head] of positions [3, N, T]: time, row and column in turn."""
        about = self._config["text_config"]
        side, rope = about["head_dim"], about["rope_parameters"]
        speeds = rope["rope_theta"] ** (-np.arange(0, side, 2, dtype=np.float32) / side)
        angles = positions[..., None].astype(np.float32) * speeds.astype(np.float32)
        mixed = angles[0].copy()
        for axis in (1, 2):
            places = slice(axis, rope["mrope_section"][axis] * 3, 3)
            mixed[..., places] = angles[axis][..., places]
        both = np.concatenate([mixed, mixed], axis=-1)
        return np.cos(both), np.sin(both)

    def _nothing(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        about = self._config["text_config"]
        layers, groups = about["num_hidden_layers"], about["num_key_value_heads"]
        empty = np.zeros((layers, count, groups, 0, about["head_dim"]), np.float32)
        return empty, empty

    def _parts(self, request: Request) -> tuple[list[str], str]:
        """Return the texts before, between and after the frames up to the request, and the rest."""
        head = [""]
        for turn in chat(request.frames.seconds.tolist(), request.asked):
            head[-1] += f"<|im_start|>{turn['role']}\n"
            for part in turn["content"]:
                if part["type"] == "image":
                    head[-1] += "<|vision_start|>"
                    head.append("<|vision_end|>")
                else:
                    head[-1] += part["text"]
            head[-1] += "<|im_end|>\n"
        head[-1] += "<|im_start|>assistant\n"
        cut = head[-1].rfind(request.asked)
        tail = head[-1][cut:] + request.begun
        return [*head[:-1], head[-1][:cut]], tail

    def _read(self, texts: Sequence[str], frames: Frames) -> _Read:
        """Put texts and the frames between them one after the other."""
        parts = [self._words(0, self._ids(texts[0]))]
        pictures, rows, columns = self._tower.see(frames.pixels)
        for tokens, text in zip(pictures, texts[1:], strict=True):
            parts.append(self._shown(parts[-1].after, tokens, rows, columns))
            parts.append(self._words(parts[-1].after, self._ids(text)))
        states = np.concatenate([part.states for part in parts])
        positions = np.concatenate([part.positions for part in parts], axis=1)
        return _Read(states, positions, parts[-1].after)

    def _words(self, start: int, ids: Sequence[int]) -> _Read:
        places = np.tile(np.arange(start, start + len(ids)), (3, 1))
        return _Read(self._embeddings[np.asarray(ids, np.int64)], places, start + len(ids))

    def _shown(self, start: int, tokens: np.ndarray, rows: int, columns: int) -> _Read:
        row, column = np.divmod(np.arange(rows * columns), columns)
        places = np.stack([np.zeros_like(row), row, column]) + start
        return _Read(tokens, places, start + max(rows, columns))

    def _batches(self, requests: Sequence[Request]) -> Iterator[list[Request]]:
        """Yield requests in order, together about `_BATCH_TOKENS` at most."""
        batch: list[Request] = []
        for request in requests:
            most = max(len(each.frames) for each in [*batch, request])
            if batch and (len(batch) + 1) * (most * _FRAME_TOKENS + _TEXT_TOKENS) > _BATCH_TOKENS:
                yield batch
                batch = []
            batch.append(request)
        if batch:
            yield batch

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def _spellings(self, word: str) -> list[int]:
        texts = {f"{space}{form}" for space in ("", " ") for form in (word, word.capitalize())}
        found = {ids[0] for text in texts if len(ids := self._ids(text)) == 1}
        return sorted(found) or [self._ids(word)[0]]

    @cached_property
    def _config(self) -> dict[str, Any]:
        return json.loads((self._folder / "config.json").read_text("utf-8"))

    @cached_property
    def _tower(self) -> PictureTower:
        return PictureTower(self._folder, self._config)

    @cached_property
    def _embeddings(self) -> np.ndarray:
        return read_weight(self._folder / WEIGHTS, _EMBEDDINGS)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / "tokenizer.json"))

    @cached_property
    def _decoder(self) -> Any:
        return open_session(self._folder / DECODER)


def _shares(logits: np.ndarray) -> np.ndarray:
    """Return the probability of every token."""
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return powers / powers.sum()
