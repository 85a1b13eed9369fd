"""A run on a Ray cluster: films are tasks, one actor writes, a task whose worker dies begins again.

The folder of the run, the films and the indexes have to be in the same place for all machines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...index.video.errors import EndpointError, UsageError
from ..result import Result
from ..systems.film import OpensFilms
from .folder import Key, RunFolder, key_of
from .sink import FolderSink
from .threads import stop_on_interrupt
from .work import Job, work

RETRIES = 3  # of a film whose worker died
_TICK = 0.3  # seconds


class Writer:
    """The actor: the only one that writes into the run's folder.

    Args:
        path: the folder.
        errors_in_row: how many errors one after the other stop the run.
    """

    def __init__(self, path: str, errors_in_row: int) -> None:
        self._written: list[str] = []
        folder = RunFolder.find(Path(path))
        self._sink = FolderSink(
            folder, lambda r: self._written.append(r.model_dump_json()), errors_in_row
        )

    def known(self, film: str) -> list[str]:
        """Return the finished results of a film, as JSON."""
        return [result.model_dump_json() for result in self._sink.known(film).values()]

    def write(self, result: str) -> None:
        """Keep a result."""
        self._sink.write(Result.model_validate_json(result))

    def write_film(self, cost: dict[str, Any]) -> None:
        """Keep what a film's index cost."""
        self._sink.write_film(cost)

    def stop(self, why: str) -> None:
        """Let no further sample begin."""
        self._sink.stop(why)

    def stopping(self) -> bool:
        """Say whether no further sample may be begun."""
        return self._sink.stopping()

    def news(self, since: int) -> tuple[list[str], str | None]:
        """Return the results written since so many, and why the run stops."""
        return self._written[since:], self._sink.stopped


class RemoteSink:
    """The writer as a worker sees it.

    Args:
        writer: handle of the actor.
    """

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def known(self, film: str) -> Mapping[Key, Result]:
        """Return the finished results of a film."""
        rows = self._get(self._writer.known.remote(film))
        return {key_of(r): r for r in map(Result.model_validate_json, rows)}

    def write(self, result: Result) -> None:
        """Keep a result; it is in the file when this returns."""
        self._get(self._writer.write.remote(result.model_dump_json()))

    def write_film(self, cost: Mapping[str, Any]) -> None:
        """Keep what a film's index cost."""
        self._get(self._writer.write_film.remote(dict(cost)))

    def stopping(self) -> bool:
        """Say whether no further sample may be begun."""
        return self._get(self._writer.stopping.remote())

    @staticmethod
    def _get(reference: Any) -> Any:
        import ray  # pyright: ignore[reportMissingImports]

        return ray.get(reference)


def work_on_cluster(
    address: str, at_once: int | None = None, errors_in_row: int = 5
) -> Callable[[Sequence[Job], FolderSink, OpensFilms], None]:
    """Return what works jobs off on a Ray cluster.

    Args:
        address: `ray://HOST:PORT`; empty for a cluster that this machine belongs to, and where
            there is none, one of this machine's own.
        at_once: films at a time; as many as the cluster has processors when None.
        errors_in_row: how many errors one after the other stop the run.

    Raises:
        UsageError: Ray is not installed, or the cluster does not see the run's folder.
        EndpointError: there is no cluster at the address.
    """
    ray = connect(address)

    def run(jobs: Sequence[Job], sink: FolderSink, open_film: OpensFilms) -> None:
        try:
            _Driver(ray, sink, errors_in_row).run(jobs, open_film, at_once)
        finally:
            ray.shutdown()

    return run


def connect(address: str) -> Any:
    """Join a cluster, or begin one; return the module `ray`.

    Raises:
        UsageError: Ray is not installed.
        EndpointError: nobody answers at the address.
    """
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UsageError(
            "Ray is not installed", "pip install 'longtake[scale]', or leave --ray out"
        ) from error
    if ray.is_initialized():
        return ray
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address:
            ray.init(address=address, **quiet)
            return ray
        try:
            ray.init(address="auto", **quiet)
        except ConnectionError:
            _begin(ray, quiet)
    except Exception as error:  # grpc, sockets and Ray itself have each a class of their own
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        what = (
            f"workers = {address!r}: no Ray cluster answers there"
            if address
            else ("Ray could not be started on this machine")
        )
        raise EndpointError(
            f"{what}: {said[:200]}",
            "start one with `ray start --head`, or leave --ray out",
        ) from error
    return ray


def _begin(ray: Any, quiet: dict[str, Any]) -> None:
    """Begin a cluster of this machine's own.

    Ray gives its parts 30 s to come up, which nothing changes; what a busy machine read from disk
    the first time is at hand the second time.
    """
    try:
        ray.init(include_dashboard=False, **quiet)
    except Exception:
        ray.shutdown()
        ray.init(include_dashboard=False, **quiet)


class _Driver:
    """Hands out films, tells what was written, and starts films of dead workers again."""

    def __init__(self, ray: Any, sink: FolderSink, errors_in_row: int) -> None:
        self.ray, self.sink, self.told = ray, sink, 0
        path = str(sink.folder.path.absolute())
        here = self._here()
        actor = ray.remote(num_cpus=0, **here)(Writer)
        self.writer = actor.remote(path, errors_in_row)
        try:
            ray.get(self.writer.news.remote(0))
        except Exception as error:
            raise UsageError(
                f"the Ray cluster cannot write {path}: {type(error).__name__}",
                "name a folder with --out that all its machines share",
            ) from error

    def _here(self) -> dict[str, Any]:
        """Keep the writer on this machine, where this machine belongs to the cluster."""
        if self.ray.util.client.ray.is_connected():
            return {}
        from ray.util.scheduling_strategies import (  # pyright: ignore[reportMissingImports]
            NodeAffinitySchedulingStrategy,
        )

        node = self.ray.get_runtime_context().get_node_id()
        return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=True)}

    def run(self, jobs: Sequence[Job], open_film: OpensFilms, at_once: int | None) -> None:
        """Work all jobs off, or until the run stops."""
        most = at_once or max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        task = self.ray.remote(max_retries=RETRIES, num_cpus=1)(_film_task)
        waiting, running, died = list(jobs), {}, []
        with stop_on_interrupt(self.sink):
            while waiting or running:
                while waiting and len(running) < most and not self.sink.stopping():
                    job = waiting.pop(0)
                    running[task.remote(job, self.writer, open_film)] = job
                if not running:
                    break
                done, _ = self.ray.wait(list(running), timeout=_TICK)
                for reference in done:
                    died += self._ended(reference, running.pop(reference))
                self._tell()
            self._tell()
        if died:
            self.sink.stop(f"workers that died {RETRIES + 1} times: {'; '.join(died)}")

    def _ended(self, reference: Any, job: Job) -> list[str]:
        try:
            self.ray.get(reference)
        except self.ray.exceptions.RayTaskError as error:
            raise error.as_instanceof_cause() from error
        except self.ray.exceptions.RayError as error:
            return [f"{job.film} ({type(error).__name__})"]
        return []

    def _tell(self) -> None:
        if self.sink.stopped:
            self.ray.get(self.writer.stop.remote(self.sink.stopped))
        rows, stopped = self.ray.get(self.writer.news.remote(self.told))
        self.told += len(rows)
        for row in rows:
            self.sink.tell(Result.model_validate_json(row))
        if stopped:
            self.sink.stop(stopped)


def _film_task(job: Job, writer: Any, open_film: OpensFilms) -> None:
    work(job, RemoteSink(writer), open_film)
