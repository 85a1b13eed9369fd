"""Sentence embeddings: texts of like meaning get vectors that lie close.

Models are those of sentence-transformers (Reimers and Gurevych, "Sentence-BERT", EMNLP 2019): a
transformer, pooling, unit length. They run through transformers, or, from a folder with a
`model.onnx`, through onnxruntime, which spares loading torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..index.protocols import TextEncoder
from ..index.video.errors import UsageError
from .identity import LOCAL, files_digest

NONE = "none"
_BATCH = 32
_KNOWN = 8192  # texts whose vectors are kept in memory
_MAX_TOKENS = 512
_ONNX = ("model.onnx", "onnx/model.onnx")
_POOLINGS = ("cls", "mean", "max")
_REMEDY = (
    "use a sentence-transformers name such as sentence-transformers/all-MiniLM-L6-v2, a folder of "
    "one, or none"
)


def load_text_encoder(name: str) -> TextEncoder | None:
    """Return the text encoder of a name; its weights are read when it first encodes.

    Args:
        name: a model of the hub, a folder (with or without `local-dir:`), or `none`.

    Returns:
        The encoder, None for `none`.

    Raises:
        UsageError: the folder holds no such model.
    """
    if name == NONE:
        return None
    folder = Path(name.removeprefix(LOCAL)).expanduser()
    if not name.startswith(LOCAL) and not folder.is_dir():
        return SentenceEncoder(name, name, _TorchModel(name))
    if not folder.is_dir():
        raise UsageError(f"text_encoder = {name!r}: {folder} is not a folder", _REMEDY)
    onnx = next((folder / path for path in _ONNX if (folder / path).is_file()), None)
    model = _TorchModel(str(folder)) if onnx is None else _OnnxModel(folder, onnx)
    weights = [onnx] if onnx else sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin")])
    if not weights or not (folder / "config.json").is_file():
        raise UsageError(
            f"text_encoder = {name!r}: {folder} holds no config.json with weights beside it",
            _REMEDY,
        )
    return SentenceEncoder(name, f"{folder.name}@{files_digest(weights)}", model)


class _Model(Protocol):
    """A transformer with its tokenizer."""

    def read(self, file: str) -> Any:
        """Return the content of a JSON file of the model, an empty dict where there is none."""
        ...

    def states(self, texts: list[str], max_tokens: int) -> tuple[np.ndarray, np.ndarray]:
        """Return token states float32 [N, T, D] (or pooled, [N, D]) and the mask int [N, T]."""
        ...


class SentenceEncoder:
    """A sentence-transformers model as the index's `TextEncoder`.

    Attributes:
        id: the model's name, with a digest of its weights when they come from a folder.
    """

    def __init__(self, name: str, identity: str, model: _Model) -> None:
        self.name, self.id = name, identity
        self._model = model
        self._known: dict[str, np.ndarray] = {}

    def __repr__(self) -> str:
        return f"SentenceEncoder({self.id})"

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._dim

    @cached_property
    def _dim(self) -> int:
        return self._encode(["a"]).shape[1]

    @cached_property
    def _pooling(self) -> str:
        """Return how token states become one vector: `cls`, `mean` or `max`.

        Raises:
            UsageError: the model does more than a transformer, pooling and unit length.
        """
        modules = self._model.read("modules.json")
        kinds = [str(m.get("type", "")).rsplit(".", 1)[-1] for m in modules] if modules else []
        foreign = [kind for kind in kinds if kind not in ("Transformer", "Pooling", "Normalize")]
        config = self._model.read("1_Pooling/config.json")
        chosen = [
            key
            for key, value in config.items()
            if key.startswith("pooling_mode_") and value is True
        ]
        known = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
        known["pooling_mode_max_tokens"] = "max"
        pooling = config.get("pooling_mode") or [known.get(key, key) for key in chosen] or ["mean"]
        pooling = [pooling] if isinstance(pooling, str) else pooling
        if foreign or len(pooling) != 1 or pooling[0] not in _POOLINGS:
            what = ", ".join(foreign or map(str, pooling))
            raise UsageError(f"text_encoder = {self.name!r}: {what} is not supported", _REMEDY)
        return str(pooling[0])

    @cached_property
    def _max_tokens(self) -> int:
        told = self._model.read("sentence_bert_config.json").get("max_seq_length")
        return int(told or _MAX_TOKENS)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]; texts longer than the model reads are cut.

        Raises:
            UsageError: the model cannot be loaded.
        """
        known = self._known
        # texts of like length together, so that little is padded
        new = sorted(
            {text for text in texts if text not in known}, key=lambda text: (len(text), text)
        )
        found: dict[str, np.ndarray] = {}
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            found.update(zip(batch, self._encode(batch), strict=True))
        out = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            out[row] = found[text] if text in found else known[text]
        # questions about one film compare the same sentences again and again
        self._known = {**(known if len(known) + len(found) <= _KNOWN else {}), **found}
        return out

    def _encode(self, texts: list[str]) -> np.ndarray:
        try:
            states, mask = self._model.states([text or " " for text in texts], self._max_tokens)
        except (OSError, ImportError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
            raise UsageError(
                f"text_encoder = {self.name!r} cannot be loaded: {reason}", _REMEDY
            ) from error
        vectors = states if states.ndim == 2 else _pool(states, mask, self._pooling)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _pool(states: np.ndarray, mask: np.ndarray, pooling: str) -> np.ndarray:
    shown = mask[:, :, None].astype(np.float32)
    if pooling == "cls":
        return states[:, 0]
    if pooling == "max":
        return np.where(shown > 0, states, -np.inf).max(axis=1)
    return (states * shown).sum(axis=1) / np.maximum(shown.sum(axis=1), 1.0)


class _TorchModel:
    """A model run by transformers."""

    def __init__(self, source: str) -> None:
        self._source = source

    def read(self, file: str) -> Any:
        from transformers.utils.hub import cached_file

        from .fetching import nothing_fetched

        with nothing_fetched():
            path = cached_file(
                self._source,
                file,
                _raise_exceptions_for_missing_entries=False,
                _raise_exceptions_for_connection_errors=False,
            )
        return json.loads(Path(path).read_text("utf-8")) if path else {}

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        from .fetching import nothing_fetched
        from .loading import held_interrupt

        logging.disable_progress_bar()  # stderr is for our own progress
        with held_interrupt(), nothing_fetched():
            tokenizer = AutoTokenizer.from_pretrained(self._source)
            model = AutoModel.from_pretrained(self._source).eval().requires_grad_(False)
        return tokenizer, model

    def states(self, texts: list[str], max_tokens: int) -> tuple[np.ndarray, np.ndarray]:
        import torch

        tokenizer, model = self._loaded
        longest = min(max_tokens, getattr(model.config, "max_position_embeddings", max_tokens))
        batch = tokenizer(
            texts, padding=True, truncation=True, max_length=longest, return_tensors="pt"
        )
        with torch.inference_mode():
            states = model(**batch).last_hidden_state
        return states.float().cpu().numpy(), batch["attention_mask"].cpu().numpy()


class _OnnxModel:
    """A model run by onnxruntime on the CPU, with the folder's tokenizer."""

    def __init__(self, folder: Path, weights: Path) -> None:
        self._folder, self._weights = folder, weights

    def read(self, file: str) -> Any:
        path = self._folder / file
        return json.loads(path.read_text("utf-8")) if path.is_file() else {}

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from tokenizers import Tokenizer

        from .onnx_session import open_session

        path = self._folder / "tokenizer.json"
        if not path.is_file():
            raise OSError(f"{path} is missing")
        return Tokenizer.from_file(str(path)), open_session(self._weights)

    def states(self, texts: list[str], max_tokens: int) -> tuple[np.ndarray, np.ndarray]:
        tokenizer, session = self._loaded
        longest = min(
            max_tokens, self.read("config.json").get("max_position_embeddings") or 1 << 20
        )
        tokenizer.enable_truncation(max_length=longest)
        tokenizer.enable_padding()
        encoded = tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        given = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
        }
        names = {item.name for item in session.get_inputs()}
        outputs = [item.name for item in session.get_outputs()]
        wanted = "sentence_embedding" if "sentence_embedding" in outputs else outputs[0]
        (states,) = session.run([wanted], {k: v for k, v in given.items() if k in names})
        return np.asarray(states, np.float32), mask
