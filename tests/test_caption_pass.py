"""Captions made ahead: many requests under way, nothing made twice, what was made is kept."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from fault_server import MODEL, FaultServer
from index_fixtures import make_film

import longtake
from longtake.index.video.errors import EndpointError, UsageError

SCENES = [("red", 20.0), ("blue", 20.0), ("yellow", 20.0)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("captions") / "film.mp4", SCENES)


def opened(path: Path, store: Path, server: FaultServer) -> longtake.Film:
    vlm = f"endpoint:{MODEL}@{server.url}"
    return longtake.open(path, store=store, encoder="none", text_encoder="none", vlm=vlm)


def asked(server: FaultServer) -> int:
    return sum("image_url" in json.dumps(body) for body in server.bodies)


def test_every_clip_is_described_once_and_found_by_its_words(path, tmp_path):
    with FaultServer() as server, opened(path, tmp_path, server) as film:
        found = film.caption(every=10.0)
        assert (found.total, found.done, found.stopped) == (6, 6, "")
        captions = film.parts.index(None).captions()
        starts = [caption.span.start for caption in captions]
        assert starts == [0, 10, 20, 30, 40, 50]
        assert "red" in captions[0].text
        assert "yellow" in captions[5].text
        hits = film.search("yellow", modality="caption")
        assert hits[0].span.start >= 40
        assert asked(server) == 6


def test_a_second_run_asks_nothing_and_dense_captions_are_others(path, tmp_path):
    with FaultServer() as server:
        with opened(path, tmp_path, server) as film:
            film.caption(every=20.0)
        made = asked(server)
        began = time.monotonic()
        with opened(path, tmp_path, server) as film:
            assert film.caption(every=20.0).done == 3
        assert time.monotonic() - began < 1.0
        assert asked(server) == made == 3
        with opened(path, tmp_path, server) as film:
            both = film.caption(every=20.0, detail="both")
        assert (both.total, both.done, both.requests) == (6, 6, 3)


def test_what_was_captioned_stays_when_the_server_gives_up(path, tmp_path):
    script = [None] * 4 + ["denied"] * 60
    with FaultServer(script=script) as server, opened(path, tmp_path, server) as film:
        with pytest.raises(EndpointError):
            film.caption(every=2.0)
        kept = len(film.parts.index(None).captions())
        assert 1 <= kept <= 4
        server.script.clear()
        found = film.caption(every=2.0)
        assert (found.done, found.requests) == (30, 30 - kept)


def test_a_budget_ends_the_pass_between_two_requests(path, tmp_path):
    with FaultServer() as server, opened(path, tmp_path, server) as film:
        found = film.caption(every=5.0, max_calls=4)
        assert found.stopped == "calls: 4 of 4 used"
        assert found.done == found.requests == asked(server) == 4
        assert film.caption(every=5.0).requests == 8


def test_an_interrupt_keeps_what_is_there(path, tmp_path):
    def stop(progress):
        if progress.stage == "captions" and progress.done >= 3:
            raise KeyboardInterrupt

    with FaultServer() as server, opened(path, tmp_path, server) as film:
        with pytest.raises(KeyboardInterrupt):
            film.caption(every=2.0, progress=stop)
        assert len(film.parts.index(None).captions()) >= 3


def test_many_requests_are_under_way_at_once(path, tmp_path):
    with FaultServer(delay=0.4) as server, opened(path, tmp_path, server) as film:
        film.index()
        began = time.monotonic()
        film.caption(every=1.0)
        wall = time.monotonic() - began
        # 60 requests of 0.4 s in the mean, one after the other, would take 24 s
        assert sum(seconds for _, seconds in server.served) > 3 * wall


def test_a_captioner_that_does_not_know_the_footage_says_nothing(path, tmp_path):
    with longtake.open(path, store=tmp_path, profile="embedded") as film:
        with pytest.raises(UsageError, match="not made for such footage"):
            film.caption(every=20.0)
        assert film.parts.index(None).captions() == []


def test_the_command_tells_what_captions_would_take_and_how_far_they_are(
    path, tmp_path, longtake_here
):
    with FaultServer() as server:
        vlm = f"endpoint:{MODEL}@{server.url}"
        usual = ("index", path, "--store", tmp_path / "s", "--vlm", vlm, "--every", "10s")
        plan = json.loads(longtake_here(*usual, "--plan", "--json").out)[0]["captions"]
        assert (plan["requests"], plan["there"]) == (6, 0)
        assert plan["tokens_in"] > 6 * 8 * 12
        assert asked(server) == 0
        part = longtake_here(*usual, "--captions", "--max-calls", "2")
        assert part.code == 6
        assert "captions: 2 of 6 are there" in part.out
        assert "the same command goes on" in part.err
        assert longtake_here(*usual, "--captions").code == 0
        bad = longtake_here(*usual[:-1], "soon", "--captions")
        assert bad.code == 2
        assert "Give seconds (10s) or clips" in bad.err
