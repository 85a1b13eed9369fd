"""Scores of choices: strict, official with its faults, groups, macro means; golden values."""

from __future__ import annotations

import pytest
from benchmark_files import result

from longtake.eval.sample import Sample, Video
from longtake.eval.scoring import choice_sets, groups
from longtake.eval.scoring.accuracy import is_correct
from longtake.eval.scoring.metric import mean
from longtake.eval.scoring.replies import (
    hit_by_mention,
    lvbench_letter,
    mlvu_letter,
    videomme_letter,
    vnbench_letter,
)


def question(
    name: str = "1", answer: int | None = 0, n: int = 4, film: str = "film", **fields
) -> Sample:
    return Sample(
        **{
            "dataset": "d",
            "revision": "r",
            "split": "s",
            "sample_id": name,
            "video": Video(id=film, path=f"/{film}.mp4"),
            "question": "?",
            "options": tuple(f"option {k}" for k in range(n)),
            "answer_index": answer,
            **fields,
        }
    )


def metric(found, name, rule):
    return next(m for m in found if (m.name, m.rule) == (name, rule))


def said(sample, text):
    """Return a result whose reply is text that our parser read."""
    from longtake.models.choice_reader import parse_choice

    parsed = parse_choice(text, sample.options)
    return result(
        sample,
        raw_text=text,
        pred_index=parsed.index,
        parse_rule=parsed.rule,
        status="ok" if parsed.index is not None else "parse_fail",
    )


@pytest.mark.parametrize("status", ["parse_fail", "error", "missing_media", "skipped", "abstained"])
def test_strictly_every_failure_is_wrong_even_with_the_right_option(status):
    sample = question()
    assert not is_correct(sample, result(sample, status=status, pred_index=0))


def test_a_budget_that_ended_is_scored_by_the_best_answer_so_far():
    sample = question()
    assert is_correct(sample, result(sample, status="limit", pred_index=0))


def test_either_of_two_options_of_one_text_is_right_and_officially_only_the_first():
    sample = question(answer=1, also_right=(3,))
    assert is_correct(sample, result(sample, pred_index=3))
    found = choice_sets.nextqa_metrics([(sample, result(sample, pred_index=3))])
    assert metric(found, "accuracy", "strict").value == 1
    assert metric(found, "accuracy", "official").value == 0


def test_where_the_film_holds_no_answer_only_abstaining_is_right():
    sample = question(answer=None, answerable=False)
    assert is_correct(sample, result(sample, status="abstained"))
    assert not is_correct(sample, result(sample, pred_index=0))


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        # the measured oddities of Video-MME's script
        ("Based on the video, the answer is C.", "B"),
        ("A man walks in, so the answer is C", "A"),
        ("c", None),
        ("Answer: C", "A"),
        ("The best answer is: C", "C"),
        ("The answer is C", "C"),
        ("one two three four five six seven eight nine ten eleven", None),
        ("The best option isThe correct option is D", "D"),  # two phrases glued by a missing comma
    ],
)
def test_video_mmes_reader_is_kept_with_its_faults(reply, letter):
    assert videomme_letter(reply) == letter


def test_other_readers_are_kept_with_their_faults():
    assert lvbench_letter("(C) a red car") == "C"
    assert lvbench_letter("The answer is (B)") == "B"
    assert lvbench_letter("The answer is B") == "T"
    assert lvbench_letter("C) it") == "C"
    assert lvbench_letter("") is None
    assert vnbench_letter("Answer C. Because") == "A"
    assert vnbench_letter("D. the cat. A") == "D"
    assert vnbench_letter("none") == "none"
    assert mlvu_letter("Best Option: (C) the cat") == "C"
    assert mlvu_letter("B") == "B"
    assert hit_by_mention("A or B", "B") is True
    assert hit_by_mention("nothing", "B") is None


def test_video_mme_drops_unread_replies_officially_and_counts_them_strictly():
    samples = [question(str(k), answer=2, meta={"duration": "long"}) for k in range(4)]
    replies = ["C", "nothing to see here", "the answer is C", "D"]
    found = choice_sets.videomme_metrics(
        [(s, said(s, text)) for s, text in zip(samples, replies, strict=True)]
    )
    assert metric(found, "accuracy", "strict").value == 2 / 4
    official = metric(found, "accuracy", "official")
    assert (official.value, official.left_out) == (2 / 3, 1)
    assert "dropped" in official.note


def test_an_answer_that_came_as_an_option_is_read_as_its_letter():
    sample = question(answer=2, meta={"duration": "long"})
    found = choice_sets.videomme_metrics([(sample, result(sample, pred_index=2, raw_text="A car"))])
    assert metric(found, "accuracy", "official").value == 1


