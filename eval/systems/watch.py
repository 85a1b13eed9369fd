"""A video LLM that is watched: which frames it was shown, and how many in all."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ...index.video.frames import Frames


class WatchedVLM:
    """Passes everything on to a `VLM` and notes the time of every frame that it is shown.

    Args:
        vlm: the real one.
    """

    def __init__(self, vlm: Any) -> None:
        self._vlm = vlm
        self._lock = threading.Lock()
        self._shown = 0
        self._seconds: set[float] = set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._vlm, name)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._shown = 0
            self._seconds = set()

    @property
    def shown(self) -> int:
        """Frames shown since, repeats included."""
        return self._shown

    @property
    def seconds(self) -> tuple[float, ...]:
        """The presentation time of each different frame shown since, rising."""
        return tuple(sorted(self._seconds))

    def _see(self, *clips: Frames) -> None:
        with self._lock:
            for frames in clips:
                self._shown += len(frames)
                self._seconds.update(round(float(second), 6) for second in frames.seconds)

    def answer(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.answer`."""
        self._see(frames)
        return self._vlm.answer(frames, *args, **options)

    def judge(self, clips: Sequence[Frames], *args: Any, **options: Any) -> Any:
        """Do as `VLM.judge`."""
        self._see(*clips)
        return self._vlm.judge(clips, *args, **options)

    def find(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.find`."""
        self._see(frames)
        return self._vlm.find(frames, *args, **options)

    def caption(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.caption`."""
        self._see(frames)
        return self._vlm.caption(frames, *args, **options)

    def locate(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.locate`."""
        self._see(frames)
        return self._vlm.locate(frames, *args, **options)
