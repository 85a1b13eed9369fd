"""Measure the embedded CLIP on held-out renders, through the very code that ships.

    python -m longtake.world.training.encoder.evaluate_encoder --frames 1000 --film-seed 101 --out numbers.json

Pictures come from seeds that training never draws. Every share is printed with n and its 95 %
Wilson interval.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from longtake.world.films.film import FilmPlan, plan_film
from longtake.world.perception.encoder import WorldEncoder
from longtake.world.scenes.objects import COLOURS, OBJECTS, article
from longtake.world.scenes.places import PLACES
from longtake.world.scenes.scene import Scene, Sprite, draw_scene
from longtake.world.training.encoder.data import N_COLOURS, N_PLACES, make_sample
from longtake.world.training.encoder.probe import HELD_OUT, single_frame
from longtake.world.training.encoder.statements import choose_statements, picture_truth, stack
from longtake.world.training.rate import rate_of

_PAIRS = [f"{c} {o}" for o in OBJECTS for c in COLOURS]
CLIP_SECONDS = 10


def single_sprite(encoder: WorldEncoder, count: int) -> dict[str, list[bool]]:
    """One normal sprite (0.20 to 0.42 of the frame's height) a frame: which of all is it?"""
    frames = [single_frame(10_000 + i, encoder.size) for i in range(count)]
    vectors = encoder.encode_frames(np.stack([f[0] for f in frames]))
    truth = np.array([f[1:] for f in frames])
    objects, pairs, places = (
        np.argmax(vectors @ encoder.encode_texts(texts).T, 1)
        for texts in (
            [article(o) for o in OBJECTS],
            [article(p) for p in _PAIRS],
            [f"the {p}" for p in PLACES],
        )
    )
    return {
        "object, of 64": list(objects == truth[:, 0]),
        "object and colour, of 512": list(pairs == truth[:, 0] * N_COLOURS + truth[:, 1]),
        "place, of 12": list(places == truth[:, 2]),
    }


def crowded(encoder: WorldEncoder, count: int) -> dict[str, list[bool]]:
    """Three to five sprites a frame: each one's name and colour from the patches it covers."""
    rows = encoder.encode_texts([article(p) for p in _PAIRS])
    found: list[bool] = []
    for seed in range(count):
        rng = np.random.default_rng([HELD_OUT, 77, seed])
        spots = rng.permutation(5)[: int(rng.integers(3, 6))]
        sprites = tuple(
            Sprite(
                OBJECTS[rng.integers(len(OBJECTS))],
                list(COLOURS)[rng.integers(N_COLOURS)],
                0.1 + 0.2 * spot,
                rng.uniform(0.3, 0.75),
                rng.uniform(0.20, 0.34),
            )
            for spot in spots
        )
        scene = Scene(PLACES[rng.integers(N_PLACES)], 2 * 10**6 + seed, sprites)
        frame = np.asarray(draw_scene(scene, 640, 360).resize(encoder.size, 4))
        patches = encoder.encode_patches(frame[None])[0]
        for sprite in sprites:
            box = sprite.box(0)
            assert box is not None
            gh, gw = patches.shape[:2]
            y = slice(
                int(box.y0 * gh + 0.5), max(int(box.y0 * gh + 0.5) + 1, int(box.y1 * gh + 0.5))
            )
            x = slice(
                int(box.x0 * gw + 0.5), max(int(box.x0 * gw + 0.5) + 1, int(box.x1 * gw + 0.5))
            )
            best = int((patches[y, x] @ rows.T).mean((0, 1)).argmax())
            found.append(_PAIRS[best] == f"{sprite.colour} {sprite.object}")
    return {"object and colour of each sprite among 3 to 5, of 512": found}


def claims(encoder: WorldEncoder, count: int) -> tuple[dict[str, list[bool]], float]:
    """Worded statements about held-out pictures: does the probability fall on the right side?

    Returns:
        Shares by kind, and the expected calibration error over ten equal bins.
    """
    probabilities, truths = [], []
    known: dict[str, list[bool]] = {
        "unknown footage claims no place": [],
        "a place claims itself": [],
    }
    places = encoder.encode_texts([f"the {p}" for p in PLACES])
    for start in range(0, count, 32):
        batch = stack([make_sample(HELD_OUT + 50_000 + i) for i in range(start, start + 32)])
        statements = choose_statements(np.random.default_rng([HELD_OUT, start]), batch)
        vectors = encoder.encode_frames(_fit(batch.pixels, encoder.size))
        truth = picture_truth(statements, batch)
        scores = _probability(encoder, vectors, encoder.encode_texts([s.text for s in statements]))
        probabilities.append(scores[truth >= 0])
        truths.append(truth[truth >= 0])
        seen = _probability(encoder, vectors, places)
        strange = batch.places == N_PLACES
        known["unknown footage claims no place"] += list(seen[strange].max(1) < 0.5)
        there = np.flatnonzero(~strange)
        known["a place claims itself"] += list(seen[there, batch.places[there]] >= 0.5)
    p, t = np.concatenate(probabilities), np.concatenate(truths)
    known["true statements at 0.5 or more"] = list(p[t == 1] >= 0.5)
    known["false statements below 0.5"] = list(p[t == 0] < 0.5)
    return known, _calibration_error(p, t)


def retrieval(encoder: WorldEncoder, plan: FilmPlan, film: Path | None) -> dict[str, list[bool]]:
    """For each coloured object of a film: does one of the five best 10 s clips show it?"""
    seconds = np.arange(0.5, plan.duration, 1.0)
    frames = _film_frames(plan, seconds, film, encoder.size)
    views = encoder.encode_views(frames)
    shown: dict[tuple[str, str], set[int]] = {}
    for shot in plan.shots:
        for second in seconds[(seconds >= shot.span.start) & (seconds < shot.span.end)]:
            for sprite in shot.scene.sprites:
                if sprite.size >= 0.15 and sprite.box(second - shot.span.start) is not None:
                    clip = int(second // CLIP_SECONDS)
                    shown.setdefault((sprite.colour, sprite.object), set()).add(clip)
    names = sorted(shown)
    texts = encoder.encode_texts([article(f"{c} {o}") for c, o in names])
    clips = (seconds // CLIP_SECONDS).astype(int)

    def recall(scores: np.ndarray) -> list[bool]:
        best = np.stack([scores[clips == c].max(0) for c in range(clips.max() + 1)])
        top = np.argsort(-best, axis=0)[:5]
        return [bool(set(top[:, k].tolist()) & shown[name]) for k, name in enumerate(names)]

    hits = recall((views @ texts.T).max(1))
    once = [hit for hit, name in zip(hits, names, strict=True) if len(shown[name]) <= 2]
    return {
        "text to clip, recall@5": hits,
        "the same, things seen in one place only": once,
        "recall@5 by the frames' own vectors alone": recall(views[:, 0] @ texts.T),
    }


def _film_frames(
    plan: FilmPlan, seconds: np.ndarray, film: Path | None, size: tuple[int, int]
) -> np.ndarray:
    """Return the film's frames [N, H, W, 3]: decoded where there is a file, drawn otherwise."""
    if film is not None:
        from longtake.index.video.decode import stream_frames

        frames = np.zeros((len(seconds), size[1], size[0], 3), np.uint8)
        for chunk in stream_frames(film, seconds.tolist(), size, workers=1, thumbs=False):
            frames[chunk.rows] = chunk.frames.pixels
        return frames
    pictures = []
    for shot in plan.shots:
        ground = None
        for second in seconds[(seconds >= shot.span.start) & (seconds < shot.span.end)]:
            if ground is None:
                bare = Scene(shot.scene.place, shot.scene.seed)
                ground = draw_scene(bare, 640, 360)
            drawn = draw_scene(
                shot.scene, 640, 360, second - shot.span.start, background=ground.copy()
            )
            pictures.append(np.asarray(drawn.resize(size, 4)))
    return np.stack(pictures)


def _fit(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if pixels.shape[1:3] == size[::-1]:
        return pixels
    return np.stack([np.asarray(Image.fromarray(p).resize(size, 4)) for p in pixels])


def _probability(encoder: WorldEncoder, frames: np.ndarray, texts: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(encoder.scale * frames @ texts.T + encoder.bias)))


def _calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    bins = np.minimum((probabilities * 10).astype(int), 9)
    gaps = [
        (bins == b).mean() * abs(probabilities[bins == b].mean() - truth[bins == b].mean())
        for b in range(10)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description="Measure the embedded CLIP on held-out renders.")
    parser.add_argument("--encoder", type=Path, help="folder; default: the embedded one")
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--film-seed", type=int, default=101)
    parser.add_argument("--film", type=Path, help="the rendered film of that seed; drawn if absent")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    encoder = WorldEncoder(options.encoder)
    plan = plan_film(options.minutes, options.film_seed)
    said, error = claims(encoder, options.frames // 2)
    shares = single_sprite(encoder, options.frames) | crowded(encoder, options.frames // 4) | said
    shares |= retrieval(encoder, plan, options.film)
    numbers: dict[str, object] = {"encoder": encoder.id, "calibration error": round(error, 4)}
    print(f"{encoder.id}\n{'calibration error, ten bins':58} {error:.4f}")
    for name, right in shares.items():
        rate = rate_of(right)
        numbers[name] = {"value": rate.value, "low": rate.low, "high": rate.high, "n": rate.n}
        print(f"{name:58} {rate.value:6.1%}  ({rate.low:.1%} to {rate.high:.1%}, n = {rate.n})")
    if options.out:
        options.out.write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
