"""Which prices count in a run: those of its served models, kept in the run's record.

They are looked up once, when a run begins, so that a run that is taken up again or made again is
reckoned as it was then, whatever the price file says by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...index.video.errors import UsageError
from ...models.client.transport.address import SERVED
from .pricing import Price, price_of

if TYPE_CHECKING:
    from ...tools.types import Cost


@dataclass(frozen=True, slots=True)
class Rates:
    """The price of every role that a server plays; other roles cost no money.

    Attributes:
        prices: role (`vlm`, `planner`) to its price, None where none is known.
    """

    prices: Mapping[str, Price | None] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Mapping[str, str], prices: Sequence[Price]) -> Rates:
        """Look up the prices of the models that play the roles.

        Args:
            names: role to model name; those behind a server are `endpoint:MODEL@URL`.
            prices: the table, first match first.
        """
        served = {role: name for role, name in names.items() if name.startswith(SERVED)}
        return cls({role: price_of(name, prices) for role, name in served.items()})

    @property
    def unknown(self) -> list[str]:
        """The served roles whose price is not known."""
        return [role for role, price in self.prices.items() if price is None]

    def usd(self, role: str, cost: Cost) -> float | None:
        """Return US dollars of a call; None where the role has no price."""
        price = self.prices.get(role)
        return price and price.usd(cost.tokens_in, cost.tokens_out, cost.cached)

    def must_cover(self, max_usd: float | None) -> None:
        """Refuse a money budget that nothing could be counted against.

        Raises:
            UsageError: there is such a budget, and a served role has no price.
        """
        if max_usd is not None and self.unknown:
            raise UsageError(
                f"max_usd = {max_usd:g}: no price is known for the "
                f"{' and the '.join(self.unknown)}",
                "give one in prices.toml (LONGTAKE_PRICES), or limit tokens instead: max_tokens",
            )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {role: price and price.to_json() for role, price in self.prices.items()}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Rates | None:
        """Return the prices in `run.json`; None where an earlier version wrote it."""
        return cls.from_json(record["prices"]) if "prices" in record else None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Rates:
        """Read what `to_json` wrote."""
        return cls({role: price and Price(**price) for role, price in value.items()})
