"""Kill the build at random points, go on, and compare with a build that was left alone."""

import json
import random
import signal
import subprocess
import threading
import time

import numpy as np
import pytest
from index_fixtures import SUBTITLES, ColourEncoder, make_film, run_python

from longtake.index.build import build_index
from longtake.index.storage.generation import read_parts
from longtake.index.storage.store import Store
from longtake.index.video.errors import IndexMissing

BUILD = """
import sys, time
from index_fixtures import ColourEncoder
from longtake.index.build import build_index
from longtake.index.storage.store import Store

class SlowEncoder(ColourEncoder):
    def encode_frames(self, pixels):
        time.sleep(0.004 * len(pixels))
        return super().encode_frames(pixels)

refresh = sys.argv[3].split() if len(sys.argv) > 3 else []
build_index(sys.argv[1], Store(sys.argv[2]), SlowEncoder(), refresh=refresh,
            progress=lambda step: print(step.stage, step.done, flush=True))
print("finished", flush=True)
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    path = make_film(folder / "long.mp4", [("red", 150.0), ("blue", 100.0), ("yellow", 90.0)])
    (folder / "long.srt").write_text(SUBTITLES)
    return path


@pytest.fixture(scope="module")
def clean(film, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("clean"))
    index = build_index(film, store, ColourEncoder())
    return store.film_dir(index.info.film_id)


def same_index(a, b):
    for name in ("vectors.npy", "samples.npy", "index.sqlite"):
        assert (a / name).read_bytes() == (b / name).read_bytes(), name
    records = [json.loads((folder / "manifest.json").read_bytes()) for folder in (a, b)]
    for record in records:
        record.pop("timings")
        record.pop("seal")
    assert records[0] == records[1]
    assert sorted(p.name for p in a.iterdir()) == sorted(p.name for p in b.iterdir())


def chunks_in(folder):
    return len(list(folder.glob("building/*.chunk")))


def kill_at_random_points(film, clean, root, kills, seed, how=signal.SIGKILL):
    rng = random.Random(seed)
    store, folder = Store(root), root / clean.name
    done = 0
    for _ in range(kills):
        process = run_python(BUILD, str(film), str(root), stdout=subprocess.PIPE)
        assert process.stdout is not None
        # time only counts from the first sign of life: starting Python is not what is tested
        assert process.stdout.readline()
        time.sleep(rng.uniform(0.0, 1.2))
        process.send_signal(how)
        process.stdout.read()
        process.wait()
        assert chunks_in(folder) >= done or (folder / "commit.json").exists()
        done = chunks_in(folder)
        try:
            store.open(clean.name)
        except IndexMissing:
            pass
        else:
            break
    build_index(film, store, ColourEncoder())
    same_index(folder, clean)


def test_a_build_killed_again_and_again_ends_the_same(film, clean, tmp_path):
    kill_at_random_points(film, clean, tmp_path, kills=5, seed=1)


def test_ctrl_c_again_and_again_ends_the_same(film, clean, tmp_path):
    kill_at_random_points(film, clean, tmp_path, kills=3, seed=2, how=signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 25))
def test_thirty_more_kills(film, clean, tmp_path, seed):
    kill_at_random_points(film, clean, tmp_path, kills=2, seed=seed)


def test_a_killed_refresh_leaves_a_whole_index(film, clean, tmp_path):
    store, folder = Store(tmp_path), tmp_path / clean.name
    build_index(film, store, ColourEncoder())
    rng = random.Random(3)
    for _ in range(3):
        process = run_python(BUILD, str(film), str(tmp_path), "vectors", stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(rng.uniform(0.2, 1.5))
        process.kill()
        process.wait()
        store.open(clean.name).close()
    build_index(film, store, ColourEncoder(), refresh=["vectors"])
    same_index(folder, clean)


def test_a_damaged_chunk_is_made_again(film, clean, tmp_path):
    process = run_python(BUILD, str(film), str(tmp_path), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any(line.strip() in ("vectors 128", "vectors 192") for line in process.stdout)
    process.kill()
    process.wait()
    folder = tmp_path / clean.name
    path = folder / "building" / "000001.chunk"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    build_index(film, Store(tmp_path), ColourEncoder())
    same_index(folder, clean)


def test_no_decoding_process_outlives_a_killed_build(film, tmp_path):
    psutil = pytest.importorskip("psutil")
    process = run_python(BUILD, str(film), str(tmp_path), stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline()
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def test_readers_always_see_a_whole_index_while_it_is_replaced(film, clean, tmp_path):
    store = Store(tmp_path)
    build_index(film, store, ColourEncoder())
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            parts = read_parts(tmp_path / clean.name)
            seen.append((parts.damage, len(parts.files)))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    other = ColourEncoder()
    other.id = "colours-2"
    other.encode_frames = lambda pixels: np.full((len(pixels), 8), 8**-0.5, np.float32)
    try:
        build_index(film, store, other, refresh=["vectors"])
        build_index(film, store, ColourEncoder(), refresh=["vectors"])
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert seen
    assert {damage for damage, _ in map(lambda s: (tuple(s[0]), s[1]), seen)} == {()}
    assert {count for _, count in seen} == {3}


TEXT = """
import sys, time
from index_fixtures import ColourEncoder
from longtake.index.build import build_index
from longtake.index.video.decode import Decoder
from longtake.index.video.frames import Box
from longtake.index.protocols import TextHit
from longtake.index.storage.store import Store
from longtake.index.words.text_pass import ensure_text

class Reader:
    id = "slow"
    def detect(self, pixels):
        time.sleep(0.02)
        return [Box(0.1, 0.1, 0.9, 0.9)]
    def read(self, pixels):
        return [TextHit(Box(0.1, 0.1, 0.9, 0.9), f"RED {int(pixels.mean())}", 0.9)]

index = build_index(sys.argv[1], Store(sys.argv[2]), ColourEncoder())
print("ready", flush=True)
with Decoder(sys.argv[1]) as decoder:
    ensure_text(index, decoder, Reader(), progress=lambda step: print(step.done, flush=True))
print(repr(index.texts()))
"""


def test_a_text_pass_killed_again_and_again_ends_the_same(film, clean, tmp_path):
    roots = [tmp_path / "killed", tmp_path / "alone"]
    for root in roots:
        build_index(film, Store(root), ColourEncoder()).close()
    rng = random.Random(4)
    folder = roots[0] / clean.name / "texts"
    done = 0
    for _ in range(4):
        process = run_python(TEXT, str(film), str(roots[0]), stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline()
        assert process.stdout.readline()
        time.sleep(rng.uniform(0.3, 1.2))
        process.kill()
        process.wait()
        assert len(list(folder.glob("*.json"))) >= done
        done = len(list(folder.glob("*.json")))
    said = []
    for root in roots:
        process = run_python(TEXT, str(film), str(root), stdout=subprocess.PIPE, text=True)
        said.append(process.communicate()[0].splitlines()[-1])
        Store(root).open(clean.name).close()
    assert said[0] == said[1]
    assert said[0].count("RED") >= 2
    names = [sorted(p.name for p in (root / clean.name).rglob("*")) for root in roots]
    assert names[0] == names[1]
