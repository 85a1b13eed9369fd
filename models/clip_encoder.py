"""Pictures and words into one space: any open_clip model."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import open_clip
import torch
from open_clip.transformer import VisionTransformer
from torch.nn import functional as F

from ..index.video.errors import UsageError
from .identity import LOCAL, local_folder, model_id

_BATCH = 32


def load_encoder(name: str, *, device: str = "cpu", precision: str = "auto") -> OpenClipEncoder:
    """Load an encoder.

    Args:
        name: an open_clip model such as `ViT-B-16-SigLIP2` (its weights come from the hub),
            optionally `MODEL/PRETRAINED-TAG`, or `local-dir:PATH`, a folder with config, tokenizer
            and weights.
        device: torch device.
        precision: `fp32`, `bf16`, or `auto`: on a CPU the faster of the two, by trying.

    Raises:
        UsageError: no such model, or its weights cannot be had.
    """
    if precision not in ("auto", "fp32", "bf16"):
        raise UsageError(f"precision = {precision!r}: use auto, fp32 or bf16")
    return OpenClipEncoder(name, *load_parts(name, device), device, precision)


def load_parts(name: str, device: str) -> tuple[Any, Any, Any]:
    """Load a model, its preprocessing and its tokenizer, for `OpenClipEncoder`.

    Raises:
        UsageError: no such model, or its weights cannot be had.
    """
    identifier, tag = _resolve(name)
    quiet = logging.getLogger("root")
    level = quiet.level
    quiet.setLevel(logging.ERROR)  # open_clip tells each of its steps to the root logger
    try:
        model, preprocess = _create(identifier, tag, device)
        tokenizer = open_clip.get_tokenizer(identifier)
    except (RuntimeError, ValueError, OSError) as problem:
        raise UsageError(
            f"encoder = {name!r} cannot be loaded: {problem}",
            f"longtake models fetch {name} where it is not on this machine; else use a name that "
            "open_clip lists, or local-dir:PATH",
        ) from problem
    finally:
        quiet.setLevel(level)
    return model, preprocess, tokenizer


class OpenClipEncoder:
    """An open_clip model as the index's `Encoder`.

    Attributes:
        id: name of the model, with a digest of its weights when they come from a folder.
        dim: width of a vector.
        size: (width, height) in pixels that frames must have.
        scale: factor on a cosine, and
        bias: what is added to it, before a sigmoid makes a probability of it (bias 0 and no such
            meaning for models that were not trained with the sigmoid loss).
    """

    def __init__(
        self,
        name: str,
        model: Any,
        preprocess: Any,
        tokenizer: Callable[..., torch.Tensor],
        device: str,
        precision: str,
    ) -> None:
        self._model = model.eval().requires_grad_(False)
        self._tokenizer = tokenizer
        self._device = torch.device(device)
        self.size = _input_size(model)
        self._mean, self._std = (x.to(device) for x in _normalisation(preprocess))
        self.scale = float(model.logit_scale.exp())
        self.bias = float(model.logit_bias) if model.logit_bias is not None else 0.0
        self.id = model_id(name)
        model.visual = _pick_tower(model.visual, self.size, self._device, precision)
        self._dtype = next(model.visual.parameters()).dtype
        self.dim = self.encode_texts(["a film"]).shape[1]

    def __repr__(self) -> str:
        kind = str(self._dtype).removeprefix("torch.")
        return f"OpenClipEncoder({self.id}, {self.dim} wide, {self.size[0]}x{self.size[1]}, {kind})"

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames uint8 [N, height, width, 3] as unit vectors float32 [N, dim].

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
        """
        return self._in_batches(pixels, self._frame_vectors, (self.dim,))

    def encode_patches(self, pixels: np.ndarray) -> np.ndarray:
        """Embed the patches of RGB frames, in the space of the texts.

        Returns:
            Unit vectors float32 [N, rows, columns, dim], rows from the top.

        Raises:
            ValueError: the frames are not uint8 or not of the encoder's size.
            RuntimeError: the model has no patches that share the space of its texts.
        """
        return self.encode_dense(pixels)[1]

    def encode_dense(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embed frames and their patches in one pass; see `encode_frames`, `encode_patches`."""
        rows, columns = self._grid()
        both = self._in_batches(pixels, self._dense_vectors, (1 + rows * columns, self.dim))
        return both[:, 0], both[:, 1:].reshape(len(pixels), rows, columns, self.dim)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        parts = []
        with torch.inference_mode():
            for start in range(0, len(texts), 256):
                tokens = self._tokenizer(list(texts[start : start + 256])).to(self._device)
                parts.append(self._model.encode_text(tokens, normalize=True).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)

    def _in_batches(
        self,
        pixels: np.ndarray,
        embed: Callable[[torch.Tensor], torch.Tensor],
        shape: tuple[int, ...],
    ) -> np.ndarray:
        width, height = self.size
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[1:] != (height, width, 3):
            raise ValueError(
                f"pixels must be uint8 [N, {height}, {width}, 3], got {pixels.dtype} {pixels.shape}"
            )
        vectors = np.zeros((len(pixels), *shape), np.float32)
        with torch.inference_mode():
            for start in range(0, len(pixels), _BATCH):
                found = embed(self._prepare(pixels[start : start + _BATCH]))
                vectors[start : start + _BATCH] = F.normalize(found.float(), dim=-1).cpu().numpy()
        return vectors

    def _prepare(self, pixels: np.ndarray) -> torch.Tensor:
        # a copy: frames often come from memory that torch may not write to
        x = torch.from_numpy(np.array(pixels)).to(self._device)
        x = x.permute(0, 3, 1, 2).float().div_(255).sub_(self._mean).div_(self._std)
        return x.to(self._dtype)

    def _frame_vectors(self, x: torch.Tensor) -> torch.Tensor:
        return self._model.encode_image(x)

    def _dense_vectors(self, x: torch.Tensor) -> torch.Tensor:
        visual = self._model.visual
        tokens = visual.transformer(visual._embeds(x))
        pooled, _ = visual._pool(tokens)
        # _pool may normalise before or after it averages; patches are always normalised
        patches = visual.ln_post(tokens[:, 1:])
        return torch.cat([pooled[:, None], patches], dim=1) @ visual.proj

    def _grid(self) -> tuple[int, int]:
        visual = self._model.visual
        plain = isinstance(visual, VisionTransformer)
        if not plain or visual.attn_pool is not None or visual.proj is None:
            raise RuntimeError(f"encoder {self.id} has no patches in the space of its texts")
        return int(visual.grid_size[0]), int(visual.grid_size[1])


def _resolve(name: str) -> tuple[str, str | None]:
    """Return open_clip's identifier and the tag of the weights asked for, if any."""
    folder = local_folder(name)
    if folder is not None:
        return f"{LOCAL}{folder}", None
    model, _, tag = name.partition("/")
    return model, tag or None


def _tag_of(model: str, tag: str | None) -> str:
    """Return the tag of the weights to use.

    Raises:
        ValueError: open_clip has no weights for this model.
    """
    tags = [tag] if tag else open_clip.list_pretrained_tags_by_model(model)
    if not tags:
        raise ValueError(f"open_clip knows no weights for {model!r}")
    return "webli" if "webli" in tags else tags[-1]


def pretrained_repository(name: str) -> str | None:
    """Return the hub's repository of a name's weights; None where they come from elsewhere."""
    model, tag = _resolve(name)
    config = open_clip.get_pretrained_cfg(model, _tag_of(model, tag))
    parts = str(config.get("hf_hub") or "").split("/")
    return "/".join(parts[:2]) if len(parts) > 1 and all(parts[:2]) else None


def _create(identifier: str, tag: str | None, device: str) -> tuple[Any, Any]:
    if not identifier.startswith(LOCAL):
        tag = _tag_of(identifier, tag)
    model, _, preprocess = open_clip.create_model_and_transforms(
        identifier, pretrained=tag, device=device
    )
    return model, preprocess


def _input_size(model: Any) -> tuple[int, int]:
    size = model.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    return int(width), int(height)


def _normalisation(preprocess: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and deviation [3, 1, 1] from the last step of the model's own preprocessing."""
    last = preprocess.transforms[-1]
    return torch.tensor(last.mean).view(3, 1, 1), torch.tensor(last.std).view(3, 1, 1)


def _pick_tower(visual: Any, size: tuple[int, int], device: torch.device, precision: str) -> Any:
    """Return the picture tower in the asked precision.

    `auto` times one batch each way on a CPU: bfloat16 halves the cost where the processor has units
    for it and multiplies it where they are emulated.
    """
    if precision == "fp32" or (precision == "auto" and device.type != "cpu"):
        return visual
    half = copy.deepcopy(visual).to(torch.bfloat16)
    if precision == "bf16":
        return half
    x = torch.zeros(8, 3, size[1], size[0])
    faster = _seconds(half, x.bfloat16()) < 0.9 * _seconds(visual, x)
    return half if faster else visual


def _seconds(tower: Any, x: torch.Tensor) -> float:
    with torch.inference_mode():
        tower(x[:1])
        started = time.perf_counter()
        tower(x)
    return time.perf_counter() - started
