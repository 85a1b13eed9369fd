"""What the tools of one run remember from call to call."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tools_fixtures import PaintEncoder, SignReader, make_film

from longtake.agent.question import Question
from longtake.agent.toolbox import FilmToolbox
from longtake.index.build import build_index
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.world.vlm.tagger import TaggerVLM


def test_a_search_leaves_out_what_the_run_looked_at_closely(tmp_path):
    path, encoder = make_film(tmp_path), PaintEncoder()
    vlm = TaggerVLM(encoder)
    models: Any = SimpleNamespace(
        vlm=vlm,
        captioner=vlm,
        reader=vlm,
        encoder=encoder,
        text_encoder=None,
        ocr=SignReader(),
        asr=None,
        hearing_remedy="",
    )
    query = {"queries": ["a red fish"], "modality": "visual", "top_k": 1}
    index = build_index(path, Store(tmp_path / "store"), encoder, workers=1)
    with Decoder(path) as decoder:
        call = FilmToolbox(index, decoder, models, Question("Where is it?")).open(lambda *_: None)
        assert 40 <= call("search_clips", query, 100, 60.0).payload.hits[0].second < 48
        call("zoom_time", {"spans": [[40, 48]]}, 100, 60.0)
        assert 12 <= call("search_clips", query, 100, 60.0).payload.hits[0].second < 20
        again = call("search_clips", {**query, "exclude_seen": False}, 100, 60.0)
        assert 40 <= again.payload.hits[0].second < 48
    index.close()
