"""Loaders of multiple-choice benchmarks, on small files in their published shapes."""

from __future__ import annotations

import copy
import csv

import pytest
from benchmark_files import (
    LONGVIDEOBENCH_ROW,
    LVBENCH_LINES,
    videomme_rows,
    write_json,
    write_lines,
)

from longtake.eval.datasets.registry import load_dataset
from longtake.eval.sample import Sample


def by_id(loaded) -> dict[str, Sample]:
    return {sample.sample_id: sample for sample in loaded.samples}


def write_parquet(path, rows):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def test_video_mme_loads_from_parquet_and_from_json(tmp_path):
    rows = videomme_rows()
    write_parquet(tmp_path / "p" / "videomme" / "test-00000-of-00001.parquet", rows)
    write_json(tmp_path / "j" / "videomme.json", rows)
    (tmp_path / "j" / "data").mkdir()
    (tmp_path / "j" / "data" / "vid001.MP4").touch()
    (tmp_path / "j" / "subtitle").mkdir()
    (tmp_path / "j" / "subtitle" / "vid001.srt").touch()
    for folder in ("p", "j"):
        loaded = load_dataset("videomme", tmp_path / folder)
        assert len(loaded.samples) == 6
        one = by_id(loaded)["001-2"]
        assert one.options == ("One.", "Two.", "Three.", "One.")
        assert (one.answer_index, one.answer_text) == (1, "Two.")
        assert one.flags == ("duplicate-options",)
        assert one.meta["options"][0] == "A. One."  # the raw row is kept
        assert one.task_type == ("Counting Problem", "short", "Knowledge")
    with_files = by_id(load_dataset("videomme", tmp_path / "j"))
    assert with_files["001-1"].video.path.endswith("data/vid001.MP4")
    assert with_files["001-1"].subtitles.path.endswith("subtitle/vid001.srt")
    assert with_files["601-1"].subtitles is None
    assert with_files["601-1"].video.path.endswith("data/vid601.mp4")
    assert len(load_dataset("videomme", tmp_path / "j", "long").samples) == 3


def test_video_mme_v2_reads_options_out_of_one_text_and_groups_of_four(tmp_path):
    options = "\n".join(f"{letter}. thing {letter}" for letter in "ABCDEFGH")
    rows = [
        {
            "video_id": "001",
            "url": "u",
            "group_type": "logic",
            "group_structure": "[1, [2, 3], 4]",
            "question_id": f"001-{k}",
            "question": "Which thing?",
            "options": options,
            "answer": "H",
            "level": None if k == 1 else 2,
            "second_head": "x",
            "third_head": "y",
        }
        for k in range(1, 5)
    ]
    rows.append({**rows[0], "question_id": "002-1", "group_structure": "[4, 3]"})
    write_parquet(tmp_path / "test.parquet", rows)
    (tmp_path / "subtitle").mkdir()
    (tmp_path / "subtitle" / "001.jsonl").write_text('{"text": "hi"}\n')
    loaded = load_dataset("videomme_v2", tmp_path)
    assert len(loaded.samples) == 4
    assert "group_structure" in str(loaded.refused[0])
    one = loaded.samples[0]
    assert (one.group_id, one.answer_index, one.options[7]) == ("001", 7, "thing H")
    assert one.subtitles.format == "words"


def test_lvbench_takes_ids_of_both_kinds_minutes_past_59_and_half_references(tmp_path):
    write_lines(tmp_path / "video_info.meta.jsonl", LVBENCH_LINES)
    loaded = load_dataset("lvbench", tmp_path)
    found = by_id(loaded)
    assert list(found) == ["0", "4004", "2"]
    assert found["4004"].flags == ("id-not-text",)
    assert found["4004"].evidence_spans == ((3750.0, 3790.0),)
    assert found["4004"].task_type == ("entity recognition", "event understanding")
    assert found["2"].flags == ("evidence-unusable",)
    assert found["0"].question == "What year appears in the opening caption?"
    assert found["0"].options == ("1636", "1366", "1363", "1633")
    assert found["0"].video.duration == 68 * 60
    assert str(loaded.refused[0]) == (
        "video_info.meta.jsonl, row 4: answer = 'E': not a letter of A to D"
    )


def test_lvbench_reads_the_rows_of_the_mirror(tmp_path):
    common = {
        "uid": "7",
        "answer": "B",
        "question_type": ["reasoning"],
        "time_reference": "00:10-00:20",
    }
    rows = [
        {**common, "video_path": "abc.mp4", "question": "Why?", "options": ["one", "two"]},
        {**common, "uid": "8", "video_path": "abc.mp4", "question": "Why?\n(A) one\n(B) two"},
    ]
    write_parquet(tmp_path / "data" / "train-00000-of-00001.parquet", rows)
    for sample in load_dataset("lvbench", tmp_path).samples:
        assert (sample.question, sample.options, sample.answer_index) == ("Why?", ("one", "two"), 1)
        assert sample.video.id == "abc"
        assert sample.video.path.endswith("videos/abc.mp4")


