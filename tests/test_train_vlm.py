"""How the embedded video LLM is trained: clips, questions, tokens, packing, export, resuming."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from vlm_fixtures import training_module

from longtake.world.scenes.objects import COLOURS, OBJECTS
from longtake.world.scenes.places import AT
from longtake.world.vlm.prompts import LETTERS, ask_text, chat, prompts_digest

ROOT = Path(__file__).resolve().parents[1]


(
    film,
    scene,
    truth,
    captions,
    moments,
    turns,
    pack,
    batches,
    tower,
    model,
    tokenizer,
    wordings,
    probe,
    reader,
    run,
) = (
    training_module(n)
    for n in (
        "clips.film",
        "clips.scene",
        "clips.truth",
        "lessons.captions",
        "lessons.moments",
        "lessons.turns",
        "vlm.pack",
        "vlm.batch",
        "vlm.tower",
        "vlm.model",
        "vlm.tokenizer",
        "lessons.wordings",
        "vlm.probe",
        "lessons.read",
        "vlm.run",
    )
)


@pytest.fixture(scope="module")
def clips() -> list[Any]:
    return [film.make_clip(seed, frames) for frames in (1, 1, 1, 4, 8) for seed in range(8)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    torch.manual_seed(0)
    built = model.build_model(model.Shape(width=64, layers=2, heads=2, groups=1, inner=64)).eval()
    folder = tmp_path_factory.mktemp("vlm")
    # what is compared is the saved half-precision model
    with torch.no_grad():
        for value in built.parameters():
            value.copy_(value.half().float())
    model.export_model(built, folder)
    return built, folder


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_comes_back_from_its_tokens(text: str):
    assert pack._tokenizer().decode(list(pack._tokenizer().encode(text).ids), False) == text


def test_words_of_the_world_are_single_tokens_and_digits_stand_alone():
    known = set(tokenizer.vocabulary())
    assert len(known) == len(tokenizer.vocabulary()) <= 4000
    assert {f"Ġ{w}" for w in (*OBJECTS, *COLOURS)} <= known
    numbers = {t for t in known if re.search(r"\d.*\d", t)}
    assert numbers == {mark + side for mark in ("", "Ġ") for side in tokenizer.SIDES}
    assert len(pack.encode("Where is the red helicopter seen?")) == 7
    assert [pack.decode([i]) for i in pack.encode("<12.5 seconds>")] == [
        "<",
        "1",
        "2",
        ".",
        "5",
        " seconds",
        ">",
    ]
    assert [pack.decode([i]) for i in pack.encode("<box>370 020 120.5 1200")] == [
        "<box>",
        "370",
        " 020",
        " 1",
        "2",
        "0",
        ".",
        "5",
        " 1",
        "2",
        "0",
        "0",
    ]


def test_a_seed_gives_one_clip():
    one, two = film.make_clip(5, 4), film.make_clip(5, 4)
    assert np.array_equal(one.pixels, two.pixels)
    assert one.visible == two.visible
    assert not np.array_equal(one.pixels, film.make_clip(6, 4).pixels)


def test_times_rise_and_boxes_lie_in_the_frame(clips: list[Any]):
    for clip in clips:
        seconds = [s.second for s in clip.visible]
        assert seconds == sorted(set(seconds))
        assert clip.pixels.shape == (len(seconds), 160, 288, 3)
        for sight in clip.visible:
            for seen in sight.seen:
                x0, y0, x1, y1 = seen.box
                assert 0 <= x0 < x1 <= 1
                assert 0 <= y0 < y1 <= 1


def test_combinations_kept_for_measuring_are_never_drawn_for_training():
    kept = [
        film.held_out(
            OBJECTS.index(x.object), list(COLOURS).index(x.colour), list(AT).index(s.place)
        )
        for seed in range(60)
        for s in film.make_clip(seed, 1).visible
        if s.place
        for x in s.seen
    ]
    assert len(kept) > 100
    assert not any(kept)
    share = [film.held_out(o, c, p) for o in range(64) for c in range(8) for p in range(12)]
    assert 0.02 < np.mean(share) < 0.06


def _answers(clips: list[Any], kind: str) -> list[tuple[Any, Any]]:
    found = []
    for row, clip in enumerate(clips):
        for salt in range(3):
            turn = moments.ask_one(np.random.default_rng([row, salt]), clip, kind)
            if turn is not None:
                found.append((clip, turn))
    assert found, kind
    return found


def _said(turn: Any) -> str:
    """Return the answer in words."""
    return turn.options[LETTERS.index(turn.answer)] if turn.options else turn.answer


def _pairs(clip: Any) -> set[tuple[str, str]]:
    return {(x.colour, x.object) for s in clip.visible for x in s.clear}


def test_answers_about_colour_name_a_colour_that_the_object_has(clips: list[Any]):
    for clip, turn in _answers(clips, "colour"):
        (name,) = (o for o in OBJECTS if re.search(rf"\b{o}\b", turn.text.splitlines()[0]))
        hues = {c for c, o in _pairs(clip) if o == name}
        said = _said(turn)
        assert (
            said in hues
            if said != "not visible"
            else (name not in {o for _, o in _pairs(clip)} or hues)
        )


def test_what_is_said_to_be_in_view_is_and_other_options_are_not(clips: list[Any]):
    for clip, turn in _answers(clips, "seen"):
        shown = {f"the {c} {o}" for c, o in _pairs(clip)}
        right = _said(turn)
        assert (right in shown) != (right == "not visible")
        assert not (set(turn.options) - {right}) & shown


def test_counts_are_the_number_of_sprites(clips: list[Any]):
    many = {captions.plural(o): o for o in OBJECTS}
    for clip, turn in _answers([c for c in clips if len(c.visible) == 1], "count"):
        asked = re.search(rf"\b({'|'.join(COLOURS)}) (\w+)", turn.text)
        assert asked is not None
        pair = many[asked[2]], asked[1]
        assert int(_said(turn)) == sum(s.pair == pair for s in clip.visible[0].seen)


def test_sides_agree_with_positions(clips: list[Any]):
    for clip, turn in _answers([c for c in clips if len(c.visible) == 1], "relation"):
        named = re.search(r"(left|right|above|over|below|under)\b", turn.text.splitlines()[0])
        said = re.fullmatch(r"the (\w+) (\w+)", _said(turn))
        if not named or not said or "down" in turn.text or "higher" in turn.text:
            continue
        subject = re.search(
            r"(?:of|than) the (\w+) (\w+)|(?:above|over|below|under) the (\w+) (\w+)", turn.text
        )
        assert subject is not None
        colour, name = [g for g in subject.groups() if g]
        (sight,) = clip.visible
        here = next(s for s in sight.seen if s.pair == (name, colour))
        there = next(s for s in sight.seen if s.pair == (said[2], said[1]))
        dx, dy = there.centre[0] - here.centre[0], there.centre[1] - here.centre[1]
        right = {"left": -dx, "right": dx, "above": -dy, "over": -dy, "below": dy, "under": dy}
        assert right[named[1]] > 0.1


def test_relevance_is_true_of_what_is_clearly_seen_only(clips: list[Any]):
    answers = _answers(clips, "relevant")
    assert {t.answer for _, t in answers} == {"yes", "no"}
    for clip, turn in answers:
        full = re.fullmatch(r"Does this clip show an? (\w+) (\w+)\?", turn.text.splitlines()[0])
        if full and full[1] in COLOURS and full[2] in OBJECTS:
            assert (turn.answer == "yes") == ((full[1], full[2]) in _pairs(clip))


def test_boxes_hold_the_sprite_and_what_is_away_is_not_visible(clips: list[Any]):
    for clip, turn in _answers([c for c in clips if len(c.visible) == 1], "box"):
        colour, name = re.search(r"is (?:the|an?) (\w+) (\w+)\?", turn.text).groups()  # type: ignore[union-attr]
        found = [s.box for s in clip.visible[0].seen if s.pair == (name, colour)]
        box = probe.read_box(turn.answer)
        assert (box is None) == (not found) == (turn.answer == "not visible")
        if box:
            assert probe.iou(box, found[0]) > 0.75


def test_motion_and_order_follow_the_frames():
    long = [film.make_clip(seed, 8) for seed in range(24)]
    for clip, turn in _answers(long, "motion"):
        if turn.task == "verify":
            continue
        pair = re.search(rf"the ({'|'.join(COLOURS)}) (\w+)", turn.text)
        assert pair is not None
        spots = [s.centre for i in clip.visible for s in i.clear if s.pair == (pair[2], pair[1])]
        (x0, y0), (x1, y1) = spots[0], spots[-1]
        ways = {"left": x0 - x1, "right": x1 - x0, "up": y0 - y1, "down": y1 - y0}
        assert max(ways, key=lambda w: ways[w]) == _said(turn)
    for clip, turn in _answers(long, "order"):
        if turn.task == "verify":
            continue
        starts = [
            min(
                (
                    i
                    for i, s in enumerate(clip.visible)
                    for x in s.clear
                    if f"the {x.colour} {x.object}" == option
                ),
                default=None,
            )
            for option in turn.options
        ]
        known = [s for s in starts if s is not None]
        mine = starts[LETTERS.index(turn.answer)]
        assert mine in (min(known), max(known))
        assert known.count(mine) == 1


def test_options_do_not_betray_the_right_one():
    """The option that shares most words with the others is right no more often than by chance."""
    gains: list[float] = []
    for seed in range(60):
        clip = film.make_clip(seed, 1)
        for kind in ("seen", "companion", "object"):
            turn = moments.ask_one(np.random.default_rng(seed), clip, kind)
            if turn is None or not turn.options:
                continue
            words = [set(option.split()[1:]) for option in turn.options]
            shared = [sum(len(w & v) for v in words) for w in words]
            best = [i for i, s in enumerate(shared) if s == max(shared)]
            hit = (LETTERS.index(turn.answer) in best) / len(best)
            gains.append(hit - 1 / len(turn.options))
    assert len(gains) > 60
    assert abs(np.mean(gains)) < 0.1


def test_captions_name_everything_that_is_clear(clips: list[Any]):
    for clip in clips:
        match = captions.match_caption(captions.short_caption(clip), clip)
        assert match.wrong == match.missed == 0
        assert (
            match.coloured == match.right == len({x.object for s in clip.visible for x in s.clear})
        )
    assert captions.match_caption("nothing", clips[3]).right == 0


def test_held_out_wordings_are_not_among_those_of_training():
    for form in wordings.OWN:
        assert not set(wordings.wordings(form, True)) & set(wordings.wordings(form))


def test_prompts_refuse_options_where_none_belong():
    with pytest.raises(ValueError, match="options"):
        ask_text("short", "What is this?", ["a", "b"])
    assert ask_text("choice", "Which?", ["x", "y"], ["read  GATE\n42"]) == (
        "Note: read GATE 42\nWhich?\nA. x\nB. y\nAnswer with the letter."
    )
    assert len(prompts_digest()) > 40


def _row(clip: Any, count: int = 5) -> Any:
    asked = moments.make_turns(np.random.default_rng(1), clip, 3 * count)
    asked = [turn for turn in asked if not turn.graded][:count]  # answers that one could write
    return pack.pack_row([s.second for s in clip.visible], asked, 2000)


def test_of_a_list_of_judgements_only_the_judgements_are_learned(clips: list[Any]):
    clip = clips[0]
    turn = moments.ask_one(np.random.default_rng(3), clip, "checklist")
    row = pack.pack_row([s.second for s in clip.visible], [turn], 2000)
    said = pack.decode(row.targets[row.targets != pack.IGNORE]).split()
    assert said == re.findall(r": (yes|no)", turn.answer)
    assert len(said) > 5
    pairs = {x.pair for s in clip.visible for x in s.seen}
    for thing, truth in re.findall(r"(?:: |, )(\w+ \w+): (yes|no)", turn.answer):
        colour, name = thing.split()
        assert ((name, colour) in pairs) == (truth == "yes")


def test_the_batched_tower_is_the_models_own(tiny: tuple[Any, Path], clips: list[Any]):
    visual = tiny[0].model.visual
    patches = tower.to_patches(clips[-1].pixels[:2])
    with torch.no_grad():
        mine = tower.see(visual, patches)
        theirs = visual(patches.flatten(0, 1), grid_thw=torch.tensor([[1, 10, 18]] * 2))
    assert torch.allclose(mine.flatten(0, 1), theirs.last_hidden_state, atol=1e-4)
    assert torch.allclose(tower.merged(visual, mine).flatten(0, 1), theirs.pooler_output, atol=1e-4)


def test_an_export_loads_offline_and_reads_as_the_packed_row_does(
    tiny: tuple[Any, Path], clips: list[Any], monkeypatch: pytest.MonkeyPatch
):
    from transformers import AutoModelForImageTextToText, AutoProcessor

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    processor: Any = AutoProcessor.from_pretrained(tiny[1])
    loaded: Any = AutoModelForImageTextToText.from_pretrained(tiny[1], dtype=torch.float32)
    clip, built = clips[-1], tiny[0]
    row = _row(clip)
    with torch.no_grad():
        seen = tower.see(built.model.visual, tower.to_patches(clip.pixels))
        logits = reader.read(built, batches.collate([row]), tower.merged(built.model.visual, seen))
    at = 0
    for number, turn in enumerate(row.turns, 1):
        text = processor.apply_chat_template(
            chat([s.second for s in clip.visible], turn.text),
            add_generation_prompt=True,
            tokenize=False,
        )
        inputs = processor(text=[text], images=list(clip.pixels), return_tensors="pt")
        with torch.no_grad():
            full = loaded(**inputs).logits[0, -1]
        assert torch.allclose(logits[at], full, atol=2e-3)
        at += int(((row.turn == number) & (row.targets != pack.IGNORE)).sum())


def test_a_cache_changes_nothing(tiny: tuple[Any, Path], clips: list[Any]):
    clip, built = clips[-1], tiny[0]
    ids, _ = pack.prefix_of([s.second for s in clip.visible])
    ids += [*pack.encode("What is in view?<|im_end|>\n<|im_start|>assistant\n")]
    inputs = {
        "input_ids": torch.tensor([ids]),
        "mm_token_type_ids": torch.tensor(
            [[int(i == pack.token_ids()["<|image_pad|>"]) for i in ids]]
        ),
        "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
        "pixel_values": tower.to_patches(clip.pixels).flatten(0, 1),
        "image_grid_thw": torch.tensor([[1, 10, 18]] * len(clip.visible)),
    }
    said = [
        built.generate(**inputs, max_new_tokens=6, do_sample=False, use_cache=use)
        for use in (True, False)
    ]
    assert torch.equal(*said)


def test_padding_and_neighbours_in_the_row_change_nothing(tiny: tuple[Any, Path], clips: list[Any]):
    clip, built = clips[0], tiny[0]
    both = _row(clip, 6)
    alone = pack.pack_row([clip.visible[0].second], both.turns[-1:], 2000)
    with torch.no_grad():
        seen = tower.see(built.model.visual, tower.to_patches(clip.pixels))
        tokens = tower.merged(built.model.visual, seen)
        logits = reader.read(built, batches.collate([both]), tokens)
        padded = reader.read(built, batches.collate([both, alone]), tokens.repeat(2, 1, 1))
    size = int((alone.targets != pack.IGNORE).sum())
    assert torch.allclose(padded[: len(logits)], logits, atol=1e-4)
    assert torch.allclose(padded[-size:], logits[-size:], atol=1e-4)


def test_area_under_the_curve_counts_pairs():
    assert probe.area([(2.0, True), (1.0, False)]) == 1.0
    assert probe.area([(1.0, True), (1.0, False), (0.0, True)]) == 0.25


def _run(folder: Path) -> Any:
    options = run.Options(
        seed=0,
        minutes=10.0,
        out=folder / "vlm",
        work=folder,
        clip=folder,
        tokens=800,
        part=800,
        replicas=1,
        dense_share=0.1,
        lr=1e-3,
        device="cpu",
    )
    return run.Run(options, training_module("encoder.replicas").Replicas(0, 1, folder / "meeting"))


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path, clips: list[Any]):
    first = _run(tmp_path)
    first.seconds = 100.0
    first.freeze()
    rows = [_row(clips[0])]
    chosen = [(clips[0], first.look(clips[0].pixels))]
    loss = first._learn_rows(rows, chosen)
    first._step("decoder", model.decoder_parts(first.model))
    first.save()
    second = _run(tmp_path)
    assert second.load()
    assert (second.step, second.seconds, second.frozen) == (1, 100.0, True)
    losses = []
    for one in (first, second):
        one.freeze()
        losses.append(one._learn_rows(rows, chosen))
        one._step("decoder", model.decoder_parts(one.model))
    assert losses[0] == losses[1]
    assert losses[0]["answer"] < loss["answer"]
    names = first.model.state_dict()
    assert all(torch.equal(names[k], v) for k, v in second.model.state_dict().items())


def test_the_tower_begins_as_the_embedded_clip(clips: list[Any]):
    """Patches of the started tower are much nearer to the CLIP's than those of an untrained one."""
    from longtake.world.perception.encoder import WorldEncoder

    pixels = np.concatenate([c.pixels for c in clips[:4]])
    theirs = WorldEncoder().encode_patches(pixels).reshape(720, -1)
    theirs = theirs - theirs.mean(0)
    agreement = []
    for started in (False, True):
        torch.manual_seed(1)
        visual = model.build_model().model.visual
        if started:
            tower.start_from_clip(visual, ROOT / "world/weights/clip", pixels)
        with torch.no_grad():
            mine = tower.see(visual, tower.to_patches(pixels)).numpy()
        order = tower.merge_order(np.arange(180).reshape(1, 10, 18))[0]
        mine = mine[:, np.argsort(order)].reshape(720, -1)
        mine = mine - mine.mean(0)
        # centred kernel alignment: alike when the same patches are alike
        one, two = mine @ mine.T, theirs @ theirs.T
        agreement.append(float((one * two).sum() / np.linalg.norm(one) / np.linalg.norm(two)))
    assert agreement[1] > agreement[0] + 0.2


