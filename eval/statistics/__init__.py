"""Error bars: how far a measured rate, or a difference of two rates, can be trusted.

Questions about one film share its difficulty, so films, not questions, are the independent units
(Miller, 2024, arXiv 2411.00640). Needs scipy, of the extra `longtake[eval]`.
"""

from .bootstrap import bootstrap_mean, macro_mean, paired_difference
from .clusters import cluster_interval, effective_n, icc
from .comparison import Comparison, compare, holm, mcnemar, minimum_detectable
from .estimate import FEW_CLUSTERS, Estimate, few_clusters, wilson

__all__ = [
    "FEW_CLUSTERS",
    "Comparison",
    "Estimate",
    "bootstrap_mean",
    "cluster_interval",
    "compare",
    "effective_n",
    "few_clusters",
    "holm",
    "icc",
    "macro_mean",
    "mcnemar",
    "minimum_detectable",
    "paired_difference",
    "wilson",
]
