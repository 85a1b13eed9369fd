"""How test servers read a request: its frames with their times, and what is asked of them."""

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
JPEG = "data:image/jpeg;base64,"
CLOSED = np.zeros((1, 1, 3), np.uint8)
BEGINS = "This clip of the film begins at "
_TASKS = (
    ("choice", r"(?P<subject>.*?)\n(?P<options>(?:[A-Z]\. [^\n]*\n)+)\nChoose the one option.*"),
    ("judge", r"Check this claim against the frames and the notes:\n(?P<subject>.*?)\n\nIt is.*"),
    ("find", r"Which of these frames show this:\n(?P<subject>.*?)\n\nReturn.*"),
    ("open", r"(?P<subject>.*?)\n\nAnswer from the (?:frames and the notes|lines), .*"),
    ("box", r"Where in the frame is this: (?P<subject>.*?)\nReturn.*"),
    ("read", r"Read all text in this picture.*"),
    ("caption", r"Describe .*"),
)


@dataclass
class Asked:
    """A request as the server read it."""

    task: str
    subject: str = ""
    options: tuple[str, ...] = ()
    letters: str = ""
    notes: tuple[str, ...] = ()
    frames: Frames = field(default_factory=empty_frames)
    images: int = 0


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
        asked = read_question(parts)
        return Asked("chat", parts) if asked.task == "other" else asked
    pictures: list[np.ndarray] = []
    seconds: list[float] = []
    images = 0
    times: list[float] = []
    for part in parts:
        if part["type"] == "image_url":
            images += 1
            picture = CLOSED if blind else decode(part["image_url"]["url"], JPEG)
            shown = cut_grid(picture, len(times)) if times else [picture]
            pictures, seconds, times = pictures + shown, seconds + times, []
        elif part["type"] == "video_url" and part["video_url"]["url"].startswith(MP4):
            clip, since = decode_clip(part["video_url"]["url"], clip_frames)
            pictures += clip
            seconds = [seconds[0] + time for time in since]
        elif part["type"] == "video_url":
            listed = part["video_url"]["url"].removeprefix("data:video/jpeg;base64,").split(",")
            pictures += [decode(JPEG + item, JPEG) for item in listed]
            timing = body["media_io_kwargs"]["video"]
            seconds += [index / timing["fps"] for index in timing["frames_indices"]]
        elif found := re.fullmatch(f"(?:{BEGINS})?<([\\d.]+) seconds>.*", part["text"]):
            seconds.append(float(found[1]))
        elif found := re.fullmatch(r"The next picture is a grid.*times: (.*)", part["text"]):
            times = [float(time.removesuffix(" s")) for time in found[1].split(", ")]
    frames = Frames(np.stack(pictures), np.array(seconds, float)) if pictures else empty_frames()
    asked = read_question(parts[-1]["text"])
    asked.frames, asked.images = frames, images
    return asked


def cut_grid(picture: np.ndarray, count: int) -> list[np.ndarray]:
    """Cut a grid of frames that are square, 4 to 3 or 16 to 9 back into its frames."""
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        height, width = picture.shape[0] // rows, picture.shape[1] // columns
        whole = picture.shape[0] % rows == picture.shape[1] % columns == 0
        if whole and any(abs(width - height * shape) <= 1 for shape in (1, 4 / 3, 16 / 9)):
            cells = [divmod(number, columns) for number in range(count)]
            return [
                picture[r * height : (r + 1) * height, c * width : (c + 1) * width]
                for r, c in cells
            ]
    raise AssertionError(f"no grid of {count} frames: {picture.shape}")


def decode(url: str, head: str) -> np.ndarray:
    assert url.startswith(head), f"only data URIs may be sent, not {url[:60]}"
    raw = base64.b64decode(url.removeprefix(head), validate=True)
    return np.asarray(Image.open(io.BytesIO(raw)))


def sends_video(body: dict[str, Any], head: str) -> bool:
    """Say whether a video whose address begins so is among the request's parts."""
    parts = next(m["content"] for m in body["messages"] if m["role"] == "user")
    return not isinstance(parts, str) and any(
        part.get("video_url", {}).get("url", "").startswith(head) for part in parts
    )


def decode_clip(url: str, most: int | None) -> tuple[list[np.ndarray], list[float]]:
    """Read an mp4 as servers do: a frame's time is its number over the rate."""
    raw = base64.b64decode(url.removeprefix(MP4), validate=True)
    with av.open(io.BytesIO(raw), mode="r") as container:
        rate = container.streams.video[0].average_rate
        assert rate
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][:most]
    return frames, [number / float(rate) for number in range(len(frames))]


def read_question(text: str) -> Asked:
    """Find the task in a prompt, by the words of `prompts/`."""
    fenced = re.match(r'<film-data kind="notes">\n(.*?)\n</film-data>\n', text, re.DOTALL)
    notes = tuple(fenced[1].splitlines()) if fenced else ()
    text = text[fenced.end() :] if fenced else text
    text = re.split(r"\nThat reply cannot be used", text)[0]
    for task, form in _TASKS:
        if found := re.fullmatch(form, text, re.DOTALL):
            parts = found.groupdict()
            lines = (parts.get("options") or "").splitlines()
            letters = "".join(line[0] for line in lines)
            options = tuple(line[3:] for line in lines)
            return Asked(task, parts.get("subject") or "", options, letters, notes)
    return Asked("other", text, notes=notes)
