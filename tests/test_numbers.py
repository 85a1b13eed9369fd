"""Which numbers of a text its lines say, in digits or spelled out."""

from __future__ import annotations

import pytest

from longtake.index.text.numbers import unsaid_numbers

LINES = [
    "Fifty boats came on the third of May, eighteen eighty-four.",
    "One hundred and twenty five people live here, at 1,200 metres.",
    "Es waren zwölf Häuser.",
]


@pytest.mark.parametrize(
    "text",
    [
        "50 boats", "fifty boats", "the 3rd of May", "1884", "125 people", "1 200 m", "1200 metres",
        "one hundred twenty-five", "at 12:30", "12 Häuser", "zwölf", "no number at all", "",
    ],
)  # fmt: skip
def test_a_number_is_said_in_digits_or_spelled_out(text):
    assert unsaid_numbers(text, LINES, ("en", "de")) == ()


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("51 boats", ("51",)),
        ("fifty-one boats", ("fifty one",)),
        ("in 1902 or 1884", ("1902",)),
        ("sixty boats, 12:30", ("sixty",)),
    ],
)
def test_a_number_that_no_line_says_is_named(text, unsaid):
    assert unsaid_numbers(text, LINES, ("en", "de")) == unsaid


def test_where_the_language_cannot_be_spelled_digits_count():
    assert unsaid_numbers("51 and 1200", LINES, ("xx",)) == ("51",)


def test_usual_ways_to_write_a_number_are_one_number():
    pairs = [
        ("100 boats", "a hundred boats"),
        ("a hundred boats", "100 boats"),
        ("1,000", "a thousand"),
        ("2,000,000", "2 million"),
        ("the twenty-third of May", "May 23rd"),
        ("nineteen oh five", "in 1905"),
        ("100 m²", "100 square metres"),
        ("CO2", "carbon dioxide"),
    ]
    assert [unsaid_numbers(text, [line], ("en",)) for text, line in pairs] == [()] * len(pairs)
    assert unsaid_numbers("1884", ["it was in eighteen", "eighty-four that"], ("en",)) == ()


def test_clock_times_and_digits_behind_letters_count_where_strict():
    lines = ["The train leaves from the harbour."]
    assert unsaid_numbers("At 12:30 from B12", lines, ("en",)) == ()
    assert set(unsaid_numbers("At 12:30 from B13", lines, ("en",), strict=True)) == {
        "12", "30", "13",
    }  # fmt: skip


def test_what_a_language_cannot_spell_is_no_error():
    assert unsaid_numbers("12 phòng", ["Ngôi nhà có phòng."], ("vi",)) == ("12",)
    assert unsaid_numbers("1000000000000 ሰዎች", ["ሰዎች"], ("am",)) == ("1000000000000",)
