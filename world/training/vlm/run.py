"""One training run of the VLM: what it holds, its steps, and how it goes on after a break."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from longtake.world.training.clips.film import make_clip
from longtake.world.training.clips.pool import Pool
from longtake.world.training.clips.scene import Clip
from longtake.world.training.encoder.muon import Steppers
from longtake.world.training.encoder.replicas import Replicas
from longtake.world.training.encoder.train_encoder import rate
from longtake.world.training.lessons.dense import (
    Labels,
    VlmHeads,
    head_losses,
    labels_of,
    warm_heads,
)
from longtake.world.training.lessons.hints import Hints
from longtake.world.training.lessons.moments import make_turns
from longtake.world.training.lessons.read import answer_loss, read
from longtake.world.training.lessons.words import confine, name_plurals, spot_loss, word_loss
from longtake.world.training.vlm.batch import collate
from longtake.world.training.vlm.model import Shape, build_model, decoder_parts
from longtake.world.training.vlm.pack import Row, pack_row
from longtake.world.training.vlm.stages import LONGEST, SERVED, STAGES
from longtake.world.training.vlm.tower import merged, see, start_from_clip, to_patches

# weights of what is learned beside the answers
LESSONS = {"words": 0.5, "looks": 0.5, "hints": 1.0, "facts": 2.0, "spots": 2.0}
GENTLE = 0.3  # of the rate, for merger and embeddings: what frames look like must not drift


@dataclass(frozen=True, slots=True)
class Options:
    """How to train; minutes are wall clock, summed over resumed runs."""

    seed: int
    minutes: float
    out: Path
    work: Path
    clip: Path
    tokens: int
    part: int
    replicas: int
    dense_share: float
    lr: float
    device: str


class Run:
    """One training run and everything that a checkpoint of it holds."""

    def __init__(self, options: Options, replicas: Replicas) -> None:
        torch.manual_seed(options.seed)
        self.options, self.replicas = options, replicas
        self.model = build_model(Shape()).to(options.device)
        self.visual = self.model.model.visual
        self.words = self.model.model.language_model.embed_tokens
        confine(self.words)
        self.heads = VlmHeads().to(options.device)
        self.average: Any = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.steppers = {
            "tower": Steppers(self._tower_parts(), options.lr / 3, replicas=replicas),
            "decoder": Steppers(decoder_parts(self.model), options.lr, GENTLE, replicas),
        }
        self.step, self.seconds, self.frozen = 0, 0.0, False
        self.file = options.work / "checkpoint.pt"

    def _tower_parts(self) -> list[nn.Module]:
        """Return what the tower's lesson steps: words get their embeddings there too."""
        return [self.visual, self.heads, self.words]

    @property
    def dense(self) -> bool:
        """Whether the tower is still at its own lesson."""
        return self.seconds < self.options.dense_share * self.options.minutes * 60

    @property
    def progress(self) -> float:
        """The share of the present phase that is over."""
        total, first = self.options.minutes * 60, self.options.dense_share
        done = self.seconds / total
        return done / first if self.dense else (done - first) / (1 - first)

    @property
    def stage(self) -> int:
        """The number of the decoder's stage."""
        return 0 if self.dense else sum(self.progress >= start for start, _ in STAGES) - 1

    def start(self) -> None:
        """Begin with the embedded CLIP's tower, and heads that fit it."""
        if self.replicas.first:
            labels = labels_of([make_clip(i, 1) for i in range(240)])
            start_from_clip(self.visual, self.options.clip, labels.pixels[:32])
            warm_heads(self.visual, self.heads, labels)
        self.replicas.spread([*self.model.state_dict().values(), *self.heads.state_dict().values()])
        self.average.load_state_dict(self.model.state_dict())

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "heads": self.heads.state_dict(),
            "average": self.average.state_dict(),
            "tower": self.steppers["tower"].state_dict(),
            "decoder": self.steppers["decoder"].state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "frozen": self.frozen,
        }
        aside = self.file.with_suffix(".part")
        torch.save(state, aside)
        os.replace(aside, self.file)

    def load(self) -> bool:
        """Go on from the checkpoint if there is one, else from the CLIP; say whether there was."""
        if not self.file.is_file():
            self.start()
            return False
        state = torch.load(self.file, weights_only=True)
        for name in ("model", "heads", "average"):
            getattr(self, name).load_state_dict(state[name])
        for name, stepper in self.steppers.items():
            stepper.load_state_dict(state[name])
        self.step, self.seconds = state["step"], state["seconds"]
        self.frozen = state["frozen"]
        return True

    def freeze(self) -> None:
        """End the tower's lesson: from now on the averaged tower is the tower."""
        if not self.frozen:
            # of the decoder the embeddings alone were taught, the rest of its average is as it was
            self.model.load_state_dict(self.average.state_dict())
            name_plurals(self.words)
            self.average.load_state_dict(self.model.state_dict())
            self.frozen = True
        self.visual.requires_grad_(False)
        self.visual.merger.requires_grad_(True)

    def tower_step(self, labels: Labels) -> dict[str, float]:
        """Take a step of the tower's lesson; return the losses."""
        halves = np.array_split(np.arange(len(labels.places)), 2)  # small parts stay in the cache
        found = {"dense": 0.0, "boxes": 0.0, "words": 0.0, "spots": 0.0}
        for rows in halves:
            part = labels.take(rows)
            with self.precision():
                seen = see(self.visual, to_patches(part.pixels).to(self.options.device))
                losses = head_losses(self.heads, seen, part)
                tokens = merged(self.visual, seen)
                losses["words"] = word_loss(self.model, tokens, part)
                losses["spots"] = spot_loss(tokens, part)
                loss = losses["dense"] + 4.0 * losses["boxes"]
                loss = loss + sum(LESSONS[name] * losses[name] for name in ("words", "spots"))
            (loss / len(halves)).backward()
            found = {name: found[name] + part.item() / 2 for name, part in losses.items()}
        self._step("tower", self._tower_parts())
        return found

    def decoder_step(self, pool: Pool) -> dict[str, float]:
        """Take a step of the decoder's; return the loss and how many questions it was about."""
        # all replicas use clips of one length, so that none waits for another
        stage = STAGES[self.stage][1]
        alike = np.random.default_rng([self.options.seed, self.step])
        length, served = stage.draw(alike), bool(alike.random() < SERVED)
        rng = np.random.default_rng([self.options.seed, self.step, self.replicas.rank])
        count = max(2, self.options.tokens // LONGEST[length])
        chosen = pool.draw(rng, length, count, self.look)
        rows = [
            pack_row(
                [s.second for s in c.visible],
                make_turns(rng, c, 20, stage.kinds, stage.tasks),
                LONGEST[length],
                Hints(c),
                served,
            )
            for c, _ in chosen
        ]
        losses = self._learn_rows(rows, chosen)
        self._step("decoder", decoder_parts(self.model))
        return losses | {"turns": sum(len(r.turns) for r in rows)}

    def _learn_rows(
        self, rows: list[Row], chosen: list[tuple[Clip, torch.Tensor]]
    ) -> dict[str, float]:
        """Add up the gradients of rows, a few at a time, and return the losses.

        On a CPU small parts are faster: what they compute stays in its cache.
        """
        total = sum(float(r.weights.sum()) for r in rows)
        found = dict.fromkeys(("answer", *LESSONS), 0.0)
        size = max(1, self.options.part // max(len(r.ids) for r in rows))
        for start in range(0, len(rows), size):
            batch = collate(rows[start : start + size]).to(self.options.device)
            clips, seen = zip(*chosen[start : start + size], strict=True)
            frames = torch.cat(seen).to(self.options.device).float()
            with self.precision():
                tokens = merged(self.visual, frames)
                labels = labels_of(clips)
                lessons = {
                    "words": word_loss(self.model, tokens, labels),
                    "spots": spot_loss(tokens, labels),
                }
                part = answer_loss(read(self.model, batch, tokens, lessons), batch)
            loss = part * float(batch.weights.sum()) / total
            found["answer"] += loss.item()
            for name, lesson in lessons.items():
                loss = loss + LESSONS[name] * lesson * len(clips) / len(rows)
                found[name] += lesson.item() * len(clips) / len(rows)
            loss.backward()
        return found

    @torch.no_grad()
    def look(self, pixels: np.ndarray) -> torch.Tensor:
        """Return the tower's features of frames, [N, P, width]."""
        with self.precision():
            return see(self.visual, to_patches(pixels).to(self.options.device))

    def precision(self) -> Any:
        """Return bfloat16 on a GPU; on a CPU without units for it single precision is faster."""
        kind = self.options.device.split(":")[0]
        return torch.autocast(kind, torch.bfloat16, enabled=kind != "cpu")

    def _step(self, name: str, modules: list[nn.Module]) -> None:
        params = [p for module in modules for p in module.parameters()]
        self.replicas.average(params)
        nn.utils.clip_grad_norm_(params, 2.0)
        self.steppers[name].step(rate(self.progress))
        self._follow()
        self.step += 1

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running average towards the weights; faster while they are young."""
        decay = min(0.996, (1 + self.step) / (20 + self.step))
        for slow, fast in zip(self.average.parameters(), self.model.parameters(), strict=True):
            if fast.requires_grad:
                slow.lerp_(fast, 1 - decay)
