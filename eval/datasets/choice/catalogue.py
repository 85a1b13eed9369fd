"""What is known of the multiple-choice benchmarks."""

from __future__ import annotations

from ...scoring import choice_sets, groups
from .. import exports
from ..spec import HUB, Dataset, Source
from . import (
    egoschema,
    hourvideo,
    longvideobench,
    lvbench,
    mlvu,
    nextqa,
    tvbench,
    videomme,
    videomme_v2,
    videommmu,
    vnbench,
)

CHOICE: dict[str, Dataset] = {
    "videomme": Dataset(
        name="videomme",
        title="Video-MME",
        splits=("test", "short", "medium", "long"),
        size="2,700 questions, 900 films of 11 s to 1 h",
        licence="academic use only, no copies without leave",
        sources=(
            Source(
                "annotations", f"{HUB}/lmms-lab/Video-MME", "videomme/test-00000-of-00001.parquet"
            ),
            Source("films, subtitles", "the same, as zip files", "data/ID.mp4, subtitle/ID.srt"),
        ),
        load=videomme.load,
        metrics=choice_sets.videomme_metrics,
        export=exports.videomme,
        paper="arXiv 2405.21075",
    ),
    "videomme_v2": Dataset(
        name="videomme_v2",
        title="Video-MME-v2",
        splits=("test",),
        size="3,200 questions in groups of four, 800 films",
        licence="academic use only, no copies without leave",
        sources=(
            Source("annotations", f"{HUB}/MME-Benchmarks/Video-MME-v2", "test.parquet"),
            Source("films, subtitles", "the same, as zip files", "video/ID.mp4, subtitle/ID.jsonl"),
        ),
        load=videomme_v2.load,
        metrics=groups.videomme_v2_metrics,
        paper="arXiv 2604.05015",
    ),
    "lvbench": Dataset(
        name="lvbench",
        title="LVBench",
        splits=("test",),
        size="1,549 questions, 103 films of 30 to 140 min",
        licence="CC BY-NC-SA 4.0; films belong to their owners",
        sources=(
            Source("annotations", f"{HUB}/zai-org/LVBench", "video_info.meta.jsonl"),
            Source("films", "YouTube, by the `key` of a line", "videos/KEY.mp4"),
        ),
        load=lvbench.load,
        metrics=choice_sets.lvbench_metrics,
        export=exports.letters_by_id,
        paper="arXiv 2406.08035",
    ),
    "longvideobench": Dataset(
        name="longvideobench",
        title="LongVideoBench",
        splits=("val", "test"),
        size="1,337 questions, 753 films of 8 s to 1 h",
        licence="CC BY-NC-SA 4.0",
        sources=(
            Source("annotations", f"{HUB}/longvideobench/LongVideoBench", "lvb_val.json"),
            Source("films, subtitles", "the same, as tar parts", "videos/, subtitles/"),
        ),
        load=longvideobench.load,
        metrics=choice_sets.longvideobench_metrics,
        export=exports.letters_by_id,
        paper="arXiv 2407.15754",
    ),
    "mlvu": Dataset(
        name="mlvu",
        title="MLVU",
        splits=("dev", "test"),
        size="2,175 questions, 1,122 films of 3 min to 2 h",
        licence="CC BY-NC-SA 4.0",
        sources=(
            Source(
                "annotations",
                f"{HUB}/MLVU/MVLU",
                "json/1_plotQA.json to 7_topic_reasoning.json, test_question.json",
            ),
            Source("films", "the same", "video/1_plotQA/ …"),
        ),
        load=mlvu.load,
        metrics=choice_sets.mlvu_metrics,
        export=exports.mlvu,
        paper="arXiv 2406.04264",
    ),
    "egoschema": Dataset(
        name="egoschema",
        title="EgoSchema",
        splits=("subset", "full"),
        size="500 of 5,031 questions, 3 min each",
        licence="Ego4D licence; the repository has none",
        sources=(
            Source(
                "annotations",
                "github.com/egoschema/EgoSchema",
                "questions.json, subset_answers.json",
            ),
            Source("films", "Ego4D, by the script there", "videos/Q_UID.mp4"),
        ),
        load=egoschema.load,
        metrics=choice_sets.egoschema_metrics,
        export=exports.egoschema,
        paper="arXiv 2308.09126",
    ),
    "vnbench": Dataset(
        name="vnbench",
        title="VNBench (VideoNIAH)",
        splits=("test",),
        size="1,350 questions in four orders, films of 10 s to 3 min",
        licence="academic use only",
        sources=(
            Source("annotations", f"{HUB}/Joez1717/VNBench", "VNBench-main-4try.json"),
            Source("films", "the link in github.com/joez17/VideoNIAH", "VNBench_new/"),
        ),
        load=vnbench.load,
        metrics=groups.vnbench_metrics,
        export=exports.vnbench,
        paper="arXiv 2406.09367",
    ),
    "tvbench": Dataset(
        name="tvbench",
        title="TVBench",
        splits=("train",),
        size="ten tasks, about 2,500 questions, short films",
        licence="CC BY 4.0; notices for the films",
        sources=(
            Source("annotations", f"{HUB}/FunAILab/TVBench", "json/TASK.json"),
            Source("films", "the same; action_antonym from NTU RGB+D", "video/TASK/"),
        ),
        load=tvbench.load,
        metrics=choice_sets.tvbench_metrics,
        paper="arXiv 2410.07752",
    ),
    "hourvideo": Dataset(
        name="hourvideo",
        title="HourVideo",
        splits=("dev", "samples", "test"),
        size="1,182 questions, 50 films of 20 to 120 min",
        licence="Apache-2.0 tag; Ego4D licence; never to be trained on",
        sources=(
            Source(
                "annotations",
                f"{HUB}/HourVideo/HourVideo",
                "v1.0_release/json/dev_v1.0_annotations.json",
            ),
            Source("films", "Ego4D, `video_540ss`", "videos/VIDEO_UID.mp4"),
        ),
        load=hourvideo.load,
        metrics=choice_sets.hourvideo_metrics,
        export=exports.hourvideo,
        paper="arXiv 2411.04998",
    ),
    "nextqa": Dataset(
        name="nextqa",
        title="NExT-QA, multiple choice",
        splits=("val", "test"),
        size="4,996 questions, 570 films of 44 s",
        licence="MIT",
        sources=(
            Source(
                "annotations", "github.com/doc-doc/NExT-QA", "nextqa/val.csv, map_vid_vidorID.json"
            ),
            Source("films", "VidOR, the link there", "videos/"),
        ),
        load=nextqa.load,
        metrics=choice_sets.nextqa_metrics,
        paper="arXiv 2105.08276",
    ),
    "videommmu": Dataset(
        name="videommmu",
        title="Video-MMMU",
        splits=("test",),
        size="900 questions in three tracks, 300 lectures",
        licence="academic use only",
        sources=(
            Source(
                "annotations",
                f"{HUB}/lmms-lab/VideoMMMU",
                "Perception/, Comprehension/, Adaptation/",
            ),
            Source("films", "the same, as zip files", "Art/ … Science/"),
        ),
        load=videommmu.load,
        metrics=choice_sets.videommmu_metrics,
        paper="arXiv 2501.13826",
    ),
}
