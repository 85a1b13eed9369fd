"""What the agent is read beside: the same served model on uniform frames and an oracle's choice.

This module alone knows the served client; both baselines are one answering call a question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...index.video.decode import Decoder
from ...index.video.frames import Frames
from ...index.video.subtitles import load_sidecars
from ...models.client.client import EndpointClient
from ...models.vlm.served import ServedVLM
from .server import MODEL, MOST_IMAGES
from .truth import TruthFilm

UNIFORM, OVERVIEW = 64, 32
WIDEST = 640  # pixels
Choose = Callable[[str, Sequence[str]], int]


def open_model(url: str) -> ServedVLM:
    """Return the served model behind a URL, one request an answer."""
    return ServedVLM(EndpointClient(url, MODEL), max_frames=MOST_IMAGES)


def baselines(truth: TruthFilm, url: str) -> dict[str, Choose]:
    """Return by name: a function that answers a question by the index of an option.

    `uniform` sees 64 frames spread evenly and no subtitles. `oracle` sees 32, one frame of every
    span in which a fact of the film is seen or written, and all subtitles as notes.

    Raises:
        InputError: the film cannot be decoded.
        EndpointProblem: the server gives no usable answer.
    """
    model = open_model(url)
    even = _spread(truth.duration, UNIFORM)
    chosen = set(_spread(truth.duration, OVERVIEW))
    for fact in truth.facts:
        if fact.kind != "said":
            chosen.update((start + stop) / 2 for start, stop in fact.spans)
    cues = [cue for track in load_sidecars(truth.path) for cue in track.cues]
    notes = [f"[{cue.span.start:.1f} s] {cue.text}" for cue in cues]
    shrink = min(1.0, WIDEST / truth.size[0])
    size = (round(truth.size[0] * shrink), round(truth.size[1] * shrink))
    with Decoder(truth.path) as decoder:
        frames_even = decoder.frames(even, size)
        frames_chosen = decoder.frames(sorted(chosen), size)
    return {
        "uniform": _chooser(model, frames_even, ()),
        "oracle": _chooser(model, frames_chosen, notes),
    }


def _spread(duration: float, count: int) -> list[float]:
    return [duration * (k + 0.5) / count for k in range(count)]


def _chooser(model: ServedVLM, frames: Frames, notes: Sequence[str]) -> Choose:
    def choose(question: str, options: Sequence[str]) -> int:
        reply = model.answer(frames, question, options, notes)
        assert reply.options is not None
        return max(range(len(options)), key=reply.options.__getitem__)

    return choose
