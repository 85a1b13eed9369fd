"""Scores of times, keyframes, captions and events; the worked examples as golden values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmark_files import ETBENCH_ROWS, result, write_json

from longtake.eval.datasets.registry import load_dataset
from longtake.eval.sample import Sample, Video
from longtake.eval.scoring import etbench, events, grounding, intervals, keyframes, moments
from longtake.eval.scoring.own import own_metrics


def sample(**fields) -> Sample:
    return Sample(
        **{
            "dataset": "d",
            "revision": "r",
            "split": "s",
            "sample_id": "1",
            "video": Video(id="v", path="/v.mp4"),
            "question": "?",
            "form": "choice" if fields.get("options") else "spans",
            **fields,
        }
    )


def values(found, rule="strict"):
    return {m.name: m.value for m in found if m.rule == rule}


def test_overlaps_of_spans_and_of_sets_of_spans():
    # the worked example of E.T. Bench: 15 s of 25
    assert intervals.iou((10, 30), (15, 35)) == pytest.approx(0.6)
    assert intervals.iou((0, 5), (5, 10)) == 0
    assert intervals.iou((3, 3), (3, 3)) == 1
    assert intervals.iou((3, 3), (1, 5)) == 0
    assert intervals.set_iou([(0, 10), (5, 20)], [(10, 30)]) == pytest.approx(10 / 30)
    assert intervals.set_iou([], [(1, 2)]) == 0
    assert intervals.length([(0, 10), (5, 20), (30, 31)]) == 21


def test_recall_at_overlaps_takes_the_first_span_and_the_true_one_it_fits_best():
    one = sample(answer_spans=((15, 35), (100, 110)))
    found = values(own_metrics([(one, result(one, pred_spans=((10, 30), (100, 110))))]))
    assert found == {"R1@0.3": 1, "R1@0.5": 1, "R1@0.7": 0, "mIoU": pytest.approx(0.6)}
    lost = values(own_metrics([(one, result(one, status="error", pred_spans=((15, 35),)))]))
    assert set(lost.values()) == {0}


def gqa(**fields):
    options = tuple(f"option {k}" for k in range(5))
    return sample(options=options, answer_index=2, evidence_spans=((10, 20),), **fields)


@pytest.mark.parametrize(
    ("span", "iou", "iop"),
    [
        ((10, 20), 1, 1),
        ((12, 14), 0.2, 1),
        ((0, 20), 0.5, 0.5),
        ((15, 15), 0, 1),  # without length: no IoU, and inside a true span
        ((25, 25), 0, 0),
        ((30, 40), 0, 0),  # apart: the script's negative overlap never beats 0
    ],
)
def test_next_gqa_overlaps_as_its_script(span, iou, iop):
    assert grounding.nextgqa_overlaps(span, [(10, 20)]) == pytest.approx((iou, iop))


def test_next_gqa_wants_the_answer_and_half_of_the_prediction_inside():
    good, bad, wrong, silent = (gqa(meta={"location": [[10, 20]]}) for _ in range(4))
    pairs = [
        (good, result(good, pred_index=2, pred_spans=((8, 16),))),
        (bad, result(bad, pred_index=2, pred_spans=((0, 12),))),
        (wrong, result(wrong, pred_index=1, cited_spans=((10, 20),))),
        (silent, result(silent, pred_index=2)),
    ]
    found = grounding.nextgqa_metrics(pairs)
    strict, official = values(found), values(found, "official")
    assert strict["Acc@GQA"] == 1 / 4
    assert strict["Acc@QA"] == 3 / 4
    assert strict["IoP@0.5"] == 2 / 4
    assert strict["mIoP"] == pytest.approx((6 / 8 + 2 / 12 + 1 + 0) / 4)
    assert official["Acc@GQA"] == pytest.approx(1 / 3)  # the silent one leaves the denominator
    assert next(m for m in found if m.rule == "official").left_out == 1


def test_charades_reads_text_officially_and_a_failed_one_counts_as_nothing():
    one = sample(answer_spans=((10, 20),))
    pairs = [
        (one, result(one, raw_text="It happens in 10 - 18 seconds", pred_spans=((10, 18),))),
        (one, result(one, raw_text="no idea", status="parse_fail")),
    ]
    official = values(grounding.charades_metrics(pairs), "official")
    assert official == {"R1@0.3": 0.5, "R1@0.5": 0.5, "R1@0.7": 0.5, "mIoU": pytest.approx(0.4)}


def test_cg_bench_wants_the_answer_and_the_clues():
    one = gqa()
    pairs = [
        (one, result(one, pred_index=2, pred_spans=((10, 14), (12, 15)))),  # half of the clue
        (one, result(one, pred_index=0, pred_spans=((10, 20),))),
    ]
    found = grounding.cgbench_metrics(pairs)
    strict = values(found)
    assert strict["long-acc"] == 0.5
    assert strict["mIoU"] == pytest.approx(0.75)
    assert strict["rec@IoU"] == 1.0  # 0.5 reaches every one of the five overlaps
    assert strict["acc@IoU"] == 0.5


def test_times_that_came_as_times_are_not_read_out_of_the_agents_words(et):
    one = sample(answer_spans=((10, 20),))
    answer = result(one, raw_text="0:10.0-0:20.0", pred_spans=((10, 20),), parse_rule="text")
    official = values(grounding.charades_metrics([(one, answer)]), "official")
    assert official["mIoU"] == 1
    tvg = result(et["tvg"], raw_text="0:10.0-0:30.0", pred_spans=((10, 30),), parse_rule="text")
    assert et_scores([(et["tvg"], tvg)])["F1 (grounding)"] == pytest.approx(0.75)
    vhd = result(et["vhd"], raw_text="0:40.0-0:42.0", pred_spans=((40, 42),), parse_rule="text")
    assert et_scores([(et["vhd"], vhd)])["F1 (grounding)"] == 1


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ('```json\n{"result": "C"}\n```', 1),
        ('```json\n{"result": C}\n```', 1),
        ("I doubt between A and C", 1),  # every letter that is named counts
        ("no letter", None),
    ],
)
def test_cg_benchs_script_is_generous(reply, value):
    one = gqa()
    found = grounding.cgbench_metrics([(one, result(one, raw_text=reply, parse_rule="nothing"))])
    assert values(found, "official")["long-acc"] == value


def test_keyframes_match_within_five_seconds():
    # the worked example of LV-Haystack
    found = keyframes.keyframe_scores([10, 50, 90, 200], [12, 95, 300])
    assert found == pytest.approx((0.5, 2 / 3, 4 / 7))
    assert round(found[2], 3) == 0.571
    assert keyframes.keyframe_scores([5], [10]) == (1, 1, 1)  # five seconds, inclusive
    assert keyframes.keyframe_scores([], [10]) == (0, 0, 0)


def test_silence_costs_strictly_and_not_officially():
    marked = gqa(evidence_frames=(12.0, 95.0, 300.0))
    pairs = [
        (marked, result(marked, pred_index=2, pred_frames=(10, 50, 90, 200))),
        (marked, result(marked, pred_index=2)),
    ]
    found = keyframes.lv_haystack_metrics(pairs)
    assert values(found)["temporal F1"] == pytest.approx(2 / 7)
    assert values(found, "official")["temporal F1"] == pytest.approx(4 / 7)
    assert values(found)["frames were picked"] == 0.5
    assert values(found)["accuracy"] == 1


def reference_similarity(one, two):
    """The formula of Wang et al. by torch's convolution, zeros beyond the edges."""
    torch = pytest.importorskip("torch")
    steps = torch.arange(11, dtype=torch.float64) - 5
    line = torch.exp(-(steps**2) / 4.5)
    window = torch.outer(line, line) / line.sum() ** 2

    def blur(picture):
        channels = picture.permute(2, 0, 1)[:, None]
        return torch.nn.functional.conv2d(channels, window[None, None], padding=5)[:, 0]

    a, b = (torch.tensor(np.asarray(picture) / 255.0) for picture in (one, two))
    ma, mb = blur(a), blur(b)
    va, vb, both = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    top = (2 * ma * mb + 1e-4) * (2 * both + 9e-4)
    return (top / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))).mean().item()


