"""The few vectors that stand for all patches of a frame.

One vector cannot hold everything that a crowded frame shows, and all patches are too many to keep.
Of the patches those are taken that differ most from the frame and from each other (farthest point
sampling: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985), each averaged
with the patches like it.
"""

from __future__ import annotations

import numpy as np

ALIKE = 0.8  # cosine from which on patches show the same


def distinct_regions(patches: np.ndarray, count: int) -> np.ndarray:
    """Return the most distinct groups of patches.

    Args:
        patches: unit vectors, float32 [N, patches, dim].
        count: how many groups.

    Returns:
        Unit vectors, float32 [N, count, dim]; a frame with fewer kinds of patches repeats some.
    """
    pairwise = patches @ patches.transpose(0, 2, 1)
    frames = np.arange(len(patches))
    middle = unit(patches.mean(1, keepdims=True))
    nearest = (patches @ middle.transpose(0, 2, 1))[:, :, 0]
    weights = []
    for _ in range(count):
        cosine = pairwise[frames, nearest.argmin(1)]
        weights.append((cosine > ALIKE).astype(patches.dtype))
        nearest = np.maximum(nearest, cosine)
    return unit(np.stack(weights, 1) @ patches)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors to unit length along the last axis; a zero vector stays as it is."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
