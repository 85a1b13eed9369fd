"""How the embedded encoder is trained: pictures, statements, tokenizer, optimizer, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from vlm_fixtures import training_module

from longtake.world.perception.encoder import WorldEncoder
from longtake.world.scenes.objects import COLOURS, OBJECTS
from longtake.world.scenes.places import PLACES

data, statements, tokenizer, clip_model, muon, losses = (
    training_module(f"encoder.{n}")
    for n in ("data", "statements", "tokenizer", "clip_model", "muon", "losses")
)
RED, GREEN = list(COLOURS).index("red"), list(COLOURS).index("green")
KEY, CUP = OBJECTS.index("key"), OBJECTS.index("cup")


@pytest.fixture(scope="module")
def samples() -> list[Any]:
    return [data.make_sample(seed) for seed in range(30)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("clip")
    clip_model.export_model(clip_model.build_model(), path)
    return path


def test_a_seed_gives_one_picture(samples: list[Any]):
    again = data.make_sample(7)
    assert np.array_equal(samples[7].pixels, again.pixels)
    assert np.array_equal(samples[7].pairs, again.pairs)
    assert not np.array_equal(samples[7].pixels, samples[8].pixels)


def test_patches_are_labelled_with_what_is_in_view(samples: list[Any]):
    width, height = data.SIZE
    for sample in samples:
        assert sample.pixels.shape == (height, width, 3)
        assert sample.objects.shape == sample.colours.shape == data.GRID
        on = (sample.objects >= 0) & (sample.objects < data.NOTHING)
        assert (sample.pairs[sample.objects[on], sample.colours[on]] != 0).all()
        assert 0 <= sample.place <= len(PLACES)
    assert {s.place for s in samples} >= {len(PLACES)}
    assert any((s.objects == data.SIGN).any() for s in samples)


def test_a_crowd_holds_more_sprites():
    plain = [np.count_nonzero(data.make_sample(s).pairs) for s in range(100, 130)]
    crowded = [np.count_nonzero(data.make_sample(s, 2.0).pairs) for s in range(100, 130)]
    assert np.mean(crowded) > 1.4 * np.mean(plain)


def _batch(pairs: np.ndarray, places: list[int], signs: list[int]) -> Any:
    n = len(pairs)
    empty = np.zeros((n, *data.GRID), np.int8)
    pixels = np.zeros((n, 4, 4, 3), np.uint8)
    return statements.Batch(
        pixels, empty, empty, np.array(places), pairs.astype(np.int8), np.array(signs, np.int8)
    )


def test_statements_are_judged_by_the_labels():
    pairs = np.zeros((3, len(OBJECTS), len(COLOURS)))
    pairs[0, KEY, RED] = 1
    pairs[1, KEY, GREEN], pairs[1, CUP, RED] = 1, -1
    batch = _batch(pairs, [0, 1, len(PLACES)], [1, 0, -1])
    make = statements.Statement
    claims = [
        make("a key", ((KEY, -1),)),
        make("a red key", ((KEY, RED),)),
        make("something red", ((-1, RED),)),
        make("a green key and a red cup", ((KEY, GREEN), (CUP, RED))),
        make("a key at the first place", ((KEY, -1),), 0),
        make("a sign", sign=True),
        make("a dragon", foreign=True),
    ]
    truth = statements.picture_truth(claims, batch)
    assert truth.T.tolist() == [
        [1, 1, 0], [1, 0, 0], [1, -1, 0], [0, -1, 0], [1, 0, 0], [1, 0, -1], [0, 0, 0],
    ]  # fmt: skip
    objects = np.array([KEY, KEY, data.NOTHING, data.SIGN])
    colours = np.array([RED, GREEN, len(COLOURS), len(COLOURS)])
    patches = statements.patch_truth(claims, objects, colours)
    assert patches.T.tolist() == [
        [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [-1] * 4, [-1] * 4, [0, 0, 0, 1], [0] * 4,
    ]  # fmt: skip


def test_a_batch_is_asked_true_near_and_false_things(samples: list[Any]):
    batch = statements.stack(samples)
    chosen = statements.choose_statements(np.random.default_rng(0), batch)
    truth = statements.picture_truth(chosen, batch)
    assert len(chosen) == 255
    assert 0.01 < (truth == 1).mean() < 0.2
    assert len({s.text for s in chosen}) > 200
    assert any(s.foreign for s in chosen)


def test_no_stranger_is_a_word_of_the_world():
    known = {*OBJECTS, *COLOURS, *PLACES, *statements.SYNONYMS}
    assert not known & set(statements.FOREIGN)
    assert set(statements.SYNONYMS.values()) <= {*OBJECTS, *COLOURS, *PLACES}


def test_thinning_keeps_the_sprites(samples: list[Any]):
    batch = statements.stack(samples)
    thin, kept = statements.thin(np.random.default_rng(0), batch)
    count = data.GRID[0] * data.GRID[1] * 8 // 15
    assert thin.objects.shape == kept.shape == (len(samples), count)
    whole = batch.objects.reshape(len(samples), -1)
    assert np.array_equal(np.take_along_axis(whole, kept, 1), thin.objects)
    busy = np.minimum((whole != data.NOTHING).sum(1), count)
    kept_busy = (thin.objects != data.NOTHING).sum(1)
    assert kept_busy.sum() > 0.9 * busy.sum()


def test_known_words_are_one_token_and_others_are_spelled(folder: Path):
    words = losses.Contrast(folder, 0).tokenizer
    assert words.tokenize("A red fish!") == ["a", "red", "fish", "!"]
    assert words.tokenize("xylo 42")[:2] == ["x", "##y"]
    ids = words("a red fish", padding="max_length", max_length=tokenizer.CONTEXT).input_ids
    vocabulary = tokenizer.vocabulary()
    assert [vocabulary[i] for i in ids[:6]] == ["<s>", "a", "red", "fish", "</s>", "<pad>"]
    assert len(vocabulary) == clip_model.MODEL_CFG["text_cfg"]["vocab_size"] <= 4096


def test_every_wording_can_be_read(folder: Path, samples: list[Any]):
    contrast = losses.Contrast(folder, 0)
    chosen = statements.choose_statements(np.random.default_rng(1), statements.stack(samples))
    tokens = contrast.tokens([s.text for s in chosen])
    assert not (tokens == tokenizer.vocabulary().index("<unk>")).any()
    assert (tokens == clip_model.EOS).sum(1).eq(1).all()


def test_what_is_exported_is_what_was_trained(folder: Path):
    torch.manual_seed(0)
    model = clip_model.build_model().eval()
    encoder = WorldEncoder(folder)
    pixels = np.stack([data.make_sample(seed).pixels for seed in range(2)])
    with torch.inference_mode():
        pooled, patches = clip_model.look(model.visual, clip_model.to_pixels(pixels))
        frames = torch.nn.functional.normalize(pooled @ model.visual.proj, dim=-1).numpy()
        spots = torch.nn.functional.normalize(patches @ model.visual.proj, dim=-1).numpy()
        contrast = losses.Contrast(folder, 0)
        texts = clip_model.read(model, contrast.tokens(["a red fish", "the beach"])).numpy()
    dense = encoder.encode_dense(pixels)
    assert np.allclose(dense[0], frames, atol=5e-3)
    assert np.allclose(dense[1].reshape(spots.shape), spots, atol=5e-3)
    assert np.allclose(encoder.encode_texts(["a red fish", "the beach"]), texts, atol=5e-3)


def test_muon_takes_steps_of_even_strength():
    torch.manual_seed(0)
    for shape in ((3, 20, 60), (2, 60, 20)):
        strengths = torch.linalg.svdvals(muon.orthogonal(torch.randn(shape)))
        assert strengths.min() > 0.4
        assert strengths.max() < 1.4


def test_positions_stretch_to_a_larger_grid():
    rows, columns = data.GRID
    table = torch.randn(1 + rows * columns, 6)
    assert torch.allclose(clip_model.fit_positions(table), table, atol=1e-6)
    small = torch.ones(1 + 8 * 14, 6)
    assert clip_model.fit_positions(small).shape == table.shape