def test_structural_similarity_is_one_for_the_same_picture_and_falls_with_noise():
    pytest.importorskip("scipy")
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    noisy = np.clip(picture.astype(int) + rng.integers(-60, 60, picture.shape), 0, 255)
    other = rng.integers(0, 256, picture.shape, dtype=np.uint8)
    same = keyframes.frame_similarity(picture, picture)
    near = keyframes.frame_similarity(picture, noisy.astype(np.uint8))
    far = keyframes.frame_similarity(picture, other)
    assert same == pytest.approx(1)
    assert far < 0.1 < near < 0.99
    assert near == pytest.approx(reference_similarity(picture, noisy), abs=1e-5)
    assert keyframes.visual_scores([picture, other], [picture])[1] == pytest.approx(1)
    with pytest.raises(ValueError, match="shapes"):
        keyframes.frame_similarity(picture, picture[:10])


@pytest.fixture
def et(tmp_path):
    write_json(tmp_path / "annotations" / "etbench_txt_v1.0.json", ETBENCH_ROWS)
    return {s.kind: s for s in load_dataset("etbench", tmp_path).samples}


def et_scores(pairs, rule="official"):
    return values(etbench.etbench_metrics(pairs), rule)


@pytest.mark.parametrize("rule", ["strict", "official"])
def test_the_worked_example_of_et_bench_gives_three_quarters(et, rule):
    one = et["tvg"]
    reply = result(one, raw_text="The event happens in 10 - 30 seconds.", parse_rule="range")
    assert et_scores([(one, reply)], rule)["F1 (grounding)"] == pytest.approx(0.75)


