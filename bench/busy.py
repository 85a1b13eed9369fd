"""How much longer a question takes beside one process that keeps a core busy.

    .venv/bin/python bench/busy.py --film .cache/demo.mp4 --pairs 5 --out busy.json

Every pair is one `longtake ask` alone and one beside a loop pinned to a core, in turn, so that a
machine whose speed drifts moves both. `--wait-policy ACTIVE` shows what spinning threads cost.
Target: the median ratio is at most 2.5. Nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOP = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
QUESTION = "How many different things are shown in the film?"


@contextmanager
def busy_core() -> Iterator[None]:
    loop = subprocess.Popen([sys.executable, "-c", LOOP])
    try:
        yield
    finally:
        loop.kill()
        loop.wait()


def seconds_of(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 7):
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="A question beside a busy process.")
    parser.add_argument("--film", type=Path, required=True, help="it is indexed where needed")
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--wait-policy", choices=("PASSIVE", "ACTIVE"), help="of OpenMP")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    command = [sys.executable, "-m", "longtake.cli.main"]
    rows = []
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "XDG_STATE_HOME": state}
        if options.wait_policy:
            environment["OMP_WAIT_POLICY"] = options.wait_policy
        seconds_of([*command, "index", str(options.film), "-q"], environment)
        ask = [*command, "ask", str(options.film), options.question, "--json", "-q"]
        seconds_of(ask, environment)  # fills the caches of the disk
        for _ in range(options.pairs):
            alone = seconds_of(ask, environment)
            with busy_core():
                beside = seconds_of(ask, environment)
            rows.append({"alone": alone, "beside": beside, "ratio": beside / alone})
            print(f"alone {alone:6.2f} s  beside {beside:6.2f} s  ratio {beside / alone:5.2f}")
    ratios = [row["ratio"] for row in rows]
    print(
        f"ratio: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}, "
        f"n = {len(rows)} pairs (target <= 2.5)"
    )
    if options.out:
        options.out.write_text(json.dumps({"film": options.film.name, "pairs": rows}, indent=2))


if __name__ == "__main__":
    main()
