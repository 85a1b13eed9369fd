"""What served models cost: dated prices that people give, in US dollars per million tokens.

A price is never guessed. A model that no entry names has none, and what it costs is then unknown,
not nothing. The file's form is described in `prices.toml`, which ships without any price.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ...index.video.errors import UsageError
from ...models.client.transport.address import SERVED, clean_url, read_address

MILLION = 1_000_000
SHIPPED = Path(__file__).with_name("prices.toml")
_AMOUNTS = ("input", "output", "cached")
_KEYS = ("model", "at", *_AMOUNTS, "date", "source")


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs.

    Attributes:
        model: its name at the server, with * and ? as in file names.
        input: US dollars per million tokens read.
        output: US dollars per million tokens written.
        cached: US dollars per million tokens read from the prefix cache; None: as `input`.
        at: the server's base URL; None for any server.
        date: when somebody looked, `2026-11-20`.
        source: where they looked.
    """

    model: str
    input: float
    output: float
    cached: float | None = None
    at: str | None = None
    date: str = ""
    source: str = ""

    def usd(self, tokens_in: int, tokens_out: int, cached: int = 0) -> float:
        """Return US dollars for tokens; `cached` counts those of `tokens_in` that were cached."""
        cached = min(cached, tokens_in)
        reuse = self.input if self.cached is None else self.cached
        spent = (tokens_in - cached) * self.input + cached * reuse + tokens_out * self.output
        return spent / MILLION

    def fits(self, model: str, url: str) -> bool:
        """Say whether this is the price of a model at a base URL; letters' case does not count."""
        here = self.at is None or self.at == url
        return here and fnmatchcase(model.lower(), self.model.lower())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def price_of(name: str, prices: Sequence[Price]) -> Price | None:
    """Return the first price that fits `endpoint:MODEL@URL`; None for others and without one."""
    if not name.startswith(SERVED):
        return None
    address = read_address(name)
    return next((price for price in prices if price.fits(address.model, address.url)), None)


def load_prices(files: Sequence[Path] = ()) -> tuple[Price, ...]:
    """Return the prices of the user's files, in their order, and then those that ship.

    Raises:
        UsageError: a file cannot be read, or an entry is not as `prices.toml` describes it.
    """
    own = [price for path in files for price in read_prices(_text_of(path), str(path))]
    shipped = SHIPPED.read_text(encoding="utf-8")
    return (*own, *read_prices(shipped, "the shipped prices.toml"))


def read_prices(text: str, shown: str) -> list[Price]:
    """Read a price file.

    Args:
        text: TOML, a `[[price]]` an entry.
        shown: what the file is called in messages.

    Raises:
        UsageError: it is no TOML, or an entry is wrong; names the entry and the key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown} is not valid TOML: {error}", "mend or remove it") from error
    entries = table.pop("price", [])
    if table or not isinstance(entries, list):
        raise UsageError(
            f"{shown}: {next(iter(table), 'price')!r} is not expected",
            "begin every entry with [[price]]",
        )
    return [_price(entry, f"{shown}, price {n}") for n, entry in enumerate(entries, start=1)]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"prices = {str(path)!r} cannot be read: {error}", "name a file of prices, or none"
        ) from error


def _price(entry: Any, where: str) -> Price:
    if not isinstance(entry, Mapping):
        raise UsageError(f"{where} = {entry!r}", "begin every entry with [[price]]")
    unknown = sorted(set(entry) - set(_KEYS))
    if unknown:
        raise UsageError(f"{where}: unknown key {unknown[0]!r}", f"keys are: {', '.join(_KEYS)}")
    missing = [key for key in ("model", "input", "output", "date", "source") if key not in entry]
    if missing:
        raise UsageError(f"{where}: {missing[0]} is missing", f"give {missing[0]}")
    amounts = {key: _amount(entry[key], f"{where}: {key}") for key in _AMOUNTS if key in entry}
    texts = {key: _text(entry[key], f"{where}: {key}") for key in ("model", "source")}
    at = clean_url(_text(entry["at"], f"{where}: at")) if "at" in entry else None
    return Price(**texts, **amounts, at=at, date=_date(entry["date"], f"{where}: date"))  # pyright: ignore[reportArgumentType]


def _amount(value: Any, where: str) -> float:
    # true is a number to Python
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:
        raise UsageError(f"{where} = {value!r}", "give US dollars per million tokens, 0 or more")
    return float(value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where} = {value!r}", "give a text")
    return value.strip()


def _date(value: Any, where: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise UsageError(f"{where} = {value!r}", "give a day, such as 2026-11-20") from None
