"""Run several commands one after the other in one process that a fault has been put upon.

    python fault_driver.py FD FAULT < commands.json

For every command one line of JSON goes to the open descriptor FD: its exit code (or what escaped)
and what it printed on stderr.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
import traceback


def impose(fault: str) -> None:
    """Put a fault upon this process."""
    kind, _, value = fault.partition("=")
    if kind == "open files":
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(value), int(value)))
    elif kind == "file size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(value), int(value)))
    elif kind == "no working folder":
        gone = tempfile.mkdtemp()
        os.chdir(gone)
        os.rmdir(gone)
    elif kind == "output":
        sys.stdout = open(value, "w")  # noqa: SIM115
    else:
        assert kind == "none", fault


def main() -> None:
    """Run what stands on standard input."""
    results = os.fdopen(int(sys.argv[1]), "w")
    commands = json.load(sys.stdin)
    from longtake.cli.main import run

    impose(sys.argv[2])
    for name, words in commands.items():
        said = io.StringIO()
        # the output may be the fault
        silent = contextlib.redirect_stdout(
            sys.stdout if "output" in sys.argv[2] else io.StringIO()
        )
        with contextlib.redirect_stderr(said), silent:
            try:
                code: object = run(words)
            except SystemExit as done:
                code = done.code
            except BaseException:
                code = traceback.format_exc()
        json.dump([name, code, said.getvalue()], results)
        results.write("\n")
        results.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
