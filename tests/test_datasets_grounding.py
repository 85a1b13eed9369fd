"""Loaders of benchmarks with times, on small files in their published shapes."""

from __future__ import annotations

import json

import pytest
from benchmark_files import ETBENCH_ROWS, write_json, write_lines

from longtake.eval.datasets.registry import load_dataset


@pytest.mark.parametrize("counts", [("val", 3358, 567, 0), ("test", 5553, 990, 1)])
def test_the_whole_of_next_gqa_loads_with_its_times(media, tmp_path, counts):
    split, rows, films, doubled = counts
    (tmp_path / "nextgqa").mkdir()
    for name in (f"{split}.csv", f"gsub_{split}.json", "map_vid_vidorID.json"):
        (tmp_path / "nextgqa" / name).symlink_to(media / "next_gqa" / f"nextgqa__{name}")
    loaded = load_dataset("nextgqa", tmp_path, split)
    assert (len(loaded.samples), loaded.refused) == (rows, ())
    assert len({sample.video.id for sample in loaded.samples}) == films
    assert loaded.flags["answer-matches-two"] == doubled
    assert all(sample.evidence_spans and sample.video.duration for sample in loaded.samples)
    truth = json.loads((tmp_path / "nextgqa" / f"gsub_{split}.json").read_text())
    one = loaded.samples[0]
    name, number = one.sample_id.split("_")
    assert one.meta["location"] == truth[name]["location"][number]
    assert one.video.path.endswith(f"/{name}.mp4")
    # some spans begin a tenth of a second before the film: they begin with it here
    assert loaded.flags["span-before-start"] == (36 if split == "test" else 0)


def test_charades_sta_reads_lines_and_refuses_what_cannot_be_scored(tmp_path):
    (tmp_path / "charades_sta_test.txt").write_text(
        "3MSZA 24.3 30.4##person turn a light on.\n"
        "3MSZA 30.4 24.3##person flips the light.\n"
        "AMT7R nan 4.0##person sits.\n"
        "AMT7R 1.0##no end.\n"
        "AMT7R 0.0 4.0##person runs.\n"
    )
    loaded = load_dataset("charades_sta", tmp_path)
    assert [s.answer_spans for s in loaded.samples] == [((24.3, 30.4),), ((0.0, 4.0),)]
    assert loaded.samples[1].sample_id == "5"
    assert [r.row for r in loaded.refused] == [2, 3, 4]
    assert "0 <= start <= end" in loaded.refused[0].reason
    assert "finite" in loaded.refused[1].reason


def test_qvhighlights_reads_windows_and_a_test_file_without_them(tmp_path):
    row = {
        "qid": 2579,
        "query": "A girl and her mother cooked.",
        "duration": 150,
        "vid": "NUsG9BgSes0_210.0_360.0",
        "relevant_clip_ids": [41, 42],
        "saliency_scores": [[1, 1, 2], [2, 1, 4]],
        "relevant_windows": [[82, 150]],
    }
    write_lines(tmp_path / "highlight_val_release.jsonl", [row])
    sample = load_dataset("qvhighlights", tmp_path).samples[0]
    assert (sample.sample_id, sample.answer_spans) == ("2579", ((82.0, 150.0),))
    assert sample.video.path.endswith("NUsG9BgSes0_210.0_360.0.mp4")
    bare = {key: row[key] for key in ("qid", "query", "duration", "vid")}
    write_lines(tmp_path / "data" / "highlight_test_release.jsonl", [bare])
    assert not load_dataset("qvhighlights", tmp_path, "test").samples[0].has_truth


def test_cg_bench_takes_instants_and_clues_past_the_end(tmp_path):
    row = {
        "qid": 14,
        "video_uid": "3ZpmN3",
        "question": "What color?",
        "answer": "White",
        "choices": ["Gray", "Pale", "Silver", "White", "Beige", "White", "Ivory"],
        "right_answer": "D",
        "clue_intervals": [[8, 8], [3000, 3005]],
        "domain": "Art",
        "sub_category": "Entity Perception",
        "duration": 2741,
    }
    reversed_clue = {**row, "qid": 15, "clue_intervals": [[9, 4]]}
    write_json(tmp_path / "cgbench_mini.json", [row, reversed_clue])
    one, two = load_dataset("cgbench", tmp_path).samples
    assert (one.right_indices, one.evidence_spans) == ({3, 5}, ((8.0, 8.0), (3000.0, 3005.0)))
    assert "evidence-past-end" in one.flags
    assert (two.evidence_spans, "evidence-unusable" in two.flags) == (None, True)


def test_lv_haystack_turns_frame_indices_into_seconds_in_rows_and_columns(tmp_path):
    rows = [
        {
            "video_id": "c8",
            "vclip_id": "d5",
            "question": "Where is the mop?",
            "options": {"B": "closet", "A": "kitchen"},
            "answer": "B",
            "frame_indexes_video": [300, 900],
            "frame_indexes_vclip": [10, 20],
            "video_metadata": {"frame_rate": 30.0, "video_duration": 1959.1},
        }
    ]
    rows.append({**rows[0], "frame_indexes_video": []})
    write_json(tmp_path / "LVHaystack_tiny.json", {k: [r[k] for r in rows] for k in rows[0]})
    one, two = load_dataset("lv_haystack", tmp_path, "test_tiny").samples
    assert (one.options, one.answer_index) == (("kitchen", "closet"), 1)
    assert (one.evidence_frames, two.evidence_frames) == ((10.0, 30.0), None)
    # the older edition counts frames in a clip of the film
    old = {k: v for k, v in rows[0].items() if not k.startswith("frame_indexes")}
    old |= {"frame_indexes": [2937], "video_metadata": {**rows[0]["video_metadata"]}}
    old["video_metadata"]["vclip_interval_in_video"] = [1439.9423, 1919.9633]
    write_json(tmp_path / "LVHaystack_test.json", [old, {**old, "video_metadata": {}}])
    clipped = load_dataset("lv_haystack", tmp_path, "test")
    assert clipped.samples[0].evidence_frames == pytest.approx((1439.9423 + 97.9,))
    assert "frame_rate" in clipped.refused[0].reason
    write_json(tmp_path / "LVHaystack_val.json", rows)
    assert load_dataset("lv_haystack", tmp_path, "val").samples[0].answer_index == 1


def test_et_bench_has_spans_of_every_depth_and_options_that_are_spans(tmp_path):
    write_json(tmp_path / "annotations" / "etbench_txt_v1.0.json", ETBENCH_ROWS)
    write_json(tmp_path / "evaluation" / "subset.json", {"tvg": {"charades_sta": [0]}})
    loaded = load_dataset("etbench", tmp_path)
    assert loaded.refused == ()
    found = {sample.kind: sample for sample in loaded.samples}
    assert found["tvg"].answer_spans == ((15.0, 35.0),)
    assert len(found["vhd"].answer_spans or ()) == 3
    assert found["eca"].options[2] == "5.0 - 6.5"
    assert (found["gvq"].answer_index, found["gvq"].evidence_spans) == (0, ((15.0, 35.0),))
    assert found["slc"].form == "events"
    assert [s.kind for s in load_dataset("etbench", tmp_path, "subset").samples] == ["tvg"]
