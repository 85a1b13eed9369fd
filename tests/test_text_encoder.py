"""Sentence embeddings: tiny random models, an ONNX model, and the real one where it is present."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from longtake.index.video.errors import UsageError
from longtake.models.text_encoder import load_text_encoder

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "the",
    "boat",
    "ferry",
    "leaves",
    "at",
    "nine",
    "budget",
]
MAX = 16


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_pooling(folder: Path, mode: str) -> None:
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = {f"pooling_mode_{name}": name == mode for name in ("cls_token", "mean_tokens")}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes))


@pytest.fixture(scope="module")
def torch_folder(tmp_path_factory):
    """A sentence-transformers folder of a very small BERT with random weights."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny-bert")
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=MAX,
    )
    BertModel(config).eval().save_pretrained(folder)
    write_tokenizer(folder)
    write_pooling(folder, "mean_tokens")
    return folder


@pytest.fixture(scope="module")
def onnx_folder(tmp_path_factory):
    """A folder with a `model.onnx` that looks each token up in a random table."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder = tmp_path_factory.mktemp("tiny-onnx")
    table = np.random.default_rng(1).normal(size=(len(WORDS), 12)).astype(np.float32)
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "lookup",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, 12])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": MAX}))
    write_tokenizer(folder)
    np.save(folder / "table.npy", table)
    return folder


def test_vectors_are_unit_rows_in_the_order_of_the_texts(torch_folder):
    encoder = load_text_encoder(f"local-dir:{torch_folder}")
    assert encoder is not None
    texts = ["the ferry leaves at nine", "boat", "the budget", "the ferry leaves at nine"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, encoder.dim) == (4, 24)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(vectors[0], vectors[3], atol=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.allclose(vectors, alone, atol=1e-5)  # padding and order change nothing
    assert encoder.encode([]).shape == (0, 24)


def test_the_mean_of_the_tokens_is_what_transformers_gives(torch_folder):
    import torch
    from transformers import AutoModel, AutoTokenizer

    encoder = load_text_encoder(str(torch_folder))
    assert encoder is not None
    batch = AutoTokenizer.from_pretrained(torch_folder)(["the boat leaves"], return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(torch_folder).eval()(**batch).last_hidden_state[0]
    for mode, wanted in (("mean_tokens", states.mean(0)), ("cls_token", states[0])):
        write_pooling(torch_folder, mode)
        encoder = load_text_encoder(str(torch_folder))
        assert encoder is not None
        wanted = (wanted / wanted.norm()).numpy()
        assert np.allclose(encoder.encode(["the boat leaves"])[0], wanted, atol=1e-5)
    write_pooling(torch_folder, "mean_tokens")


def test_texts_longer_than_the_model_reads_are_cut(torch_folder, onnx_folder):
    for folder in (torch_folder, onnx_folder):
        encoder = load_text_encoder(str(folder))
        assert encoder is not None
        assert np.isfinite(encoder.encode(["the ferry leaves at nine " * 20])).all()


def test_an_onnx_model_gives_the_mean_of_its_states(onnx_folder):
    encoder = load_text_encoder(str(onnx_folder))
    assert encoder is not None
    table = np.load(onnx_folder / "table.npy")
    wanted = table[[2, 4, 5, 7, 3]].mean(axis=0)  # [CLS] the boat leaves [SEP]
    got = encoder.encode(["boat", "the boat leaves"])[1]
    assert np.allclose(got, wanted / np.linalg.norm(wanted), atol=1e-5)


def test_an_onnx_model_needs_no_torch(onnx_folder):
    code = (
        "import sys\nfrom longtake.models.text_encoder import load_text_encoder\n"
        f"load_text_encoder({str(onnx_folder)!r}).encode(['the boat'])\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_id_changes_with_the_weights(onnx_folder, tmp_path):
    copy = tmp_path / onnx_folder.name
    copy.mkdir()
    for file in onnx_folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    first, same = load_text_encoder(str(onnx_folder)), load_text_encoder(str(copy))
    assert first is not None
    assert same is not None
    assert first.id == same.id
    data = (copy / "model.onnx").read_bytes()
    (copy / "model.onnx").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    other = load_text_encoder(str(copy))
    assert other is not None
    assert other.id != first.id


def test_none_is_no_encoder():
    assert load_text_encoder("none") is None


def test_what_is_no_model_is_refused_in_one_line(torch_folder, onnx_folder, tmp_path):
    with pytest.raises(UsageError, match=r"text_encoder = .* is not a folder"):
        load_text_encoder(f"local-dir:{tmp_path / 'absent'}")
    with pytest.raises(UsageError, match=r"holds no config\.json with weights"):
        load_text_encoder(str(tmp_path))
    for file in onnx_folder.iterdir():
        if file.name != "model.onnx":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    broken = load_text_encoder(str(tmp_path))
    assert broken is not None
    with pytest.raises(UsageError, match="cannot be loaded"):
        broken.encode(["the boat"])
    (tmp_path / "model.onnx").write_bytes((onnx_folder / "model.onnx").read_bytes())
    (tmp_path / "modules.json").write_text(
        json.dumps([{"type": "sentence_transformers.models.Dense"}])
    )
    dense = load_text_encoder(str(tmp_path))
    assert dense is not None
    with pytest.raises(UsageError, match="Dense is not supported"):
        dense.encode(["the boat"])


@pytest.mark.weights
def test_a_real_model_finds_a_line_that_shares_no_word(weights):
    folder = weights / "minilm"
    if not folder.is_dir():
        pytest.skip(f"no MiniLM: {folder} is absent (see the README on real weights)")
    encoder = load_text_encoder(str(folder))
    assert encoder is not None
    lines = [
        "Nobody expected the ferry to leave at nine that morning.",
        "We cut the spending on new desks by half.",
        "My grandmother baked bread every Sunday.",
        "The storm took the roof off the school.",
    ]
    questions = [
        "When does the boat depart?",
        "What happened to the money for furniture?",
        "Who made loaves at weekends?",
        "Which building did the wind damage?",
    ]
    best = (encoder.encode(questions) @ encoder.encode(lines).T).argmax(axis=1)
    assert best.tolist() == [0, 1, 2, 3]
