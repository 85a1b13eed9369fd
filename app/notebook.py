"""An answer as it is shown: the cells of its contact sheet, and HTML for a notebook."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from pydantic import PrivateAttr

from longtake.agent import answer as document
from longtake.agent.cost.usage import Usage
from longtake.index.video.errors import LongtakeError
from longtake.index.video.span import Span, format_seconds
from longtake.prompts import render
from longtake.safe import printable
from longtake.sheet import Cell, Page

if TYPE_CHECKING:
    from longtake.index.video.frames import Frames

THUMB_WIDTH = 320
MOST_CELLS = 12
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Looks(Protocol):
    """What pictures are taken from; a `Film`, by shape."""

    @property
    def info(self) -> Any:
        """The film's `FilmInfo`."""
        ...

    def frames(self, at: Sequence[float], *, size: tuple[int, int] | None = None) -> Frames:
        """Return the frames on screen at these seconds."""
        ...


class Answer(document.Answer):
    """The answer document, which also shows itself in a notebook."""

    _film: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, answer: document.Answer, film: Looks | None = None) -> Self:
        """Return the same document, tied to the film that its pictures come from."""
        shown = cls.model_validate(answer.model_dump())
        shown._film = film
        return shown

    def _repr_html_(self) -> str:
        return answer_html(self, evidence_cells(self, self._film, MOST_CELLS))


def headline(answer: document.Answer) -> str:
    """Return the answer in one line, choice letter first, or why there is none."""
    if answer.answer is None:
        return f"No answer: {_why_none(answer)}"
    text = printable(answer.answer)
    return f"{answer.choice}. {text}" if answer.choice else text


def _why_none(answer: document.Answer) -> str:
    if answer.status == "budget":
        return "the budget is spent"
    # that a VLM which was made for other footage saw nothing says nothing about the film
    if render("unknown_footage") in answer.caveats:
        return "the video model was not made for this footage"
    return "it was not found in the film"


def facts(answer: document.Answer) -> list[str]:
    """Return confidence, reason to stop and cost as short remarks."""
    confidence = answer.confidence
    if confidence.calibrated is not None:
        sure = f"confidence {confidence.calibrated:.2f}"
    else:
        sure = f"confidence {confidence.raw:.2f}, uncalibrated"
    usage = answer.usage
    return [
        sure,
        printable(answer.stop_reason),
        f"{usage.frames_shown} frame{'' if usage.frames_shown == 1 else 's'} looked at",
        f"{usage.seconds:.1f} s",
        *_paid(usage),
    ]


def _paid(usage: Usage) -> list[str]:
    """Return tokens and money as short remarks, where there were any."""
    said = []
    if usage.tokens_in or usage.tokens_out:
        share = usage.cached_share
        cached = f" ({share:.0%} cached)" if share else ""
        said.append(f"{usage.tokens_in:,} tokens in{cached}, {usage.tokens_out:,} out")
    return said if usage.usd is None else [*said, f"${usage.usd:.4f}"]


def evidence_cells(answer: document.Answer, film: Looks | None, limit: int) -> list[Cell]:
    """Return a picture for each piece of evidence, several where there is room.

    Args:
        answer: the document.
        film: where frames come from; None, or a film that has gone, leaves the pictures out.
        limit: the most cells.
    """
    each = min(3, max(1, limit // max(1, len(answer.evidence))))
    wanted: list[tuple[float, int]] = []
    for place, found in enumerate(answer.evidence[:limit]):
        seconds = [frame.seconds for frame in found.frames] or [(found.start + found.end) / 2]
        wanted += [(second, place) for second in _apart(sorted(seconds), each)]
    found_pictures = pictures(film, [second for second, _ in wanted])
    cells = []
    for (second, place), picture in zip(wanted, found_pictures, strict=True):
        found = answer.evidence[place]
        says = f"{found.kind}: {printable(found.text, 160)}"
        cells.append(Cell(picture, second, says, f"E{place + 1}", bool(found.verified)))
    return cells


def _apart(seconds: Sequence[float], count: int) -> list[float]:
    """Take up to `count` of the seconds, spread evenly, none within a second of the last."""
    last = len(seconds) - 1
    spread = [seconds[round(i * last / max(1, count - 1))] for i in range(count)]
    kept: list[float] = []
    for second in spread:
        if not kept or second - kept[-1] >= 1.0:
            kept.append(second)
    return kept


def pictures(film: Looks | None, seconds: Sequence[float]) -> list[Any]:
    """Decode a thumbnail for each second; None where the film shows none."""
    if film is None or not seconds:
        return [None] * len(seconds)
    try:
        info = film.info
        size = (THUMB_WIDTH * 2, max(2, round(THUMB_WIDTH * 2 * info.height / info.width / 2) * 2))
        inside = [min(max(0.0, second), info.duration) for second in seconds]
        order = sorted(set(inside))
        frames = film.frames(order, size=size)
    except (LongtakeError, OSError):
        # the film moved or was damaged since; the words of the answer still stand
        return [None] * len(seconds)
    taken = []
    for second in inside:
        gaps = abs(frames.seconds - second)
        # a frame stays on screen for a while, but not for seconds: farther means it is missing
        near = len(gaps) and gaps.min() <= 1.5
        taken.append(frames.pixels[int(gaps.argmin())] if near else None)
    return taken


def answer_page(answer: document.Answer, film: Looks | None) -> Page:
    """Lay an answer out as a contact sheet."""
    spans = [Span(found.start, found.end) for found in answer.evidence if found.end > found.start]
    name = printable(answer.film.path).rsplit("/", 1)[-1]
    return Page(
        title=answer.question,
        options=[
            f"{letter}. {choice}"
            for letter, choice in zip(_LETTERS, answer.choices or (), strict=False)
        ],
        headline=headline(answer),
        facts=facts(answer),
        cells=evidence_cells(answer, film, MOST_CELLS),
        marks=spans,
        duration=answer.film.duration,
        notes=[f"{name} · run {answer.run_id}", *(str(c) for c in answer.caveats)],
    )


def answer_html(answer: document.Answer, cells: Sequence[Cell]) -> str:
    """Render an answer as self-contained HTML: no script, no outside address, text escaped."""
    cards = "".join(_card(cell) for cell in cells)
    caveats = "".join(f"<li>{_escape(caveat)}</li>" for caveat in answer.caveats)
    return (
        '<div style="font-family:system-ui,sans-serif;max-width:60em">'
        f'<div style="color:#777">{_escape(answer.question)}</div>'
        f'<div style="font-size:1.6em;margin:.1em 0">{_escape(headline(answer))}</div>'
        f'<div style="color:#777">{_escape(" · ".join(facts(answer)))}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:10px;margin-top:10px">{cards}</div>'
        + (f'<ul style="color:#777">{caveats}</ul>' if caveats else "")
        + "</div>"
    )


def _card(cell: Cell) -> str:
    when = format_seconds(cell.second)
    mark = " ✓" if cell.verified else ""
    picture = ""
    if cell.pixels is not None:
        picture = f'<img width="220" alt="frame at {when}" src="{_data_uri(cell.pixels)}">'
    return (
        f'<figure style="margin:0;width:220px">{picture}<figcaption style="font-size:.85em">'
        f"<b>{_escape(cell.badge)}{mark} {when}</b> {_escape(cell.caption)}</figcaption></figure>"
    )


def _data_uri(pixels: Any) -> str:
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMB_WIDTH, THUMB_WIDTH))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _escape(text: object) -> str:
    return html.escape(printable(text), quote=True)
