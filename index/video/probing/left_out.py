"""What of a file is not looked at at all: other video tracks, encrypted pictures, a second film."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..span import Span, format_seconds
from .losses import Loss

ENCRYPTED = "encrypted video (DRM, or a scrambled broadcast)"
# share of a file behind what was read that is worth a word, where nothing belongs there
_WORTH = 0.05


def find_left_out(
    scan: dict[str, Any],
    size: int,
    joined_at: int | None,
    to_seconds: Callable[[int, float], float],
) -> list[Loss]:
    """Say what the file holds beside the pictures that are looked at.

    Args:
        scan: the child's answer to `scan`.
        size: of the file in bytes.
        joined_at: byte at which a second film begins, None where there is none.
        to_seconds: turns pictures read before and seconds of the container into those of the film.
    """
    losses = [_other_video(track, int(scan["track"]), to_seconds) for track in scan["other_videos"]]
    if scan["encrypted"]:
        text = f"{scan['encrypted']} of {scan['packets']} pictures are encrypted: not readable"
        losses.append(Loss("encrypted", (), text))
    if scan["cues_left_out"]:
        text = (
            f"{scan['cues_left_out']} lines of the text tracks without a time or too many: left out"
        )
        losses.append(Loss("text_outside", (), text))
    read_to = int(scan["read_to"])
    behind = joined_at if joined_at is not None and joined_at >= read_to else size
    if scan["format"] == "flv" and read_to < (1 - _WORTH) * size:
        behind = read_to
    if behind < size:
        text = (
            f"{1 - behind / size:.0%} of the file lie behind the end of the film that its header "
            "describes, as in files joined byte by byte: not read; join the parts with "
            "ffmpeg -f concat -i LIST.txt -c copy JOINED.mp4"
        )
        losses.append(Loss("unread", (), text))
    return losses


def _other_video(
    track: dict[str, Any], main: int, to_seconds: Callable[[int, float], float]
) -> Loss:
    index, (width, height) = int(track["index"]), track["size"]
    spans: tuple[tuple[float, float], ...] = ()
    where = ""
    if track["start"] < track["end"]:
        start = max(0.0, to_seconds(int(track["position"]), float(track["start"])))
        span = Span(start, max(start, start + float(track["end"]) - float(track["start"])))
        spans, where = ((span.start, span.end),), f", {format_seconds(span.duration)}"
    sized = f", {width}x{height}" if width and height else ""
    facts = f"{track['codec'] or 'unknown codec'}{sized}, {track['pictures']} pictures"
    text = (
        f"there is another video track, {index} ({facts}{where}): only track {main} is looked at; "
        f"ffmpeg -i FILM -map 0:{index} -map 0:a? -c copy OTHER.mkv makes a film of it"
    )
    return Loss("other_video", spans, text)