def test_longvideobench_takes_padding_away_and_keeps_the_offset(tmp_path):
    write_json(tmp_path / "lvb_val.json", [LONGVIDEOBENCH_ROW])
    sample = load_dataset("longvideobench", tmp_path).samples[0]
    assert (sample.answer_index, sample.subtitles.offset) == (1, 100)
    flat = {k: v for k, v in LONGVIDEOBENCH_ROW.items() if k != "candidates"}
    flat |= {f"option{k}": text for k, text in enumerate(["one", "two", "N/A", "N/A", "N/A"])}
    write_parquet(tmp_path / "p" / "validation-00000-of-00001.parquet", [flat])
    short = load_dataset("longvideobench", tmp_path / "p").samples[0]
    assert (short.options, short.flags) == (("one", "two"), ("padding-options",))
    hidden = {k: v for k, v in LONGVIDEOBENCH_ROW.items() if k != "correct_choice"}
    write_json(tmp_path / "lvb_test_wo_gt.json", [hidden])
    test = load_dataset("longvideobench", tmp_path, "test").samples[0]
    assert (test.answer_index, test.has_truth) == (None, False)


def test_mlvu_reads_text_answers_letters_and_six_options(tmp_path):
    row = {
        "video": "movie101_66.mp4",
        "duration": 246,
        "question": "What color is the man?",
        "candidates": ["Yellow", "Red", "Yellow", ""],
        "answer": "Yellow",
        "question_type": "plotQA",
    }
    write_json(tmp_path / "json" / "1_plotQA.json", [row, {**row, "answer": "Pink"}])
    write_json(tmp_path / "json" / "2_needle.json", [{**row, "question_type": "findNeedle"}])
    write_json(tmp_path / "json" / "9_summary.json", [{"question": "?", "answer": "open"}])
    loaded = load_dataset("mlvu", tmp_path)
    assert [s.sample_id for s in loaded.samples] == ["1_plotQA-1", "2_needle-1"]
    one = loaded.samples[0]
    assert one.right_indices == {0, 2}
    assert set(one.flags) == {"duplicate-options", "empty-option", "answer-matches-two"}
    assert loaded.samples[1].kind == "needle"
    assert "row 2" in str(loaded.refused[0])
    mirror = {
        "video_name": "a.mp4",
        "duration": 3,
        "question": "Who?\n(A) x\n(B) y",
        "candidates": ["x", "y"],
        "answer": "B",
        "task_type": "ego",
        "question_id": "Q0",
    }
    write_parquet(tmp_path / "m" / "dev.parquet", [mirror])
    read = load_dataset("mlvu", tmp_path / "m").samples[0]
    assert (read.sample_id, read.answer_index, read.question) == ("Q0", 1, "Who?")
    test = {k: v for k, v in row.items() if k != "answer"}
    test |= {"candidates": [1, 2, 3, 4, 5, 6], "question_id": "AR_0"}
    write_json(tmp_path / "test_question.json", [test])
    six = load_dataset("mlvu", tmp_path, "test").samples[0]
    assert (six.option_labels[-1], six.flags, six.has_truth) == ("F", ("number-options",), False)


def test_egoschema_has_keys_with_a_space_and_answers_for_some(tmp_path):
    rows = [
        {"q_uid": uid, "google_drive_id": "g", "question": "Why?"}
        | {f"option {k}": f"because {k}" for k in range(5)}
        for uid in ("a-1", "b-2")
    ]
    write_json(tmp_path / "questions.json", rows)
    write_json(tmp_path / "subset_answers.json", {"b-2": 3})
    subset = load_dataset("egoschema", tmp_path)
    assert [(s.sample_id, s.answer_index) for s in subset.samples] == [("b-2", 3)]
    assert len(load_dataset("egoschema", tmp_path, "full").samples) == 2


def test_vnbench_groups_the_four_orders_and_takes_counts_as_answers(tmp_path):
    order = ["1", "2", "3", "4"]
    rows = [
        {
            "video": "./VNBench_new/v_Pk_cnt_edit1.mp4",
            "question": "How many stars?",
            "options": order[k:] + order[:k],
            "needle_time": [3.5, 9.0],
            "gt": 2,
            "gt_option": "B",
            "length": 52.0,
            "type": "cnt_edit1",
            "try": k,
        }
        for k in range(4)
    ]
    write_json(tmp_path / "VNBench-main-4try.json", rows)
    samples = load_dataset("vnbench", tmp_path).samples
    assert [s.sample_id for s in samples] == [f"v_Pk_cnt_edit1_{k}" for k in range(4)]
    assert {s.group_id for s in samples} == {"v_Pk_cnt_edit1"}
    assert [s.answer_index for s in samples] == [1, 0, 3, 2]
    assert samples[0].evidence_frames == (3.5, 9.0)