def _train(folder: Path, minutes: float) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "longtake.world.training.vlm.train_vlm",
            "--minutes",
            str(minutes),
            "--replicas",
            "1",
            "--tokens",
            "1500",
            "--dense-share",
            "0.2",
            "--out",
            str(folder / "vlm"),
            "--work",
            str(folder),
        ],
        cwd=ROOT,
        check=True,
        timeout=900,
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_minute_of_training_lowers_the_loss_and_a_second_goes_on(tmp_path: Path):
    import csv

    _train(tmp_path, 1.5)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    losses = [float(r["answer"]) for r in rows if r["answer"]]
    assert losses[-1] < 0.75 * losses[0]
    step = int(rows[-1]["step"])
    _train(tmp_path, 2.0)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert int(rows[-1]["step"]) > step
    assert float(next(r["answer"] for r in rows if int(r["step"]) > step)) < losses[0]


def test_tokens_are_labelled_by_what_most_of_their_patches_show():
    data, words = training_module("encoder.data"), training_module("lessons.words")
    nothing, (rows, columns) = data.NOTHING, data.GRID
    grid = np.full((1, rows, columns), nothing, np.int8)
    grid[0, :2, :2] = [[3, 3], [5, -1]]  # two of one kind, one of another, one not known
    grid[0, :2, 2:4] = [[7, nothing], [nothing, nothing]]  # a corner of something
    grid[0, :2, 4:6] = [[-1, nothing], [nothing, nothing]]  # perhaps something
    labels = words.token_labels(tower.merge_order(grid), nothing)
    assert labels.shape == (1, rows * columns // 4)
    assert labels[0, :4].tolist() == [3, 7, words.IGNORE, nothing]


def test_tokens_drawn_towards_their_words_name_what_they_show(clips: list[Any]):
    dense, words = training_module("lessons.dense"), training_module("lessons.words")
    torch.manual_seed(0)
    built = model.build_model(model.Shape(width=64, layers=1, heads=2, groups=1, inner=64))
    few = [clip for clip in clips if len(clip.visible) == 1][:4]
    with torch.no_grad():
        patches = tower.to_patches(np.concatenate([c.pixels for c in few]))
        seen = tower.see(built.model.visual, patches)
    stepper = torch.optim.Adam(built.model.visual.merger.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        loss = words.word_loss(built, tower.merged(built.model.visual, seen), dense.labels_of(few))
        loss.backward()
        stepper.step()
        stepper.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]
