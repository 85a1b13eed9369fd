"""Predictions in the shapes that the authors' servers and scripts take."""

from __future__ import annotations

import csv
import io
import json

import pytest
from benchmark_files import (
    ETBENCH_ROWS,
    LONGVIDEOBENCH_ROW,
    LVBENCH_LINES,
    result,
    videomme_rows,
    write_json,
    write_lines,
)

from longtake.eval.datasets import exports
from longtake.eval.datasets.registry import DATASETS, load_dataset
from longtake.eval.runner.config import RunConfig
from longtake.eval.runner.folder import RunFolder


def test_video_mme_gets_films_with_their_questions_and_the_key_that_its_script_reads(tmp_path):
    write_json(tmp_path / "videomme.json", videomme_rows())
    samples = load_dataset("videomme", tmp_path).samples
    scored = [(s, result(s, pred_index=k if k < 4 else None)) for k, s in enumerate(samples)]
    films = json.loads(DATASETS["videomme"].export(scored))
    assert [film["video_id"] for film in films] == ["001", "601"]
    assert films[0]["video_subcategory"] == "Humanity & History"
    assert [q["response"] for film in films for q in film["questions"]] == [*"ABCD", "", ""]
    assert films[0]["questions"][0]["choices"] == ["A. One.", "B. Two.", "C. Three.", "D. Four."]


def test_lvbench_gets_letters_by_uid_of_what_was_answered(tmp_path):
    write_lines(tmp_path / "video_info.meta.jsonl", LVBENCH_LINES)
    samples = load_dataset("lvbench", tmp_path).samples
    scored = [(s, result(s, pred_index=k or None)) for k, s in enumerate(samples)]
    assert json.loads(DATASETS["lvbench"].export(scored)) == {"4004": "B", "2": "C"}


def test_longvideobench_egoschema_and_mlvu_get_what_their_servers_take(tmp_path):
    write_json(tmp_path / "lvb_val.json", [LONGVIDEOBENCH_ROW])
    one = load_dataset("longvideobench", tmp_path).samples[0]
    exported = DATASETS["longvideobench"].export([(one, result(one, pred_index=3))])
    assert json.loads(exported) == {"86CxyhFV9MI_0": "D"}
    scored = [(one, result(one, pred_index=3))]
    assert json.loads(exports.egoschema(scored)) == {"86CxyhFV9MI_0": 3}
    assert json.loads(exports.egoschema([(one, result(one))])) == {"86CxyhFV9MI_0": -1}
    assert json.loads(exports.mlvu(scored)) == [
        {"question_id": "86CxyhFV9MI_0", "question_type": "TOS", "option": "D"}
    ]


def test_vnbench_lines_are_json_and_keep_missing_answers(tmp_path):
    row = {"video": "./v_a_ret.mp4", "question": "?", "options": ["x", "y"], "gt": "y"}
    write_json(tmp_path / "VNBench-main-4try.json", [{**row, "type": "ret", "try": 0}])
    one = load_dataset("vnbench", tmp_path).samples[0]
    lines = DATASETS["vnbench"].export([(one, result(one, status="error"))]).splitlines()
    assert [json.loads(line) for line in lines] == [
        {"question_id": "v_a_ret_0", "pred": None, "gt": "B", "type": "ret", "try": 0}
    ]


def test_qvhighlights_windows_fall_in_score(tmp_path):
    row = {"qid": 7, "query": "q", "duration": 150, "vid": "v", "relevant_windows": [[0, 4]]}
    write_lines(tmp_path / "highlight_val_release.jsonl", [row])
    one = load_dataset("qvhighlights", tmp_path).samples[0]
    found = json.loads(
        DATASETS["qvhighlights"].export([(one, result(one, pred_spans=((0, 4), (8, 9))))])
    )
    assert (found["qid"], found["pred_relevant_windows"]) == (7, [[0, 4, 1.0], [8, 9, 0.5]])
    assert "pred_saliency_scores" not in found


