"""One film's share of a run: open it, index it, let every system answer every question."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...index.video.errors import EndpointError, IndexProblem, LongtakeError, UsageError
from ..result import FramesUsed, Result
from ..sample import Sample
from ..systems.agent import ask_agent, run_name
from ..systems.film import FilmUnderTest, OpensFilms, backend
from ..systems.looks import blind, oracle, text_only, true_spans, uniform
from ..systems.reply import Reply
from ..systems.spec import AGENT, BLIND, System
from .folder import Key
from .sink import Sink


@dataclass(frozen=True, slots=True)
class Job:
    """The questions about one film.

    Attributes:
        film: id of the video.
        path: its file.
        subtitles: the benchmark's subtitle file, as SRT; None for those that the film has.
        samples: the questions.
        run_id: of the run.
        systems: with the hash of configuration and system.
        epochs: repetitions.
        limits: budgets of the agent, a sample.
        retries: how often a sample is tried again after trouble with a model server.
    """

    film: str
    path: Path
    subtitles: Path | None
    samples: tuple[Sample, ...]
    run_id: str
    systems: tuple[tuple[System, str], ...]
    epochs: int = 1
    limits: Mapping[str, float] = field(default_factory=dict)
    retries: int = 1

    def tasks(self, known: Mapping[Key, object]) -> list[tuple[System, str, Sample, int]]:
        """Return what is still to be asked, system by system."""
        return [
            (system, digest, sample, epoch)
            for system, digest in self.systems
            for epoch in range(self.epochs)
            for sample in self.samples
            if (digest, sample.sample_id, epoch) not in known
        ]


def work(job: Job, sink: Sink, open_film: OpensFilms) -> None:
    """Ask what is missing of one film; its failures become results.

    Raises:
        UsageError, IndexProblem, OSError: a setting, the store or the disk is at fault, and every
            film would fail.
    """
    results = dict(sink.known(job.film))
    tasks = job.tasks(results)
    if not tasks or sink.stopping():
        return
    if not job.path.is_file():
        why = f"InputError: {job.path}: no such film"
        _fail(job, sink, tasks, "missing_media", why)
        return
    try:
        film = open_film(job.path, job.subtitles)
    except LongtakeError as error:
        if _is_common(error):
            raise
        _fail(job, sink, tasks, "error", _said(error))
        return
    try:
        _ask_all(job, sink, tasks, results, film)
    finally:
        film.close()


def _is_common(error: Exception) -> bool:
    # the store itself raises the plain class; its subclasses are about the index of one film
    return isinstance(error, UsageError | OSError) or type(error) is IndexProblem


def _ask_all(
    job: Job,
    sink: Sink,
    tasks: Sequence[tuple[System, str, Sample, int]],
    results: dict[Key, Result],
    film: object,
) -> None:
    try:
        tested = FilmUnderTest(film)  # pyright: ignore[reportArgumentType]
    except Exception as error:  # a film that cannot be indexed must not end the run of the others
        if _is_common(error):
            raise
        _fail(job, sink, tasks, "error", f"index: {_said(error)}")
        return
    try:
        for system, digest, sample, epoch in tasks:
            if sink.stopping():
                return
            turn = _Turn(job, tested, system, digest, sample, epoch, results)
            result = turn.take()
            results[digest, sample.sample_id, epoch] = result
            sink.write(result)
    finally:
        sink.write_film({"film": job.film, "path": str(job.path), **tested.cost()})


def _fail(
    job: Job,
    sink: Sink,
    tasks: Sequence[tuple[System, str, Sample, int]],
    status: str,
    why: str,
) -> None:
    for system, digest, sample, epoch in tasks:
        if sink.stopping():
            return
        sink.write(
            Result(
                run_id=job.run_id,
                config_hash=digest,
                system=system.name,
                dataset=sample.dataset,
                sample_id=sample.sample_id,
                epoch=epoch,
                film=job.film,
                status=status,  # pyright: ignore[reportArgumentType]
                error=why,
                ended=_now(),
            )
        )


class _Turn:
    """One system's turn at one sample."""

    def __init__(
        self,
        job: Job,
        film: FilmUnderTest,
        system: System,
        digest: str,
        sample: Sample,
        epoch: int,
        results: Mapping[Key, Result],
    ) -> None:
        self.job, self.film, self.system, self.digest = job, film, system, digest
        self.sample, self.epoch, self.results = sample, epoch, results

    def take(self) -> Result:
        """Ask, again after trouble with a server, and return the result."""
        started, began = _now(), time.perf_counter()
        before: list[str] = []
        self.film.vlm.forget()
        while True:
            try:
                reply = self._ask()
                break
            except EndpointError as error:
                if len(before) >= self.job.retries:
                    reply = Reply("error", error=_said(error))
                    break
                before.append(_said(error))
            except Exception as error:
                # hours of results must not die with one sample; a bug's class and text are kept
                reply = Reply("error", error=_said(error))
                break
        seconds = round(time.perf_counter() - began, 3)
        return self._result(reply, seconds, started, tuple(before))

    def _ask(self) -> Reply:
        film, sample, system = self.film, self.sample, self.system
        if system.kind == "agent":
            name = run_name(self.digest, sample.sample_id, self.epoch)
            return ask_agent(film, sample, name, self.job.limits)
        asks: dict[str, Callable[[FilmUnderTest, Sample], Reply]] = {
            "blind": blind,
            "text-only": text_only,
            "oracle": oracle,
        }
        if system.kind in asks:
            if system.kind == "oracle" and not true_spans(sample, film.duration):
                return _skipped("the benchmark does not say where the film shows the answer")
            return asks[system.kind](film, sample)
        if system.match is None:
            return uniform(film, sample, system.frames or 1, system.order)
        matched = self._matched()
        if isinstance(matched, str):
            return _skipped(matched)
        count, like = matched
        return uniform(film, sample, count, system.order, like)

    def _matched(self) -> tuple[int, int | None] | str:
        """Return how many frames cost as much as the agent did here, or why that is not known.

        With equal tokens also among how many a frame cost that much: more frames are made smaller.
        """
        agent = self._of(AGENT)
        if agent is None or agent.status == "error":
            return "the agent gave no answer here to take the measure from"
        if self.system.match == "equal-frames":
            return max(1, agent.frames.shown), None
        looks = [r for r in self.results.values() if r.system.startswith("uniform")]
        looks = [r for r in looks if r.frames.shown and r.usage.get("tokens_in")]
        if not looks or not agent.usage.get("tokens_in"):
            return "the tokens of a frame or of the agent are not known"
        bare = self._of(BLIND)
        base = bare.usage.get("tokens_in", 0) if bare is not None else 0
        look = max(looks, key=lambda r: (r.sample_id == self.sample.sample_id, r.frames.shown))
        each = (look.usage["tokens_in"] - base) / look.frames.shown
        if each <= 0:
            return "frames cost this model no tokens"
        return max(1, round((agent.usage["tokens_in"] - base) / each)), look.frames.shown

    def _of(self, system: str) -> Result | None:
        digest = next((d for s, d in self.job.systems if s.name == system), "")
        return self.results.get((digest, self.sample.sample_id, self.epoch))

    def _result(
        self, reply: Reply, seconds: float, started: str, before: tuple[str, ...]
    ) -> Result:
        watched = self.film.vlm
        return Result(
            run_id=self.job.run_id,
            config_hash=self.digest,
            system=self.system.name,
            dataset=self.sample.dataset,
            sample_id=self.sample.sample_id,
            epoch=self.epoch,
            film=self.job.film,
            status=reply.status,
            raw_text=reply.raw_text,
            pred_index=reply.pred_index,
            pred_spans=reply.pred_spans,
            pred_frames=reply.pred_frames,
            cited_spans=reply.cited_spans,
            parse_rule=reply.parse_rule,
            confidence=reply.confidence,
            usage=reply.usage,
            timing={**reply.timing, "seconds": seconds},
            frames=FramesUsed(
                decoded=reply.decoded,
                shown=watched.shown,
                pts=watched.seconds,
                backend=backend(),
            ),
            n_tool_calls=reply.n_tool_calls,
            trace_ref=reply.trace_ref,
            error=reply.error,
            retries=before,
            started=started,
            ended=_now(),
        )


def _skipped(why: str) -> Reply:
    return Reply("skipped", error=why)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:1000]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
