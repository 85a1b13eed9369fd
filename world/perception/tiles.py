"""Views of a frame: the whole and overlapping tiles, cut, compared and grouped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.video.frames import Box

TILE_STEP = 0.62  # share of a tile between neighbouring tiles; the rest is overlap
SAME_TILE = 4.0  # largest mean difference of a 16-pixel block (0-255) of a tile that is reused


def tile_boxes(width: int, height: int, size: tuple[int, int]) -> list[Box]:
    """Return the views of a frame: the whole, then overlapping tiles at the encoder's size."""
    boxes = [Box(0.0, 0.0, 1.0, 1.0)]
    tile_w, tile_h = size
    if width < 1.3 * tile_w and height < 1.3 * tile_h:
        return boxes
    lefts, tops = _starts(width, tile_w), _starts(height, tile_h)
    share_w, share_h = min(1.0, tile_w / width), min(1.0, tile_h / height)
    return boxes + [
        Box(x / width, y / height, min(1.0, x / width + share_w), min(1.0, y / height + share_h))
        for y in tops
        for x in lefts
    ]


def _starts(length: int, tile: int) -> list[float]:
    """Return where tiles begin along one side, evenly, with at least the wanted overlap."""
    if length <= tile:
        return [0.0]
    count = 1 + int(np.ceil((length - tile) / (TILE_STEP * tile) - 0.05))
    return [float(x) for x in np.linspace(0, length - tile, max(2, count))]


def cut_tiles(pixels: np.ndarray, box: Box, size: tuple[int, int]) -> np.ndarray:
    """Cut one view out of every frame at the encoder's size, uint8 [N, h, w, 3]."""
    _, height, width, _ = pixels.shape
    x0, y0 = round(box.x0 * width), round(box.y0 * height)
    x1, y1 = round(box.x1 * width), round(box.y1 * height)
    part = pixels[:, y0:y1, x0:x1]
    if (part.shape[2], part.shape[1]) == size:
        return np.ascontiguousarray(part)
    from PIL import Image

    return np.stack(
        [
            np.asarray(Image.fromarray(np.ascontiguousarray(p)).resize(size, Image.Resampling.BOX))
            if p.shape[1] >= size[0]
            else np.asarray(
                Image.fromarray(np.ascontiguousarray(p)).resize(size, Image.Resampling.BILINEAR)
            )
            for p in part
        ]
    )


def magnify(pixels: np.ndarray, least: tuple[int, int]) -> np.ndarray:
    """Enlarge frames that are smaller than `least` (width, height), in their own proportions.

    Args:
        pixels: RGB frames uint8 [N, H, W, 3].
        least: what they grow to, the largest that fits in it; larger ones stay as they are.

    Returns:
        uint8 [N, h, w, 3].
    """
    _, height, width, _ = pixels.shape
    factor = min(least[0] / width, least[1] / height)
    if factor <= 1 or not len(pixels):
        return pixels
    from PIL import Image

    size = round(width * factor), round(height * factor)
    large = (Image.fromarray(p).resize(size, Image.Resampling.BICUBIC) for p in pixels)
    return np.stack([np.asarray(picture) for picture in large])


def distinct_tiles(stacks: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Keep one of consecutive tiles that look the same.

    Returns:
        owner: int [views, frames], the row of `distinct` that stands for each tile; and
        distinct: uint8 [M, h, w, 3].
    """
    owner = np.zeros((len(stacks), len(stacks[0])), np.intp)
    kept: list[np.ndarray] = []
    for view, stack in enumerate(stacks):
        n, height, width, _ = stack.shape
        h, w = height // 16 * 16, width // 16 * 16
        luma = stack[:, :h, :w].mean(axis=3, dtype=np.float32)
        blocks = luma.reshape(n, h // 16, 16, w // 16, 16).mean(axis=(2, 4))
        last = None
        for row in range(n):
            if last is None or np.abs(blocks[row] - last).max() > SAME_TILE:
                last = blocks[row]
                kept.append(stack[row])
            owner[view, row] = len(kept) - 1
    return owner, np.stack(kept)


def connected(label: np.ndarray) -> list[np.ndarray]:
    """Return the 8-connected groups of equal labels >= 0, each as cells int [K, 2]."""
    height, width = label.shape
    seen = label < 0
    groups = []
    for row, column in zip(*np.nonzero(~seen), strict=True):
        if seen[row, column]:
            continue
        seen[row, column] = True
        cells, at = [(int(row), int(column))], 0
        while at < len(cells):
            y, x = cells[at]
            at += 1
            for ny in range(max(0, y - 1), min(height, y + 2)):
                for nx in range(max(0, x - 1), min(width, x + 2)):
                    if not seen[ny, nx] and label[ny, nx] == label[row, column]:
                        seen[ny, nx] = True
                        cells.append((ny, nx))
        groups.append(np.array(cells))
    return groups


def into(view: Box, box: Box) -> Box:
    """Translate a box inside a view into the frame."""
    w, h = view.x1 - view.x0, view.y1 - view.y0
    return Box(
        view.x0 + box.x0 * w,
        view.y0 + box.y0 * h,
        min(1.0, view.x0 + box.x1 * w),
        min(1.0, view.y0 + box.y1 * h),
    )


def inset(view: Box, x: float, y: float) -> float:
    """Return how far inside a view a point lies, in shares of the view; below 0 outside."""
    across, down = (x - view.x0) / (view.x1 - view.x0), (y - view.y0) / (view.y1 - view.y0)
    return min(across, 1 - across, down, 1 - down)
