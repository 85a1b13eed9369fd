"""A run that goes on in another process answers as one that was never interrupted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from tools_fixtures import PaintEncoder, SignReader, make_film

import longtake
from longtake.agent.question import Question
from longtake.agent.steps import result_from_json
from longtake.agent.toolbox import FilmToolbox
from longtake.index.build import build_index
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.world.vlm.tagger import TaggerVLM

LINES = {"en": "The bridge opens at nine.", "de": "Die Brücke öffnet um neun."}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = make_film(tmp_path_factory.mktemp("resumed"))
    path.with_suffix(".srt").unlink(missing_ok=True)
    for language, line in LINES.items():
        cue = f"1\n00:00:05,000 --> 00:00:09,000\n{line}\n"
        path.with_suffix(f".{language}.srt").write_text(cue, "utf-8")
    return path


ABSENT = ("captioner", "encoder", "text_encoder", "asr", "reader", "chat", "calibration")


def test_searches_by_looking_go_on_where_an_earlier_process_stopped(path, tmp_path):
    encoder = PaintEncoder()
    index = build_index(path, Store(tmp_path / "store"), encoder, workers=1)
    search = {"queries": ["a red fish"], "look": True, "enough": 1}
    calls = [
        ("search_clips", search),
        ("zoom_time", {"spans": [[10, 14]]}),
        ("search_clips", {**search, "enough": 4, "exclude_seen": True}),
    ]
    with Decoder(path) as decoder:
        models: Any = SimpleNamespace(
            vlm=TaggerVLM(encoder), ocr=SignReader(), hearing_remedy="", ids={}
        )
        vars(models).update(dict.fromkeys(ABSENT))
        box = FilmToolbox(index, decoder, models, Question("Where is a red fish?"))
        whole = box.open(print)
        made = [whole(tool, args, 600, 60.0) for tool, args in calls]
        kept = [result_from_json(replace(result).to_json()) for result in made[:2]]
        resumed = box.open(print, kept)(calls[2][0], calls[2][1], 600, 60.0)
        anew = box.open(print)(calls[2][0], calls[2][1], 600, 60.0)
    index.close()
    assert made[0].payload.rounds >= 1
    assert resumed == made[2]
    # without what was seen before, more frames are shown
    assert anew.cost.frames_shown > resumed.cost.frames_shown


def test_a_resumed_run_reads_the_subtitles_that_it_began_with(path, tmp_path):
    places = {"store": tmp_path / "store", "runs": tmp_path / "runs", "text_encoder": "none"}
    question = "What is said at 0:07?"
    with longtake.open(path, profile="embedded", subtitles="de", **places) as film:
        whole = film.ask(question)
        for event in film.events(question, run_id="cut"):
            if event["type"] == "step.started":
                break
    with longtake.open(path, profile="embedded", **places) as film:
        again = film.resume("cut")
        plain = film.ask(question)
    assert (whole.answer, again.answer) == (LINES["de"], LINES["de"])
    assert plain.answer == LINES["en"]
    assert again.caveats == whole.caveats
