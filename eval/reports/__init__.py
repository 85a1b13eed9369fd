"""What a run found: scored, summed up, compared, and written for people and programs."""

from .diff import compare_runs
from .scored import ScoredRun, load_run
from .summary import summarize
from .write import write_report

__all__ = ["ScoredRun", "compare_runs", "load_run", "summarize", "write_report"]
