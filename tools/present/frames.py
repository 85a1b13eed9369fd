"""frames: every frame as a picture of its own, its time written before it by the VLM's prompt."""

from __future__ import annotations

from ...index.video.frames import Frames


def as_frames(frames: Frames) -> Frames:
    """Return the frames as they are."""
    return frames