def test_tvbench_names_tasks_by_files_and_parts_by_seconds(tmp_path):
    row = {"video": "6IL0C.mp4", "question": "When?", "candidates": ["start", "end"]}
    row |= {"answer": "end", "start": 1.5, "end": 8.0}
    write_json(tmp_path / "json" / "action_localization.json", [row])
    sample = load_dataset("tvbench", tmp_path).samples[0]
    assert (sample.sample_id, sample.video.start, sample.video.end) == (
        "action_localization-1",
        1.5,
        8.0,
    )


def test_hourvideo_flags_pictures_and_reads_its_nested_file(tmp_path):
    entry = {
        "qid": "q1",
        "task": "summarization/key_events_objects",
        "question": "What?",
        **{f"answer_{k}": f"text {k}" for k in range(1, 6)},
        "mcq_test": "A. …",
        "correct_answer_label": "C",
        "relevant_timestamps": "00:10:00-00:11:00",
    }
    layout = {**entry, "qid": "q2", "task": "reasoning/spatial/layout"}
    layout |= {f"answer_{k}": f"layout/{k}.png" for k in range(1, 6)}
    film = {"video_metadata": {"duration_in_seconds": 3000.5}, "benchmark_dataset": [entry, layout]}
    ahead = {**entry, "qid": "q3", "task": "reasoning/predictive"}
    film["benchmark_dataset"].append(ahead | {"relevant_timestamps": "00:20:00 - 00:20:30"})
    write_json(tmp_path / "v1.0_release" / "json" / "dev_v1.0_annotations.json", {"uid": film})
    first, second, third = load_dataset("hourvideo", tmp_path).samples
    assert (first.answer_index, first.evidence_spans) == (2, ((600.0, 660.0),))
    assert second.flags == ("picture-options",)
    # what comes next is asked about the film before it
    assert (third.video.end, third.evidence_spans) == (1200.0, None)
    assert first.video.end is None


def test_next_qa_reads_both_lineages_of_answers(tmp_path):
    header = [
        "video_id",
        "frame_count",
        "width",
        "height",
        "question",
        "answer",
        "qid",
        "type",
        "a0",
        "a1",
        "a2",
        "a3",
        "a4",
    ]
    for name, answer in (("text", "three"), ("number", "2")):
        (tmp_path / name / "nextqa").mkdir(parents=True)
        with (tmp_path / name / "nextqa" / "val.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(header)
            table.writerow(
                [401, 9, 9, 9, "how many, then", answer, 6, "DC", "one", "two", "three", "x", "y"]
            )
        sample = load_dataset("nextqa", tmp_path / name).samples[0]
        assert (sample.sample_id, sample.answer_index) == ("401_6", 2)
    write_json(tmp_path / "text" / "map_vid_vidorID.json", {"401": "0101/401"})
    placed = load_dataset("nextqa", tmp_path / "text").samples[0]
    assert placed.video.path.endswith("videos/0101/401.mp4")


def test_video_mmmu_has_open_questions_and_ten_options(tmp_path):
    choice = {
        "id": "validation_Art_Theory_3",
        "question": "Which?",
        "options": [f"{letter}. o{letter}" for letter in "ABCDEFGHIJ"],
        "answer": "J",
        "question_type": "multiple-choice",
        "image": {"bytes": b"\x89PNG", "path": None},
    }
    write_parquet(tmp_path / "Adaptation" / "test-0.parquet", [choice])
    free = {"id": "test_Math_1", "question": "How much?", "options": [], "answer": 3.5}
    write_json(tmp_path / "Comprehension.json", [{**free, "question_type": "open"}])
    found = by_id(load_dataset("videommmu", tmp_path))
    ten = found["Adaptation/validation_Art_Theory_3"]
    assert (ten.answer_index, ten.video.path.endswith("Art/validation_Art_Theory_3.mp4")) == (
        9,
        True,
    )
    assert ten.meta["image"]["bytes"] == "4 bytes"
    assert found["Comprehension/test_Math_1"].answer_text == "3.5"


@pytest.mark.parametrize("splits", [("val", 4996, 570, 0), ("test", 8564, 1000, 2)])
def test_the_whole_of_next_qa_loads(media, tmp_path, splits):
    split, rows, films, doubled = splits
    (tmp_path / "nextqa").mkdir()
    source = media / "next_gqa" / f"nextqa__{split}.csv"
    (tmp_path / "nextqa" / f"{split}.csv").symlink_to(source)
    loaded = load_dataset("nextqa", tmp_path, split)
    assert (len(loaded.samples), loaded.refused) == (rows, ())
    assert len({sample.video.id for sample in loaded.samples}) == films
    assert loaded.flags["answer-matches-two"] == doubled
    many = [s for s in loaded.samples if s.also_right]
    assert all(s.options[s.answer_index or 0] == s.options[k] for s in many for k in s.also_right)


def test_a_row_is_not_changed_by_loading_it(tmp_path):
    rows = videomme_rows()
    kept = copy.deepcopy(rows)
    write_json(tmp_path / "videomme.json", rows)
    assert [s.meta for s in load_dataset("videomme", tmp_path).samples] == kept
