"""Train Longtake-mini, the video LLM that ships with the package, from a seed.

    python -m longtake.world.training.vlm.train_vlm --seed 0 --minutes 170 --out world/weights/vlm --work runs/train-vlm

First the tower, started from the embedded CLIP, is taught what covers each patch and where that
ends (train/eye_dense.py), and its tokens the words for it (train/eye_words.py). Then it is frozen,
its features are kept, and the decoder learns to answer: single frames and open questions first,
then all questions, then clips of up to sixteen frames. Learned are the answers, and hints on the
way to them (train/eye_hints.py, train/eye_trails.py). Matrices are stepped by Muon (Jordan et al.
2024), the rest by AdamW; the exported weights are a running average. A run that was cut off goes on
from its last checkpoint. The recipe for a GPU is the same with `--device cuda` (bfloat16) and more
frames a step.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from longtake.world.training.clips.film import make_clip
from longtake.world.training.clips.pool import Pool
from longtake.world.training.clips.scene import HELD_OUT
from longtake.world.training.encoder.curve import draw_curve
from longtake.world.training.encoder.log import Log
from longtake.world.training.encoder.replicas import Replicas, spawn
from longtake.world.training.lessons.dense import Labels, labels_of, tower_probe
from longtake.world.training.vlm.model import export_model
from longtake.world.training.vlm.probe import GROUPS, Probe
from longtake.world.training.vlm.run import Options, Run
from longtake.world.training.vlm.stages import STAGES

SHARES = {"patch_object": "object of a patch", "auc": "relevance, area under curve"} | {
    name: name for name in GROUPS
}
LOSSES = {
    "dense": "dense labels",
    "boxes": "boxes of patches",
    "answer": "answers",
    "words": "words of tokens",
    "looks": "where to look",
    "hints": "hints",
    "facts": "places and numbers",
}
FIELDS = (
    "minutes",
    "step",
    *LOSSES,
    "turns",
    "patch_object",
    "patch_colour",
    "place",
    "box_error",
    *GROUPS,
    "auc",
)


class Books:
    """The first replica's duties: probe, log, checkpoint, export."""

    def __init__(self, options: Options) -> None:
        self.options, self.probe = options, Probe()
        self.labels = labels_of([make_clip(HELD_OUT + 10_000 + i, 1) for i in range(64)])
        self.log = Log(options.work / "log.csv", FIELDS)
        self.next: float | None = None

    def note(self, run: Run, parts: dict[str, float]) -> None:
        """Count a step, and write everything down when it is time."""
        total = self.options.minutes * 60
        pause = max(30.0, min(240.0, total / 30))
        due = self.next = run.seconds + pause if self.next is None else self.next
        self.log.add(parts)
        if run.seconds < min(due, total):
            return
        self.next = run.seconds + pause
        if run.frozen:
            if not self.probe.features:
                self.probe.look(run.average.model.visual)
            found = self.probe.measure(run.average)
        else:
            found = tower_probe(run.average.model.visual, run.heads, self.labels)
        self.log.write(run.seconds / 60, self.options.minutes, run.step, found)
        run.save()
        export_model(run.average, self.options.out)
        try:
            draw_curve(self.log.path, self.options.work / "curve.png", LOSSES, SHARES)
        except ImportError:  # matplotlib is an extra
            return


def train(rank: int, options: Options) -> None:
    """Train until the minutes are spent, probing, logging and exporting on the way."""
    if options.device == "cpu":
        torch.set_num_threads(1)
        torch.set_flush_denormal(
            True
        )  # sharp attention is full of numbers that are next to nothing
    replicas = Replicas(rank, options.replicas, options.work / "meeting")
    run = Run(options, replicas)
    resumed = run.load()
    books = Books(options) if replicas.first else None
    if books:
        print(
            f"{'resumed' if resumed else 'started'} at step {run.step}, {run.seconds / 60:.1f} min",
            flush=True,
        )
    # every replica sees clips of its own
    seed = options.seed * 64 + rank
    pool = Pool(tuple(s for _, s in STAGES), seed, first=run.step * 4)
    recent: list[Labels] = []
    try:
        mark = time.monotonic()
        while run.seconds < options.minutes * 60:
            pool.stage.value = run.stage
            if run.dense:
                parts = run.tower_step(next_labels(pool, recent, run.step))
            else:
                run.freeze()
                parts = run.decoder_step(pool)
            now = time.monotonic()
            # a machine that slept did not train
            run.seconds, mark = replicas.agree(run.seconds + min(now - mark, 60.0)), now
            if books:
                books.note(run, parts)
    finally:
        pool.close()
        replicas.close()


def next_labels(pool: Pool, recent: list[Labels], step: int) -> Labels:
    """Return frames for the tower; new ones at every other step, since rendering takes its time."""
    if step % 2 == 0 or len(recent) < 4:
        recent.append(labels_of([c for _ in range(4) for c in pool.fresh()]))
        del recent[:-40]
        return recent[-1]
    return recent[(step * 7919) % len(recent)]


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the embedded video LLM.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=170, help="wall clock, all runs together")
    parser.add_argument("--out", type=Path, default=Path("world/weights/vlm"))
    parser.add_argument("--work", type=Path, default=Path("runs/train-vlm"), help="checkpoint, log")
    parser.add_argument("--clip", type=Path, default=Path("world/weights/clip"), help="the tower")
    parser.add_argument("--tokens", type=int, default=2400, help="a step and replica")
    parser.add_argument("--part", type=int, default=4000, help="tokens of a backward pass")
    parser.add_argument("--replicas", type=int, default=2, help="one-thread trainers side by side")
    parser.add_argument("--dense-share", type=float, default=0.18, help="of the time, tower only")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    options = Options(**vars(parser.parse_args()))
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "meeting").unlink(missing_ok=True)
    others = spawn(train, options.replicas, (options,))
    train(0, options)
    for process in others:
        process.join(30)


if __name__ == "__main__":
    main()
