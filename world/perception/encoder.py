"""The embedded encoder: a CLIP model whose patches were taught the words of a lexicon.

It runs by onnxruntime: the graphs of its towers lie beside the weights, which open_clip reads too
(`world/training/encoder/export_onnx.py` writes them). Loading torch would take longer than most
searches.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...index.video.errors import UsageError
from ...models.identity import LOCAL, model_id
from ...models.onnx_session import open_session
from .coverage import place_share
from .identity import embedded_encoder_id, encoder_folder
from .regions import distinct_regions

REGIONS = 12  # vectors an index keeps of a frame beside its own
WEIGHTS = "open_clip_model.safetensors"
TEXTS, PICTURES = "texts.onnx", "pictures.onnx"
_BATCH = 8  # frames
_TEXT_BATCH = 256


class WorldEncoder:
    """An encoder that was trained on the drawn world, behind the index's `Encoder` seam.

    Args:
        folder: config, tokenizer, weights, graphs and `lexicon.json`; the embedded encoder's by
            default.

    Attributes:
        id: name of the model, with a digest of its weights.
        dim: width of a vector.
        size: (width, height) in pixels that frames must have.
        scale: factor on a cosine, and
        bias: what is added to it, before a sigmoid makes a probability of it.
        lexicon: the words that its patches were taught.

    Raises:
        UsageError: the folder holds no such model.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = where = folder or encoder_folder()
        try:
            config = json.loads((where / "open_clip_config.json").read_text("utf-8"))
            self.lexicon: dict[str, Any] = json.loads((where / "lexicon.json").read_text("utf-8"))
            self.scale, self.bias = _read_logit(where / WEIGHTS)
            for graph in (TEXTS, PICTURES):
                (where / graph).stat()
        except OSError as error:
            raise UsageError(
                f"encoder = '{LOCAL}{where}' cannot be loaded: {error}", "train or export it again"
            ) from error
        model = config["model_cfg"]
        self.dim = int(model["embed_dim"])
        height, width = model["vision_cfg"]["image_size"]
        patch = model["vision_cfg"]["patch_size"]
        self.size = (int(width), int(height))
        self._grid = (height // patch, width // patch)
        self._text_config = model["text_cfg"]
        self.id = embedded_encoder_id() if folder is None else model_id(f"{LOCAL}{where}")

    def __repr__(self) -> str:
        return f"WorldEncoder({self.id})"

    def covers(self, vectors: np.ndarray) -> float:
        """Return the share of pictures (unit vectors float32 [N, dim]) of the drawn world."""
        return place_share(self, self.lexicon, vectors)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _TEXT_BATCH):
            part = [_cleaned(text) for text in texts[start : start + _TEXT_BATCH]]
            ids = np.array([one.ids for one in self._tokenizer.encode_batch(part)], np.int64)
            vectors[start : start + len(part)] = self._texts.run(None, {"ids": ids})[0]
        return vectors

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames uint8 [N, height, width, 3] as unit vectors float32 [N, dim].

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        return self.encode_dense(pixels)[0]

    def encode_patches(self, pixels: np.ndarray) -> np.ndarray:
        """Embed the patches of RGB frames, in the space of the texts.

        Returns:
            Unit vectors float32 [N, rows, columns, dim], rows from the top.

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        return self.encode_dense(pixels)[1]

    def encode_dense(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embed frames and their patches in one pass; see `encode_frames`, `encode_patches`."""
        width, height = self.size
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[1:] != (height, width, 3):
            raise ValueError(
                f"pixels must be uint8 [N, {height}, {width}, 3], got {pixels.dtype} {pixels.shape}"
            )
        rows, columns = self._grid
        both = np.zeros((len(pixels), 1 + rows * columns, self.dim), np.float32)
        for start in range(0, len(pixels), _BATCH):
            part = np.ascontiguousarray(pixels[start : start + _BATCH])
            both[start : start + len(part)] = self._pictures.run(None, {"pixels": part})[0]
        return both[:, 0], both[:, 1:].reshape(len(pixels), rows, columns, self.dim)

    def encode_views(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames and their most distinct parts.

        Returns:
            Unit vectors float32 [N, views, dim], the whole frame first.

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        wholes, patches = self.encode_dense(pixels)
        flat = patches.reshape(len(pixels), -1, self.dim)
        return np.concatenate([wholes[:, None], distinct_regions(flat, REGIONS)], axis=1)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        length = self._text_config["context_length"]
        tokenizer.enable_truncation(max_length=length)
        tokenizer.enable_padding(length=length, pad_id=self._text_config["pad_id"])
        return tokenizer

    @cached_property
    def _texts(self) -> Any:
        return open_session(self._folder / TEXTS)

    @cached_property
    def _pictures(self) -> Any:
        return open_session(self._folder / PICTURES)


def _cleaned(text: str) -> str:
    """Return a text as open_clip gives it to a tokenizer: quotes straight, entities resolved."""
    if "&" in text or not text.isascii():
        from ftfy import fix_text

        text = html.unescape(html.unescape(fix_text(text)))
    return " ".join(text.split())


def _read_logit(weights: Path) -> tuple[float, float]:
    """Return the scale and the bias of a cosine."""
    from safetensors import safe_open

    with safe_open(str(weights), "np") as file:
        scale, bias = (float(file.get_tensor(f"logit_{name}")) for name in ("scale", "bias"))
    return math.exp(scale), bias
