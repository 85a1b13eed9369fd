"""Settings: precedence, checks, and what `config show` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longtake.config import KEYS, load_settings, unknown_variables, user_file
from longtake.index.video.errors import UsageError


def write_user_file(text: str) -> Path:
    path = user_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load_settings(environ={}, folder=tmp_path)
    assert settings.profile == "auto"
    assert settings.profile_name == "embedded"
    assert settings.fps == 1.0
    assert set(settings.origins.values()) == {"default"}
    assert settings.roles() == {}


def test_each_place_beats_the_ones_below_it(tmp_path: Path) -> None:
    user = write_user_file("fps = 2\nworkers = 3\nmax_steps = 4\nmax_frames = 5\n")
    (tmp_path / "longtake.toml").write_text("workers = 6\nmax_steps = 7\nmax_frames = 8\n")
    environ = {"LONGTAKE_MAX_STEPS": "9", "LONGTAKE_MAX_FRAMES": "10"}
    settings = load_settings({"max_frames": 11, "planner": None}, environ=environ, folder=tmp_path)
    assert (settings.fps, settings.workers, settings.max_steps, settings.max_frames) == (
        2,
        6,
        9,
        11,
    )
    origins = [settings.origins[name] for name in ("fps", "workers", "max_steps", "max_frames")]
    assert origins == [str(user), "./longtake.toml", "LONGTAKE_MAX_STEPS", "flag"]
    assert settings.origins["planner"] == "default"


def test_an_unknown_key_names_key_file_and_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text('profil = "local"\n')
    with pytest.raises(UsageError, match=r"'profil' in \./longtake\.toml") as error:
        load_settings(environ={}, folder=tmp_path)
    assert "profile" in error.value.remedy


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("fps", "fast", "a number"),
        ("fps", "nan", "a number"),
        ("fps", "0", "at least 0.05"),
        ("workers", "2.5", "a whole number"),
        ("workers", "0", "at least 1 and at most 64"),
        ("profile", "huge", "auto, served, local, embedded"),
        ("max_seconds", "-1", "at least 0.1"),
    ],
)
def test_a_value_outside_what_is_allowed_is_refused(
    name: str, value: str, wanted: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as error:
        load_settings(environ={f"LONGTAKE_{name.upper()}": value}, folder=tmp_path)
    assert f"{name} = " in error.value.message
    assert wanted in error.value.remedy


def test_booleans_are_no_numbers_in_toml(tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text("workers = true\n")
    with pytest.raises(UsageError, match="workers = True"):
        load_settings(environ={}, folder=tmp_path)


def test_broken_toml_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text("fps = \n")
    with pytest.raises(UsageError, match=r"\./longtake\.toml is not valid TOML"):
        load_settings(environ={}, folder=tmp_path)


def test_a_relative_path_counts_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text('store = "shelf"\n')
    settings = load_settings(environ={}, folder=tmp_path)
    assert settings.store_root == tmp_path / "shelf"


def test_places_follow_xdg(own_places: Path, tmp_path: Path) -> None:
    settings = load_settings(environ={}, folder=tmp_path)
    assert settings.store_root == own_places / "data" / "longtake"
    assert settings.runs_root == own_places / "state" / "longtake" / "runs"


def test_an_empty_variable_sets_nothing(tmp_path: Path) -> None:
    assert load_settings(environ={"LONGTAKE_FPS": ""}, folder=tmp_path).origins["fps"] == "default"


def test_misspelt_variables_are_found() -> None:
    environ = {"LONGTAKE_FSP": "2", "LONGTAKE_FPS": "2", "LONGTAKE_TEST_MEDIA": "x", "HOME": "y"}
    assert unknown_variables(environ) == ["LONGTAKE_FSP"]


def test_config_show_says_where_each_value_came_from(longtake, tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text("workers = 4\n")
    done = longtake("config", "show", "--json", LONGTAKE_FPS="2", LONGTAKE_FSP="1")
    shown = json.loads(done.out)
    assert done.code == 0
    assert list(shown) == list(KEYS)
    assert shown["fps"] == {"value": 2.0, "origin": "LONGTAKE_FPS"}
    assert shown["workers"] == {"value": 4, "origin": "./longtake.toml"}
    assert shown["profile"]["origin"] == "default"


def test_config_show_tells_of_misspelt_variables(longtake) -> None:
    done = longtake("config", "show", LONGTAKE_FSP="1")
    assert "LONGTAKE_FSP sets nothing" in done.err
    assert "LONGTAKE_FSP" not in done.out


def test_a_bad_file_ends_every_command_with_exit_2(longtake, tmp_path: Path) -> None:
    (tmp_path / "longtake.toml").write_text("speed = 9\n")
    done = longtake("config", "show")
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "'speed' in ./longtake.toml" in done.err
