"""Peers at the agent's seams: a toolbox that plays a film by a script, and planners.

Everything between is real: the graph, its checkpoints, the trace, the budget and the audit.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from longtake.agent.chat import Chat
from longtake.agent.cost.budget import Budget
from longtake.agent.cost.rates import Rates
from longtake.agent.planners.base import Action, Claim, Done, Journal, Left, Planner
from longtake.agent.planners.scripted import ScriptedPlanner
from longtake.agent.question import Question
from longtake.agent.run import film_facts
from longtake.agent.runs.events import OnEvent
from longtake.agent.runs.record import RunFolder
from longtake.agent.steps import Step, evidence_of
from longtake.agent.stopping import TAU
from longtake.agent.understanding.intent import Intent
from longtake.agent.work import work
from longtake.index.video.span import Span
from longtake.tools.results import (
    Answered,
    Described,
    Hit,
    Hits,
    Judged,
    Line,
    Lines,
    Occurrence,
    Occurrences,
    Payload,
    ToolResult,
    Verdict,
)
from longtake.tools.types import Cost, Coverage, Evidence, EvidenceKind, FrameRef, evidence_id

DURATION = 600.0
VISUAL = ("overview", "zoom_time", "zoom_space", "compare", "enumerate", "verify", "read_text")
Answerer = Callable[[dict[str, Any], int], ToolResult]


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
    kind: EvidenceKind = "frame",
    supports: str | None = None,
    score: float = 0.9,
) -> Evidence:
    """A piece of evidence with one frame in the middle of its span."""
    span = Span(start, end)
    ref = FrameRef(span.middle, hashlib.sha256(f"{span}".encode()).hexdigest())
    key = evidence_id(kind, span, text)
    return Evidence(key, span, kind, text, (ref,), tool, supports, False, score)


def brought(
    tool: str,
    payload: Payload | None = None,
    evidence: Sequence[Evidence] = (),
    *,
    frames: int = 0,
    error: Any = None,
    text: str = "",
) -> ToolResult:
    """What a tool returns."""
    whole = Coverage((Span(0, DURATION),), frames, frames / DURATION, 10.0, False)
    coverage = whole if tool in VISUAL else None
    cost = Cost(frames, frames, 1 if frames else 0)
    return ToolResult(tool, {}, text, tuple(evidence), coverage, payload, cost, error)


def looked(
    tool: str,
    start: float,
    end: float,
    options: Mapping[str, float] | None = None,
    answer: str = "",
    *,
    enough: bool | None = True,
    stated: float | None = None,
    known: float | None = None,
    frames: int = 8,
) -> ToolResult:
    """A look: the VLM's answer, with one piece of evidence that speaks for it."""
    options = dict(options or {})
    best = max(options, key=lambda key: options[key], default=None)
    said = Answered(
        answer or (best or ""),
        options,
        "logprob" if options else "text",
        ((start + end) / 2,),
        enough,
        stated,
        (start + end) / 2,
        known=known,
    )
    item = seen(tool, start, end, f"{best or ''} {answer}", supports=best or answer)
    return brought(tool, said, [item], frames=frames)


def glance(args: dict[str, Any], frames: int) -> ToolResult:
    """An overview without an opinion."""
    return brought("overview", Answered("", enough=False), frames=min(8, frames))


def hits(*spans: tuple[float, float], modality: str = "visual", score: float = 0.8) -> ToolResult:
    """A search that found these places, best first."""
    found = [
        Hit(Span(start, end), score - 0.01 * place, (start + end) / 2, modality)
        for place, (start, end) in enumerate(spans)
    ]
    return brought("search_clips", Hits(tuple(found)))


def lines(
    *rows: tuple[float, float, str], kind: EvidenceKind = "speech", tool: str = "search_words"
) -> ToolResult:
    """Words of the film that a search found."""
    found = tuple(Line(Span(start, end), text, kind, 0.8) for start, end, text in rows)
    items = [seen(tool, start, end, text, kind=kind) for start, end, text in rows]
    return brought(tool, Lines(found), items)


def items(spans: Sequence[tuple[float, float, float]], text: str) -> ToolResult:
    """An enumeration: (start, end, score) each."""
    found = [seen("enumerate", start, end, text, score=score) for start, end, score in spans]
    rows = tuple(Occurrence(item.span, item.score, item.span.middle, item.id) for item in found)
    return brought("enumerate", Occurrences(rows), found, frames=4)


def verdict(word: Verdict = "supported", score: float = 0.9) -> ToolResult:
    """What verify says."""
    return brought("verify", Judged(word, score), frames=4)


def described(text: str) -> ToolResult:
    """What a caption says."""
    return brought("caption_clip", Described(text), frames=4)


