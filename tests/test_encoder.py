"""The encoder that ships with the package: its weights, and its two runtimes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from longtake.index.video.errors import UsageError
from longtake.models.clip_encoder import OpenClipEncoder, load_encoder
from longtake.world.perception.encoder import WorldEncoder
from longtake.world.scenes.objects import COLOURS, OBJECTS, article
from longtake.world.scenes.places import PLACES
from longtake.world.scenes.scene import Scene, Sprite, draw_scene

FOLDER = Path(str(resources.files("longtake.world"))) / "weights" / "clip"
ROOT = Path(__file__).resolve().parents[1]
PAIRS = [(c, o) for o in OBJECTS for c in COLOURS]


@pytest.fixture(scope="module")
def encoder() -> WorldEncoder:
    return WorldEncoder()


def _single(seed: int, size: tuple[int, int]) -> tuple[np.ndarray, Sprite, str]:
    rng = random.Random(f"test encoder {seed}")
    share = rng.uniform(0.22, 0.42)
    sprite = Sprite(
        rng.choice(OBJECTS),
        rng.choice(list(COLOURS)),
        rng.uniform(0.2, 0.8),
        rng.uniform(0.3, 0.7),
        share,
        rng.gauss(0, 6),
    )
    place = rng.choice(PLACES)
    picture = draw_scene(Scene(place, 3_000_000 + seed, (sprite,)), 640, 360)
    return np.asarray(picture.resize(size, Image.Resampling.BOX)), sprite, place


@pytest.fixture(scope="module")
def singles(encoder: WorldEncoder) -> list[tuple[np.ndarray, Sprite, str]]:
    return [_single(seed, encoder.size) for seed in range(80)]


def _probability(encoder: WorldEncoder, vectors: np.ndarray, texts: list[str]) -> np.ndarray:
    logits = encoder.scale * vectors @ encoder.encode_texts(texts).T + encoder.bias
    return 1 / (1 + np.exp(-logits))


def test_the_shipped_encoder_says_what_it_is(encoder: WorldEncoder):
    assert encoder.id.startswith("longtake-mini@")
    assert encoder.size[0] / encoder.size[1] == pytest.approx(16 / 9, rel=0.03)
    assert encoder.dim == 256
    assert encoder.lexicon is not None
    assert encoder.lexicon["objects"] == list(OBJECTS)
    assert encoder.lexicon["places"] == list(PLACES)


def test_its_identity_is_known_without_loading_it(encoder: WorldEncoder):
    code = (
        "import sys; from longtake.world.profile import encoder_id\n"
        "print(encoder_id(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [encoder.id, "False"]


def test_the_shipped_folder_is_small():
    assert sum(f.stat().st_size for f in FOLDER.rglob("*") if f.is_file()) <= 12 * 2**20


def test_it_loads_with_no_network():
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from longtake.world.profile import load_encoder\n"
        "print(load_encoder().dim)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.stdout.strip() == "256", done.stderr


def test_vectors_are_units_and_do_not_depend_on_the_batch(encoder: WorldEncoder, singles):
    pixels = np.stack([s[0] for s in singles[:35]])
    vectors = encoder.encode_frames(pixels)
    assert vectors.shape == (35, 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.allclose(vectors[34:], encoder.encode_frames(pixels[34:]), atol=2e-3)


def test_one_pass_gives_the_same_frames_and_patches(encoder: WorldEncoder, singles):
    pixels = np.stack([s[0] for s in singles[:3]])
    frames, patches = encoder.encode_dense(pixels)
    assert patches.shape == (3, encoder.size[1] // 16, encoder.size[0] // 16, 256)
    assert np.allclose(frames, encoder.encode_frames(pixels), atol=2e-3)
    assert np.allclose(patches, encoder.encode_patches(pixels), atol=2e-3)


def test_the_parts_of_a_crowded_frame_find_what_its_own_vector_cannot_hold(encoder):
    rng = np.random.default_rng(5)
    frames, shown = [], []
    for seed in range(40):
        names = [(str(rng.choice(list(COLOURS))), str(rng.choice(OBJECTS))) for _ in range(5)]
        sprites = tuple(
            Sprite(o, c, 0.1 + 0.2 * at, float(rng.uniform(0.3, 0.7)), 0.25)
            for at, (c, o) in enumerate(names)
        )
        scene = Scene(str(rng.choice(PLACES)), 3 * 10**6 + seed, sprites)
        frames.append(np.asarray(draw_scene(scene, 640, 360).resize(encoder.size, 4)))
        shown.append({f"a {c} {o}" for c, o in names})
    views = encoder.encode_views(np.stack(frames))
    assert views.shape == (40, 13, 256)
    assert np.allclose(np.linalg.norm(views, axis=2), 1, atol=1e-4)
    assert np.allclose(views[:, 0], encoder.encode_frames(np.stack(frames)), atol=2e-3)
    wanted = sorted(set().union(*shown))
    scores = views @ encoder.encode_texts(wanted).T

    def right(scores: np.ndarray) -> float:
        best = scores.argmax(axis=0)
        return float(np.mean([name in shown[at] for name, at in zip(wanted, best, strict=True)]))

    assert right(scores.max(axis=1)) >= 0.75
    assert right(scores.max(axis=1)) >= right(scores[:, 0]) + 0.1


def test_nothing_in_gives_nothing_out(encoder: WorldEncoder):
    assert encoder.encode_texts([]).shape == (0, 256)
    width, height = encoder.size
    assert encoder.encode_frames(np.zeros((0, height, width, 3), np.uint8)).shape == (0, 256)


def test_frames_of_another_size_or_kind_are_refused(encoder: WorldEncoder):
    width, height = encoder.size
    with pytest.raises(ValueError, match=rf"\[N, {height}, {width}, 3\]"):
        encoder.encode_frames(np.zeros((1, height, height, 3), np.uint8))
    with pytest.raises(ValueError, match="float32"):
        encoder.encode_frames(np.zeros((1, height, width, 3), np.float32))


@pytest.fixture(scope="module")
def by_torch() -> OpenClipEncoder:
    return load_encoder(f"local-dir:{FOLDER}", precision="fp32")


def test_onnx_and_torch_give_the_same_vectors(encoder: WorldEncoder, by_torch, singles):
    pixels = np.stack([s[0] for s in singles[:9]])
    for ours, theirs in zip(
        encoder.encode_dense(pixels), by_torch.encode_dense(pixels), strict=True
    ):
        assert np.abs(ours - theirs).max() < 1e-4
    texts = ["a red fish", "", "the  BEACH\n", "“a dog’s” café &amp; co", "boat " * 60]
    assert np.abs(encoder.encode_texts(texts) - by_torch.encode_texts(texts)).max() < 1e-4


def test_both_runtimes_are_one_encoder(encoder: WorldEncoder, by_torch):
    assert encoder.id.split("@")[1] == by_torch.id.split("@")[1]  # the weights are one file
    assert (encoder.size, encoder.dim) == (by_torch.size, by_torch.dim)
    assert encoder.scale == pytest.approx(by_torch.scale)
    assert encoder.bias == pytest.approx(by_torch.bias)


def test_open_clip_itself_gives_the_same_vectors(encoder: WorldEncoder, singles):
    import open_clip
    import torch

    made: Any = open_clip.create_model_and_transforms(f"local-dir:{FOLDER}")
    tokenizer: Any = open_clip.get_tokenizer(f"local-dir:{FOLDER}")
    model, preprocess = made[0].eval(), made[2]
    with torch.inference_mode():
        frame = model.encode_image(preprocess(Image.fromarray(singles[0][0]))[None], normalize=True)
        text = model.encode_text(tokenizer(["a red fish"]), normalize=True)
    assert np.allclose(encoder.encode_frames(singles[0][0][None]), frame.numpy(), atol=1e-4)
    assert np.allclose(encoder.encode_texts(["a red fish"]), text.numpy(), atol=1e-4)


def test_half_precision_hardly_moves_a_vector(encoder: WorldEncoder, singles):
    half = load_encoder(f"local-dir:{FOLDER}", precision="bf16")
    pixels = np.stack([s[0] for s in singles[:4]])
    assert (half.encode_frames(pixels) * encoder.encode_frames(pixels)).sum(1).min() > 0.99


def test_a_folder_without_graphs_is_refused_and_exporting_writes_the_shipped_ones(
    encoder: WorldEncoder, tmp_path: Path
):
    from longtake.world.training.encoder.export_onnx import export

    with pytest.raises(UsageError, match="cannot be loaded"):
        WorldEncoder(tmp_path)
    folder = tmp_path / "clip"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.onnx"))
    with pytest.raises(UsageError, match=r"texts\.onnx"):
        WorldEncoder(folder)
    export(folder)
    again = WorldEncoder(folder)
    assert np.array_equal(again.encode_texts(["a boat"]), encoder.encode_texts(["a boat"]))
    for name in ("texts.onnx", "pictures.onnx"):
        assert (folder / name).read_bytes() == (FOLDER / name).read_bytes()


def test_zero_shot_names_object_colour_and_place(encoder: WorldEncoder, singles):
    vectors = encoder.encode_frames(np.stack([s[0] for s in singles]))
    pairs = encoder.encode_texts([article(f"{c} {o}") for c, o in PAIRS])
    best = [PAIRS[i] for i in np.argmax(vectors @ pairs.T, 1)]
    right = np.mean([b == (s.colour, s.object) for b, (_, s, _) in zip(best, singles, strict=True)])
    places = encoder.encode_texts([f"the {p}" for p in PLACES])
    where = [PLACES[i] for i in np.argmax(vectors @ places.T, 1)]
    there = np.mean([w == place for w, (_, _, place) in zip(where, singles, strict=True)])
    # n = 80: far below the card's numbers, far above chance (1 in 512, 1 in 12)
    assert right >= 0.8
    assert there >= 0.9


def test_scores_are_probabilities_of_being_in_view(encoder: WorldEncoder, singles):
    vectors = encoder.encode_frames(np.stack([s[0] for s in singles]))
    names = [article(f"{s.colour} {s.object}") for _, s, _ in singles]
    scores = _probability(encoder, vectors, names)
    shown = np.array([[a == b for b in names] for a in names])
    assert (scores[shown] >= 0.5).mean() >= 0.8
    assert (scores[~shown] < 0.5).mean() >= 0.98


def test_patches_say_where(encoder: WorldEncoder, singles):
    close = 0
    for pixels, sprite, _ in singles[:30]:
        patches = encoder.encode_patches(pixels[None])[0]
        text = encoder.encode_texts([article(f"{sprite.colour} {sprite.object}")])[0]
        rows, columns = patches.shape[:2]
        row, column = np.unravel_index(np.argmax(patches @ text), (rows, columns))
        aside = abs((column + 0.5) / columns - sprite.x)
        close += aside < 0.12 and abs((row + 0.5) / rows - sprite.y) < 0.22
    assert close >= 24


def test_strange_footage_is_claimed_by_no_place(encoder: WorldEncoder):
    rng = np.random.default_rng(5)
    width, height = encoder.size
    noise = rng.integers(0, 256, (8, height, width, 3)).astype(np.uint8)
    flat = np.broadcast_to(rng.integers(0, 256, (8, 1, 1, 3)), (8, height, width, 3)).astype(
        np.uint8
    )
    vectors = encoder.encode_frames(np.concatenate([noise, flat]))
    scores = _probability(encoder, vectors, [f"the {p}" for p in PLACES])
    assert (scores.max(1) < 0.5).mean() >= 0.85


def test_a_name_that_is_no_model_is_refused_with_a_remedy():
    with pytest.raises(UsageError, match="encoder = 'no-such-model'"):
        load_encoder("no-such-model")
    with pytest.raises(UsageError, match="precision = 'int3'"):
        load_encoder("ViT-B-32", precision="int3")
    with pytest.raises(UsageError, match="local-dir:"):
        load_encoder("local-dir:nowhere/at/all")


@pytest.mark.slow
def test_a_minute_of_training_lowers_the_loss(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "longtake.world.training.encoder.train_encoder",
        "--seed",
        "3",
        "--minutes",
        "1.5",
        "--replicas",
        "1",
        "--batch",
        "16",
        "--out",
        str(tmp_path / "clip"),
        "--work",
        str(tmp_path / "work"),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=280)
    rows = (tmp_path / "work" / "log.csv").read_text().splitlines()
    fields = rows[0].split(",")
    losses = [float(row.split(",")[fields.index("dense")]) for row in rows[1:]]
    assert losses[-1] < 5.5  # guessing: ln 66 + ln 9 / 2 + 0.3 ln 13 = 6.06
    assert WorldEncoder(tmp_path / "clip").dim == 256
