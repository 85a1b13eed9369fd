"""What of an older index stays: the intact parts of stages that are not made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .embed import Embedded
from .stages import stale_caveats
from .storage.generation import SAMPLES, TABLES, VECTORS, read_parts
from .storage.store import load_array
from .storage.tables import Derived, load_tables, read_derived
from .video.errors import IndexMissing


@dataclass
class Salvage:
    """What stays of an index.

    Attributes:
        settings: those that each of these stages was made with.
        embedded: vectors and samples, where both are intact.
        vectors: float16 [M, V, D], where they are.
        derived: shots, speech and the like.
        timings: seconds that each stage took.
    """

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    embedded: Embedded | None = None
    vectors: np.ndarray | None = None
    derived: Derived | None = None
    timings: dict[str, float] = field(default_factory=dict)


def salvage(
    directory: Path, path: Path, redo: frozenset[str], wanted: Mapping[str, dict[str, Any]]
) -> Salvage:
    """Read what stays of the index in a directory; nothing where there is none.

    Args:
        directory: of the index.
        path: the film.
        redo: stages that are made again.
        wanted: settings of the stages as they would be made now.

    Raises:
        IndexProblem: the vectors that would stay come from another encoder.
    """
    try:
        parts = read_parts(directory)
    except IndexMissing:
        return Salvage()
    record = parts.record
    if record is None:
        return Salvage()
    kept = Salvage(timings=record["timings"])
    if "vectors" not in redo and VECTORS in parts.files:
        # searching with one encoder what another one made would find nothing
        stale_caveats(record, wanted, path)
        kept.settings["vectors"] = record["stages"]["vectors"]["settings"]
        kept.vectors = load_array(parts.files[VECTORS])
        if SAMPLES in parts.files:
            kept.embedded = Embedded(kept.vectors, load_array(parts.files[SAMPLES]))
    if TABLES in parts.files:
        connection = load_tables(parts.files[TABLES])
        kept.derived = read_derived(connection)
        connection.close()
        for name in {"shots", "speech"} - redo:
            kept.settings[name] = record["stages"][name]["settings"]
    return kept
