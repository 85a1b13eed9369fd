"""Longtake inside lmms-eval, run for real over a small film; skipped where it is not installed."""

import json
import os
import subprocess
import sys

import pytest
from eval_fixtures import SteadyServer, make_questions, served

from longtake.index.video.errors import UsageError

TASK = """task: longtake_tiny
dataset_path: json
dataset_kwargs:
  data_files:
    test: {rows}
test_split: test
output_type: generate_until
doc_to_visual: !function tiny_utils.doc_to_visual
doc_to_text: !function tiny_utils.doc_to_text
doc_to_target: answer
process_results: !function tiny_utils.process_results
generation_kwargs:
  max_new_tokens: 4
  temperature: 0
metric_list:
  - metric: accuracy
    aggregation: mean
    higher_is_better: true
"""
UTILS = """
def doc_to_visual(doc):
    return [doc["video"]]


def doc_to_text(doc, lmms_eval_specific_kwargs=None):
    options = "\\n".join(f"{l}. {o}" for l, o in zip("ABCD", doc["options"]))
    return f"{doc['question']}\\n{options}\\nAnswer with the option's letter."


def process_results(doc, results):
    return {"accuracy": float(results[0].strip() == doc["answer"])}
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_harness_runs_longtake_on_a_task_of_its_own(tmp_path):
    pytest.importorskip("lmms_eval")
    questions = make_questions(tmp_path / "own", films=2, each=2)
    rows = [json.loads(line) for line in questions.read_text().splitlines()]
    rows = [rows[place] for place in (0, 2, 1, 3)]  # the films in turn
    for row in rows:
        row["video"] = str(questions.parent / row["video"])
        row["answer"] = "ABCD"[row["answer_index"]]
    kept = ("video", "question", "options", "answer")
    (tmp_path / "rows.jsonl").write_text(
        "".join(json.dumps({name: row[name] for name in kept}) + "\n" for row in rows)
    )
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    (tasks / "tiny.yaml").write_text(TASK.format(rows=tmp_path / "rows.jsonl"))
    (tasks / "tiny_utils.py").write_text(UTILS)
    with SteadyServer() as server:
        settings = {name.removeprefix("LONGTAKE_").lower(): v for name, v in served(server).items()}
        settings["runs"] = str(tmp_path / "runs")
        arguments = ",".join(f"{name}={value}" for name, value in settings.items())
        done = subprocess.run(
            [
                *(sys.executable, "-m", "lmms_eval", "--model", "longtake"),
                *("--model_args", arguments, "--tasks", "longtake_tiny"),
                *("--include_path", str(tasks), "--batch_size", "1"),
                *("--output_path", str(tmp_path / "out"), "--log_samples"),
            ],
            env={**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
        )
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr[-6000:])
    (path,) = (tmp_path / "out").rglob("*_samples_longtake_tiny.jsonl")
    samples = [json.loads(line) for line in path.read_text().splitlines()]
    traces = [
        json.loads(line)
        for line in (tmp_path / "runs" / "lmms-eval.jsonl").read_text().splitlines()
    ]
    answers = {trace["doc_id"]: trace["answer"] for trace in traces}
    assert sorted(answers) == [0, 1, 2, 3]
    # one film after the other, whatever the order of the task
    assert [trace["doc_id"] for trace in traces] == [0, 2, 1, 3]
    for sample in samples:
        answer = answers[sample["doc_id"]]
        assert answer["choices"] == rows[sample["doc_id"]]["options"]
        assert sample["filtered_resps"] in (answer["choice"], [answer["choice"]])
        assert sample["token_counts"][0]["input_tokens"] == answer["usage"]["tokens_in"]


def test_an_open_answer_is_cut_to_the_tokens_and_a_missing_film_costs_its_questions_only(
    tmp_path, monkeypatch, capsys
):
    from longtake.batch.lmms import Agent

    questions = make_questions(tmp_path / "own", films=1, each=1)
    film = str(questions.parent / "film0.mp4")
    with SteadyServer() as server:
        server.words = None
        for name, value in served(server).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LONGTAKE_RUNS", str(tmp_path / "runs"))
        names = [{"task": "t", "split": "s", "doc_id": k} for k in range(3)]
        asked = [
            (film, "Which one?\nA. the red one\nB. the blue one", {"max_new_tokens": 1}, names[0]),
            (str(tmp_path / "gone.mp4"), "Which one?", {}, names[1]),
            (film, "What is the mood of this film?", {"max_new_tokens": 1}, names[2]),
        ]
        found = {place: (answer, words) for place, answer, words in Agent({}).answer_all(asked)}
    assert found[0][0].choice == found[0][1]
    assert found[1] == (None, "")
    assert "t, document 1" in capsys.readouterr().err
    assert len(found[2][1]) <= 4
    assert found[2][0].usage.model_calls >= 1


def test_a_request_without_exactly_one_video_is_refused():
    from longtake.batch.lmms import one_video

    with pytest.raises(UsageError, match="one video file, and this one has 2"):
        one_video(["a.mp4", "b.mp4"], "task", 3)
    assert one_video(["a.mp4"], "task", 3) == "a.mp4"
