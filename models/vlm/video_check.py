"""Whether a server reads frames sent as a video, all of them: shown by the tokens it counts."""

from __future__ import annotations

import numpy as np

from ...index.video.frames import Frames
from ..client.capabilities import Media
from ..client.client import EndpointClient
from ..client.transport.problems import EndpointProblem
from .media import JpegCache
from .request import FrameRequest
from .video_clip import MOST_FRAMES

# of a few small frames many processors make larger ones, so that two are as many tokens as six
_SIDES: dict[Media, int] = {"frame_list": 256, "clip": 64}
_COUNTS: dict[Media, tuple[int, int]] = {
    "frame_list": (2, 6),
    "clip": (MOST_FRAMES // 4, MOST_FRAMES),
}
_ASKED = "Which colour is it? Answer with one word."


def find_video(client: EndpointClient, jpegs: JpegCache) -> None:
    """Find the better of the two ways to send a video that the server reads; remember it.

    Five small requests at most.

    Raises:
        EndpointProblem: the server cannot be reached.
    """
    before = client.capabilities
    why = dict(before.lacking)
    found: Media = "images"
    base = client.complete(FrameRequest(_ASKED), max_tokens=64).tokens_in
    for media in ("frame_list", "clip"):
        client.learn(video=media)
        said = _lack(client, media, base, jpegs)
        if not said:
            found = media
            break
        why[media] = said
    checked = (*client.capabilities.checked, "video")
    client.learn(video=found, checked=checked, lacking={**client.capabilities.lacking, **why})


def _lack(client: EndpointClient, media: Media, base: int, jpegs: JpegCache) -> str:
    """Return why a way of sending videos cannot be used; empty when it can."""
    read: list[int] = []
    for count in _COUNTS[media]:
        request = FrameRequest(_ASKED, _plain(count, _SIDES[media]), media=media, jpegs=jpegs)
        try:
            said = client.complete(request, max_tokens=64)
        except ValueError:
            return "this PyAV was built without an encoder for clips"
        except EndpointProblem as problem:
            if problem.kind in ("connection", "open", "denied", "quota", "timeout"):
                raise
            return problem.said
        if client.capabilities.video != media:
            return client.capabilities.lacking.get("video", "refused")
        read.append(said.tokens_in - base)
    # a server that drops frames, or all of them, counts few more tokens for more of them
    few, many = _COUNTS[media]
    if read[1] >= 2 * read[0] > 0:
        return ""
    return f"{few} frames are {read[0]} tokens, {many} are only {read[1]}"


def _plain(count: int, side: int) -> Frames:
    """Return plain frames that differ, a second apart."""
    pixels = [np.full((side, side, 3), (200, 40 * k % 256, 10), np.uint8) for k in range(count)]
    return Frames(np.stack(pixels), np.arange(count) * 1.0)
