"""Prices: what a file may say, which entry counts, and that nothing is ever guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.agent.cost.pricing import Price, load_prices, price_of, read_prices
from longtake.agent.cost.rates import Rates
from longtake.config import load_settings
from longtake.index.video.errors import UsageError
from longtake.tools.types import Cost

ENTRY = """
[[price]]
model = "Org/Model-*"
at = "https://h/v1/"
input = 0.40
cached = 0.1
output = 2
date = 2026-11-20
source = "their page"
"""
NAME = "endpoint:org/model-8b@https://h/v1"


def test_what_ships_has_no_price_that_nobody_verified() -> None:
    assert load_prices() == ()


def test_an_entry_is_read_with_its_date_and_source() -> None:
    (price,) = read_prices(ENTRY, "mine")
    assert price == Price("Org/Model-*", 0.4, 2.0, 0.1, "https://h/v1", "2026-11-20", "their page")
    assert price_of(NAME, [price]) == price
    assert price_of("endpoint:org/model-8b@https://other/v1", [price]) is None
    assert price_of("endpoint:org/other@https://h/v1", [price]) is None
    assert price_of("transformers:org/model-8b", [price]) is None


def test_cached_tokens_cost_their_own_price() -> None:
    price = Price("m", 1.0, 10.0, cached=0.25)
    assert price.usd(1_000_000, 100_000) == pytest.approx(2.0)
    assert price.usd(1_000_000, 100_000, cached=400_000) == pytest.approx(0.6 + 0.1 + 1.0)
    # without a price of their own they cost what others cost; and there are never more than all
    assert Price("m", 1.0, 10.0).usd(1_000_000, 0, 400_000) == pytest.approx(1.0)
    assert price.usd(100, 0, cached=900) == price.usd(100, 0, cached=100)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("input = 0.40", "input = -1", "input = -1"),
        ("input = 0.40", "input = true", "input = True"),
        ("input = 0.40", "input = nan", "input = nan"),
        ("input = 0.40", 'input = "0.4"', "input = '0.4'"),
        ("input = 0.40", "", "input is missing"),
        ("date = 2026-11-20", "", "date is missing"),
        ("date = 2026-11-20", 'date = "lately"', "date = 'lately'"),
        ('source = "their page"', 'source = " "', "source = ' '"),
        ("cached = 0.1", "cache = 0.1", "unknown key 'cache'"),
        ("https://h/v1/", "ftp://h/v1", "not the base URL"),
        ("[[price]]", "[price]", "'price' is not expected"),
        ("[[price]]", "[[prices]]", "'prices' is not expected"),
        ("[[price]]", "[[price", "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_named_with_what_is_wrong(old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_prices(ENTRY.replace(old, new), "mine.toml")
    assert said in caught.value.message
    assert caught.value.remedy


def test_a_file_named_by_the_user_comes_before_the_one_in_their_folder(
    own_places: Path, tmp_path: Path
) -> None:
    folder = own_places / "config" / "longtake"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prices.toml").write_text(ENTRY)
    (tmp_path / "named.toml").write_text(ENTRY.replace("0.40", "7"))
    alone = load_settings(environ={}, folder=tmp_path)
    both = load_settings(environ={"LONGTAKE_PRICES": str(tmp_path / "named.toml")}, folder=tmp_path)
    first = [price_of(NAME, load_prices(s.price_files)) for s in (alone, both)]
    assert [price and price.input for price in first] == [0.4, 7.0]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"prices = .*none\.toml' cannot be read"):
        load_prices([tmp_path / "none.toml"])


def test_rates_know_served_roles_only_and_survive_the_record() -> None:
    names = {"vlm": NAME, "planner": "endpoint:x@http://h/v1", "encoder": "longtake-mini"}
    rates = Rates.of(names, read_prices(ENTRY, "mine"))
    assert list(rates.prices) == ["vlm", "planner"]
    assert rates.unknown == ["planner"]
    assert rates.usd("vlm", Cost(tokens_in=1_000_000)) == pytest.approx(0.4)
    assert rates.usd("planner", Cost(tokens_in=9)) is None
    assert rates.usd("ocr", Cost(tokens_in=9)) is None
    assert Rates.from_json(rates.to_json()) == rates
    assert Rates.of_record({}) is None


def test_money_cannot_be_limited_where_it_cannot_be_counted() -> None:
    rates = Rates({"vlm": None})
    rates.must_cover(None)
    Rates().must_cover(0.5)
    with pytest.raises(UsageError, match=r"max_usd = 0\.5: no price is known for the vlm"):
        rates.must_cover(0.5)
