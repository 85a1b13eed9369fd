"""Contact sheets are drawn whole, whatever they are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from longtake.index.video.errors import UsageError
from longtake.index.video.span import Span
from longtake.sheet import WIDTH, Cell, Page, draw_page, save_page


def picture(height: int = 36, width: int = 64) -> np.ndarray:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 2] = 200
    return pixels


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 12, 24])
def test_any_number_of_cells_fits(count: int) -> None:
    cells = [Cell(picture(), 10.0 * i, f"frame: a fish {i}", f"E{i}") for i in range(count)]
    page = Page(
        "What is seen?", ["A. fish", "B. bird"], "A fish", ["sure"], cells, [Span(0, 5)], 3600,
        ["a note"],
    )  # fmt: skip
    image = draw_page(page)
    assert image.width == WIDTH
    # the pictures are really there, one beside the other
    blue = (np.asarray(image)[..., 2].astype(int) - np.asarray(image)[..., 0]) > 150
    assert blue.any() == (count > 0)


def test_the_strip_marks_where_the_evidence_lies() -> None:
    page = Page("q", marks=[Span(1800, 1810)], duration=3600)
    pixels = np.asarray(draw_page(page)).astype(int)
    red = (pixels[..., 0] > 150) & (pixels[..., 1] < 90)
    columns = np.flatnonzero(red.any(axis=0))
    assert abs(columns.mean() - WIDTH / 2) < 12


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (360, 640)])
def test_odd_pictures_do_not_break_the_grid(shape: tuple[int, int]) -> None:
    image = draw_page(Page("q", cells=[Cell(picture(*shape), 1.0), Cell(None, 2.0)]))
    assert image.height < 2500


def test_long_and_hostile_text_stays_on_the_page() -> None:
    words = "word " * 400 + "x" * 4000 + "\x1b[31m\u202eevil\n"
    image = draw_page(Page(words, [words], words, [words] * 3, [Cell(picture(), 0.0, words, "E1")]))
    assert image.height < 2000
    right_margin = np.asarray(image)[:, WIDTH - 20 :]
    assert (right_margin == right_margin[0, 0]).all()


def test_saving_writes_a_real_picture_and_nothing_else(tmp_path: Path) -> None:
    for name, kind in (("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.png", "PNG")):
        save_page(Page("q"), tmp_path / name)
        assert Image.open(tmp_path / name, formats=["JPEG", "PNG"]).format == kind
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.JPEG", "a.jpg", "a.png"]


def test_another_ending_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.gif is no picture"):
        save_page(Page("q"), tmp_path / "a.gif")
    with pytest.raises(UsageError, match="there is no folder"):
        save_page(Page("q"), tmp_path / "nowhere" / "a.png")