def test_et_bench_scores_each_task_by_its_own_rule(et):
    tal = result(et["tal"], raw_text="10 - 20, 60 - 70", parse_rule="range")
    assert et_scores([(et["tal"], tal)])["F1 (grounding)"] == pytest.approx(0.5)
    for moment, right in ((41, 1), (91.5, 1), (50, 0)):
        vhd = result(et["vhd"], raw_text=f"At {moment} seconds.", parse_rule="range")
        assert et_scores([(et["vhd"], vhd)])["F1 (grounding)"] == right
    rvq = et["rvq"]
    for text, right in (("(B) a door", 1), ("Best Option: (b) it", 1), ("B", 1), ("a door", 0)):
        chosen = result(rvq, raw_text=text, parse_rule="letter", pred_index=1)
        assert et_scores([(rvq, chosen)])["Acc (referring)"] == right, text
    gvq = et["gvq"]
    for index, value in ((0, 0.75), (1, 0)):
        both = result(gvq, pred_index=index, pred_spans=((10, 30),))
        assert et_scores([(gvq, both)])["mean recall (complex)"] == pytest.approx(value)


def test_et_bench_covers_seconds_and_skips_unread_summaries_officially(et):
    assert etbench.covered_f1([(0.4, 10.4)], [(5, 15)]) == pytest.approx(0.5)
    assert etbench.covered_f1([(0, 5)], [(5, 15)]) == 0
    evs = et["tal"].model_copy(update={"task_type": ("evs", "tvsum")})
    pairs = [
        (evs, result(evs, raw_text="10 - 20 and 40 - 50", parse_rule="range")),
        (evs, result(evs, raw_text="nothing", parse_rule="nothing", status="parse_fail")),
    ]
    assert et_scores(pairs)["F1 (grounding)"] == 1
    assert et_scores(pairs, "strict")["F1 (grounding)"] == 0.5


def test_et_bench_captions_take_the_f1_of_mean_precision_and_recall(et):
    slc = et["slc"]
    exact = result(slc, raw_text="0 - 10 seconds, cut. 10 - 30 seconds, fold.", parse_rule="range")
    assert et_scores([(slc, exact)])["F1 (captions)"] == 1
    half = result(slc, pred_spans=((0, 10),))
    # precision 1, recall 1/2 at every overlap
    assert et_scores([(slc, half)])["F1 (captions)"] == pytest.approx(2 / 3)
    both = et_scores([(slc, half), (slc, result(slc, raw_text="no", parse_rule="nothing"))])
    # an unread one halves both: the authors' scaling by the share that could be read
    assert both["F1 (captions)"] == pytest.approx(1 / 3)
    assert etbench.caption_coverage([(0, 10)], [(0, 5)], 0.5) == (0, 0)  # more than, not as much


