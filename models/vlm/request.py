"""One request about frames, as messages; the order lets a server reuse what it has read.

A constant system line, then the frames in time order with the time text before each, then notes and
question, then later turns. Nothing before the question changes between questions about one view.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...index.video.frames import Frames, empty_frames
from ...prompts import render
from ..client.capabilities import Capabilities, Media
from ..client.parsing import storable
from .laid_out import has_layout, parts_of, pictures_in, pixels_in, shared_pictures
from .media import JpegCache, shrink
from .prompts import after_notes, system_text, time_text
from .video_clip import clip_rate

FEW = 8  # frames that are kept before they are made smaller instead
SMALL = 224  # pixels of the long side that is kept before frames become still fewer
LETTERS_A_TOKEN = 3.5
PIXELS_A_TOKEN = 784  # a patch of 28 x 28
SMALLEST = 112  # pixels of the long side below which nothing is recognised


@dataclass(frozen=True, slots=True)
class Request:
    """For a model that runs here: frames in time order, what is asked, how the reply begins."""

    frames: Frames
    asked: str
    begun: str = ""


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What is asked about which frames.

    Attributes:
        asked: question and options; stands after frames and notes.
        frames: in time order; may be none.
        notes: words of the film, a line each in time order.
        turns: answers and corrections after it.
        media: how the frames are sent; what cannot go as a clip goes as images.
        jpegs: encoded frames, kept between requests.
        most_images: pictures at most, where frames may share them; None for one a frame.
    """

    asked: str
    frames: Frames = field(default_factory=empty_frames)
    notes: tuple[str, ...] = ()
    turns: tuple[dict[str, Any], ...] = ()
    media: Media = "images"
    jpegs: JpegCache = field(default_factory=JpegCache, compare=False)
    most_images: int | None = None

    def messages(self, known: Capabilities) -> list[dict[str, Any]]:
        """Return the chat messages; the only media in them are data URIs that we encoded."""
        shown = self._shown(known)
        asked = storable(after_notes(self.notes, self.asked))
        first = {"role": "system", "content": system_text(reads=bool(self.notes) and not shown)}
        turns = [storable(turn) for turn in self.turns]
        system = [first] if known.system else []
        if not shown:
            # servers of models that only read take no list of parts
            words = asked if known.system else f"{first['content']}\n{asked}"
            return [*system, {"role": "user", "content": words}, *turns]
        parts = [*shown, {"type": "text", "text": asked}]
        if not known.system:
            parts.insert(0, {"type": "text", "text": first["content"]})
        return [*system, {"role": "user", "content": parts}, *turns]

    def images(self, known: Capabilities) -> int:
        """Return how many images the messages carry."""
        count = pictures_in(self.frames)
        if not count or self._media(known) != "images":
            return 0
        most = self._most_images(known)
        return count if most is None else min(count, most)

    def extra(self, known: Capabilities) -> dict[str, Any]:
        """Return the request fields that the messages need beside them."""
        if self._media(known) != "frame_list" or not len(self.frames):
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

    def repaired(self, answer: str, complaint: str) -> FrameRequest:
        """Return the request that asks once more, saying what was wrong with the answer."""
        words = render("vlm_repair", complaint=complaint)
        if not answer:
            # two turns of the user in a row are refused by many chat templates
            return replace(self, asked=f"{self.asked}\n{words}")
        said = {"role": "assistant", "content": answer[:500]}
        return replace(self, turns=(*self.turns, said, {"role": "user", "content": words}))

    def lighter(self, share: float) -> FrameRequest | None:
        """Return it with about this share of its notes or frames, or smaller ones; None at the end.

        The larger part becomes less as long as it can. Of frames fewer first, as long as they are
        more than a few; then smaller, as long as they can be seen well; then still fewer, and
        smaller at last. A layout is given up.
        """
        ways = (self._with_fewer_notes, self._with_less_to_see)
        if self.note_tokens < pixels_in(self.frames) / PIXELS_A_TOKEN:
            ways = ways[::-1]
        return ways[0](share) or ways[1](share)

    def _with_less_to_see(self, share: float) -> FrameRequest | None:
        count = len(self.frames)
        side = max(self.frames.pixels.shape[1:3])
        if count > FEW:
            return self._with(max(FEW, min(count - 1, int(count * share))))
        if count and side >= 2 * SMALL:
            return self._shrunk(share)
        if count > 1:
            return self._with(max(1, int(count * max(share, 0.5))))
        return self._shrunk(share) if count and side >= 2 * SMALLEST else None

    @property
    def note_tokens(self) -> float:
        """About how many tokens the notes take."""
        return sum(map(len, self.notes)) / LETTERS_A_TOKEN

    @property
    def view(self) -> str:
        """How many frames of what size are shown, and how many notes."""
        notes = f"{len(self.notes)} lines of words" * bool(self.notes)
        if not len(self.frames):
            return notes or "no frames"
        height, width = self.frames.pixels.shape[1:3]
        layout = f" in {pictures_in(self.frames)} pictures" * has_layout(self.frames)
        shown = f"{len(self.frames)} frames of {width}x{height}{layout}"
        return f"{shown} and {notes}" if notes else shown

    @property
    def shown(self) -> tuple[int, int]:
        """How many frames are shown, and how many pixels together."""
        return pictures_in(self.frames), pixels_in(self.frames)

    def _with(self, count: int) -> FrameRequest:
        rows = np.linspace(0, len(self.frames) - 1, count).round().astype(int)
        return replace(self, frames=self.frames.take(rows))

    def _with_fewer_notes(self, share: float) -> FrameRequest | None:
        count, kept = len(self.notes), max(1, int(len(self.notes) * share))
        if count <= kept:
            return None
        return replace(self, notes=tuple(self.notes[k * count // kept] for k in range(kept)))

    def _shrunk(self, share: float) -> FrameRequest:
        side = max(self.frames.pixels.shape[1:3])
        # tokens go with the area
        least = (SMALL if side >= 2 * SMALL else SMALLEST) / side
        pixels = shrink(self.frames.pixels, max(least, min(0.7, share**0.5)))
        return replace(self, frames=Frames(pixels, self.frames.seconds))

    def _media(self, known: Capabilities) -> Media:
        """Return how the frames are sent to this server."""
        media = self.media if known.video == self.media else "images"
        if has_layout(self.frames):
            return "images"
        return "images" if media == "clip" and clip_rate(self.frames) is None else media

    def _shown(self, known: Capabilities) -> list[dict[str, Any]]:
        """Return the parts that show the frames with their times."""
        pixels, seconds = self.frames.pixels, self.frames.seconds
        media, rate = self._media(known), clip_rate(self.frames) if len(pixels) else None
        if not len(pixels):
            return []
        if media == "clip" and rate is not None:
            # the server's own times count from the clip's beginning
            begins = render("vlm_clip", time=time_text(float(seconds[0])))
            video = f"data:video/mp4;base64,{self.jpegs.clip_of(pixels, rate)}"
            return [{"type": "text", "text": begins}, _video(video)]
        if media == "frame_list":
            encoded = [self.jpegs.base64_of(picture) for picture in pixels]
            return [_video(f"data:video/jpeg;base64,{','.join(encoded)}")]
        most, shown = self._most_images(known), parts_of(self.frames)
        if most is not None and len(shown) > most:
            shared = shared_pictures(self.frames, most)
            shown = [(picture.words, picture.pixels) for picture in shared]
        parts: list[dict[str, Any]] = []
        for words, picture in shown:
            parts.append({"type": "text", "text": words})
            parts.append(_image(self.jpegs.base64_of(picture)))
        return parts

    def _most_images(self, known: Capabilities) -> int | None:
        limits = [most for most in (known.max_images, self.most_images) if most is not None]
        return min(limits, default=None)


def _image(encoded: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded}"}}


def _video(url: str) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}}
