"""Screen text of real footage: how many of 60 signs the film-wide pass reads, and how fast it is.

    python bench/screen_text.py --media MEDIA

An hour is cut anew from real clips at 1280 x 720; every minute a sign is drawn over it, 18 to 64
pixels high (the ink, from the highest letter's top to the lowest one's bottom), shown for 2 to 6
seconds. A sign counts as read where a line within half a second of it holds all of its characters;
lost spaces are forgiven. Words, numbers, places, heights and styles are drawn by `--seed`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from footage_film import FONTS, STYLES, font_of
from PIL import Image, ImageDraw

from index import cpu_seconds
from longtake.eval.simulated.films.make import CLIPS, FPS, encode_film, footage, frames_of
from longtake.eval.statistics import wilson
from longtake.index.build import build_index
from longtake.index.no_encoder import NoEncoder
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.index.words.lines import Line
from longtake.index.words.text_pass import ensure_text
from longtake.models.ocr import RapidReader
from longtake.world.scenes.signs import WORDS

SIZE = (1280, 720)
SIGNS = 60
HEIGHTS = (18, 64)  # pixels of ink
SECONDS = (2.0, 6.0)
FORMS = ("{a} {b}", "{A} {n}", "{A} {B}", "{a} {n}:{m:02d}", "{n} {a}", "{a}, {b} {n}", "{A}-{n}")


def main() -> None:
    """Make the film where it is missing, read it, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path(".cache/screen_text"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    film = args.folder / f"signs_{args.seed}_{args.minutes:g}.mp4"
    if not film.is_file():
        args.folder.mkdir(parents=True, exist_ok=True)
        make_film(film, args.media, args.minutes * 60, args.seed)
    measure(film)


def make_film(film: Path, media: Path, duration: float, seed: int) -> None:
    """Render the film; the truth is written beside it."""
    rng = random.Random(f"screen text {seed}")
    signs = []
    for number in range(SIGNS):
        start = duration * (number + rng.uniform(0.1, 0.8)) / SIGNS
        a, b = rng.sample(WORDS, 2)
        text = rng.choice(FORMS).format(
            a=a.title(), A=a, b=b.title(), B=b, n=rng.randint(2, 999), m=rng.randint(0, 59)
        )
        height, length = rng.randint(*HEIGHTS), min(rng.uniform(*SECONDS), duration / SIGNS)
        layer = sign_layer(text, height, rng)
        signs.append((start, start + length, text, height, layer))
    sources = [frames_of(media / name) for name in CLIPS if (media / name).is_file()]
    partial = film.with_suffix(".part.mp4")
    encode_film(partial, pictures(duration, seed, sources, signs), SIZE)
    rows = [{"start": s, "end": e, "text": text, "height": h} for s, e, text, h, _ in signs]
    film.with_suffix(".json").write_text(json.dumps(rows, indent=1))
    partial.rename(film)


def pictures(
    duration: float, seed: int, sources: Sequence[list[Image.Image]], signs: Sequence[tuple]
) -> Iterator[Image.Image]:
    """Yield every frame of the film."""
    for number, picture in enumerate(footage(duration, seed, sources)):
        picture = picture.resize(SIZE, Image.Resampling.BILINEAR)
        for start, end, _, _, (layer, corner) in signs:
            if start <= number / FPS < end:
                picture.paste(layer, corner, layer)
        yield picture


def sign_layer(text: str, height: int, rng: random.Random) -> tuple[Image.Image, tuple[int, int]]:
    """Return a sign, RGBA, whose ink is `height` pixels high, and its place in the frame."""
    board, ink, rim = rng.choice(STYLES)
    name, size = rng.choice(FONTS), height // 2
    ruler = ImageDraw.Draw(Image.new("L", (1, 1)))
    while (box := ruler.textbbox((0, 0), text, font=font_of(name, size)))[3] - box[1] < height:
        size += 1
    margin = height // 2
    extent = (round(box[2] - box[0]) + 2 * margin, round(box[3] - box[1]) + 2 * margin)
    layer = Image.new("RGBA", extent, (*board, 255) if board else (0, 0, 0, 0))
    ImageDraw.Draw(layer).text(
        (margin - box[0], margin - box[1]), text, font=font_of(name, size), fill=(*ink, 255),
        stroke_width=2 if rim else 0, stroke_fill=(*rim, 255) if rim else None,
    )  # fmt: skip
    room = [max(1, SIZE[axis] - extent[axis]) for axis in (0, 1)]
    return layer, (rng.randrange(room[0]), rng.randrange(room[1]))


def measure(film: Path) -> None:
    """Index the film, read its text, and print time and signs found."""
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(film, Store(Path(folder)), NoEncoder())
        wall, cpu = time.monotonic(), cpu_seconds()
        with Decoder(film) as decoder:
            ensure_text(index, decoder, RapidReader())
        wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
        lines = index.texts()
        print(f"{index.info.duration / 60:.0f} minutes: {wall:.0f} s by the wall, {cpu:.0f} s CPU")
    signs = json.loads(film.with_suffix(".json").read_text())
    missed = [sign for sign in signs if not is_read(sign, lines)]
    share = wilson(len(signs) - len(missed), len(signs))
    print(f"read {share.value:.1%} [{share.low:.1%}, {share.high:.1%}], n = {len(signs)}")
    for sign in missed:
        near = [line.text for line in lines if is_near(sign, line)]
        print(f"  missed {sign['text']!r}, {sign['height']} px, at {sign['start']:.1f} s: {near}")


def is_near(sign: dict, line: Line) -> bool:
    return line.span.start < sign["end"] + 0.5 and line.span.end > sign["start"] - 0.5


def is_read(sign: dict, lines: Sequence[Line]) -> bool:
    """Say whether a line at its time holds all characters of a sign."""
    wanted = "".join(sign["text"].split())
    return any(wanted in "".join(line.text.split()) for line in lines if is_near(sign, line))


if __name__ == "__main__":
    main()
