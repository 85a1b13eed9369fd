"""Roles, profiles and names: what is used, what is refused, and that nothing loads before use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from longtake.index.video.errors import UsageError
from longtake.models.profile import PROFILES, ROLES, VALUES
from longtake.models.registry import load_models
from longtake.models.runtime import Runtime
from longtake.models.shipped import LazyEncoder
from longtake.models.weights import USUAL_ENCODER, find_cached, likely_bytes, repository_of
from longtake.shipped import SHIPPED

ENDPOINT = "endpoint:some-vlm@http://127.0.0.1:9/v1"


def put_weights(home: Path, repository: str, data: bytes = b"weights") -> Path:
    """Lay down a snapshot as the hub's client does, and return the cache's folder."""
    cache = home / "cache" / "huggingface" / "hub"
    snapshot = cache / f"models--{repository.replace('/', '--')}" / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(data)
    return cache


@pytest.fixture(autouse=True)
def own_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)


def test_loading_models_costs_nothing_until_one_is_used() -> None:
    code = (
        "import sys; from longtake.models.registry import load_models;"
        "from longtake.shipped import SHIPPED; m = load_models('embedded', shipped=SHIPPED);"
        "assert m.ids['encoder'] == m.encoder.id;"
        "assert not {'torch', 'open_clip', 'rapidocr', 'huggingface_hub'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_role_can_be_set_on_its_own() -> None:
    models = load_models("embedded", {"encoder": "ViT-B-16-SigLIP2", "ocr": "none"})
    assert models.profile.encoder == "ViT-B-16-SigLIP2"
    assert models.profile.vlm == "embedded"
    assert models.ocr is None
    assert load_models("embedded", {"encoder": None}).profile == PROFILES["embedded"]
    assert set(VALUES) | {"planner"} == set(ROLES)


def test_the_profile_follows_from_the_vlm() -> None:
    from longtake.config import load_settings

    def profile(**flags: str) -> str:
        return load_settings(flags, environ={}).profile_name

    assert profile() == "embedded"
    assert profile(vlm=ENDPOINT) == "served"
    assert profile(vlm="transformers:org/name") == "local"
    assert profile(vlm="local-dir:/models/x") == "local"
    assert profile(vlm=ENDPOINT, profile="local") == "local"


def test_auto_takes_the_usual_encoder_where_its_weights_are(own_places: Path) -> None:
    without = load_models("served", {"vlm": ENDPOINT})
    assert without.names["encoder"] == without.names["text_encoder"] == "none"
    assert without.encoder is None
    assert without.ids["encoder"] == "none"
    put_weights(own_places, "timm/ViT-B-16-SigLIP2")
    models = load_models("served", {"vlm": ENDPOINT})
    assert models.ids["encoder"] == models.encoder.id == USUAL_ENCODER
    assert models.names["text_encoder"] == "none"
    assert load_models("served", {"vlm": ENDPOINT, "encoder": "none"}).encoder is None


def test_a_served_vlm_chats_too_and_a_local_one_does_not() -> None:
    assert load_models("served", {"vlm": ENDPOINT}).chat_name == ENDPOINT
    assert load_models("served", {"vlm": ENDPOINT, "planner": "scripted"}).chat_name is None
    assert load_models("local").chat_name is None
    other = "endpoint:chat@http://127.0.0.1:9/v1"
    assert load_models("local", {"planner": other}).chat_name == other


def test_an_encoder_that_fails_to_load_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, device: str) -> None:
        raise AttributeError("a broken library")

    monkeypatch.setattr("longtake.models.clip_encoder.load_encoder", fail)
    with pytest.raises(RuntimeError, match="a broken library"):
        _ = LazyEncoder("ViT-B-32", Runtime(), SHIPPED).dim


@pytest.mark.parametrize(
    ("profile", "overrides", "words"),
    [
        ("huge", {}, "served, local, embedded"),
        ("embedded", {"nose": "x"}, "vlm, captioner, planner, encoder"),
        ("embedded", {"vlm": "SmolVLM2"}, "transformers:NAME or local-dir:PATH"),
        ("embedded", {"vlm": "transformers:"}, "transformers:NAME"),
        ("embedded", {"captioner": "gpt"}, "vlm or endpoint:NAME@URL"),
        ("embedded", {"planner": "gpt"}, "endpoint:NAME@URL or scripted"),
        ("embedded", {"planner": "transformers:org/name"}, "endpoint:NAME@URL or scripted"),
        ("embedded", {"planner": "endpoint:gpt"}, "needs a name and a URL"),
        ("embedded", {"ocr": "tesseract"}, "rapidocr or vlm or none"),
        ("embedded", {"asr": "whisper"}, "none"),
        ("served", {}, "LONGTAKE_VLM="),
        ("embedded", {"vlm": "endpoint:gpt"}, "needs a name and a URL"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_a_way_out(
    profile: str, overrides: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        load_models(profile, overrides)


def test_weights_that_are_not_here_are_refused_with_size_command_and_way_round(
    own_places: Path,
) -> None:
    models = load_models("local")
    with pytest.raises(UsageError) as error:
        models.check_weights()
    assert "about 4.0 GB" in error.value.message
    assert "longtake models fetch Qwen/Qwen3-VL-2B-Instruct" in error.value.remedy
    assert "--profile embedded" in error.value.remedy
    put_weights(own_places, "Qwen/Qwen3-VL-2B-Instruct")
    load_models("local").check_weights()
    encoder = load_models("local", {"encoder": USUAL_ENCODER})
    with pytest.raises(UsageError, match="--encoder none"):
        encoder.check_weights(["encoder"])
    load_models("embedded").check_weights()


def test_a_snapshot_whose_files_were_never_finished_is_not_here(own_places: Path) -> None:
    cache = put_weights(own_places, "org/name", b"12345")
    found = find_cached("org/name")
    assert found is not None
    assert found.size == 5
    weights = found.folder / "model.safetensors"
    weights.unlink()
    weights.symlink_to(cache / "blobs" / "gone")
    assert find_cached("org/name") is None


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Qwen/Qwen3-VL-2B-Instruct", 4e9),
        ("HuggingFaceTB/SmolVLM2-500M-Video-Instruct", 1e9),
        ("OpenGVLab/InternVL3_5-8B", 16e9),
        ("org/name", None),
        ("org/2Big", None),
    ],
)
def test_a_name_that_tells_its_parameters_tells_its_size(name: str, size: float | None) -> None:
    assert likely_bytes(name) == size


def test_names_of_the_hub_are_told_from_names_of_open_clip() -> None:
    assert repository_of("transformers:org/name") == repository_of("org/name") == "org/name"
    assert repository_of(USUAL_ENCODER) == "timm/ViT-B-16-SigLIP2"
    for other in ("ViT-B-32", "ViT-B-32/openai", ENDPOINT, "local-dir:/a/b", "rapidocr"):
        assert repository_of(other) is None


def test_a_ctrl_c_while_models_load_is_held_and_then_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = []

    def swallowing_load(name: str, device: str) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        except BaseException:  # as a C library may
            heard.append("swallowed")
        heard.append("loaded")

    monkeypatch.setattr("longtake.models.clip_encoder.load_encoder", swallowing_load)
    with pytest.raises(KeyboardInterrupt):
        _ = LazyEncoder("ViT-B-32", Runtime(), SHIPPED).loaded
    assert heard == ["loaded"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
