"""Measure decoding: one frame a second at 224x224 from a 720p30 film, against its peers.

    python bench/decode.py [--minutes 5] [--json out.json] [--peer-python PATH] [--long]

Films are made once into the temp folder: a minute of scenes with cuts and noise, x264 veryfast, 3
B-frames, a keyframe every 250 and every 30 frames, the frame number burnt in as bits, repeated
without re-encoding to the length wanted. "exact" counts the frames
that carry the number of the frame on screen at that second; for our own decoder every frame is also
compared bit by bit with a linear decode. CPU seconds are user + system of the method's process and
all its children; ratios are to `ffmpeg -f null` (decode everything) within the same run. Peers that
are not importable are left out with a note.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SIDE, FPS, BITS, CELL = 224, 30, 16, 40
# frames after which the film repeats
MINUTE = 60 * FPS
OURS = "longtake"


@dataclass
class Result:
    """One method on one film."""

    method: str
    film: str
    cpu_seconds: float | None = None
    ratio: float | None = None
    wall_seconds: float | None = None
    exact: str = "-"
    worker_rss_mib: float | None = None
    note: str = ""


def ffmpeg() -> str:
    """Return the ffmpeg binary that comes with imageio-ffmpeg."""
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def make_film(folder: Path, seconds: int, gop: int) -> Path:
    """Make (once) the film of one GOP length."""
    path = folder / f"bench_{seconds}s_gop{gop}.mp4"
    if path.exists():
        return path
    sources = ["testsrc2=s=1280x720", "gradients=s=1280x720:speed=0.02:seed=5"]
    sources += ["life=s=160x90:mold=10:ratio=0.1:seed=7:rate=30", "smptehdbars=s=1280x720"]
    sources += ["cellauto=s=160x90:seed=3", "rgbtestsrc=s=1280x720"]
    lengths = [11, 7, 31, 9, 17, 13]
    inputs, chains, at, total = [], [], 0, 0
    while total < seconds:
        source, length = sources[at % len(sources)], min(lengths[at % 6], seconds - total)
        rate = "" if "rate=" in source else f":r={FPS}"
        inputs += ["-f", "lavfi", "-t", str(length), "-i", source + rate]
        chains.append(f"[{at}]scale=1280:720:flags=neighbor,format=yuv420p,setsar=1[s{at}]")
        at, total = at + 1, total + length
    joined = "".join(f"[s{n}]" for n in range(at)) + f"concat=n={at}"
    bits = "".join(
        f",drawbox=x={k * CELL}:y=0:w={CELL}:h={CELL}:color=white:t=fill"
        f":enable='gt(bitand(n\\,{1 << k})\\,0)'"
        for k in range(BITS)
    )
    board = f"drawbox=x=0:y=0:w={BITS * CELL}:h={CELL}:color=black:t=fill"
    graph = ";".join(chains) + f";{joined},noise=alls=7:allf=t,{board}{bits}[v]"
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-bf", "3", "-g", str(gop)]
    part = path.with_suffix(".part.mp4")
    command = [ffmpeg(), "-v", "error", "-nostdin", "-y", *inputs]
    command += ["-filter_complex", graph, "-map", "[v]", *codec, str(part)]
    subprocess.run(command, check=True)
    part.rename(path)
    return path


def lengthen(film: Path, minutes: int) -> Path:
    """Return the film repeated without re-encoding until it lasts `minutes`."""
    path = film.with_name(f"{film.stem}_{minutes}min.mp4")
    if not path.exists():
        part = path.with_suffix(".part.mp4")
        command = [ffmpeg(), "-v", "error", "-nostdin", "-y", "-stream_loop", "-1"]
        command += ["-i", str(film), "-t", str(60 * minutes), "-c", "copy", str(part)]
        subprocess.run(command, check=True)
        part.rename(path)
    return path


# -- the methods; each returns (frames uint8 [N, 224, 224, 3], their wanted seconds) or None --


def run_longtake(path: str, seconds: np.ndarray, workers: int = 2) -> np.ndarray:
    from longtake.index.video.decode import stream_frames

    chunks = list(stream_frames(path, seconds, (SIDE, SIDE), workers=workers))
    return np.concatenate([chunk.frames.pixels for chunk in chunks])


def run_longtake_1(path: str, seconds: np.ndarray) -> np.ndarray:
    return run_longtake(path, seconds, workers=1)


def run_pyav_linear(path: str, seconds: np.ndarray) -> np.ndarray:
    import av

    container = av.open(path)
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"
    return _last_before(container.decode(stream), seconds)


def run_pyav_seek(path: str, seconds: np.ndarray) -> np.ndarray:
    import av

    container = av.open(path)
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"
    base = stream.time_base
    found = []
    for second in seconds:
        container.seek(int(second / base), stream=stream)
        found.append(_last_before(container.decode(stream), np.array([second])))
    return np.concatenate(found)


def _last_before(frames, seconds: np.ndarray) -> np.ndarray:
    """Return, for each second, the last frame whose time is not after it."""
    found, held = [], None
    wanted = iter(seconds)
    second = next(wanted)
    for frame in frames:
        while held is not None and frame.time > second + 1e-6:
            found.append(_paint(held))
            second = next(wanted, None)
            if second is None:
                return np.stack(found)
        held = frame
    found += [_paint(held)] * (len(seconds) - len(found))
    return np.stack(found)


def _paint(frame) -> np.ndarray:
    return frame.reformat(SIDE, SIDE, "rgb24", interpolation="AREA").to_ndarray()


def run_decord(path: str, seconds: np.ndarray) -> np.ndarray:
    import decord

    reader = decord.VideoReader(path, width=SIDE, height=SIDE, num_threads=2)
    rows = np.round(seconds * reader.get_avg_fps()).astype(int)
    parts = [reader.get_batch(rows[at : at + 32]).asnumpy() for at in range(0, len(rows), 32)]
    return np.concatenate(parts)


def run_torchcodec(path: str, seconds: np.ndarray) -> np.ndarray:
    from torch.nn.functional import interpolate
    from torchcodec.decoders import VideoDecoder

    decoder = VideoDecoder(path, num_ffmpeg_threads=2)
    parts = []
    for at in range(0, len(seconds), 32):
        data = decoder.get_frames_played_at(seconds[at : at + 32].tolist()).data.float()
        small = interpolate(data, (SIDE, SIDE), mode="area")
        parts.append(small.byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(parts)


METHODS = {
    OURS: run_longtake,
    f"{OURS}, 1 worker": run_longtake_1,
    "PyAV linear": run_pyav_linear,
    "PyAV seek": run_pyav_seek,
    "decord": run_decord,
    "torchcodec": run_torchcodec,
}


def child_main(method: str, path: str, seconds: int, out: str) -> None:
    """Run one method in this process and save its frames."""
    np.save(out, METHODS[method](path, np.arange(0, seconds, 1.0)))


# -- measuring --


class PeakWatch(threading.Thread):
    """Samples the resident memory of the decode children of a process."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.stop = pid, 0.0, threading.Event()

    def run(self) -> None:
        """Sample ten times a second."""
        import psutil

        while not self.stop.wait(0.1):
            try:
                for child in psutil.Process(self.pid).children(recursive=True):
                    self.peak = max(self.peak, child.memory_info().rss / 2**20)
            except psutil.Error:
                continue