@dataclass
class Toolbox:
    """Answers calls from a script: tool name to a function of the arguments; keeps a history."""

    script: dict[str, Answerer] = field(default_factory=dict)
    history: list[tuple[str, dict[str, Any], int]] = field(default_factory=list)
    log: Path | None = None

    def __call__(
        self, tool: str, args: dict[str, Any], frames: int, seconds: float = 60.0
    ) -> ToolResult:
        self.history.append((tool, args, frames))
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{tool} {sorted(args.items())}\n")
        answer = self.script.get(tool)
        found = answer(args, frames) if answer else brought(tool, error="nothing")
        return replace(found, tool=tool)

    def open(self, report: Any, made: Sequence[ToolResult] = ()) -> Any:
        return self

    def model_ids(self) -> dict[str, str]:
        return {"vlm": "script"}

    def calibrated(self, raw: float) -> float | None:
        return None

    def calls(self, tool: str) -> list[dict[str, Any]]:
        return [args for name, args, _ in self.history if name == tool]

    @property
    def tools(self) -> list[str]:
        return [tool for tool, _, _ in self.history]


def run_double(
    runs_dir: Path,
    toolbox: Toolbox,
    question: str,
    choices: Sequence[str] = (),
    *,
    planner: Planner | None = None,
    chat: Chat | None = None,
    budget: Budget | None = None,
    abstain_below: float = 0.0,
    run_id: str = "r1",
    on_event: OnEvent | None = None,
    durability: str = "async",
    rates: Rates | None = None,
) -> Any:
    """Run the real graph, with real checkpoints and trace, over a scripted toolbox."""
    planner = planner or ScriptedPlanner()
    if (runs_dir / run_id / "run.json").exists():
        folder = RunFolder.find(runs_dir, run_id)
    else:
        record = {
            "question": question,
            "choices": list(choices) or None,
            "film": film_facts(film()),
            "planner": planner.name,
            "gate": TAU,
            "chat": chat.id if chat is not None else None,
            "budget": (budget or Budget()).to_json(),
            "abstain_below": abstain_below,
            "durability": durability,
            "models": {},
            "prices": (rates or Rates()).to_json(),
        }
        folder = RunFolder.create(runs_dir, run_id, record)
    return work(folder, toolbox, film(), planner, chat, on_event)


@dataclass
class FixedPlanner:
    """Plays a list of decisions, the last one for ever; a first look as the scripts make it."""

    decisions: list[Any]
    patience: int = 2
    name: str = "fixed"

    def at_work(self, duration: float, journal: Journal) -> FixedPlanner:
        return self

    def first_look(self, question: Question, intent: Intent) -> list[Action]:
        return [Action("overview", {"n_frames": 8}, "at first")]

    def glance(self, steps: Sequence[Step], question: Question, intent: Intent) -> Done | None:
        return None

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done:
        made = sum(getattr(step, "phase", "") == "act" and hasattr(step, "news") for step in steps)
        decision = self.decisions[min(made, len(self.decisions) - 1)]
        return decision if isinstance(decision, Action | Done) else decision(steps)

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        ids = list(evidence_of(steps))
        claims = tuple(Claim(key, "so it is") for key in ids[:1])
        return Done("partial", raw=0.9, claims=claims, reason=reason)


@dataclass
class RandomPlanner(FixedPlanner):
    """Never stops by itself: calls tools at random for ever, cites at random when it must."""

    decisions: list[Any] = field(default_factory=list)
    seed: int = 0
    name: str = "random"

    def next(
        self, steps: Sequence[Step], question: Question, intent: Intent, left: Left
    ) -> Action | Done:
        rng = random.Random(f"{self.seed} {len(steps)}")
        tool = rng.choice([*VISUAL, "search_clips", "search_words", "no_such_tool"])
        return Action(tool, {"n": rng.randrange(5), "start": rng.uniform(-5, 700)}, "why not")

    def conclude(
        self, steps: Sequence[Step], question: Question, intent: Intent, reason: str
    ) -> Done:
        rng = random.Random(f"{self.seed} end")
        ids = list(evidence_of(steps))
        cited = tuple(Claim(key, "so it is") for key in rng.sample(ids, min(3, len(ids))))
        claims = (*cited, Claim("e0000000", "made up"))
        return Done("maybe", None, rng.random(), claims=claims, reason=reason)


def random_toolbox(seed: int) -> Toolbox:
    """Brings evidence at times, greedy for frames, never above what it is told is left."""
    rng = random.Random(seed)

    def answer(tool: str) -> Answerer:
        def run(args: dict[str, Any], frames: int) -> ToolResult:
            used = min(frames, rng.choice([0, 1, 8, 32, 64])) if tool in VISUAL else 0
            if rng.random() < 0.2:
                return brought(tool, error=rng.choice(["nothing", "backend", "bad_argument"]))
            found = []
            if rng.random() < 0.5:
                start = rng.uniform(0, 500)
                found = [seen(tool, start, start + 5, f"thing {rng.random():.4f}")]
            said = Answered("A", {"A": 0.5, "B": 0.5}, "logprob") if used else None
            return brought(tool, said, found, frames=used)

        return run

    def check(args: dict[str, Any], frames: int) -> ToolResult:
        if frames < 4:
            return brought("verify", error="budget")
        return verdict(rng.choice(["supported", "refuted", "unclear"]))

    script = {tool: answer(tool) for tool in (*VISUAL, "search_clips", "search_words")}
    script["verify"] = check
    return Toolbox(script)