def test_the_agents_words_are_not_read_for_letters_by_the_authors_rules():
    sample = question(answer=2, meta={"duration": "long"})
    # the agent gives its choice beside the words of the option, and says so
    answer = result(sample, pred_index=2, raw_text="A car by the Bridge", parse_rule="choice")
    found = choice_sets.videomme_metrics([(sample, answer)])
    assert metric(found, "accuracy", "official").value == 1
    from_text = answer.model_copy(update={"parse_rule": "contained-text"})
    found = choice_sets.videomme_metrics([(sample, from_text)])
    assert metric(found, "accuracy", "official").value == 0


def test_lvbench_counts_a_question_under_each_label_and_only_answered_ones_officially():
    one = question("1", answer=1, task_type=("reasoning", "summarization"))
    two = question("2", answer=0, task_type=("reasoning",))
    found = choice_sets.lvbench_metrics(
        [(one, said(one, "(B)")), (two, result(two, status="error"))]
    )
    units = metric(found, "accuracy by type", "strict").units
    by_type = {
        kind: mean([unit for unit in units if unit.stratum == kind])
        for kind in {unit.stratum for unit in units}
    }
    assert by_type == {"reasoning": 0.5, "summarization": 1.0}
    assert metric(found, "accuracy", "strict").value == 0.5
    official = metric(found, "accuracy", "official")
    assert (official.value, official.left_out) == (1.0, 1)


def test_longvideobench_never_draws_by_chance():
    sample = question(n=5, meta={"duration_group": 60})
    pair = (sample, said(sample, "no clue whatsoever"))
    values = [choice_sets.longvideobench_metrics([pair])[-1] for _ in range(20)]
    assert {m.rule for m in values} == {"official"}
    assert {(m.value, m.left_out) for m in values} == {(0.0, 0)}
    assert "chance" in values[0].note


def test_mlvu_is_the_mean_over_task_types_not_over_questions():
    samples = [question(str(k), task_type=("plotQA",)) for k in range(9)]
    samples.append(question("9", task_type=("count",)))
    pairs = [(s, result(s, pred_index=0 if s.kind == "plotQA" else 1)) for s in samples]
    found = choice_sets.mlvu_metrics(pairs)
    assert metric(found, "M-Avg", "strict").value == 0.5
    assert metric(found, "M-Avg", "strict").headline
    assert metric(found, "accuracy", "strict").value == 0.9


def test_hourvideo_takes_the_summaries_as_one_task():
    kinds = ["summarization/a", "summarization/b", "navigation/room_to_room"]
    samples = [question(k, task_type=(k,)) for k in kinds]
    pairs = [(s, result(s, pred_index=int(s.kind == kinds[1]))) for s in samples]
    # summaries 1 of 2, navigation 1 of 1
    assert choice_sets.hourvideo_metrics(pairs)[0].value == 0.75


def test_knowledge_gain_is_the_share_of_what_there_was_to_gain():
    assert choice_sets.knowledge_gain(0.4, 0.55) == pytest.approx(0.25)
    assert choice_sets.knowledge_gain(0.5, 0.4) == pytest.approx(-0.2)
    with pytest.raises(ValueError, match="nothing was left"):
        choice_sets.knowledge_gain(1.0, 1.0)


def test_video_mmmu_reads_open_numbers_to_two_decimals():
    fields = {"options": None, "answer_index": None, "form": "text", "task_type": ("Adaptation",)}
    sample = question(answer_text="1,234.50", **fields)
    right = result(sample, raw_text="So the result is 1234.499")
    assert choice_sets.videommmu_metrics([(sample, right)])[0].value == 1
    word = question(answer_text="The Nile", **fields)
    assert choice_sets.videommmu_metrics([(word, result(word, raw_text="nile."))])[0].value == 1
    assert choice_sets.videommmu_metrics([(word, result(word, raw_text="Rhine"))])[0].value == 0


def rotations(group, kind, right, film="v"):
    pairs = []
    for k in range(4):
        sample = question(f"{group}_{k}", group_id=group, task_type=(kind,), film=film, answer=k)
        pairs.append((sample, result(sample, pred_index=k if k in right else (k + 1) % 4)))
    return pairs


def test_vnbench_is_right_only_when_all_four_rotations_are():
    pairs = rotations("a_ret_edit1", "ret_edit1", {0, 1, 2, 3})
    pairs += rotations("b_ret_edit1", "ret_edit1", {0, 1, 2})
    pairs += rotations("c_ord_edit1", "ord_edit1", {0, 1, 2, 3})
    found = groups.vnbench_metrics(pairs)
    # ret 1 of 2, ord 1 of 1: the mean over types
    assert metric(found, "circular", "strict").value == 0.75
    assert metric(found, "circular", "official").value == 0.75
    assert metric(found, "accuracy", "strict").value == 11 / 12


def test_vnbench_counts_a_missing_rotation_as_wrong_and_drops_a_missing_group_officially():
    pairs = rotations("a_x", "x", {0, 1, 2, 3})[:3]
    lost = [(s, result(s, status="error")) for s, _ in rotations("b_x", "x", set())]
    found = groups.vnbench_metrics(pairs + lost)
    assert metric(found, "circular", "strict").value == 0
    assert len(metric(found, "circular", "strict").units) == 2
    official = metric(found, "circular", "official")
    assert (len(official.units), official.left_out, official.value) == (1, 1, 0)


