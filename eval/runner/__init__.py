"""Runs of a benchmark: planned, resumable, one line of JSON a sample.

`run_benchmark` asks what is missing in a folder; `RunFolder` is that folder.
"""

from .config import RunConfig, config_hash
from .folder import RunFolder
from .run import Finished, Policy, run_benchmark

__all__ = ["Finished", "Policy", "RunConfig", "RunFolder", "config_hash", "run_benchmark"]
