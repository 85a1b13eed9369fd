"""Text from a film cannot act on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.index.video.errors import UsageError
from longtake.safe import printable, spare_film


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[31mred\x1b[0m", "a[31mred[0m"),
        ("\x1b]8;;http://evil\x07click\x1b]8;;\x07", "]8;;http://evilclick]8;;"),
        ("one\r\ntwo\tthree", "one two three"),
        ("abc\u202edef\u2066", "abcdef"),
        ("zero\u200bwidth\x00\x9b", "zerowidth"),
        ("café 東京 ✓", "café 東京 ✓"),
        ("bad\udcffname", "bad\ufffdname"),
    ],
)
def test_what_could_move_a_cursor_is_dropped(text: str, safe: str) -> None:
    assert printable(text) == safe


def test_a_limit_cuts_with_an_ellipsis() -> None:
    assert printable("abcdefgh", 5) == "abcd…"
    assert printable("abc", 5) == "abc"


@given(st.text())
def test_the_result_is_one_printable_line(text: str) -> None:
    line = printable(text)
    assert line == printable(line)
    assert "\x1b" not in line
    assert "\n" not in line
    line.encode("utf-8")


def test_a_film_is_never_written_over_under_any_of_its_names(tmp_path: Path) -> None:
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    film.write_bytes(b"film")
    (tmp_path / "link.mp4").symlink_to(film)
    for out in (film, tmp_path / "link.mp4", tmp_path / "." / "film.mp4"):
        with pytest.raises(UsageError, match="is the film itself"):
            spare_film(out, film)
    spare_film(other, film)
    other.write_bytes(b"other")
    spare_film(other, film)
    spare_film(film, None)
