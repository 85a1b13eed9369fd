"""What is wrong with a benchmark's files is said in one line, with the row and an exit code."""

from __future__ import annotations

import json
import math

import pytest
from benchmark_files import LVBENCH_LINES, write_json, write_lines

from longtake.eval.datasets.registry import DATASETS, load_dataset
from longtake.index.video.errors import InputError, UsageError


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "jsonl"])
def test_an_empty_folder_says_what_is_missing_for_every_benchmark(name, tmp_path):
    with pytest.raises(InputError) as error:
        load_dataset(name, tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 3


def test_an_unknown_benchmark_a_split_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"dataset = 'lvbenhc': not one of cgbench, .*vnbench"):
        load_dataset("lvbenhc", tmp_path)
    with pytest.raises(UsageError, match=r"split = 'val': lvbench has test"):
        load_dataset("lvbench", tmp_path, "val")
    with pytest.raises(InputError, match="no such folder"):
        load_dataset("lvbench", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("[]", "no rows"),
        ('{"a": 1}', "a list of rows is expected"),
        ("[1, 2]", "not one of 2 rows can be used"),
        ('[{"qid": 3}]', "row 1: no field 'choices'"),
        ("[{", "not JSON"),
        ("\xff", "not UTF-8"),
    ],
)
def test_files_of_the_wrong_kind_are_refused_in_one_line(tmp_path, text, said):
    (tmp_path / "cgbench_mini.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as error:
        load_dataset("cgbench", tmp_path)
    if text:
        assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_torn_line_is_named(tmp_path):
    write_lines(tmp_path / "video_info.meta.jsonl", LVBENCH_LINES)
    with (tmp_path / "video_info.meta.jsonl").open("a") as file:
        file.write('{"key": "abc", "qa": [')
    with pytest.raises(InputError, match=r"line 2: not JSON"):
        load_dataset("lvbench", tmp_path)


def test_what_is_no_parquet_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "test.parquet").write_bytes(b"<html>login</html>")
    with pytest.raises(InputError, match="not Parquet"):
        load_dataset("videomme_v2", tmp_path)


def own(tmp_path, *rows):
    return load_dataset("jsonl", write_lines(tmp_path / "questions.jsonl", rows).parent)


GOOD = {"video": "a.mp4", "question": "Who?", "options": ["Ann", "Bob"], "answer": "Bob"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answer": "Cid"}, "not one of the options"),
        ({"answer": None}, "no field 'answer'"),
        ({"answer_index": 2}, "there are 2 options"),
        ({"answer_index": True}, "an index from 0"),
        ({"options": ["Ann"]}, "a choice needs two"),
        ({"options": "Ann"}, "a list is expected"),
        ({"options": [["Ann"], "Bob"]}, "text is expected"),
        ({"question": " "}, "text is expected"),
        ({"video": 7}, "text is expected"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"options": None, "spans": [[5, 3]]}, "0 <= start <= end"),
        ({"options": None, "spans": [[math.nan, 3]]}, "finite"),
        ({"options": None, "spans": [[1, math.inf]]}, "finite"),
        ({"options": None, "spans": []}, "a list of [start, end]"),
        ({"options": None, "answer": None}, "could not be scored"),
        ({"id": "1"}, "is that of row 1 too"),
        ({"options": ["B", "A", "C"], "answer": "B"}, "the letter of one option and the text"),
    ],
)
def test_a_row_that_cannot_be_scored_is_refused_by_number(tmp_path, change, said):
    loaded = own(tmp_path, GOOD, {**GOOD, **change})
    assert [sample.sample_id for sample in loaded.samples] == ["1"]
    assert loaded.refused[0].row == 2
    assert said in str(loaded.refused[0])


def test_own_questions_are_read_in_all_their_forms(tmp_path):
    loaded = own(
        tmp_path,
        GOOD,
        {**GOOD, "answer": "b", "evidence": [[1, 2]], "subtitles": "a.srt", "type": "who"},
        {**GOOD, "options": ["A. Ann", "B. Bob"], "answer": "Bob"},
        {"video": "a.mp4", "question": "When?", "spans": [[1, 2]]},
        {"video": "a.mp4", "question": "What colour?", "answer": "red"},
        {"video": "a.mp4", "question": "Is there a cow?", "answerable": False},
        {**GOOD, "answer": None, "answerable": False},
    )
    assert loaded.refused == ()
    assert [s.form for s in loaded.samples] == ["choice"] * 3 + ["spans", "text", "text", "choice"]
    assert [s.answer_index for s in loaded.samples[:3]] == [1, 1, 1]
    assert loaded.samples[1].evidence_spans == ((1.0, 2.0),)
    assert loaded.samples[1].subtitles.path == str(tmp_path / "a.srt")
    assert loaded.samples[2].flags == ("letters-in-options",)
    assert not loaded.samples[5].answerable


def test_a_missing_film_is_no_reason_to_refuse_a_row(tmp_path):
    sample = own(tmp_path, GOOD).samples[0]
    assert sample.video.path == str(tmp_path / "a.mp4")


def test_the_command_lists_benchmarks_and_checks_a_folder(longtake, tmp_path):
    listed = longtake("eval", "datasets", "--json")
    assert listed.code == 0
    rows = {row["name"]: row for row in json.loads(listed.out)}
    assert rows.keys() == DATASETS.keys()
    assert rows["lvbench"]["licence"].startswith("CC BY-NC-SA 4.0")
    assert all(row["sources"] for row in rows.values())
    write_lines(tmp_path / "lv" / "video_info.meta.jsonl", LVBENCH_LINES)
    checked = longtake("eval", "datasets", "lvbench", "--data", tmp_path / "lv")
    assert checked.code == 0
    assert "lvbench, test: 3 of 4 rows are questions" in checked.out
    assert "refused: video_info.meta.jsonl, row 4" in checked.out
    assert "films missing: 1" in checked.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nope",), 2),
        (("--data", "."), 2),
        (("lvbench", "--split", "test"), 2),
        (("lvbench", "--data", "."), 3),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(longtake, words, code):
    ran = longtake("eval", "datasets", *words)
    assert ran.code == code
    assert ran.err.strip().count("\n") == 0


def test_a_table_of_columns_of_unequal_length_is_refused(tmp_path):
    write_json(tmp_path / "LVHaystack_tiny.json", {"a": [1, 2], "b": [1]})
    with pytest.raises(InputError, match="columns of one length"):
        load_dataset("lv_haystack", tmp_path, "test_tiny")
