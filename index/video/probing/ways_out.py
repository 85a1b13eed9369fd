"""What to do with a file that is refused: the one command that turns it into a film we read."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath

# `Path` takes one of two slashes away
_ADDRESS = re.compile(r"(?:^|/)((?:https?|ftp|rtmps?|rtsp|s3|gs|mms):)/+(.+)$", re.IGNORECASE)
# what of a file can be turned into a film, by how the refusal names it
_CONVERTIBLE = re.compile(
    r"GIF|ASF|Ogg file|video coded as|HLS playlist|no known video container|bytes of|pixels, over"
    r"|raw video|RealMedia|MXF|NUT|animated"
)


def find_address(path: str) -> str | None:
    """Return the address that was given in place of a file; None where it was none."""
    found = _ADDRESS.search(path)
    return f"{found[1]}//{found[2]}" if found else None


def find_way_out(path: str, found: str) -> str:
    """Return the next step for the person at the terminal, one line; may be empty.

    Args:
        path: of the refused file, printable.
        found: what was found in it, as the refusal says.
    """
    address = find_address(path)
    if address and "no readable file" in found:
        return (
            f"films are read from files: fetch it first, yt-dlp -o film.mp4 {shlex.quote(address)} "
            "(pip install yt-dlp)"
        )
    source = shlex.quote(PurePath(path).name)
    target = shlex.quote(f"{PurePath(path).stem}-longtake.mp4")
    if "damaged or incomplete mov" in found:
        return (
            "its index of samples is missing, as when a recorder was cut off: repair it with "
            f"untrunc GOOD.mp4 {source}, GOOD.mp4 being a whole film of the same camera"
        )
    if "pixels, over" in found:
        return f"ffmpeg -i {source} -vf scale=3840:-2 -c:v libx264 {target}"
    if "encrypted" in found:
        return "only a copy without encryption can be read"
    if "archive" in found:
        return "unpack it first"
    if "HTML page" in found:
        return "a web page was saved in place of the film: yt-dlp fetches the films of many pages"
    if _CONVERTIBLE.search(found):
        return f"if it holds a film: ffmpeg -i {source} -c:v libx264 -pix_fmt yuv420p {target}"
    if "audio file" in found or "no video track" in found:
        return (
            "to index what is beside it: ffmpeg -f lavfi -i color=s=640x360:d=1 "
            f"-i {source} -map 0:v -map 1:a {target}"
        )
    return ""