def measure(command: list[str]) -> tuple[float, float, float, subprocess.CompletedProcess]:
    """Return CPU seconds, wall seconds, peak MiB of any grandchild, and the finished process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watch = PeakWatch(process.pid)
    watch.start()
    out, err = process.communicate()
    wall = time.monotonic() - start
    watch.stop.set()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    done = subprocess.CompletedProcess(command, process.returncode, out, err)
    return cpu, wall, watch.peak, done


def burnt_numbers(frames: np.ndarray) -> np.ndarray:
    """Read the frame number out of each frame, int64 [N]."""
    scale = SIDE / 1280
    row = int(CELL / 2 * SIDE / 720)
    columns = [int((k + 0.5) * CELL * scale) for k in range(BITS)]
    bits = frames[:, row, columns].mean(-1) > 127
    return (bits * (1 << np.arange(BITS))).sum(1)


def measure_film(
    film: Path, seconds: int, peer_python: str, methods: list[str], rounds: int
) -> Iterator[Result]:
    """Run every method on one film, the baseline first and last: the machine may change."""
    null = [ffmpeg(), "-v", "error", "-nostdin", "-threads", "2", "-i", str(film)]
    null += ["-f", "null", "-"]
    runs = [measure(null) for _ in range(rounds)]
    base = statistics.median(run[0] for run in runs)
    yield Result("ffmpeg -f null", film.name, base, 1.0, min(run[1] for run in runs))
    yield measure_ffmpeg_fps(film, seconds, base)
    expected = np.arange(seconds) * FPS % MINUTE
    oracle = run_pyav_linear(str(film), np.arange(0, seconds, 1.0))
    for method in methods:
        ours = method.startswith(OURS)
        python = sys.executable if ours or "PyAV" in method else peer_python
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder) / "frames.npy")
            command = [python, __file__, "--child", method, str(film), str(seconds), out]
            tries = [measure(command) for _ in range(rounds if ours else 1)]
            cpu, wall, peak, done = sorted(tries, key=lambda run: run[0])[len(tries) // 2]
            if done.returncode:
                words = done.stderr.decode("utf-8", "replace").strip().splitlines()
                yield Result(method, film.name, note=f"left out: {words[-1][:80]}")
                continue
            frames = np.load(out)
        note = ""
        if ours:
            same = int((frames == oracle).all(axis=(1, 2, 3)).sum())
            note = f"{same}/{seconds} identical to the linear decode"
        yield Result(
            method,
            film.name,
            round(cpu, 2),
            round(cpu / base, 3),
            round(wall, 2),
            f"{int((burnt_numbers(frames) == expected).sum())}/{seconds}",
            round(peak, 1) if ours else None,
            note,
        )
    again = measure(null)
    yield Result("ffmpeg -f null, again", film.name, again[0], round(again[0] / base, 3), again[1])


def measure_ffmpeg_fps(film: Path, seconds: int, base: float) -> Result:
    """Measure ffmpeg's fps filter with its rounding set right."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "frames.rgb"
        chain = f"fps=1:round=up:start_time=0,scale={SIDE}:{SIDE}:flags=area"
        command = [ffmpeg(), "-v", "error", "-nostdin", "-threads", "2", "-i", str(film)]
        command += ["-vf", chain, "-f", "rawvideo", "-pix_fmt", "rgb24", str(out)]
        cpu, wall, _, _ = measure(command)
        frames = np.fromfile(out, np.uint8).reshape(-1, SIDE, SIDE, 3)[:seconds]
    exact = int((burnt_numbers(frames) == np.arange(len(frames)) * FPS % MINUTE).sum())
    return Result(
        "ffmpeg fps filter", film.name, round(cpu, 2), round(cpu / base, 3), round(wall, 2),
        f"{exact}/{seconds}",
    )  # fmt: skip