def test_guessing_gets_four_in_a_thousand_under_rotation():
    assert pytest.approx(0.004, abs=1e-4) == (1 / 4) ** groups.ROTATIONS


CHAIN = [
    ("relevance", None, [1, 0, 1, 0], 4 / 16),
    ("relevance", None, [1, 1, 1, 0], 9 / 16),
    ("relevance", None, [1, 1, 1, 1], 1),
    ("relevance", None, [0, 0, 0, 0], 0),
    ("logic", "[1, 2, 3, 4]", [1, 1, 0, 1], 4 / 16),
    ("logic", "[1, 2, 3, 4]", [0, 1, 1, 1], 0),
    ("logic", "[1, 2, 3, 4]", [1, 1, 1, 1], 1),
    ("logic", "[1, [2, 3], 4]", [1, 0, 0, 1], 1 / 12),
    ("logic", "[1, [2, 3], 4]", [1, 0, 1, 1], 4 / 12),
    ("logic", "[1, [2, 3], 4]", [1, 1, 0, 1], 4 / 12),
    ("logic", "[1, [2, 3], 4]", [1, 1, 1, 0], 7 / 12),
    ("logic", "[1, [2, 3], 4]", [0, 1, 1, 1], 0),
    ("logic", "[[1, 2], 3, 4]", [0, 1, 1, 1], 1 / 10),
    ("logic", "[[1, 2], 3, 4]", [1, 0, 1, 1], 1 / 10),
    ("logic", "[[1, 2], 3, 4]", [1, 1, 0, 1], 2 / 10),
    ("logic", "[[1, 2], 3, 4]", [1, 1, 1, 0], 5 / 10),
    ("logic", "[[1, 2], 3, 4]", [1, 1, 1, 1], 1),
]


@pytest.mark.parametrize(("kind", "structure", "right", "score"), CHAIN)
def test_video_mme_v2_scores_groups_by_its_tables(kind, structure, right, score):
    assert groups.group_score(kind, structure, [bool(r) for r in right]) == pytest.approx(score)


def test_answers_that_are_kept_back_are_left_out_and_not_counted_as_wrong():
    hidden = question("h", answer=None, n=6, task_type=("plotQA",))
    known = question("k", answer=2, n=6, task_type=("plotQA",))
    pairs = [(hidden, result(hidden, pred_index=1)), (known, result(known, pred_index=2))]
    found = choice_sets.mlvu_metrics(pairs)
    assert [(m.value, m.left_out) for m in found] == [(1.0, 1)] * 3
    assert choice_sets.mlvu_metrics(pairs[:1])[0].value is None


@pytest.mark.parametrize(
    ("kind", "structure", "marks", "score"),
    [
        ("relevance", None, (1, 1, 1, -1), 0.25),
        ("relevance", None, (0, 0, -1, -1), 0.0),
        ("logic", "[1, 2, 3, 4]", (1, -1, 1, 0), 9 / 16),
        ("logic", "[1, [2, 3], 4]", (1, 0, -1, 0), 4 / 12),
        ("logic", "[[1, 2], 3, 4]", (0, -1, 1, 0), 1 / 10),
    ],
)
def test_video_mme_v2_counts_a_reply_without_a_letter_as_its_script_does(
    kind, structure, marks, score
):
    assert groups.group_score(kind, structure, marks) == pytest.approx(score)


def test_video_mme_v2_reports_group_score_and_average_accuracy():
    meta = {"group_type": "logic", "group_structure": "[1, 2, 3, 4]"}
    pairs = []
    for k in range(1, 5):
        sample = question(
            f"001-{k}", group_id="001", n=8, answer=7, meta=meta, task_type=("logic",)
        )
        pairs.append((sample, result(sample, pred_index=0 if k == 2 else 7)))
    found = groups.videomme_v2_metrics(pairs[::-1])  # the order of the lines does not matter
    assert metric(found, "group score", "strict").value == 1 / 16
    assert metric(found, "group score", "official").value == 1 / 16
    assert metric(found, "accuracy", "strict").value == 3 / 4


def test_tvbench_takes_the_first_word_of_a_reply():
    sample = question(n=2, answer=1, task_type=("action_count",))
    for text, right in (("(B) two", 1), ("B. two", 1), ("Two, (B)", 0)):
        found = choice_sets.tvbench_metrics([(sample, said(sample, text))])
        assert metric(found, "mean over tasks", "official").value == right, text


def test_egoschema_scores_only_questions_with_public_answers():
    known, hidden = question("a", n=5), question("b", n=5, answer=None)
    pairs = [(known, result(known, pred_index=0)), (hidden, result(hidden, pred_index=1))]
    found = choice_sets.egoschema_metrics(pairs)
    assert [(m.value, len(m.units)) for m in found] == [(1.0, 1), (1.0, 1)]
