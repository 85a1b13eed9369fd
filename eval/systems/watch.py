"""A video LLM that is watched: which frames it was shown, and how many in all."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
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
        self._calls: dict[str, list[float]] = {}
        self._journal: Path | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._vlm, name)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._calls, self._journal = {}, None

    def keep_in(self, journal: Path) -> None:
        """Count on from what a journal tells, and keep in it what is shown from now on.

        A call that a kill broke off is made again: the same call counts once.

        Args:
            journal: one call a line; made with the first call, in a folder that is there by then.
        """
        with self._lock:
            self._journal = journal
            if journal.is_file():
                for line in journal.read_text(encoding="utf-8").splitlines():
                    try:
                        key, seconds = json.loads(line)
                    except ValueError:
                        continue  # empty, or torn by a kill: that call is made again
                    self._calls[key] = seconds

    @property
    def shown(self) -> int:
        """Frames shown since, in every different call."""
        return sum(map(len, self._calls.values()))

    @property
    def seconds(self) -> tuple[float, ...]:
        """The presentation time of each different frame shown since, rising."""
        return tuple(sorted({second for seen in self._calls.values() for second in seen}))

    def _see(self, asked: str, clips: Sequence[Frames], args: Sequence[Any]) -> None:
        seconds = [round(float(second), 6) for frames in clips for second in frames.seconds]
        key = json.dumps([asked, seconds, _words(args)])
        with self._lock:
            if key in self._calls:
                return
            self._calls[key] = seconds
            if self._journal is not None:
                with self._journal.open("a", encoding="utf-8") as file:
                    # the line's end goes first, so that one torn by a kill spoils no other
                    file.write("\n" + json.dumps([key, seconds]))

    def answer(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.answer`."""
        self._see("answer", [frames], args)
        return self._vlm.answer(frames, *args, **options)

    def judge(self, clips: Sequence[Frames], *args: Any, **options: Any) -> Any:
        """Do as `VLM.judge`."""
        self._see("judge", clips, args)
        return self._vlm.judge(clips, *args, **options)

    def find(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.find`."""
        self._see("find", [frames], args)
        return self._vlm.find(frames, *args, **options)

    def caption(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.caption`."""
        self._see("caption", [frames], args)
        return self._vlm.caption(frames, *args, **options)

    def locate(self, frames: Frames, *args: Any, **options: Any) -> Any:
        """Do as `VLM.locate`."""
        self._see("locate", [frames], args)
        return self._vlm.locate(frames, *args, **options)


def _words(args: Sequence[Any]) -> list[Any]:
    """Return what was asked, in words; what is no text tells no two calls apart."""
    return [
        arg if isinstance(arg, str) else [word for word in arg if isinstance(word, str)]
        for arg in args
        if isinstance(arg, str | list | tuple)
    ]
