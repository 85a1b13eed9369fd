import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_fixtures import run_python

from longtake.index.storage.sealed import (
    SealBroken,
    seal,
    seal_blob,
    sweep,
    unseal,
    unseal_blob,
    write_atomically,
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text().filter(lambda key: key != "seal"), plain, max_size=4))
def test_a_document_survives_sealing(document):
    assert unseal(seal(document)) == document


def test_every_flipped_bit_breaks_the_seal():
    data = seal({"rows": [{"start": 1.5, "text": "GATE 42 — é"}], "n": 3})
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal(bytes(flipped))


def test_every_flipped_bit_of_a_blob_is_noticed():
    data = seal_blob(b"chunk")
    assert unseal_blob(data) == b"chunk"
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal_blob(bytes(flipped))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"a": 1}', b"\xff\xfe", b"[" * 9999])
def test_anything_else_is_not_a_sealed_document(data):
    with pytest.raises(SealBroken):
        unseal(data)


def test_a_write_replaces_the_whole_file_and_leaves_nothing_aside(tmp_path):
    path = tmp_path / "new" / "a.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_sweep_removes_what_a_killed_write_left(tmp_path):
    (tmp_path / ".a.json.123.tmp").write_bytes(b"half")
    (tmp_path / "a.json").write_bytes(b"whole")
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


FULL = """
import resource, signal, sys
from pathlib import Path
from longtake.index.video.errors import LongtakeError
from longtake.index.storage.sealed import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
path = Path(sys.argv[1])
path.write_bytes(b"old")
try:
    write_atomically(path, bytes(5000))
except LongtakeError as error:
    print(error)
"""


def test_a_full_disk_keeps_the_old_file_and_says_what_to_do(tmp_path):
    process = run_python(FULL, str(tmp_path / "a"), stdout=subprocess.PIPE)
    said = process.communicate()[0].decode()
    assert "File too large" in said
    assert "free some space" in said
    assert "run the same command again" in said
    assert (tmp_path / "a").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
