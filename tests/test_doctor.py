"""The doctor's findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from film_fixtures import make_film

from longtake.config import load_settings
from longtake.doctor import _sqlite, check_machine


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ((3, 40, 1), "warn"),
        ((3, 44, 5), "warn"),
        ((3, 44, 6), "ok"),
        ((3, 50, 6), "warn"),
        ((3, 50, 7), "ok"),
        ((3, 51, 2), "warn"),
        ((3, 51, 3), "ok"),
        ((3, 53, 0), "ok"),
    ],
)
def test_sqlite_versions_with_the_wal_fault_are_named(
    version: tuple[int, ...], verdict: str
) -> None:
    assert _sqlite(version).verdict == verdict


def test_the_machine_of_the_tests_is_ready(tmp_path: Path) -> None:
    checks = {check.name: check for check in check_machine(load_settings(folder=tmp_path))}
    assert checks["ffmpeg"].verdict == "ok"
    assert checks["torch build"].verdict == "ok"
    assert checks["embedded models"].verdict == "ok"
    assert not (Path(str(load_settings(folder=tmp_path).store_root))).exists()


def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load_settings({"store": tmp_path / "file" / "store"}, folder=tmp_path)
    checks = {check.name: check for check in check_machine(settings)}
    assert checks["store"].verdict == "fail"
    assert "LONGTAKE_STORE" in checks["store"].remedy


def test_a_speech_model_whose_folder_is_not_there_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "absent"
    settings = load_settings({"asr": f"local-dir:{folder}"}, folder=tmp_path)
    check = next(check for check in check_machine(settings) if check.name == "speech model")
    assert check.verdict == "warn"
    assert str(folder) in check.found


def test_a_film_is_described_before_work_is_spent(media: Path, longtake_here) -> None:
    done = longtake_here("doctor", media / "derived" / "bbb_vfr_h264.mp4", "--json")
    checks = {check["name"]: check for check in json.loads(done.out)}
    assert "h264" in checks["film"]["found"]
    assert "variable" in checks["film"]["found"]
    assert "longtake index" in checks["index"]["remedy"]


def test_subtitles_that_came_after_the_index_are_said_to_be_missing_from_it(
    tmp_path: Path, longtake_here: Any
) -> None:
    film = make_film(tmp_path / "film.mp4", "-c:v", "libx264")
    assert longtake_here("index", film).code == 0
    assert "stale" not in longtake_here("doctor", film).out
    lines = "1\n00:00:01,000 --> 00:00:02,000\nThe ferry leaves at nine.\n"
    (tmp_path / "film.srt").write_text(lines)
    for command in (("doctor", film), ("search", film, "ferry")):
        done = longtake_here(*command)
        assert "(speech); to redo them: longtake index" in done.out + done.err
    assert longtake_here("index", film, "--refresh", "speech").code == 0
    assert "The ferry leaves" in longtake_here("search", film, "ferry").out
