import os
import signal
import sys

import pytest
from index_fixtures import run_python

from longtake.index.storage.lock import write_lock
from longtake.index.video.errors import IndexLocked

HOLD = """
import sys, time
from pathlib import Path
from longtake.index.storage.lock import write_lock
with write_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path):
    path = tmp_path / "abc.lock"
    held = pytest.raises(IndexLocked, match=f"process {os.getpid()}")
    with write_lock(path), held as caught, write_lock(path):
        pass
    assert caught.value.exit_code == 4
    assert "film abc" in str(caught.value)


def test_the_lock_can_be_taken_again_after_it_was_let_go(tmp_path):
    for _ in range(2):
        with write_lock(tmp_path / "a.lock"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_a_killed_holder_leaves_nothing_locked(tmp_path):
    import subprocess

    path = tmp_path / "a.lock"
    holder = run_python(HOLD, str(path), stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(IndexLocked, match=f"process {holder.pid}"), write_lock(path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with write_lock(path, wait=5.0):
        pass
