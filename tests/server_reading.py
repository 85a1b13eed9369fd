"""How the fault server reads a request: its frames with their times, and what is asked of them."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from PIL import Image

from longtake.index.video.frames import Frames, empty_frames

MP4 = "data:video/mp4;base64,"
BEGINS = "This clip of the film begins at "
CLOSED = np.zeros((1, 1, 3), np.uint8)


@dataclass
class Asked:
    """A request as the server read it."""

    task: str
    subject: str = ""
    options: tuple[str, ...] = ()
    letters: str = ""
    notes: tuple[str, ...] = ()
    frames: Frames = field(default_factory=empty_frames)


def read_request(
    body: dict[str, Any], clip_frames: int | None = None, blind: bool = False
) -> Asked:
    """Take a request apart again: frames, times and what is asked.

    Args:
        body: of the request.
        clip_frames: frames that are read of a clip, None for all.
        blind: leave pictures closed, a black pixel for each.
    """
    parts = next(m["content"] for m in body["messages"] if m["role"] == "user")
    if isinstance(parts, str):
        return Asked("other", parts)
    pictures: list[np.ndarray] = []
    seconds: list[float] = []
    for part in parts:
        if part["type"] == "image_url":
            url = part["image_url"]["url"]
            pictures.append(CLOSED if blind else decode(url, "data:image/jpeg;base64,"))
        elif part["type"] == "video_url" and part["video_url"]["url"].startswith(MP4):
            clip, times = decode_clip(part["video_url"]["url"], clip_frames)
            pictures += clip
            seconds = [seconds[0] + time for time in times]
        elif part["type"] == "video_url":
            head = "data:video/jpeg;base64,"
            listed = part["video_url"]["url"].removeprefix(head).split(",")
            pictures += [decode(head + item, head) for item in listed]
            timing = body["media_io_kwargs"]["video"]
            seconds += [index / timing["fps"] for index in timing["frames_indices"]]
        elif found := re.fullmatch(f"(?:{BEGINS})?<([\\d.]+) seconds>.*", part["text"]):
            seconds.append(float(found[1]))
    frames = Frames(np.stack(pictures), np.array(seconds, float)) if pictures else empty_frames()
    asked = read_question(parts[-1]["text"])
    asked.frames = frames
    return asked


def decode(url: str, head: str) -> np.ndarray:
    assert url.startswith(head), f"only data URIs may be sent, not {url[:60]}"
    return np.asarray(
        Image.open(io.BytesIO(base64.b64decode(url.removeprefix(head), validate=True)))
    )


def sends_clip(body: dict[str, Any]) -> bool:
    """Say whether an mp4 is among the request's parts."""
    parts = next(m["content"] for m in body["messages"] if m["role"] == "user")
    return not isinstance(parts, str) and any(
        part.get("video_url", {}).get("url", "").startswith(MP4) for part in parts
    )


def decode_clip(url: str, most: int | None) -> tuple[list[np.ndarray], list[float]]:
    """Read an mp4 as servers do: a frame's time is its number over the rate."""
    raw = base64.b64decode(url.removeprefix(MP4), validate=True)
    with av.open(io.BytesIO(raw), mode="r") as container:
        rate = container.streams.video[0].average_rate
        assert rate
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][:most]
    return frames, [number / float(rate) for number in range(len(frames))]


_TASKS = (
    ("choice", r"(?P<subject>.*?)\n(?P<options>(?:[A-Z]\. [^\n]*\n)+)Answer with the letter\."),
    ("verify", r"Is this true: (?P<subject>.*?)\?\nAnswer yes or no\."),
    ("verify", r"Does this clip show (?P<subject>.*?)\?\nAnswer yes or no\."),
    ("short", r"(?P<subject>.*?)\nAnswer in a few words\."),
    ("box", r"Where in the frame is (?P<subject>.*?)\?\nAnswer with its box as.*"),
    ("focus", r"Describe this in one line, above all (?P<subject>.*?)\."),
    ("caption", r"Describe this in one line\."),
    ("dense", r"Describe this, one line a change\."),
)


def read_question(text: str) -> Asked:
    """Find the task in a prompt, by the words of `prompts/`."""
    lines = text.split("\n")
    notes = tuple(line.removeprefix("Note: ") for line in lines if line.startswith("Note: "))
    text = "\n".join(line for line in lines if not line.startswith("Note: "))
    text = re.split(r"\nWrite it as JSON|\nThat is no usable answer", text)[0]
    for task, form in _TASKS:
        if found := re.fullmatch(form, text, re.DOTALL):
            parts = found.groupdict()
            lines = (parts.get("options") or "").splitlines()
            letters = "".join(line[0] for line in lines)
            options = tuple(line[3:] for line in lines)
            return Asked(task, parts.get("subject") or "", options, letters, notes)
    return Asked("other", text)
