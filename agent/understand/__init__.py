"""What a question wants: rules that read what is certain, before any model is asked."""

from .options import options_inside
from .rules import read_rules
from .times import time_range

__all__ = ["options_inside", "read_rules", "time_range"]
