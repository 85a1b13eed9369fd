"""Where the embedded video LLM is taught to look to count, to compare and to name what is near."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from vlm_fixtures import training_module

film, moments, pack, hints, reader, tower, lessons, captions = (
    training_module(n)
    for n in ("film", "moments", "pack", "hints", "read", "tower", "lessons", "captions")
)


@pytest.fixture(scope="module")
def clips() -> list[Any]:
    return [film.make_clip(700 + seed, frames) for frames in (1, 1, 8) for seed in range(10)]


def asked(clips: list[Any], kind: str, wanted: Any) -> list[tuple[Any, Any, Any]]:
    """Return clips, turns of a kind that `wanted` holds for, and their rows."""
    found = []
    for clip in clips:
        for seed in range(6):
            turn = moments.ask_one(np.random.default_rng(seed), clip, kind)
            if turn is not None and wanted(turn):
                seconds = [s.second for s in clip.visible]
                row = pack.pack_row(seconds, [turn], 3000, hints.Hints(clip))
                found.append((clip, turn, row))
    return found


def looked_at(row: Any, look: int) -> list[tuple[int, np.ndarray]]:
    """Return the places from which something is to be looked at so, and what.

    None, where the renderer gave no patch to a thing that is in sight.
    """
    pairs = zip(row.points, row.shown[:, look], strict=True)
    return [(int(at), np.flatnonzero(shown)) for at, shown in pairs if shown.any()]


def pictures_of(row: Any) -> np.ndarray:
    return np.flatnonzero(row.ids == pack.token_ids()["<|image_pad|>"])


def test_things_are_counted_by_their_middles_beside_the_first_token(clips: list[Any]):
    checked = 0
    for _, turn, row in asked(clips, "count", lambda t: t.task == "short" and t.answer != "0"):
        # where clips hold several groups of the thing, it is not said which is counted
        for _, shown in looked_at(row, lessons.COUNTED)[:1]:
            assert shown[0] == 0
            assert set(shown[1:]) <= set(pictures_of(row))
            # two of them may have their middles in one token
            assert 1 <= len(shown) - 1 <= int(turn.answer)
            checked += len(shown) - 1 == int(turn.answer)
    assert checked > 10


def test_appearances_are_counted_by_one_token_each(clips: list[Any]):
    found = asked(clips, "repeats", lambda t: t.task == "short")
    for _, turn, row in found:
        for _, shown in looked_at(row, lessons.COUNTED):
            assert len(shown) - 1 == int(turn.answer)
            frames = np.searchsorted(pictures_of(row), shown[1:]) // tower.TOKENS
            assert (np.diff(frames) > 1).all()
    assert sum(bool(looked_at(row, lessons.COUNTED)) for *_, row in found) > 5


def test_of_two_things_named_the_second_is_compared_with_the_first(clips: list[Any]):
    found = asked(clips, "relation", lambda t: t.side) + asked(clips, "verify", lambda t: t.side)
    for _, turn, row in found:
        looked = looked_at(row, lessons.OTHER)
        assert len(looked) <= 1
        for at, shown in looked:
            assert pack.decode([row.ids[int(shown[0])]]).strip() in turn.text
            assert row.lead <= shown[0] < at
            assert pack.decode([row.hints[at + 1]]) == turn.side
    assert sum(bool(looked_at(row, lessons.OTHER)) for *_, row in found) > 20


def test_from_a_thing_one_looks_to_what_is_on_the_side_that_is_asked_about(clips: list[Any]):
    found = asked(clips, "relation", lambda t: t.beside)
    for clip, turn, row in found:
        (_, shown), *_ = looked_at(row, lessons.OTHER)
        places = np.searchsorted(pictures_of(row), np.intersect1d(shown, pictures_of(row)))
        there = {
            row * tower.TOKENS + tower.token_at(seen.box)
            for row, sight in enumerate(clip.visible)
            for seen in sight.clear
            if seen.pair in turn.beside
        }
        assert set(places) <= there
    assert len(found) > 20


def test_which_side_something_is_on_follows_from_the_way_that_is_taught(clips: list[Any]):
    found = asked(clips, "relation", lambda t: t.side) + asked(clips, "verify", lambda t: t.side)
    for _, turn, row in found:
        for at, _ in looked_at(row, lessons.OTHER):
            right, down = row.facts[list(row.points).index(at), -lessons.APART :][:2]
            across = abs(right) > abs(down)
            said = (right > 0, "left", "right") if across else (down > 0, "above", "below")
            assert said[1 + said[0]] == turn.side
    assert {turn.side for _, turn, _ in found} == {"left", "right", "above", "below"}


@pytest.mark.parametrize(
    ("kind", "named"), [("relation", True), ("motion", False), ("count", False)]
)
def test_options_that_name_a_thing_look_at_it_and_others_at_what_is_asked_about(
    clips: list[Any], kind: str, named: bool
):
    found = asked(clips, kind, lambda t: t.task == "choice" and not t.side)
    judged = 0
    for _, turn, row in found:
        question, *options = turn.text.split("\n")
        for at, shown in looked_at(row, lessons.DECIDES):
            assert pack.decode([row.ids[at]]) == "\n"
            assert pack.decode([row.hints[at]]) in ("yes", "no")
            name = pack.decode([row.ids[shown[-1]]]).strip()
            alone = "not visible" in pack.decode(row.ids[at - 2 : at + 1])
            assert name in ("\n".join(options) if named and not alone else question)
            judged += 1
    assert judged > 12


def test_whether_a_statement_holds_is_known_at_its_end(clips: list[Any]):
    for kind in ("verify", "exists", "relevant"):
        found = asked(clips, kind, lambda t: True)
        for _, turn, row in found:
            end = int(np.flatnonzero(row.ids[row.lead :] == pack.token_ids()["<|im_end|>"])[0])
            assert pack.decode([row.hints[row.lead + end]]) == turn.answer
        assert len(found) > 10


def test_to_look_evenly_costs_nothing_and_to_look_at_one_of_several_does():
    size, shown = 12, torch.zeros(1, 1, lessons.LOOKS, 12, dtype=torch.bool)
    shown[0, 0, lessons.COUNTED, [0, 3, 5]] = True
    batch = SimpleNamespace(
        points=torch.tensor([[8]]),
        lead=6,
        shown=shown,
        mask=torch.ones(1, 1, size - 6, size, dtype=torch.bool).tril(6),
    )
    keys = 30 * torch.eye(size)[None, None]
    even, single = torch.zeros(2, 1, 1, size, size)
    even[..., 8, [0, 3, 5]] = 30.0
    single[..., 8, 3] = 30.0
    assert reader._look_loss(even, keys, batch, (lessons.COUNTED,)) < 1e-3
    assert reader._look_loss(single, keys, batch, (lessons.COUNTED,)) > 5


def test_captions_name_things_column_by_column_and_from_the_top(clips: list[Any]):
    for clip in clips:
        for sight in clip.visible:
            named = [pair for pair, _ in captions.listing(sight)]
            first = [
                min(captions.reading_order(s) for s in sight.clear if s.pair == p) for p in named
            ]
            assert first == sorted(first)
