"""Films for `real_footage.py`: real clips, signs drawn over them, narration beside them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from longtake.eval.simulated.films.make import (
    CLIPS,
    FPS,
    SIZE,
    encode_film,
    footage,
    frames_of,
    subtitles_of,
)
from longtake.eval.simulated.films.plan import Line

HEIGHTS = (0.055, 0.075, 0.11)  # of a letter, shares of the frame's height
# (fill of the board or None, letters, rim of the letters or None)
STYLES = (
    ((246, 240, 222), (24, 22, 20), None),
    ((20, 60, 120), (250, 250, 250), None),
    ((250, 205, 30), (10, 10, 10), None),
    (None, (255, 255, 255), (0, 0, 0)),
    ((20, 20, 20), (235, 235, 235), None),
)
FONTS = ("", "DejaVuSerif-Bold.ttf", "DejaVuSans.ttf", "DejaVuSansMono-Bold.ttf")
LONGEST_CUE = 45  # letters; a longer sentence is two subtitles


@dataclass(frozen=True)
class Shown:
    """A sign on screen from start to end, seconds; the rows of a slide, its title first."""

    kind: str
    rows: tuple[str, ...]
    start: float
    end: float

    @property
    def text(self) -> str:
        """All of its words."""
        return " ".join(self.rows)


@dataclass(frozen=True)
class Said:
    """A sentence of narration; its subtitles as (start, end, text); a name in it; its questions."""

    text: str
    cues: tuple[tuple[float, float, str], ...]
    x: str
    asks: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def start(self) -> float:
        """When it begins, seconds."""
        return self.cues[0][0]

    @property
    def end(self) -> float:
        """When it ends, seconds."""
        return self.cues[-1][1]


@dataclass(frozen=True)
class Film:
    """A film and what is shown and said in it, in time order."""

    path: Path
    duration: float
    shown: list[Shown]
    said: list[Said]


def make_film(spec: dict[str, Any], seed: int, media: Path, work: Path) -> Film:
    """Plan a film, and render it where it is not there yet."""
    rng = random.Random(f"footage {seed}")
    said = list(_narration(spec["passage"], rng))
    shown = list(_signs(spec["signs"], rng))
    film = Film(work / "film.mp4", max(said[-1].end, shown[-1].end) + 4.0, shown, said)
    if not film.path.is_file():
        work.mkdir(parents=True, exist_ok=True)
        sources = [frames_of(media / name) for name in CLIPS if (media / name).is_file()]
        looks = [(rng.choice(HEIGHTS), rng.choice(STYLES), rng.choice(FONTS)) for _ in shown]
        cues = [Line("", *cue) for line in said for cue in line.cues]
        film.path.with_suffix(".srt").write_text(subtitles_of(cues), encoding="utf-8")
        layers = [
            _layer(sign, *look, rng.random(), rng.random())
            for sign, look in zip(shown, looks, strict=True)
        ]
        partial = film.path.with_suffix(".part.mp4")
        encode_film(partial, _pictures(film, layers, seed, sources))
        partial.rename(film.path)
    return film


def _narration(passages: list[dict[str, Any]], rng: random.Random) -> Iterator[Said]:
    at = 2.0
    for passage in rng.sample(passages, len(passages)):
        for line in passage["lines"]:
            cues = []
            for text in _cut(line["text"]):
                length = 0.6 + 0.34 * len(text.split())
                cues.append((round(at, 2), round(at + length, 2), text))
                at += length + 0.08
            asks, answers = line.get("asks", ()), line.get("answers", ())
            yield Said(line["text"], tuple(cues), line.get("x", ""), tuple(asks), tuple(answers))
            at += rng.uniform(0.3, 1.6)
        at += rng.uniform(4.0, 8.0)


def _cut(text: str) -> list[str]:
    if len(text) <= LONGEST_CUE:
        return [text]
    spaces = [at for at, letter in enumerate(text) if letter == " "]
    middle = min(spaces, key=lambda at: abs(at - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def _signs(texts: dict[str, Any], rng: random.Random) -> Iterator[Shown]:
    chosen = [
        *(("numbered", (text,)) for text in rng.sample(texts["numbered"], 5)),
        *(("places", (text,)) for text in rng.sample(texts["places"], 2)),
        *(("phrases", (text,)) for text in rng.sample(texts["phrases"], 2)),
        *(("slides", (s["title"], *s["rows"])) for s in texts["slides"]),
    ]
    at = 4.0
    for kind, rows in rng.sample(chosen, len(chosen)):
        length = rng.uniform(5.0, 8.0)
        yield Shown(kind, rows, round(at, 1), round(at + length, 1))
        at += length + rng.uniform(3.0, 9.0)


def _pictures(
    film: Film, layers: list[Image.Image], seed: int, sources: list[list[Image.Image]]
) -> Iterator[Image.Image]:
    for number, picture in enumerate(footage(film.duration, seed, sources)):
        second = number / FPS
        for sign, layer in zip(film.shown, layers, strict=True):
            if sign.start <= second < sign.end:
                picture.paste(layer, (0, 0), layer)
        yield picture


def _layer(
    sign: Shown, height: float, style: tuple[Any, Any, Any], font: str, x: float, y: float
) -> Image.Image:
    """Return the sign, RGBA, somewhere in the frame; letters are smaller where it needs room."""
    board, ink, rim = style
    text = "\n".join(sign.rows)
    layer = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    pixels = round(height * SIZE[1]) if len(sign.rows) == 1 else round(0.06 * SIZE[1])
    while True:
        face = font_of(font, pixels)
        margin = pixels // 2
        box = draw.multiline_textbbox((0, 0), text, font=face, spacing=pixels // 2)
        width, tall = box[2] - box[0] + 2 * margin, box[3] - box[1] + 2 * margin
        if width < SIZE[0] - 8 and tall < SIZE[1] - 8:
            break
        pixels -= 1
    left, top = round(4 + x * (SIZE[0] - 8 - width)), round(4 + y * (SIZE[1] - 8 - tall))
    if board is not None:
        draw.rectangle((left, top, left + width, top + tall), fill=(*board, 255))
    draw.multiline_text(
        (left + margin - box[0], top + margin - box[1]),
        text,
        font=face,
        fill=(*ink, 255),
        spacing=pixels // 2,
        stroke_width=2 if rim else 0,
        stroke_fill=(*rim, 255) if rim else None,
    )
    return layer


def font_of(name: str, pixels: int) -> Any:
    """Return a font of matplotlib's, or Pillow's own."""
    if not name:
        return ImageFont.load_default(pixels)
    import matplotlib

    return ImageFont.truetype(
        str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), pixels
    )
