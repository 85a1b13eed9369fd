"""The sound of a film as it is streamed from the decode child: 16 kHz, mono, on the film's clock.

Memory does not grow with the film: the child stands still while nobody takes its blocks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .messages import RATE
from .probing.clock import run_clock
from .probing.probe import FilmInfo
from .probing.timeline import Timeline
from .sandbox import DEFAULT_LIMITS, Child, ChildDied, OpenFilm, SharedMemory

# a block that says that it is longer is not believed
_MAX_BLOCK_SECONDS = 120.0


@dataclass(frozen=True, eq=False)
class Sound:
    """A block of sound.

    Attributes:
        start: seconds of the film.
        samples: int16 [n], mono, 16 kHz.
    """

    start: float
    samples: np.ndarray

    @property
    def end(self) -> float:
        """Seconds of the film at which it ends."""
        return self.start + len(self.samples) / RATE


@dataclass
class Damage:
    """How much of the sound did not decode so far.

    Attributes:
        packets: packets read.
        damaged: those that did not decode, or that the container marks as damaged.
        lost: seconds that these last.
    """

    packets: int = 0
    damaged: int = 0
    lost: float = 0.0


def stream_sound(
    path: str | Path,
    known: tuple[FilmInfo, Timeline],
    *,
    start: float = 0.0,
    damage: Damage | None = None,
) -> Generator[Sound]:
    """Yield the sound of a film from a second on, in blocks of about a second, in order of time.

    Blocks may leave gaps where the film has none, and never overlap.

    Args:
        path: the film.
        known: what a `Decoder` found about this file.
        start: seconds of the film.
        damage: takes what did not decode.

    Raises:
        InputError: the film has no sound that we decode.
    """
    info, timeline = known
    track = info.sound
    if track is None:
        raise _unheard(path, "no track of sound")
    film, memory = OpenFilm(path), SharedMemory()
    child: Child | None = None
    try:
        child = Child(film, memory, DEFAULT_LIMITS)
        child.send({"op": "hear", "track": track.index, "start": start, **_clock_of(known)})
        reached = start
        while True:
            # the child's time counts from block to block
            message = child.receive(time.monotonic() + DEFAULT_LIMITS.wall_seconds)
            if "refused" in message.header:
                raise _unheard(path, str(message.header["refused"])[:300])
            _count(damage, message.header)
            if "done" in message.header:
                return
            block = _block_of(message.header, message.payload, reached, timeline.duration)
            if block is not None:
                reached = block.end
                yield block
    except ChildDied as death:
        raise _unheard(path, f"a track on which the decoder gave up, {death}") from death
    finally:
        if child is not None:
            child.close()
        memory.close()
        film.close()


def _clock_of(known: tuple[FilmInfo, Timeline]) -> dict[str, Any]:
    """Return the clock of the film as the child needs it: the parts of `run_clock`."""
    info, timeline = known
    packets, base = timeline.packets, timeline.time_base
    stamps = packets.pts if packets.stamps is None else packets.stamps
    second = base.denominator / base.numerator
    clock = run_clock(stamps, packets.dts, packets.shown, second, info.container)
    columns = ("starts", "shifts", "lows", "highs")
    return {
        "base": [base.numerator, base.denominator],
        "origin": timeline.origin,
        **{name: getattr(clock, name).tolist() for name in columns},
    }


def _block_of(
    header: dict[str, Any], payload: bytes, reached: float, duration: float
) -> Sound | None:
    """Return a block less what overlaps the one before and what lies outside the film."""
    at = header.get("at")
    if not isinstance(at, int | float) or not math.isfinite(at) or len(payload) % 2:
        raise ChildDied("its answer makes no sense (a block without a time)")
    samples = np.frombuffer(payload, "<i2").astype(np.int16)
    if len(samples) > _MAX_BLOCK_SECONDS * RATE:
        raise ChildDied(f"its answer makes no sense (a block of {len(samples)} samples)")
    early = max(0, round((reached - at) * RATE))
    late = max(0, math.ceil((duration - at) * RATE))
    samples = samples[early:late]
    return Sound(max(reached, at + early / RATE), samples) if len(samples) else None


def _unheard(path: str | Path, found: str) -> InputError:
    name = "".join(c if c.isprintable() else "?" for c in str(path))
    return InputError(
        f"{name}: its sound cannot be heard: found {found}",
        "the pictures can be asked about; --asr none does so without hearing",
    )


def _count(damage: Damage | None, header: dict[str, Any]) -> None:
    if damage is None:
        return
    try:
        damage.packets, damage.damaged = int(header["packets"]), int(header["damaged"])
        damage.lost = float(header["lost"])
    except (KeyError, TypeError, ValueError) as error:
        raise ChildDied(f"its answer makes no sense ({error!r})") from error
