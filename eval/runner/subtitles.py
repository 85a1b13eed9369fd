"""The subtitle files of benchmarks as SRT on the film's own clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...index.storage.os_faults import refused
from ...index.video.errors import InputError
from ...index.video.span import parse_seconds
from ..sample import Sample, Subtitles
from .lines import OUT

_PAUSE, _WORDS = 0.8, 12  # seconds of silence, and words, that end a line made of single words
_USUAL = 3.0  # seconds of a line without a usable end
Cue = tuple[float, float, str]


def subtitle_file(sample: Sample, folder: Path) -> Path | None:
    """Return the film's subtitles as a file that Longtake reads; None where there are none.

    An SRT file without an offset is used as it is; anything else is written into `folder`.

    Raises:
        InputError: the file cannot be read as what it should be.
    """
    given = sample.subtitles
    if given is None or not Path(given.path).is_file():
        return None
    if given.format == "srt" and not given.offset:
        return Path(given.path)
    cues = sorted(cue for cue in _cues(given) if cue[1] > 0)
    # folders of films often hold files of one name, and one file may serve parts of a film
    digest = hashlib.sha256(f"{given.path}\n{given.offset}".encode("utf-8", "backslashreplace"))
    target = folder / f"{Path(given.path).stem}-{digest.hexdigest()[:12]}.srt"
    text = "".join(
        f"{number}\n{_clock(max(0.0, start))} --> {_clock(end)}\n{line}\n\n"
        for number, (start, end, line) in enumerate(cues, 1)
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise refused(error, target, OUT) from error
    return target


def _cues(given: Subtitles) -> list[Cue]:
    path = Path(given.path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        if given.format == "srt":
            found = list(_srt(text))
        elif given.format == "words":
            found = list(_words(text))
        else:
            found = [_longvideobench(item) for item in json.loads(text)]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"{path}: not subtitles of the kind {given.format}: {error}", "download it again"
        ) from error
    return [(start - given.offset, end - given.offset, line) for start, end, line in found]


def _srt(text: str) -> Iterator[Cue]:
    import pysubs2

    for event in pysubs2.SSAFile.from_string(text, format_="srt"):
        yield event.start / 1000, event.end / 1000, " ".join(event.plaintext.split())


def _longvideobench(item: dict[str, Any]) -> Cue:
    """Read either shape: `timestamp` and `text`, or `start`, `end` and `line`."""
    if "timestamp" in item:
        start, end = item["timestamp"]
        words = item["text"]
    else:
        start, end, words = item["start"], item["end"], item["line"]
    begin = _seconds(start)
    if begin is None:
        raise ValueError(f"start = {start!r} is no time")
    stop = _seconds(end)
    return begin, begin + _USUAL if stop is None or stop < begin else stop, str(words).strip()


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return parse_seconds(str(value))
    except ValueError:
        return None


def _words(text: str) -> Iterator[Cue]:
    """Join single words, a JSON object a line, into lines of speech."""
    line: list[Cue] = []
    for row in text.splitlines():
        if not row.strip():
            continue
        item = json.loads(row)
        cue = (float(item["start_time"]), float(item["end_time"]), str(item["text"]).strip())
        if line and (cue[0] - line[-1][1] > _PAUSE or len(line) >= _WORDS):
            yield _joined(line)
            line = []
        line.append(cue)
    if line:
        yield _joined(line)


def _joined(line: list[Cue]) -> Cue:
    return line[0][0], line[-1][1], " ".join(word for _, _, word in line)


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"
