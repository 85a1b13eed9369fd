"""The Python front door: open, ask, search, frames, events, and their async twins."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import longtake


@pytest.fixture(scope="module")
def film(small_film: Path) -> Iterator[longtake.Film]:
    folder = small_film.parent / f"api-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    with longtake.open(small_film, store=folder / "store", runs=folder / "runs") as film:
        yield film


def test_opening_reads_nothing_but_refuses_what_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(longtake.InputError, match=r"nope\.mp4"):
        longtake.open(tmp_path / "nope.mp4")
    (tmp_path / "page.mp4").write_text("<html></html>")
    with pytest.raises(longtake.InputError, match="an HTML page"):
        longtake.open(tmp_path / "page.mp4")


def test_an_unknown_setting_or_limit_is_a_usage_error(small_film: Path) -> None:
    with pytest.raises(longtake.UsageError, match="unknown setting 'speed'"):
        longtake.open(small_film, speed=3)
    with pytest.raises(longtake.UsageError, match="unknown limit 'max_love'"):
        longtake.open(small_film).budget(max_love=3)
    assert longtake.open(small_film, max_steps=3).budget(max_frames=7).max_frames == 7


def test_info_comes_without_an_index(small_film: Path, own_places: Path) -> None:
    with longtake.open(small_film) as film:
        assert film.info.duration == pytest.approx(60, abs=0.1)
        assert (film.info.width, film.info.height) == (1280, 720)
    assert not (own_places / "data").exists()


def test_frames_at_a_second_seconds_and_a_span(film: longtake.Film) -> None:
    assert film.frames(30).pixels.shape == (1, 720, 1280, 3)
    three = film.frames([1.0, 2.0, 59.0], size=(64, 36))
    assert three.pixels.shape == (3, 36, 64, 3)
    assert three.seconds == pytest.approx([1.0, 2.0, 59.0], abs=0.05)
    spread = film.frames(longtake.Span(10, 20), count=5, size=(64, 36))
    assert spread.seconds == pytest.approx([11, 13, 15, 17, 19], abs=0.05)


@pytest.mark.parametrize("second", [-1.0, 61.0, math.nan, math.inf])
def test_a_time_outside_the_film_names_its_length(film: longtake.Film, second: float) -> None:
    with pytest.raises(longtake.UsageError) as error:
        film.frames(second)
    assert "the film lasts 1:00.0" in error.value.remedy
    with pytest.raises(longtake.UsageError):
        film.frames(longtake.Span(60, 70))


def test_bad_questions_are_refused_before_any_work(film: longtake.Film) -> None:
    for question, choices in (("", None), ("What?", ["a"]), ("What?", ["a", True])):
        with pytest.raises(longtake.UsageError):
            film.ask(question, choices)
    with pytest.raises(longtake.UsageError, match="unknown limit 'force_choice'"):
        film.ask("What?", ["a", "b"], force_choice=1)
    with pytest.raises(longtake.UsageError, match="describe = 3 without text_only"):
        film.ask("What?", describe=3)


def test_asking_builds_the_index_and_answers(film: longtake.Film) -> None:
    stages = set()
    answer = film.ask("Which place is it?", progress=lambda p: stages.add(p.stage))
    assert isinstance(answer, longtake.Answer)
    assert answer.film.path == str(film.path)
    assert answer.status in ("answered", "abstained")
    assert "<script" not in answer._repr_html_()
    again = film.resume(answer.run_id)
    assert again.to_json() == answer.to_json()


def test_searching_returns_hits_inside_the_film(film: longtake.Film) -> None:
    hits = film.search("a red fish", top_k=2)
    assert 1 <= len(hits) <= 2
    assert all(hit.span.end <= 60 for hit in hits)
    with pytest.raises(longtake.UsageError, match="query"):
        film.search("  ")


def test_events_end_with_the_answer(film: longtake.Film) -> None:
    events = list(film.events("Which place is it?"))
    assert [event["type"] for event in events][-2:] == ["answer", "run.finished"]
    assert events[-2]["answer"]["question"] == "Which place is it?"


def test_events_pass_the_error_on(film: longtake.Film) -> None:
    with pytest.raises(longtake.UsageError):
        list(film.events("What?", ["only one"]))


def test_leaving_the_events_early_stops_the_run_and_it_can_be_resumed(film: longtake.Film) -> None:
    run_id = ""
    for event in film.events("Where is the red fish seen?"):
        run_id = event.get("run_id", "")
        if event["type"] == "step.started":
            break
    assert run_id
    answer = film.resume(run_id)
    assert answer.run_id == run_id


def test_the_async_twins_do_the_same(film: longtake.Film) -> None:
    async def work() -> tuple:
        async with longtake.open(
            film.path, store=film.settings.store, runs=film.settings.runs
        ) as twin:
            await twin.aindex()
            frames, hits = await asyncio.gather(
                twin.aframes(5.0, size=(64, 36)), twin.asearch("a fish", top_k=1)
            )
            answer = await twin.aask("Which place is it?")
            kinds = [event["type"] async for event in twin.aevents("Which place is it?")]
            return frames, hits, answer, kinds

    frames, hits, answer, kinds = asyncio.run(work())
    assert len(frames) == 1
    assert len(hits) == 1
    assert answer.question == "Which place is it?"
    assert kinds[-1] == "run.finished"


def test_a_closed_film_can_be_used_again(film: longtake.Film) -> None:
    film.close()
    assert len(film.frames(1.0, size=(64, 36))) == 1