def test_caption_similarity_pairs_what_overlaps_and_gives_nothing_for_the_rest():
    truths = [((0.0, 10.0), "cut the paper")]

    def same(one, two):
        return float(one == two)

    assert etbench.caption_similarity([((0.0, 10.0), "cut the paper")], truths, same) == 1
    told = [((0.0, 10.0), "cut the paper"), ((50.0, 60.0), "sleep")]
    assert etbench.caption_similarity(told, truths, same) == 0.5
    assert etbench.caption_similarity([], truths, same) == 0


def test_average_precision_finds_each_true_span_once():
    truths = [(0, 10), (20, 30)]
    found = moments.average_precision([(0, 10), (0, 10), (20, 30)], truths, (0.5,))
    # hits at ranks 1 and 3: 1 · ½ + ⅔ · ½
    assert found[0] == pytest.approx(0.5 + 1 / 3)
    assert moments.average_precision([], truths).tolist() == [0.0] * 10


def test_highlights_are_judged_by_the_best_of_three_raters_and_the_mean_of_three():
    one = sample(
        answer_spans=((0, 4),),
        meta={
            "duration": 8,
            "relevant_clip_ids": [0, 1],
            "saliency_scores": [[4, 1, 1], [2, 2, 4]],
        },
    )
    best_first = result(one, pred_spans=((0, 4),), pred_clip_scores=(0.9, 0.8, 0.1, 0.0))
    assert moments.hit_at_one(one, best_first, 4) == 1
    assert moments.hit_at_one(one, best_first, 2) == 1
    # rater 1: clip 0 (1.0); rater 2: none (0); rater 3: clip 1, second (1/2)
    assert moments.highlight_ap(one, best_first, 4) == pytest.approx((1 + 0 + 0.5) / 3)
    found = values(moments.qvhighlights_metrics([(one, best_first)]))
    assert found["R1@0.7"] == 1
    assert found["HL-VeryGood-Hit1"] == 1


def test_events_told_and_events_that_happened():
    known = [
        events.Event("the red boat leaves the harbour", (10, 20)),
        events.Event("the bell rings", (30, 32)),
    ]
    told = [
        events.Event("a red boat leaves its harbour", (12, 15)),
        events.Event("a dog barks", (30, 31)),
        events.Event("the bell rings", (70, 71)),
    ]
    found = events.event_scores(told, known, events.same_event)
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 0.5)
    assert found.f1 == pytest.approx(0.4)
    assert events.event_scores([], known, events.same_event).f1 == 0
    with pytest.raises(ValueError, match="known"):
        events.event_scores(told, [], events.same_event)


def test_qv_highlights_gives_the_shipped_figures_on_the_shipped_predictions(media, tmp_path):
    """Authors' predictions, data and figures lie beside the media where there are any."""
    folder = media / "qvhighlights"
    if not (folder / "sample_val_preds.jsonl").is_file():
        pytest.skip(f"{folder}: the authors' sample predictions are not here")
    given = map(json.loads, (folder / "sample_val_preds.jsonl").read_text().splitlines())
    rows = {str(row["qid"]): row for row in given}
    pairs = []
    for one in load_dataset("qvhighlights", folder).samples:
        row = rows[one.sample_id]
        windows = sorted(row["pred_relevant_windows"][:10], key=lambda window: -window[2])
        spans = tuple(tuple(window[:2]) for window in windows)
        pairs.append(
            (one, result(one, pred_spans=spans, pred_clip_scores=row["pred_saliency_scores"]))
        )
    found = {m.name: round(100 * (m.value or 0.0), 2) for m in moments.qvhighlights_metrics(pairs)}
    assert found == {
        "R1@0.5": 53.94,
        "R1@0.7": 34.84,
        "mIoU": 49.21,
        "MR-mAP": 32.2,
        "MR-mAP@0.5": 54.96,
        "MR-mAP@0.75": 31.01,
        "HL-Fair-mAP": 67.77,
        "HL-Fair-Hit1": 66.45,
        "HL-Good-mAP": 58.09,
        "HL-Good-Hit1": 64.45,
        "HL-VeryGood-mAP": 35.65,
        "HL-VeryGood-Hit1": 55.55,
    }