def measure_length(film: Path) -> list[dict]:
    """Measure time and memory from 5 minutes to 5 hours, one frame every ten seconds."""
    from longtake.index.video.decode import Decoder, stream_frames

    rows = []
    for minutes in (5, 60, 300):
        path = lengthen(film, minutes)
        watch = PeakWatch(os.getpid())
        watch.start()
        start, cpu = time.monotonic(), time.process_time()
        with Decoder(path) as decoder:
            known = decoder.info, decoder.timeline
        scanned = time.monotonic() - start
        wanted = np.arange(0, known[0].duration, 10.0)
        count = sum(
            len(chunk.frames) for chunk in stream_frames(path, wanted, (SIDE, SIDE), known=known)
        )
        watch.stop.set()
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(
            {
                "minutes": minutes,
                "frames": f"{count}/{len(wanted)}",
                "scan_seconds": round(scanned, 2),
                "worker_rss_mib": round(watch.peak, 1),
                "parent_rss_mib": round(own, 1),
                "parent_cpu_seconds": round(time.process_time() - cpu, 2),
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", default=str(Path(tempfile.gettempdir()) / "longtake-bench"))
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--json")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        method, path, seconds, out = options.child
        child_main(method, path, int(seconds), out)
        return
    folder = Path(options.cache)
    folder.mkdir(parents=True, exist_ok=True)
    seconds = 60 * options.minutes
    report: dict = {"seconds": seconds, "films": [], "length": []}
    for gop in (250, 30):
        film = lengthen(make_film(folder, 60, gop), options.minutes)
        for result in measure_film(
            film, seconds, options.peer_python, options.methods, options.rounds
        ):
            report["films"].append(asdict(result))
            print(
                f"{result.film:28} {result.method:20} "
                f"cpu {result.cpu_seconds or 0:7.2f}  ratio {result.ratio or 0:5.2f}  "
                f"wall {result.wall_seconds or 0:6.2f}  exact {result.exact:8} "
                f"rss {result.worker_rss_mib or 0:5.1f}  {result.note}",
                flush=True,
            )
    if options.long:
        report["length"] = measure_length(make_film(folder, 60, 30))
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
