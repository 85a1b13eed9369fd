"""Time the index: films of 10, 60 and 180 minutes, from nothing to searchable.

    python bench/index.py                     # renders its films once, into --films
    python bench/index.py --film demo.mp4     # one film of your own
    python bench/index.py --text              # the on-screen text pass as well

Every run is a process of its own, so that its peak memory is its own. CPU-seconds count the
decoding children; on a busy machine they are the figure to compare, not the wall clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the films given, or made, and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--film", type=Path, help="this film instead of rendered ones")
    parser.add_argument("--films", type=Path, default=Path(".cache/bench"), help="kept here")
    parser.add_argument("--minutes", type=int, nargs="*", default=[10, 60, 180])
    parser.add_argument("--text", action="store_true", help="time the on-screen text pass too")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--child", nargs=2, metavar=("FILM", "STORE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measure(*map(Path, arguments.child), text=arguments.text)))
        return
    films = [arguments.film] if arguments.film else make_films(arguments.films, arguments.minutes)
    rows = [run_child(film, arguments.text) for film in films]
    print_table(rows)
    document = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "runs": rows}
    if arguments.json:
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document))


def make_films(folder: Path, minutes: list[int]) -> list[Path]:
    """Render an hour once; cut shorter films from it and loop it for longer ones."""
    import imageio_ffmpeg

    from longtake.world.render import make_film

    folder.mkdir(parents=True, exist_ok=True)
    hour = folder / "hour7.mp4"
    if not hour.exists():
        make_film(60, 7, hour)
    films = []
    for length in minutes:
        film = hour if length == 60 else folder / f"minutes{length}.mp4"
        if not film.exists():
            loops = str(-(-length // 60) - 1)
            subprocess.run(
                [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-stream_loop", loops,
                 "-i", str(hour), "-t", str(length * 60), "-c", "copy", "-y", str(film)],
                check=True,
            )  # fmt: skip
        films.append(film)
    return films


def run_child(film: Path, text: bool) -> dict[str, Any]:
    """Measure one film in a fresh process with an empty store."""
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, str(Path(__file__).resolve()), "--child", str(film), store]
        done = subprocess.run(
            command + ["--text"] * text, check=True, stdout=subprocess.PIPE, text=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def measure(film: Path, root: Path, *, text: bool) -> dict[str, Any]:
    """Index a film, open it again, and read its text; return the figures."""
    from longtake.index.build import build_index
    from longtake.index.storage.store import Store
    from longtake.index.video.decode import Decoder
    from longtake.index.words.text_pass import ensure_text
    from longtake.models.ocr import RapidReader
    from longtake.world.profile import load_encoder

    store, peak = Store(root), PeakMemory()
    encoder = load_encoder()
    with peak:
        wall, cpu = time.monotonic(), cpu_seconds()
        index = build_index(film, store, encoder)
        row: dict[str, Any] = {
            "minutes": round(index.info.duration / 60, 1),
            "wall_s": round(time.monotonic() - wall, 2),
            "cpu_s": round(cpu_seconds() - cpu, 2),
            "samples": len(index.sample_seconds),
            "vectors": len(index.vectors),
            "shots": len(index.shots),
            "stages": index.record["timings"],
        }
    row["peak_mb"] = round(peak.highest / 2**20)
    wall = time.monotonic()
    index = build_index(film, store, encoder)
    row["second_run_s"] = round(time.monotonic() - wall, 3)
    row["index_mb"] = round(sum(f.size_bytes for f in store.list()) / 2**20, 2)
    if text:
        wall, cpu = time.monotonic(), cpu_seconds()
        with Decoder(film) as decoder:
            ensure_text(index, decoder, RapidReader())
        row["text_wall_s"] = round(time.monotonic() - wall, 2)
        row["text_cpu_s"] = round(cpu_seconds() - cpu, 2)
        row["text_lines"] = len(index.texts())
    return row


def cpu_seconds() -> float:
    """Return user and system time of this process and of the children that ended."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


class PeakMemory:
    """The highest memory of this process and its children together, pages shared split evenly."""

    def __init__(self) -> None:
        self.highest = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        me = psutil.Process()
        while not self._stop.wait(0.1):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.highest = max(self.highest, total)


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print one line a film, and the cost of a minute beside it."""
    names = ["minutes", "wall_s", "cpu_s", "peak_mb", "second_run_s", "vectors", "index_mb"]
    names += [name for name in ("text_wall_s", "text_cpu_s", "text_lines") if name in rows[0]]
    print("| " + " | ".join([*names, "cpu_s a minute"]) + " |")
    print("|" + " --- |" * (len(names) + 1))
    for row in rows:
        cost = f"{row['cpu_s'] / max(row['minutes'], 1e-9):.3f}"
        print("| " + " | ".join([*(str(row[name]) for name in names), cost]) + " |")


if __name__ == "__main__":
    main()
