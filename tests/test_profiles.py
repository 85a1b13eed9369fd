from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from longtake.index.video.errors import UsageError
from longtake.models.registry import PROFILES, LazyEncoder, load_models
from longtake.models.runtime import Runtime


def test_loading_models_costs_nothing_until_one_is_used():
    code = (
        "import sys; from longtake.models.registry import load_models; m = load_models();"
        "assert m.ids['encoder'] == m.encoder.id; "
        "assert not {'torch', 'open_clip', 'rapidocr'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_role_can_be_overridden():
    models = load_models("embedded", {"encoder": "ViT-B-16-SigLIP2", "reader": "none"})
    assert models.profile.encoder == "ViT-B-16-SigLIP2"
    assert models.reader is None
    assert load_models("embedded", {"encoder": None}).profile == PROFILES["embedded"]


def test_another_encoder_is_looked_through_by_itself_unless_an_eye_is_named():
    assert load_models().profile.eye == "longtake-mini"
    assert load_models("embedded", {"encoder": "ViT-B-16-SigLIP2"}).profile.eye == "tagger"
    named = {"encoder": "ViT-B-16-SigLIP2", "eye": "longtake-mini"}
    assert load_models("embedded", named).profile.eye == "longtake-mini"


def test_an_encoder_that_fails_to_load_says_why(monkeypatch):
    def fail(name, device):
        raise AttributeError("a broken library")

    monkeypatch.setattr("longtake.models.clip_encoder.load_encoder", fail)
    with pytest.raises(RuntimeError, match="a broken library"):
        _ = LazyEncoder("longtake-mini", Runtime()).dim


@pytest.mark.parametrize(
    ("profile", "overrides", "words"),
    [
        ("huge", {}, "embedded, local, served"),
        ("embedded", {"nose": "x"}, "encoder, eye, reader"),
        ("embedded", {"eye": "SmolVLM2"}, "transformers:NAME or local-dir:PATH"),
        ("embedded", {"eye": "transformers:"}, "transformers:NAME"),
        ("embedded", {"planner": "gpt"}, "workflow or endpoint:MODEL@URL"),
        ("embedded", {"planner": "endpoint:gpt"}, "needs a model and a URL"),
        ("embedded", {"reader": "tesseract"}, "rapidocr or none"),
        ("served", {}, "LONGTAKE_ENDPOINT="),
        ("embedded", {"eye": "endpoint:gpt"}, "endpoint:MODEL@URL"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_a_way_out(profile, overrides, words):
    with pytest.raises(UsageError, match=words):
        load_models(profile, overrides)


def test_the_local_profile_uses_models_of_the_hub_for_encoder_and_eye():
    models = load_models("local")
    assert models.ids["encoder"] == "ViT-B-16-SigLIP2"
    assert models.ids["eye"].startswith("transformers:")


def test_a_ctrl_c_while_models_load_is_held_and_then_heard(monkeypatch):
    heard = []

    def swallowing_load(name, device):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        except BaseException:  # as a C library may
            heard.append("swallowed")
        heard.append("loaded")

    monkeypatch.setattr("longtake.models.clip_encoder.load_encoder", swallowing_load)
    with pytest.raises(KeyboardInterrupt):
        _ = LazyEncoder("longtake-mini", Runtime()).loaded
    assert heard == ["loaded"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
