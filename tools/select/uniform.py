"""uniform: evenly over a film, each instant moved to a keyframe of its own step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .selection import SAME_INSTANT, FilmFacts, Selection


def uniform(facts: FilmFacts, budget: int) -> Selection:
    """Divide what decodes of the span into `budget` equal steps and take the middle of each.

    A keyframe decodes alone; any other frame costs the whole way from the keyframe before it. So
    each instant is moved to the nearest keyframe of its own step if there is one. Cost: O(budget).
    """
    parts = facts.parts
    starts = np.array([part.start for part in parts])
    ends = np.array([part.end for part in parts])
    before = np.concatenate([[0.0], np.cumsum(ends - starts)])
    step = before[-1] / budget
    along = (np.arange(budget) + 0.5) * step
    part = np.clip(np.searchsorted(before, along, side="right") - 1, 0, len(parts) - 1)
    even = np.clip(starts[part] + along - before[part], None, np.nextafter(ends[part], 0))
    keys = facts.keyframes
    if len(keys):
        after = np.clip(np.searchsorted(keys, even), 0, len(keys) - 1)
        earlier = np.maximum(after - 1, 0)
        near_before = np.abs(keys[earlier] - even) <= np.abs(keys[after] - even)
        nearest = np.where(near_before, keys[earlier], keys[after])
        # just past the keyframe's own time, so that rounding cannot fall on the frame before
        moved = nearest + 1e-4
        there = (moved >= starts[part]) & (moved < ends[part])
        even = np.where((np.abs(nearest - even) < step / 2) & there, moved, even)
    return Selection(even, np.zeros(budget))


def filled(found: Selection, facts: FilmFacts, budget: int) -> Selection:
    """Return a selection with even instants added until the budget is spent, score 0 each.

    The even instants that lie farthest from what was picked come first.
    """
    room = int(budget - found.full_frames + 1e-9)
    if facts.most_frames is not None:
        room = min(room, facts.most_frames - len(found))
    if room < 1:
        return found
    even = uniform(facts, budget).seconds
    gaps = np.full(len(even), np.inf)
    if len(found):
        gaps = np.abs(even[:, None] - found.seconds[None, :]).min(axis=1)
    order = np.argsort(-gaps, kind="stable")
    added = np.sort(even[order[gaps[order] >= SAME_INSTANT][:room]])
    if not len(added):
        return found
    seconds = np.concatenate([found.seconds, added])
    order = np.argsort(seconds)
    zeros, ones = np.zeros(len(added)), np.ones(len(added))
    return replace(
        found,
        seconds=seconds[order],
        scores=np.concatenate([found.scores, zeros])[order],
        scales=None if found.scales is None else np.concatenate([found.scales, ones])[order],
    )
