"""What the agent did at a question, and the frames that its evidence rests on."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...index.video.errors import LongtakeError
from ..runner.lines import read_lines
from .scored import ScoredRun, SystemRun

_FENCE = re.compile(r"</?film-data[^>]*>\n?")
_TEXT = 400  # characters of a step
_WIDTH = 224  # pixels of a frame
_FRAMES = 4  # of an answer


def chosen(system: SystemRun, most: int) -> list[str]:
    """Return the samples whose traces are shown: wrong answers first, then the others in order."""
    ids = [result.sample_id for _, result in system.pairs if result.epoch == 0]
    return sorted(ids, key=lambda name: system.scores.get(name, 1.0) > 0.5)[:most]


def traces(run: ScoredRun, system: SystemRun, most: int) -> dict[str, list[dict[str, Any]]]:
    """Return the steps of the agent by sample, for as many samples as are asked for."""
    wanted = set(chosen(system, most))
    found = {}
    for _, result in system.pairs:
        if result.epoch or result.sample_id not in wanted or result.trace_ref is None:
            continue
        steps = _steps(run.folder.traces / result.trace_ref / "trace.jsonl")
        if steps:
            found[result.sample_id] = steps
    return found


def _steps(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    events = [event for _, event in read_lines(path) if event is not None]
    return [step for event in events if (step := _step(event)) is not None]


def _step(event: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = event["type"]
    if kind == "observation":
        result = event["result"]
        text = result.get("error") or result.get("text") or ""
        return {
            "what": event["tool"],
            "args": _short(event.get("args", {})),
            "text": _text(text),
            "seconds": event.get("seconds"),
        }
    told = _TOLD[kind](event) if kind in _TOLD else ""
    return {"what": kind, "text": _text(told)} if told else None


def _intent(event: Mapping[str, Any]) -> str:
    intent = event.get("intent", {})
    parts = [f"answer: {intent.get('answer_form')}", f"scope: {intent.get('scope')}"]
    if intent.get("needs"):
        parts.append(f"needs: {', '.join(sorted(intent['needs']))}")
    cues = [cue["text"] for cue in intent.get("cues", ()) if cue.get("role") != "option"]
    return "; ".join([*parts, *(f"look for: {cue}" for cue in cues)])


def _vote(event: Mapping[str, Any]) -> str:
    weight = event.get("weight")
    sure = f" ({weight:.2f})" if isinstance(weight, float) else ""
    return f"{event.get('voter')}: {event.get('choice')}{sure}"


def _audit(event: Mapping[str, Any]) -> str:
    names = ("verified", "dropped")
    return "; ".join(f"{name}: {len(event.get(name) or ())}" for name in names)


_TOLD = {
    "intent": _intent,
    "plan": lambda event: event.get("text") or "",
    "reflection": lambda event: event.get("text") or "",
    "vote": _vote,
    "audit": _audit,
}


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _FENCE.sub("", text).strip()
    return text if len(text) <= _TEXT else text[:_TEXT] + " …"


def _short(args: Mapping[str, Any]) -> str:
    told = [f"{name}={value}" for name, value in args.items() if value not in (None, [], "", False)]
    return _text(", ".join(told))[:200]


def pictures(system: SystemRun, most: int) -> dict[str, list[dict[str, Any]]]:
    """Return small JPEGs of the evidence's frames by sample, where the films are still there."""
    wanted = set(chosen(system, most))
    films: dict[str, list[tuple[str, Sequence[float]]]] = {}
    for sample, result in system.pairs:
        moments = result.pred_frames
        if result.sample_id in wanted and moments and not result.epoch:
            step = max(1, -(-len(moments) // _FRAMES))
            films.setdefault(sample.video.path, []).append((sample.sample_id, moments[::step]))
    found: dict[str, list[dict[str, Any]]] = {}
    for path, rows in films.items():
        if Path(path).is_file():
            found |= _decoded(Path(path), rows)
    return found


def _decoded(
    path: Path, rows: Sequence[tuple[str, Sequence[float]]]
) -> dict[str, list[dict[str, Any]]]:
    from ...index.video.decode import Decoder

    every = sorted({second for _, moments in rows for second in moments})
    try:
        with Decoder(path) as decoder:
            info = decoder.info
            size = (_WIDTH, max(2, round(_WIDTH * info.height / info.width / 2) * 2))
            frames = decoder.frames(every, size)
    except (LongtakeError, OSError):
        return {}  # the film has gone or was damaged since; the words of the report still stand
    images = {
        round(float(second), 3): _jpeg(pixels)
        for second, pixels in zip(frames.seconds, frames.pixels, strict=True)
    }
    return {
        name: [
            {"second": round(float(second), 2), "jpeg": images[round(float(second), 3)]}
            for second in moments
            if round(float(second), 3) in images
        ]
        for name, moments in rows
    }


def _jpeg(pixels: Any) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=72)
    return base64.b64encode(file.getvalue()).decode()
