import random
import shutil

import numpy as np
import pytest
from index_fixtures import SCENES, SUBTITLES, ColourEncoder, make_film

from longtake.index.build import build_index
from longtake.index.storage.generation import base_of, commit_generation, read_parts, settle
from longtake.index.storage.lock import PASSES, write_lock
from longtake.index.storage.sealed import seal, write_atomically
from longtake.index.storage.store import Store
from longtake.index.video.errors import IndexCorrupt, IndexLocked, IndexMissing
from longtake.index.video.span import Span


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A film, its store and everything that can be in an index."""
    folder = tmp_path_factory.mktemp("made")
    film = make_film(folder / "scenes.mp4", SCENES)
    (folder / "scenes.srt").write_text(SUBTITLES)
    store = Store(folder / "store")
    index = build_index(film, store, ColourEncoder())
    index.put_caption(Span(0.0, 8.0), "key", "a red field")
    line = {"start": 1.0, "end": 4.0, "text": "GATE 42", "box": [0.1, 0.1, 0.4, 0.2], "score": 0.9}
    index.text_ledger.put(0, {"reader": "r", "rows": [line]})
    return film, store, index.info.film_id


@pytest.fixture
def copy(made, tmp_path):
    film, store, film_id = made
    shutil.copytree(store.root, tmp_path / "store")
    return film, Store(tmp_path / "store"), film_id


def index_files(store, film_id):
    return sorted(p for p in store.film_dir(film_id).rglob("*") if p.is_file())


def flip(path, bit):
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def test_an_index_consists_of_exactly_these_files(made):
    _, store, film_id = made
    names = [str(p.relative_to(store.film_dir(film_id))) for p in index_files(store, film_id)]
    assert names == [
        "captions/00000.json", "commit.json", "index.sqlite", "manifest.json", "samples.npy",
        "texts/00000.json", "vectors.npy",
    ]  # fmt: skip


@pytest.mark.parametrize("which", range(7))
def test_any_flipped_bit_is_detected_and_the_remedy_mends_it(copy, which):
    film, store, film_id = copy
    path = index_files(store, film_id)[which]
    whole = path.read_bytes()
    clean = store.open(film_id)
    rng = random.Random(which)
    remedy = ""
    for bit in [*rng.sample(range(len(whole) * 8), 30), 0, len(whole) * 8 - 1]:
        flip(path, bit)
        with pytest.raises(IndexCorrupt, match=path.name) as caught:
            store.open(film_id)
        path.write_bytes(whole)
        assert caught.value.exit_code == 4
        remedy = caught.value.remedy
    flip(path, len(whole) * 4)
    assert f"longtake index {film} --refresh " in remedy
    encoder = ColourEncoder()
    index = build_index(film, store, encoder, refresh=[remedy.rsplit(" ", 1)[1]])
    assert (encoder.frames_encoded > 0) == (path.name == "vectors.npy")
    np.testing.assert_array_equal(index.vectors, clean.vectors)
    np.testing.assert_array_equal(index.row_of_sample, clean.row_of_sample)
    assert index.cues() == clean.cues()
    assert index.shots == clean.shots
    store.open(film_id)


def test_rebuilding_derived_files_does_not_touch_the_vectors(copy):
    film, store, film_id = copy
    vectors = store.film_dir(film_id) / "vectors.npy"
    before = vectors.stat()
    flip(store.film_dir(film_id) / "index.sqlite", 999)
    build_index(film, store, ColourEncoder(), refresh=["derived"])
    after = vectors.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_repair_with_the_very_same_record_replaces_the_damaged_file(copy):
    # timings are in the record: two builds that take equally long leave equal records
    _, store, film_id = copy
    directory = store.film_dir(film_id)
    parts = read_parts(directory)
    assert parts.record is not None
    record = {name: value for name, value in parts.record.items() if name != "files"}
    flip(directory / "index.sqlite", 999)
    commit_generation(directory, record, parts.files)
    assert read_parts(directory).damage == []
    assert not (directory / "building").exists()


@pytest.mark.parametrize("name", ["vectors.npy", "samples.npy", "index.sqlite", "commit.json"])
def test_a_missing_file_is_damage(copy, name):
    _, store, film_id = copy
    (store.film_dir(film_id) / name).unlink()
    with pytest.raises(IndexCorrupt, match=name):
        store.open(film_id)
    assert store.list()[0].state == "damaged"


def test_a_planted_pickle_is_never_executed(copy):
    _, store, film_id = copy
    path = store.film_dir(film_id) / "vectors.npy"
    np.save(path, np.array([{"a": print}], dtype=object), allow_pickle=True)
    with pytest.raises(IndexCorrupt):
        store.open(film_id)


def test_a_film_without_index_is_missing(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(IndexMissing):
        store.open("0" * 16)
    with pytest.raises(IndexMissing):
        store.remove("0" * 16)
    assert store.list() == []
    assert Store(tmp_path / "none").list() == []


def test_the_store_lists_and_removes(copy):
    film, store, film_id = copy
    (entry,) = store.list()
    assert (entry.film_id, entry.path, entry.state) == (film_id, str(film), "ready")
    assert entry.duration == pytest.approx(30.0, abs=0.1)
    assert entry.size_bytes > 1000
    with store.write_lock(film_id), pytest.raises(IndexLocked):
        store.remove(film_id)
    for suffix in PASSES:
        lock = write_lock(store.lock_path(film_id).with_suffix(suffix))
        with lock, pytest.raises(IndexLocked):
            store.remove(film_id)
    store.remove(film_id)
    assert store.list() == []


def test_captions_are_kept_replaced_and_searchable(copy):
    _, store, film_id = copy
    index = store.open(film_id)
    span = Span(0.0, 8.0)
    assert index.get_caption(span, "key") == "a red field"
    assert index.get_caption(span, "other") is None
    index.put_caption(span, "key", "a crimson field")
    index.put_caption(Span(20.0, 30.0), "key", "a yellow field")
    assert index.get_caption(span, "key") == "a crimson field"
    assert [hit.span for hit in index.search_words("crimson", "caption")] == [span]
    assert index.search_words("red", "caption") == []
    assert len(store.open(film_id).captions()) == 2


def test_lines_on_screen_are_searchable(copy):
    _, store, film_id = copy
    (hit,) = store.open(film_id).search_words("gate", "text")
    assert (hit.text, hit.span) == ("GATE 42", Span(1.0, 4.0))


def test_the_identity_of_an_unchanged_file_is_remembered(copy, tmp_path):
    film, store, film_id = copy
    assert store.identify(film) == film_id
    other = tmp_path / "other.mp4"
    shutil.copy(film, other)
    store.remember(other, film_id)
    with other.open("ab") as file:
        file.write(b"more")
    assert store.identify(other) != film_id


RECORD = {"film": {"path": "f"}, "stages": {}}


def generation(directory, number):
    data = {name: f"{name} {number}".encode() * 50 for name in ("vectors.npy", "index.sqlite")}
    commit_generation(directory, {**RECORD, "number": number}, data)
    return data


def test_a_commit_replaces_everything(tmp_path):
    for number in (1, 2):
        data = generation(tmp_path, number)
        parts = read_parts(tmp_path)
        assert parts.files == data
        assert parts.record is not None
        assert parts.record["number"] == number
    assert not (tmp_path / "building").exists()


def test_a_reader_in_the_middle_of_a_commit_sees_one_generation(tmp_path):
    generation(tmp_path / "b", 2)
    data = generation(tmp_path / "a", 1)
    new = read_parts(tmp_path / "b")
    here = tmp_path / "a"
    # before the commit is recorded, files waiting in building/ do not count
    write_atomically(here / "building" / "vectors.npy", new.files["vectors.npy"])
    write_atomically(here / "building" / "index.sqlite", new.files["index.sqlite"])
    assert read_parts(here).files == data
    # once it is recorded they do, wherever each of them is by now
    assert new.record is not None
    write_atomically(here / "commit.json", seal(new.record))
    assert read_parts(here).files == new.files
    (here / "building" / "vectors.npy").rename(here / "vectors.npy")
    parts = read_parts(here)
    assert parts.files == new.files
    assert parts.damage == []
    settle(here)
    parts = read_parts(here)
    assert (parts.files, parts.damage) == (new.files, [])
    assert (here / "manifest.json").read_bytes() == (here / "commit.json").read_bytes()


def test_what_a_killed_writer_left_is_tidied_up_by_the_next_opening(copy):
    film, store, film_id = copy
    folder = store.film_dir(film_id)
    # killed after the commit, before its work folder was gone
    plan = {"plan": "p", "base": "an older generation"}
    write_atomically(folder / "building" / "plan.json", seal(plan))
    write_atomically(folder / "building" / "000000.chunk", b"chunk")
    encoder = ColourEncoder()
    build_index(film, store, encoder).close()
    assert encoder.frames_encoded == 0
    assert not (folder / "building").exists()


def test_chunks_of_an_unfinished_refresh_are_kept(copy):
    film, store, film_id = copy
    folder = store.film_dir(film_id)
    plan = {"plan": "p", "base": base_of(folder)}
    write_atomically(folder / "building" / "plan.json", seal(plan))
    build_index(film, store, ColourEncoder()).close()
    assert (folder / "building" / "plan.json").exists()
