"""What the embedded video LLM learns in the middle of questions, and the codes that names have."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from vlm_fixtures import training_module

from longtake.world.scenes.objects import COLOURS, OBJECTS, plural
from longtake.world.scenes.places import PLACES

film, moments, pack, batches, hints, words, model, reader, tower = (
    training_module(n)
    for n in ("film", "moments", "pack", "batch", "hints", "words", "model", "read", "tower")
)


@pytest.fixture(scope="module")
def clips() -> list[Any]:
    return [film.make_clip(900 + seed, frames) for frames in (1, 1, 4) for seed in range(8)]


def told(clip: Any, kind: str) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return turns of a kind, each with its tokens before the answer and what is hinted at them."""
    found = []
    for seed in range(6):
        turn = moments.ask_one(np.random.default_rng(seed), clip, kind)
        if turn is None:
            continue
        row = pack.pack_row([s.second for s in clip.visible], [turn], 2000, hints.Hints(clip))
        rows = np.flatnonzero(row.hints != pack.IGNORE)
        at = [pack.decode(row.ids[[r - 1, r]]) for r in rows]
        said = [pack.decode([row.hints[r]]).strip() for r in rows]
        found.append((turn, list(zip(at, said, strict=True))))
    return found


def test_where_a_pair_is_named_it_is_said_whether_it_is_there(clips: list[Any]):
    checked = 0
    for clip in clips:
        seen = {s.pair for sight in clip.visible for s in sight.seen}
        for _, given in told(clip, "seen"):
            for at, said in given:
                if pair := re.fullmatch(r" (\w+) (\w+)", at):
                    colour, name = pair.groups()
                    if colour in COLOURS and name in OBJECTS:
                        assert ((name, colour) in seen) == (said == "yes")
                        checked += 1
    assert checked > 100


def test_every_option_is_judged_at_the_end_of_its_line(clips: list[Any]):
    for clip in clips:
        for turn, given in told(clip, "seen") + told(clip, "order") + told(clip, "count"):
            judged = [said for at, said in given if at.endswith("\n") and said in ("yes", "no")]
            if turn.options:
                right = "ABCDEFGH".index(turn.answer)
                assert judged == ["yes" if k == right else "no" for k in range(len(turn.options))]
            else:
                assert judged == []


def test_hints_stand_in_questions_only_and_leave_answers_as_they_are(clips: list[Any]):
    rng = np.random.default_rng(0)
    turns = moments.make_turns(rng, clips[0], 8)
    with_, without = (
        pack.pack_row([0.0], turns, 4000, told_by) for told_by in (hints.Hints(clips[0]), None)
    )
    assert (with_.targets == without.targets).all()
    assert (with_.weights == without.weights).all()
    assert (without.hints == pack.IGNORE).all()
    assert (with_.hints != pack.IGNORE).sum() > 10
    assert not ((with_.hints != pack.IGNORE) & (with_.targets != pack.IGNORE)).any()


def test_names_keep_to_the_dimensions_of_their_kind_while_they_are_learned():
    torch.manual_seed(0)
    built = model.build_model(model.Shape(width=96, layers=1, heads=2, groups=1, inner=64))
    table = built.model.language_model.embed_tokens
    words.confine(table)
    stepper = torch.optim.AdamW(table.parameters(), lr=0.1)
    (table.weight.sum() ** 2).backward()
    stepper.step()
    words.name_plurals(table)
    for names, part in (
        (OBJECTS, words.OBJECT_PART), (COLOURS, words.COLOUR_PART), (PLACES, words.PLACE_PART),
    ):  # fmt: skip
        rows = table.weight[[pack.encode(f" {name}")[0] for name in names]]
        assert rows[:, part].norm(dim=1).min() > 0
        assert rows.norm().item() == pytest.approx(rows[:, part].norm().item())
    one, many = (table.weight[pack.encode(f" {w}")[0]] for w in (OBJECTS[0], plural(OBJECTS[0])))
    assert torch.equal(one, many)


def test_from_a_name_it_is_taught_to_look_at_what_shows_it_or_at_the_beginning(clips: list[Any]):
    picture = pack.token_ids()["<|image_pad|>"]
    here = away = 0
    for clip in clips:
        turns = moments.make_turns(np.random.default_rng(1), clip, 6)
        row = pack.pack_row([0.0] * len(clip.visible), turns, 4000, hints.Hints(clip))
        pictures = np.flatnonzero(row.ids == picture)
        seen = {s.pair for sight in clip.visible for s in sight.seen}
        other = ~np.isnan(row.said) | row.shown[:, 3:5].any((1, 2))
        for at, (mask, first, last) in zip(row.points[~other], row.shown[~other, :3], strict=True):
            pair = re.fullmatch(r" (\w+) (\w+)", pack.decode(row.ids[[at - 1, at]]))
            if not pair or pair[1] not in COLOURS or pair[2] not in OBJECTS:
                continue
            shown = set(np.flatnonzero(mask))
            assert shown <= set(pictures) if (pair[2], pair[1]) in seen else shown == {0}
            here, away = here + (0 not in shown), away + (0 in shown)
            frames = {int(np.searchsorted(pictures, k)) // tower.TOKENS for k in shown - {0}}
            for part, frame in ((first, min), (last, max)):
                found = {
                    int(np.searchsorted(pictures, k)) // tower.TOKENS for k in np.flatnonzero(part)
                }
                assert not frames or found == {frame(frames)}
    assert here > 30
    assert away > 30


def test_looking_where_it_is_taught_costs_nothing_and_elsewhere_much():
    torch.manual_seed(0)
    clip = film.make_clip(3, 1)
    turns = moments.make_turns(np.random.default_rng(1), clip, 6)
    row = pack.pack_row([0.0], turns, 4000, hints.Hints(clip))
    batch = batches.collate([row, row])
    size = len(row.ids)
    keys = 30 * torch.eye(size)[None, None].repeat(2, 1, 1, 1)
    aim = torch.zeros(2, 2, size, size)
    for at, mask in zip(row.points, row.shown[:, 0], strict=True):
        aim[:, :, at] += 30 * torch.from_numpy(mask).float()
    assert reader._look_loss(aim, keys, batch, (0, 0)) < 1e-3
    assert reader._look_loss(-aim, keys, batch, (0, 0)) > 5


def test_at_a_name_is_known_where_it_is_and_how_many_there_are(clips: list[Any]):
    known = 0
    for clip in clips:
        turns = moments.make_turns(np.random.default_rng(2), clip, 8)
        row = pack.pack_row([0.0] * len(clip.visible), turns, 4000, hints.Hints(clip))
        for at, facts in zip(row.points, row.facts, strict=True):
            pair = re.fullmatch(r" (\w+) (\w+)", pack.decode(row.ids[[at - 1, at]]))
            mine = [s for s in clip.visible[0].seen if pair and s.pair == (pair[2], pair[1])]
            if len(mine) == 1 and not np.isnan(facts[:4]).any():
                assert facts[8] == -1
                assert np.allclose((facts[:4] + 1) / 2, mine[0].box, atol=1e-6)
                known += 1
            if mine and len(clip.visible) == 1 and not np.isnan(facts[10]):
                assert round((facts[10] + 1) * 5) == len(mine)
    assert known > 30
