"""What the embedded video LLM is taught in its answers: where the next word is to be found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from vlm_fixtures import training_module

film, moments, pack, batches, hints, words, lessons, tower, model, reader, named = (
    training_module(n)
    for n in (
        "film",
        "moments",
        "pack",
        "batch",
        "hints",
        "words",
        "lessons",
        "tower",
        "model",
        "read",
        "named",
    )
)


@pytest.fixture(scope="module")
def clips() -> list[Any]:
    return [film.make_clip(700 + seed, frames) for frames in (1, 4) for seed in range(12)]


def rows(clips: list[Any], kind: str, task: str) -> list[tuple[Any, Any]]:
    """Return clips, each with a row of one turn of a kind whose answer has a form."""
    found = []
    for clip in clips:
        rng = np.random.default_rng(clip.seed)
        for _ in range(12):
            turn = moments.ask_one(rng, clip, kind)
            if turn is not None and turn.task == task:
                seconds = [s.second for s in clip.visible]
                found.append((clip, pack.pack_row(seconds, [turn], 4000, hints.Hints(clip))))
                break
    return found


def looks(row: Any, look: int) -> dict[int, np.ndarray]:
    """Return from which places of a row one is to look where."""
    return {
        int(at): np.flatnonzero(shown[look])
        for at, shown in zip(row.points, row.shown, strict=True)
        if shown[look].any()
    }


def test_in_a_list_the_next_thing_is_looked_for_until_there_is_none(clips: list[Any]):
    followed = ended = 0
    for clip, row in rows(clips[:12], "caption", "caption"):
        pictures = np.flatnonzero(row.ids == pack.token_ids()["<|image_pad|>"])
        sight = clip.visible[0]
        for at, places in looks(row, lessons.NEXT).items():
            if (places == 0).all():
                assert pack.decode([row.targets[at]]) == ""
                ended += 1
                continue
            rest = pack.encode(pack.decode([int(t) for t in row.targets[at:] if t >= 0]))
            name = next(
                n for t in rest if (n := named.names().get(t, ("",))[0]) in ("object", "many")
            )
            item = next(named.names()[t][1] for t in rest if named.names().get(t, ("",))[0] == name)
            tokens = np.searchsorted(pictures, places)
            assert set(tokens) <= {tower.token_at(x.box) for x in sight.clear if x.object == item}
            followed += 1
    assert followed > 30
    assert ended > 3


@pytest.mark.parametrize(("kind", "task"), [("when", "moment"), ("noted", "short")])
def test_a_time_or_a_text_is_copied_from_where_it_stands(clips: list[Any], kind: str, task: str):
    copied = 0
    for _, row in rows(clips[12:], kind, task):
        for at, places in looks(row, lessons.COPIED).items():
            there, said = (pack.decode([t]).strip() for t in (row.ids[places[0]], row.targets[at]))
            assert there == said
            assert places[0] < at
            copied += 1
    assert copied > 20


def test_the_sides_of_a_box_and_a_number_are_known_before_they_are_said(clips: list[Any]):
    for kind, task, unit in (("box", "box", 500), ("count", "short", 5)):
        checked = 0
        for _, row in rows(clips, kind, task):
            for at, said in zip(row.points, row.said, strict=True):
                if said == said:
                    written = pack.decode([row.targets[at]])
                    assert round((said + 1) * unit) == int(written)
                    checked += 1
        assert checked > 3


def test_near_numbers_have_near_codes():
    ids, codes = words.side_codes()
    assert len(set(ids.tolist())) == len(ids) == 200
    like = torch.nn.functional.cosine_similarity(codes[:100, None], codes[None, :100], dim=-1)
    order = like.argsort(dim=1, descending=True)
    assert (order[:, 0] == torch.arange(100)).all()
    assert ((order[:, 1] - torch.arange(100)).abs() == 1).all()
    assert torch.equal(codes[:100, :-1], codes[100:, :-1])
    assert (codes[:100, -1] != codes[100:, -1]).all()


def test_no_lesson_looks_where_the_turn_cannot(clips: list[Any]):
    rng = np.random.default_rng(3)
    packed = [
        pack.pack_row(
            [s.second for s in clip.visible],
            moments.make_turns(rng, clip, 10),
            1500,
            hints.Hints(clip),
        )
        for clip in clips[6:18]
    ]
    batch = batches.collate(packed)
    at = (batch.points - batch.lead)[:, :, None].expand(-1, -1, batch.mask.shape[3])
    assert not (batch.shown & ~batch.mask[:, 0].gather(1, at)[:, :, None]).any()