def test_et_bench_gets_its_rows_back_with_a_reply_that_its_patterns_read(tmp_path):
    write_json(tmp_path / "etbench_txt_v1.0.json", ETBENCH_ROWS)
    samples = load_dataset("etbench", tmp_path).samples
    scored = [
        (s, result(s, pred_index=1 if s.options else None, pred_spans=((1, 2.5),))) for s in samples
    ]
    rows = json.loads(DATASETS["etbench"].export(scored))
    assert [{k: v for k, v in row.items() if k != "a"} for row in rows] == ETBENCH_ROWS
    assert rows[0]["a"] == "1.0 - 2.5 seconds"
    assert rows[3]["a"] == "Best Option: (B)"


def test_hourvideo_cg_bench_and_next_gqa(tmp_path):
    write_json(tmp_path / "lvb_val.json", [LONGVIDEOBENCH_ROW])
    one = load_dataset("longvideobench", tmp_path).samples[0]
    scored = [(one, result(one, pred_index=1, cited_spans=((3, 4),)))]
    rows = list(csv.DictReader(io.StringIO(exports.hourvideo(scored))))
    assert rows == [
        {"qid": "86CxyhFV9MI_0", "video_uid": "86CxyhFV9MI", "task": "TOS", "answer": "B"}
    ]
    assert json.loads(exports.cgbench(scored))[0]["miou"] == {"result": [[3, 4]]}
    assert json.loads(exports.nextgqa(scored)) == {
        "qa": {"86CxyhFV9MI_0": {"prediction": "two", "answer": "two"}},
        "ground": {"86CxyhFV9MI_0": [3, 4]},
    }


@pytest.mark.parametrize("name", ["lvbench"])
def test_lmms_eval_lines_come_for_any_benchmark(tmp_path, name):
    write_lines(tmp_path / "video_info.meta.jsonl", LVBENCH_LINES)
    samples = load_dataset(name, tmp_path).samples
    scored = [(s, result(s, pred_index=0, raw_text="(A) so")) for s in samples]
    rows = [json.loads(line) for line in exports.lmms_samples(scored).splitlines()]
    assert [(row["doc_id"], row["target"]) for row in rows] == [(0, "D"), (1, "B"), (2, "A")]
    assert rows[0]["resps"] == [["(A) so"]]
    assert rows[0]["filtered_resps"] == ["A"]
    assert len({row["doc_hash"] for row in rows}) == 3


@pytest.fixture
def run(tmp_path):
    """The folder of a run of LVBench in which the agent answered two of three questions."""
    write_lines(tmp_path / "data" / "video_info.meta.jsonl", LVBENCH_LINES)
    samples = load_dataset("lvbench", tmp_path / "data").samples
    config = RunConfig(
        dataset="lvbench", split="test", revision="r", models={}, versions={"longtake": "0"}
    )
    folder = RunFolder.prepare(tmp_path / "run", config, ["agent"], samples, {"epochs": 1})
    digest = folder.record()["systems"]["agent"]
    write_lines(
        folder.results_path,
        [
            result(s, config_hash=digest, pred_index=k or None).model_dump(mode="json")
            for k, s in enumerate(samples)
        ],
    )
    return tmp_path / "run"


def test_the_command_writes_what_the_authors_take(longtake, run, tmp_path):
    out = tmp_path / "lvbench.json"
    ran = longtake("eval", "export", run, "--out", out)
    assert (ran.code, ran.out.strip()) == (0, str(out))
    assert json.loads(out.read_text()) == {"4004": "B", "2": "C"}
    lines = longtake("eval", "export", run, "--lmms-eval")
    assert [json.loads(line)["target"] for line in lines.out.splitlines()] == ["D", "B", "A"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--system", "blind"), 2, "has agent"),
        (("--out", "run/run.json/x.json"), 2, "run/run.json"),
    ],
)
def test_the_command_says_what_it_cannot_do(longtake, run, words, code, said):
    ran = longtake("eval", "export", run, *words)
    assert ran.code == code
    assert said in ran.err
    assert ran.err.strip().count("\n") == 0


def test_a_folder_that_is_no_run_cannot_be_exported(longtake, tmp_path):
    ran = longtake("eval", "export", tmp_path)
    assert ran.code == 3
    assert "run.json" in ran.err
