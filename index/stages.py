"""The stages of an index, what each depends on, and which are stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import clips, sampling
from .no_encoder import NoEncoder
from .protocols import Encoder
from .storage.sealed import digest, fingerprint
from .video.errors import IndexProblem, UsageError
from .video.subtitles import find_sidecars

# each stage and what it is made from; the last three grow later, while the film is used
DEPENDS: dict[str, tuple[str, ...]] = {
    "timeline": (),
    "vectors": ("timeline",),
    "shots": ("vectors",),
    "speech": ("timeline",),
    "heard": (),
    "text": (),
    "captions": (),
}
# names for groups: everything; everything but the vectors; the sampled instants, vectors kept
GROUPS: dict[str, tuple[str, ...]] = {
    "all": tuple(DEPENDS),
    "probe": ("timeline",),
    "derived": ("shots", "speech"),
    "samples": ("shots",),
}


def expand_refresh(names: Iterable[str]) -> frozenset[str]:
    """Return the stages to redo for the names given to `--refresh`, dependents included.

    Raises:
        UsageError: a name is not a stage.
    """
    stages: set[str] = set()
    for name in names:
        if name not in DEPENDS and name not in GROUPS:
            allowed = ", ".join([*DEPENDS, *GROUPS])
            raise UsageError(f"refresh = {name!r}: choose from {allowed}")
        stages.update(GROUPS.get(name, (name,)))
    return with_dependents(stages)


def with_dependents(stages: Iterable[str]) -> frozenset[str]:
    """Return the stages and all that are made from them."""
    found = set(stages)
    for stage, needs in DEPENDS.items():  # listed so that a stage follows what it needs
        if found.intersection(needs):
            found.add(stage)
    return frozenset(found)


def wanted_settings(path: Path, encoder: Encoder, fps: float) -> dict[str, dict[str, Any]]:
    """Return the settings that each built stage would have now."""
    duplicates = [sampling.CELL, sampling.CELL_LEVELS, sampling.MEAN_LEVELS]
    return {
        "timeline": {"version": 1},
        "vectors": {
            "version": 2,
            "encoder": encoder.id,
            "fps": float(fps),
            "duplicates": duplicates,
        },
        "shots": {"version": 2, "clip": [clips.CLIP_SECONDS, clips.SNAP_SECONDS]},
        "speech": {"version": 3, "sidecars": _sidecar_digests(path)},
    }


def _sidecar_digests(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in find_sidecars(path):
        with suppress(OSError):  # one that cannot be read is reported when it is read
            found[file.name] = digest(file.read_bytes())[:16]
    return dict(sorted(found.items()))


def stage_records(settings: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the manifest's entries for finished stages: the settings and their fingerprint."""
    return {
        stage: {"fingerprint": fingerprint(value), "settings": value}
        for stage, value in settings.items()
    }


def stale_stages(record: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]]) -> frozenset[str]:
    """Return the stages made with other settings than wanted, dependents included."""
    made = record["stages"]
    changed = {
        stage
        for stage, value in wanted.items()
        if made.get(stage, {}).get("fingerprint") != fingerprint(value)
    }
    return with_dependents(changed)


def lacks_vectors(record: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]]) -> bool:
    """Say whether an index was made without an encoder, and there is one now."""
    made = record["stages"]["vectors"]["settings"]["encoder"]
    return made == NoEncoder.id != wanted["vectors"]["encoder"]


def stale_caveats(
    record: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], path: Path
) -> list[str]:
    """Say which stages are out of date and how to redo them; nothing is redone unasked.

    Raises:
        IndexProblem: the vectors come from another encoder, so nothing could be searched.
    """
    made = record["stages"]["vectors"]["settings"]
    asked = wanted["vectors"]
    if asked["encoder"] == NoEncoder.id:
        # who has no encoder does not look at the vectors, whoever made them
        asked = {**asked, "encoder": made["encoder"]}
        wanted = {**wanted, "vectors": asked}
    stale = stale_stages(record, wanted)
    if not stale:
        return []
    if made["encoder"] != asked["encoder"]:
        raise IndexProblem(
            f"the index of {path.name} was made with encoder {made['encoder']}, "
            f"not {asked['encoder']}",
            f"to make it anew: longtake index {path} --refresh vectors",
        )
    roots = [
        stage for stage in DEPENDS if stage in stale and not stale.intersection(DEPENDS[stage])
    ]
    flags = " ".join(f"--refresh {stage}" for stage in roots)
    names = ", ".join(stage for stage in DEPENDS if stage in stale)
    return [
        f"settings or side files changed: {len(stale)} of {len(wanted)} stages are stale "
        f"({names}); to redo them: longtake index {path} {flags}"
    ]
