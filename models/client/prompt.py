"""One request about frames, as messages; the order lets a server reuse what it has read.

A constant system line, then the frames in time order with the time text before each, then notes and
question, then later turns. Nothing before the question changes between questions about one view.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ...index.video.frames import Frames, empty_frames
from ...prompts import render
from ...world.perception.prompts import system_line, time_text
from .clips import clip_rate
from .media import JpegCache, shrink

Media = Literal["images", "frame_list", "clip"]
FEWEST = 8  # frames that are kept before they are made smaller instead
SMALLEST = 112  # pixels of the long side below which nothing is recognised


@dataclass(frozen=True)
class Prompt:
    """What is asked about which frames.

    Attributes:
        asked: notes, question and options; stands after the frames.
        frames: in time order; may be none.
        turns: answers and corrections after it.
        media: how the frames are sent; what cannot go as a clip goes as images.
    """

    asked: str
    frames: Frames = empty_frames()  # noqa: RUF009 - a constant, never written to
    turns: tuple[dict[str, Any], ...] = ()
    media: Media = "images"

    def messages(self, jpegs: JpegCache) -> list[dict[str, Any]]:
        """Return the chat messages; the only media in them are data URIs that we encoded."""
        parts = self._shown(jpegs)
        parts.append({"type": "text", "text": self.asked})
        return [
            {"role": "system", "content": system_line()},
            {"role": "user", "content": parts},
            *self.turns,
        ]

    def _shown(self, jpegs: JpegCache) -> list[dict[str, Any]]:
        """Return the parts that show the frames with their times."""
        pixels, seconds = self.frames.pixels, self.frames.seconds
        if not len(pixels):
            return []
        rate = clip_rate(self.frames) if self.media == "clip" else None
        if rate is not None:
            # the server's own times count from the clip's beginning
            begins = render("served_clip", time=time_text(float(seconds[0])))
            video = f"data:video/mp4;base64,{jpegs.clip_of(pixels, rate)}"
            return [{"type": "text", "text": begins}, _video(video)]
        encoded = [jpegs.base64_of(picture) for picture in pixels]
        if self.media == "frame_list":
            return [_video(f"data:video/jpeg;base64,{','.join(encoded)}")]
        parts: list[dict[str, Any]] = []
        for second, picture in zip(seconds, encoded, strict=True):
            url = f"data:image/jpeg;base64,{picture}"
            parts.append({"type": "text", "text": time_text(float(second))})
            parts.append({"type": "image_url", "image_url": {"url": url}})
        return parts

    def extra(self) -> dict[str, Any]:
        """Return the request fields that the messages need beside them."""
        if self.media != "frame_list" or not len(self.frames):
            return {}
        # a frame's time is its index over the rate: at 1000 a second an index is a millisecond
        stamps = np.rint(self.frames.seconds * 1000).astype(int).tolist()
        video = {
            "fps": 1000.0,
            "frames_indices": stamps,
            "total_num_frames": stamps[-1] + 1,
            "duration": (stamps[-1] + 1) / 1000,
            "num_frames": -1,  # the default of 32 would cut the list
            "do_sample_frames": False,
        }
        return {"media_io_kwargs": {"video": video}}

    def repaired(self, answer: str, complaint: str) -> Prompt:
        """Return the prompt that asks once more, saying what was wrong with the answer."""
        words = render("served_repair", complaint=complaint)
        if not answer:
            # two turns of the user in a row are refused by many chat templates
            return replace(self, asked=f"{self.asked}\n{words}")
        said = {"role": "assistant", "content": answer[:500]}
        return replace(self, turns=(*self.turns, said, {"role": "user", "content": words}))

    def lighter(self) -> Prompt | None:
        """Return it with half the frames, or with frames of half the size; None at the end."""
        count = len(self.frames)
        if count > FEWEST:
            rows = np.linspace(0, count - 1, max(FEWEST, count // 2)).round().astype(int)
            return replace(self, frames=self.frames.take(rows))
        if not count or max(self.frames.pixels.shape[1:3]) < 2 * SMALLEST:
            return None
        return replace(self, frames=Frames(shrink(self.frames.pixels, 0.5), self.frames.seconds))

    @property
    def view(self) -> str:
        """Say how many frames of what size are shown."""
        height, width = self.frames.pixels.shape[1:3]
        return f"{len(self.frames)} frames of {width}x{height}"


def _video(url: str) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}}
