"""What may be asked of a truth film: the items of the bank, and which of them one film takes."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

Item = dict[str, Any]
PAIRED = ("lookup", "after", "before")


@cache
def load_bank() -> dict[str, Any]:
    """Return the words of all films."""
    return tomllib.loads(Path(__file__).with_name("bank.toml").read_text(encoding="utf-8"))


def in_turns(items: list[Item], rng: random.Random) -> list[Item]:
    """Return the items shuffled, the kinds taking turns."""
    kinds: dict[str, list[Item]] = {}
    for item in rng.sample(items, len(items)):
        kinds.setdefault(item["kind"], []).append(item)
    rounds = max(len(of_kind) for of_kind in kinds.values())
    return [of_kind[k] for k in range(rounds) for of_kind in kinds.values() if k < len(of_kind)]


def needed_facts(items: Iterable[Item]) -> set[str]:
    """Return the facts that these items are about."""
    return {name for item in items for name in item.get("facts", [item.get("fact", "")])} - {""}


def targets_of(items: list[Item], rng: random.Random) -> dict[str, str]:
    """Give every paired item one of its icons, none to two of them."""

    def assign(left: list[Item], taken: dict[str, str]) -> dict[str, str] | None:
        if not left:
            return taken
        for icon in rng.sample(left[0]["icons"], len(left[0]["icons"])):
            if icon not in taken.values():
                found = assign(left[1:], {**taken, left[0]["fact"]: icon})
                if found is not None:
                    return found
        return None

    found = assign(items, {})
    assert found is not None, "bank.toml: paired items share too few icons"
    return found
