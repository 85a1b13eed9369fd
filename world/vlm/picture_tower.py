"""The picture tower of the embedded VLM by onnxruntime: from frames to tokens of its decoder."""

from __future__ import annotations

import hashlib
import json
import math
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...models.onnx_session import open_session

TOWER, WEIGHTS = "tower.onnx", "model.safetensors"
_TABLE = "model.visual.pos_embed.weight"
_BATCH = 8  # pictures
_KEPT = 256  # pictures whose tokens are kept, 46 kB each


class PictureTower:
    """A Qwen3-VL tower without DeepStack; loads when it is first used.

    Args:
        folder: the checkpoint with its graphs.
        config: its `config.json`.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder
        self._about = config["vision_config"]
        self._tokens: OrderedDict[bytes, np.ndarray] = OrderedDict()

    def see(self, pixels: np.ndarray) -> tuple[np.ndarray, int, int]:
        """Return the tokens of pictures.

        Args:
            pixels: RGB uint8 [N, H, W, 3].

        Returns:
            tokens float32 [N, rows * columns, width], rows and columns.
        """
        cell = self._about["patch_size"] * self._about["spatial_merge_size"]
        fewest, most = self._limits
        height, width = fitted_size(pixels.shape[1], pixels.shape[2], cell, fewest, most)
        rows, columns = height // cell, width // cell
        keys = [hashlib.blake2b(picture.tobytes()).digest() for picture in pixels]
        new = [row for row, key in enumerate(keys) if key not in self._tokens]
        for start in range(0, len(new), _BATCH):
            part = new[start : start + _BATCH]
            made = self._run(_resized(pixels[part], width, height))
            self._tokens.update(zip((keys[row] for row in part), made, strict=True))
        found = [self._tokens[key] for key in keys]
        while len(self._tokens) > _KEPT:
            self._tokens.popitem(last=False)
        shape = (0, rows * columns, self._about["out_hidden_size"])
        return (np.stack(found) if found else np.zeros(shape, np.float32)), rows, columns

    def _run(self, pixels: np.ndarray) -> np.ndarray:
        patch = self._about["patch_size"]
        rows, columns = pixels.shape[1] // patch, pixels.shape[2] // patch
        row, column = np.divmod(np.arange(rows * columns), columns)
        cos, sin = self._angles(row, column)
        merge = self._about["spatial_merge_size"]
        # patches that become one token follow each other
        order = np.lexsort((column % merge, row % merge, column // merge, row // merge))
        places = self._places(rows, columns)
        given = {"pixels": pixels, "places": places, "cos": cos, "sin": sin, "order": order}
        return self._session.run(None, given)[0]

    def _angles(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return cosine and sine [patches, head] of the places of patches."""
        half = self._about["hidden_size"] // self._about["num_heads"] // 2
        speeds = self._about["rope_parameters"]["rope_theta"] ** (-np.arange(0, half, 2) / half)
        angles = np.concatenate([np.outer(row, speeds), np.outer(column, speeds)], axis=1)
        both = np.concatenate([angles, angles], axis=1).astype(np.float32)
        return np.cos(both), np.sin(both)

    def _places(self, rows: int, columns: int) -> np.ndarray:
        """Return the learned places [patches, width]: the square table, stretched to the grid."""
        side = math.isqrt(len(self._table))
        table = self._table.reshape(side, side, -1)
        for axis, count in ((0, rows), (1, columns)):
            at = np.linspace(0, side - 1, count)
            low = np.minimum(at.astype(np.int64), side - 1)
            high = np.minimum(low + 1, side - 1)
            share = (
                (at - low).astype(np.float32).reshape([-1 if k == axis else 1 for k in range(3)])
            )
            table = table.take(low, axis) * (1 - share) + table.take(high, axis) * share
        return table.reshape(rows * columns, -1)

    @cached_property
    def _limits(self) -> tuple[int, int]:
        """The fewest and the most pixels of a picture."""
        told = json.loads((self._folder / "processor_config.json").read_text("utf-8"))
        size = told["image_processor"]["size"]
        return size["shortest_edge"], size["longest_edge"]

    @cached_property
    def _table(self) -> np.ndarray:
        return read_weight(self._folder / WEIGHTS, _TABLE)

    @cached_property
    def _session(self) -> Any:
        return open_session(self._folder / TOWER)


def read_weight(file: Path, name: str) -> np.ndarray:
    """Return one weight of a safetensors file as float32."""
    from safetensors import safe_open

    with safe_open(str(file), "np") as opened:
        return opened.get_tensor(name).astype(np.float32)


def fitted_size(height: int, width: int, cell: int, fewest: int, most: int) -> tuple[int, int]:
    """Return the (height, width) that Qwen2-VL's image processor resizes a picture to.

    Args:
        height: of the picture, pixels.
        width: likewise.
        cell: sides become multiples of it.
        fewest: pixels of the result at least.
        most: pixels at most.
    """
    high, wide = (round(side / cell) * cell for side in (height, width))
    if high * wide > most:
        shrink = math.sqrt(height * width / most)
        high, wide = (max(cell, math.floor(s / shrink / cell) * cell) for s in (height, width))
    elif high * wide < fewest:
        grow = math.sqrt(fewest / (height * width))
        high, wide = (math.ceil(side * grow / cell) * cell for side in (height, width))
    return high, wide


def _resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    if pixels.shape[1:3] == (height, width):
        return np.ascontiguousarray(pixels)
    from PIL import Image

    size, way = (width, height), Image.Resampling.BICUBIC
    return np.stack([np.asarray(Image.fromarray(p).resize(size, way)) for p in pixels])
