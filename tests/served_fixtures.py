"""A served eye over the fault server, quick to give up and quick to try again."""

from __future__ import annotations

from typing import Any

import numpy as np
from fault_server import MODEL, FaultServer
from PIL import Image
from tools_fixtures import PaintEncoder, paint

from longtake.index.video.frames import Frames
from longtake.models.client.client import EndpointClient
from longtake.models.client.retry import Limits
from longtake.models.vlm.served import ServedEye
from longtake.models.vlm_registry import load_eye

QUICK = Limits(
    connect=2.0, read=1.0, attempt=1.2, total=60.0, first_wait=0.01, longest_wait=0.05,
    breaker_rest=0.2,
)  # fmt: skip


def painted_eye() -> Any:
    """The eye that answers behind the server: the tagger over the painted film's encoder."""
    return load_eye("tagger", PaintEncoder())


def client_of(server: FaultServer, limits: Limits = QUICK, **options: Any) -> EndpointClient:
    return EndpointClient(server.url, MODEL, limits=limits, **options)


def served_eye(server: FaultServer, limits: Limits = QUICK, **options: Any) -> ServedEye:
    options.setdefault("frame_size", server.eye.frame_size)
    return ServedEye(client_of(server, limits), **options)


def clip(size: tuple[int, int], *seconds: float) -> Frames:
    """Return painted frames at these seconds."""
    frames = [np.asarray(Image.fromarray(paint(s)).resize(size)) for s in seconds]
    return Frames(np.stack(frames), np.array(seconds, float))
