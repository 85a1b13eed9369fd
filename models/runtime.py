"""How models are run: on which device, with which key, and how frames go to a server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..index.video.errors import UsageError

KEY_VARIABLE = "OPENAI_API_KEY"
DEVICES = ("auto", "cpu", "cuda", "cuda:N", "mps")
ROOM = 8 * 1024**3  # bytes of a card that holds an encoder beside a VLM


@dataclass(frozen=True, slots=True)
class Runtime:
    """What is the same for all models of a profile.

    Attributes:
        device: one of `DEVICES`; `auto` takes a GPU where torch sees one.
        key_variable: environment variable that holds the key of a served model.
        video: frames go to a server as a video, where it was proven to read one, and not as
            pictures: half the tokens for Qwen models, which then see two frames as one.

    Raises:
        UsageError: a device of no such name.
    """

    device: str = "auto"
    key_variable: str = KEY_VARIABLE
    video: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"auto|cpu|cuda(:\d+)?|mps", self.device):
            raise UsageError(f"device = {self.device!r}", f"use one of {', '.join(DEVICES)}")

    def find_device(self, *, sharing: bool = False) -> str:
        """Return the torch device that a model runs on; imports torch.

        Args:
            sharing: another, larger model wants the same card; `auto` leaves a small one to it.

        Raises:
            UsageError: torch sees no such device.
        """
        import torch

        cards = torch.cuda.device_count()
        if self.device == "auto":
            if cards and not (sharing and torch.cuda.get_device_properties(0).total_memory < ROOM):
                return "cuda"
            return "mps" if not cards and torch.backends.mps.is_available() else "cpu"
        kind, _, number = self.device.partition(":")
        there = {"cpu": True, "cuda": int(number or 0) < cards}
        if not there.get(kind, torch.backends.mps.is_available()):
            raise UsageError(
                f"device = {self.device!r}: torch {torch.__version__} sees {cards} GPUs",
                "set device to auto or cpu, or install a torch that fits the driver",
            )
        return self.device
