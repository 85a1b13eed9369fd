"""What is known of the benchmarks whose answers are times, or come with times."""

from __future__ import annotations

from ...scoring import grounding, keyframes, moments
from ...scoring.etbench import etbench_metrics
from .. import exports
from ..spec import HUB, Dataset, Source
from . import cgbench, charades_sta, etbench, lv_haystack, nextgqa, qvhighlights

GROUNDING: dict[str, Dataset] = {
    "nextgqa": Dataset(
        name="nextgqa",
        title="NExT-GQA",
        splits=("val", "test"),
        size="3,358 questions, 567 films",
        licence="MIT",
        sources=(
            Source(
                "annotations",
                "github.com/doc-doc/NExT-GQA",
                "nextgqa/val.csv, nextgqa/gsub_val.json, nextgqa/map_vid_vidorID.json",
            ),
            Source("films", "VidOR, the link there", "videos/"),
        ),
        load=nextgqa.load,
        metrics=grounding.nextgqa_metrics,
        export=exports.nextgqa,
        paper="arXiv 2309.01327",
    ),
    "charades_sta": Dataset(
        name="charades_sta",
        title="Charades-STA",
        splits=("test", "train"),
        size="3,720 queries, films of 30 s",
        licence="Charades: not for commerce",
        sources=(
            Source("annotations", "github.com/jiyanggao/TALL", "charades_sta_test.txt"),
            Source("films", "Charades, 480p", "Charades_v1_480/"),
        ),
        load=charades_sta.load,
        metrics=grounding.charades_metrics,
        paper="arXiv 1705.02101",
    ),
    "qvhighlights": Dataset(
        name="qvhighlights",
        title="QVHighlights",
        splits=("val", "test", "train"),
        size="1,550 queries, films of 150 s",
        licence="CC BY-NC-SA 4.0",
        sources=(
            Source("annotations", "github.com/jayleicn/moment_detr", "highlight_val_release.jsonl"),
            Source("films", "the link there", "videos/VID.mp4"),
        ),
        load=qvhighlights.load,
        metrics=moments.qvhighlights_metrics,
        export=exports.qvhighlights,
        paper="arXiv 2107.09609",
    ),
    "cgbench": Dataset(
        name="cgbench",
        title="CG-Bench",
        splits=("mini", "full"),
        size="3,000 questions, 1,118 films of 10 min and more",
        licence="MIT tag, behind a form",
        sources=(
            Source("annotations", f"{HUB}/CG-Bench/CG-Bench", "cgbench_mini.json"),
            Source("films, subtitles", "the same, as zip files", "cg_videos_720p/, cg_subtitles/"),
        ),
        load=cgbench.load,
        metrics=grounding.cgbench_metrics,
        export=exports.cgbench,
        paper="arXiv 2412.12075",
    ),
    "lv_haystack": Dataset(
        name="lv_haystack",
        title="LV-Haystack",
        splits=("test_tiny", "test", "val", "train"),
        size="questions with the frames that answer, 480 h of film",
        licence="see the card; Ego4D licence",
        sources=(
            Source(
                "annotations", f"{HUB}/LVHaystack/LongVideoHaystack", "data/test_tiny-*.parquet"
            ),
            Source("films", "Ego4D, 256p", "videos/VIDEO_ID.mp4"),
        ),
        load=lv_haystack.load,
        metrics=keyframes.lv_haystack_metrics,
        paper="arXiv 2504.02259",
    ),
    "etbench": Dataset(
        name="etbench",
        title="E.T. Bench",
        splits=("full", "subset"),
        size="7,289 samples of twelve tasks, 7,000 films",
        licence="CC BY-NC-SA 4.0",
        sources=(
            Source(
                "annotations",
                f"{HUB}/PolyU-ChenLab/ETBench",
                "annotations/etbench_txt_v1.0.json, evaluation/subset.json",
            ),
            Source("films", "the same, as tar files", "videos/SOURCE/"),
        ),
        load=etbench.load,
        metrics=etbench_metrics,
        export=exports.etbench,
        paper="arXiv 2409.18111",
    ),
}
