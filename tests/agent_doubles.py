"""Doubles at the agent's seams: a toolbox that plays a script, a small film, planners."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from longtake.agent.cost.budget import Budget
from longtake.agent.cost.rates import Rates
from longtake.agent.planners.base import Action, Claim, Done, Left, Planner
from longtake.agent.run import film_facts, work
from longtake.agent.runs.events import OnEvent
from longtake.agent.runs.record import RunFolder
from longtake.agent.steps import Step, evidence_of
from longtake.index.video.span import Span
from longtake.tools.types import Cost, Coverage, Evidence, FrameRef, Observation, evidence_id
from longtake.world.grammar.reading import LETTERS, Reading

DURATION = 600.0
VISUAL = ("overview", "zoom_time", "zoom_space", "compare", "enumerate", "verify", "read_text")
Answerer = Callable[[dict[str, Any], int], Observation]


def film() -> Any:
    """A ten-minute film as far as the agent looks at one."""
    info = SimpleNamespace(film_id="f" * 16, path="film.mp4", duration=DURATION)
    return SimpleNamespace(info=info, coverage=[Span(0.0, DURATION)], caveats=[])


def seen(
    tool: str,
    start: float,
    end: float,
    text: str,
    *,
    kind: Any = "frame",
    supports: str | None = None,
    score: float = 0.9,
) -> Evidence:
    """A piece of evidence with one frame in the middle of its span."""
    span = Span(start, end)
    ref = FrameRef(span.middle, hashlib.sha256(f"{span}".encode()).hexdigest())
    return Evidence(
        evidence_id(kind, span, text), span, kind, text, (ref,), tool, supports, False, score
    )


def brought(
    tool: str,
    data: dict[str, Any] | None = None,
    evidence: Sequence[Evidence] = (),
    *,
    frames: int = 0,
    error: Any = None,
    text: str = "",
) -> Observation:
    """What a tool returns."""
    coverage = Coverage((Span(0, DURATION),), frames, frames / DURATION, 10.0, False)
    return Observation(
        tool, {}, text, tuple(evidence), coverage if tool in VISUAL else None, data or {},
        Cost(frames, frames, 1 if frames else 0), error,
    )  # fmt: skip


def items(tool: str, spans: Sequence[tuple[float, float, float]], text: str) -> Observation:
    """An enumeration: (start, end, score) each."""
    data = {"items": [{"start": a, "end": b, "score": s} for a, b, s in spans], "complete": True}
    found = [seen(tool, a, b, text, score=s) for a, b, s in spans]
    return brought(tool, data, found, frames=4)


def zoomed(
    tool: str, start: float, end: float, options: dict[str, float], answer: str = ""
) -> Observation:
    """A look with option probabilities."""
    best = max(options, key=lambda k: options[k]) if options else None
    data = {"answer": answer, "options": options, "method": "similarity", "relevant": True}
    return brought(
        tool, data, [seen(tool, start, end, f"option {best} {answer}", supports=best)], frames=8
    )


def verdict(word: str = "supported", score: float = 0.9) -> Observation:
    """What verify says."""
    return brought("verify", {"verdict": word, "score": score}, frames=4)


@dataclass
class Toolbox:
    """Answers calls from a script: tool name to a function of the arguments; keeps a history."""

    script: dict[str, Answerer] = field(default_factory=dict)
    history: list[tuple[str, dict[str, Any], int]] = field(default_factory=list)
    log: Path | None = None

    def __call__(self, tool: str, args: dict[str, Any], frames: int) -> Observation:
        self.history.append((tool, args, frames))
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{tool} {sorted(args.items())}\n")
        answer = self.script.get(tool)
        return answer(args, frames) if answer else brought(tool, error="nothing")

    def open(self, report: Any) -> Any:
        return self

    def get_ready(self, report: Any) -> Any:
        return lambda tool, args: None

    def model_ids(self) -> dict[str, str]:
        return {"eye": "script"}

    def calibrated(self, raw: float) -> float | None:
        return None

    def calls(self, tool: str) -> list[dict[str, Any]]:
        return [args for name, args, _ in self.history if name == tool]


def searched(args: dict[str, Any], frames: int) -> Observation:
    """A search that knows the footage and hits nothing."""
    return brought("search_clips", {"hits": [], "known": 1.0})


def glance(args: dict[str, Any], frames: int) -> Observation:
    """An overview that knows the footage and has no opinion."""
    return brought("overview", {"options": {}, "answer": "", "known": 1.0}, frames=min(8, frames))


def run_double(
    runs_dir: Path,
    toolbox: Toolbox,
    question: str,
    choices: Sequence[str] = (),
    *,
    planner: Planner | None = None,
    budget: Budget | None = None,
    force_choice: bool = False,
    run_id: str = "r1",
    on_event: OnEvent | None = None,
    durability: str = "async",
    rates: Rates | None = None,
) -> Any:
    """Run the real graph, with real checkpoints and trace, over a scripted toolbox."""
    from longtake.world.planner.workflow import WorkflowPlanner

    if (runs_dir / run_id / "run.json").exists():
        folder = RunFolder.find(runs_dir, run_id)
    else:
        record = {
            "question": question, "choices": list(choices) or None,
            "film": film_facts(film()), "planner": planner.name if planner else "workflow",
            "budget": (budget or Budget()).to_json(), "force_choice": force_choice,
            "durability": durability, "models": {},
        }  # fmt: skip
        if rates is not None:  # without, the record is as earlier versions wrote it
            record["prices"] = rates.to_json()
        folder = RunFolder.create(runs_dir, run_id, record)
    return work(folder, toolbox, film(), planner or WorkflowPlanner(), on_event)


@dataclass
class RandomPlanner:
    """Never stops by itself: calls tools at random for ever, cites at random when it must."""

    seed: int
    name: str = "random"
    patience: int = 2

    def next(self, steps: Sequence[Step], reading: Reading, left: Left) -> Action | Done:
        rng = random.Random(f"{self.seed} {len(steps)}")
        tool = rng.choice([*VISUAL, "search_clips", "search_speech", "no_such_tool"])
        return Action(tool, {"n": rng.randrange(5), "start": rng.uniform(-5, 700)}, "why not")

    def conclude(self, steps: Sequence[Step], reading: Reading, reason: str) -> Done:
        rng = random.Random(f"{self.seed} end")
        ids = list(evidence_of(steps))
        cited = tuple(Claim(i, "so it is") for i in rng.sample(ids, min(3, len(ids))))
        return Done("maybe", None, rng.random(), claims=(*cited, Claim("e0000000", "made up")))


def random_toolbox(seed: int) -> Toolbox:
    """Brings evidence at times, greedy for frames, never above what it is told is left."""
    rng = random.Random(seed)

    def answer(tool: str) -> Answerer:
        def run(args: dict[str, Any], frames: int) -> Observation:
            used = min(frames, rng.choice([0, 1, 8, 32, 64])) if tool in VISUAL else 0
            if rng.random() < 0.2:
                return brought(tool, error=rng.choice(["nothing", "backend", "bad_argument"]))
            found = []
            if rng.random() < 0.5:
                start = rng.uniform(0, 500)
                found = [seen(tool, start, start + 5, f"thing {rng.random():.4f}")]
            return brought(
                tool, {"options": {"A": 0.5, "B": 0.5}} if used else {}, found, frames=used
            )

        return run

    script = {tool: answer(tool) for tool in (*VISUAL, "search_clips", "search_speech")}
    script["verify"] = lambda args, frames: (
        verdict(rng.choice(["supported", "refuted", "unclear"]))
        if frames >= 4
        else brought("verify", error="budget")
    )
    return Toolbox(script)


def letters(count: int) -> Sequence[str]:
    return LETTERS[:count]
