"""The few vectors that stand for all patches of a frame.

One vector cannot hold everything that a crowded frame shows, and all patches are too many to keep.
Of the patches those are taken that differ most from the frame and from each other (farthest point
sampling: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985), each averaged
with the patches like it.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

ALIKE = 0.8  # cosine from which on patches show the same


def distinct_regions(patches: torch.Tensor, count: int) -> torch.Tensor:
    """Return the most distinct groups of patches.

    Args:
        patches: unit vectors, float [N, patches, dim].
        count: how many groups.

    Returns:
        Unit vectors, float [N, count, dim]; a frame with fewer kinds of patches repeats some.
    """
    pairwise = patches @ patches.transpose(1, 2)
    frames = torch.arange(len(patches), device=patches.device)
    middle = F.normalize(patches.mean(1, keepdim=True), dim=-1)
    nearest = (patches @ middle.transpose(1, 2)).squeeze(2)
    weights = []
    for _ in range(count):
        cosine = pairwise[frames, nearest.argmin(1)]
        weights.append((cosine > ALIKE).to(patches.dtype))
        nearest = torch.maximum(nearest, cosine)
    return F.normalize(torch.stack(weights, 1) @ patches, dim=-1)
