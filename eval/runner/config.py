"""What a result depends on, as one hash: dataset, models, settings, prompts, versions, system."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from ..systems.film import backend


class RunConfig(BaseModel):
    """Everything that can change an answer, the system aside.

    Attributes:
        dataset: name of the benchmark.
        split: of the benchmark.
        revision: of its annotation files.
        models: role to the name of the model.
        settings: what else Longtake was set to.
        limits: budgets a sample.
        prompts: digest of all prompts.
        versions: of Longtake and of the decoder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    split: str
    revision: str
    models: dict[str, str] = {}
    settings: dict[str, Any] = {}
    limits: dict[str, float] = {}
    prompts: str = ""
    versions: dict[str, str] = {}

    @classmethod
    def of_now(
        cls,
        dataset: str,
        split: str,
        revision: str,
        *,
        models: Mapping[str, str],
        settings: Mapping[str, Any],
        limits: Mapping[str, float],
    ) -> RunConfig:
        """Return the configuration of a run that begins now, with this installation."""
        return cls(
            dataset=dataset,
            split=split,
            revision=revision,
            models=dict(models),
            settings=dict(settings),
            limits=dict(limits),
            prompts=prompts_digest(),
            versions={"longtake": version("longtake"), "decoder": backend()},
        )

    def differences(self, other: RunConfig) -> list[str]:
        """Name everything in which another configuration differs, `name: this one's -> its`."""
        ours, theirs = _flat(self.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
        return [
            f"{name}: {ours.get(name)!r} -> {theirs.get(name)!r}"
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        ]


def config_hash(config: RunConfig, system: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of configuration and system."""
    value = {**config.model_dump(mode="json"), "system": system}
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def prompts_digest() -> str:
    """Return the first 16 hex digits of the SHA-256 of all prompts of the product."""
    digest = hashlib.sha256()
    found = [item for item in files("longtake.prompts").iterdir() if item.name.endswith(".md")]
    for item in sorted(found, key=lambda item: item.name):
        digest.update(f"{item.name}\0".encode() + item.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            found |= _flat(item, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = item
    return found
