import numpy as np
from PIL import Image, ImageDraw, ImageFont

from longtake.index.protocols import TextHit
from longtake.index.video.frames import Box
from longtake.index.video.span import Span
from longtake.index.words.page import Page
from longtake.models.ocr import RapidReader

SIGN = Box(0.2, 0.2, 0.4, 0.3)


class ListReader:
    """A reader that says what it is told to, and counts how often it is asked."""

    id = "list"

    def __init__(self, *texts: str, score: float = 0.9) -> None:
        self.texts, self.score, self.reads = list(texts), score, 0

    def detect(self, pixels: np.ndarray) -> list[Box]:
        raise AssertionError("a page does not detect")

    def read(self, pixels: np.ndarray) -> list[TextHit]:
        text = self.texts[min(self.reads, len(self.texts) - 1)]
        self.reads += 1
        return [TextHit(Box(0.1, 0.2, 0.9, 0.8), text, self.score)]


def frame(level: int = 200) -> np.ndarray:
    pixels = np.full((180, 320, 3), 90, np.uint8)
    pixels[36:54, 64:128] = level
    return pixels


def test_text_that_stays_the_same_is_read_once():
    reader = ListReader("GATE 42")
    page = Page(reader)
    for second in range(4):
        page.look(frame(), [SIGN], second, second + 1)
    (line,) = page.close()
    assert (line.text, line.span, reader.reads) == ("GATE 42", Span(0, 4), 1)
    assert line.box is not None
    assert line.box.iou(SIGN) > 0.3


def test_text_that_the_detector_misses_once_is_still_there():
    page = Page(ListReader("GATE 42"))
    page.look(frame(), [SIGN], 0, 2)
    page.look(frame(), [], 2, 4)
    assert [line.span for line in page.close()] == [Span(0, 4)]


def test_text_that_changed_is_read_again():
    page = Page(ListReader("GATE 42", "GATE 47"))
    page.look(frame(200), [SIGN], 0, 2)
    page.look(frame(30), [SIGN], 2, 4)
    assert [(line.text, line.span) for line in page.close()] == [
        ("GATE 42", Span(0, 2)),
        ("GATE 47", Span(2, 4)),
    ]


def test_what_is_not_text_is_not_read_again_either():
    reader = ListReader("")
    page = Page(reader)
    for second in range(3):
        page.look(frame(), [SIGN], second, second + 1)
    assert page.close() == []
    assert reader.reads == 1


def test_lines_of_one_board_are_read_together():
    reader = ListReader("ROOM 15")
    page = Page(reader)
    page.look(frame(), [Box(0.2, 0.2, 0.4, 0.25), Box(0.2, 0.26, 0.4, 0.3)], 0, 1)
    page.close()
    assert reader.reads == 1


def test_a_doubtful_single_letter_is_dropped():
    page = Page(ListReader("A", score=0.6))
    page.look(frame(), [SIGN], 0, 1)
    assert page.close() == []
    page = Page(ListReader("A", score=0.95))
    page.look(frame(), [SIGN], 0, 1)
    assert [line.text for line in page.close()] == ["A"]


def written(*lines: tuple[str, int, int]) -> np.ndarray:
    """Return a white page, 1280 x 720, with black lines of (text, top, size in pixels)."""
    page = Image.new("RGB", (1280, 720), (245, 245, 240))
    for text, top, size in lines:
        ImageDraw.Draw(page).text((60, top), text, (20, 20, 30), ImageFont.load_default(size))
    return np.asarray(page)


def read_page(pixels: np.ndarray) -> list[str]:
    reader = RapidReader()
    page = Page(reader)
    page.look(pixels, reader.detect(pixels), 0, 2)
    return sorted(line.text for line in page.close())


def test_letters_half_as_high_as_the_picture_are_read_beside_small_ones():
    title = written(("DOCKS", 60, 300), ("a film by Ida Moss", 600, 30))
    assert read_page(title) == ["DOCKS", "a film by Ida Moss"]


def test_every_line_of_a_dense_page_is_read():
    lines = [f"item {number} costs {number * 37} crowns" for number in range(11, 36)]
    read = read_page(written(*((text, 20 + 26 * at, 22) for at, text in enumerate(lines))))
    assert read == lines
