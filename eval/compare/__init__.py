"""Selectors and presenters side by side: one video LLM, one question, equal budgets.

Search is scored apart from answering: a selector by the evidence that its instants hit, a pair of
selector and presenter by the answers that one call gives on what they sent.

Public names: `compare_film`, `Subject`, `Item`, `load_items`, `Row`, `tables`, `draw_pareto`.
"""

from .items import Group, Item, load_items
from .pareto import draw_pareto
from .report import tables
from .rows import Row
from .run import Pair, Subject, compare_film

__all__ = [
    "Group",
    "Item",
    "Pair",
    "Row",
    "Subject",
    "compare_film",
    "draw_pareto",
    "load_items",
    "tables",
]
