import logging
import threading

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from longtake.models.ocr import RapidReader


def sign(text: str, size: tuple[int, int] = (1280, 720), at=(420, 300), height: int = 34):
    """A busy picture with a sign in it, uint8 [H, W, 3]."""
    rng = np.random.default_rng(3)
    noise = rng.integers(60, 120, (size[1] // 40, size[0] // 40, 3)).astype(np.uint8)
    picture = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(height)
    left, top, right, bottom = pen.textbbox(at, text, font=font)
    pen.rectangle((left - 20, top - 14, right + 20, bottom + 14), fill=(240, 238, 220))
    pen.text(at, text, font=font, fill=(20, 20, 20))
    return np.asarray(picture)


@pytest.fixture(scope="module")
def reader():
    return RapidReader()


def test_the_reader_names_its_version(reader):
    assert reader.id.startswith("rapidocr-")


def test_a_sign_is_detected_where_it_is(reader):
    (box,) = reader.detect(sign("GATE 42"))
    assert box.x0 < 480 / 1280 < box.x1
    assert box.y0 < 318 / 720 < box.y1


@pytest.mark.parametrize("text", ["GATE 42", "GATE 47", "ROOM 15"])
def test_a_sign_is_read_letter_by_letter(reader, text):
    (hit,) = reader.read(sign(text))
    assert hit.text == text
    assert hit.score > 0.8
    assert hit.box.x0 < 480 / 1280 < hit.box.x1


def test_letters_of_a_twenty_seventh_of_the_height_are_detected(reader):
    assert reader.detect(sign("EXIT 9", height=27))


def test_a_small_crop_is_read(reader):
    crop = sign("EXIT 9", size=(150, 44), at=(25, 10), height=20)
    assert [hit.text for hit in reader.read(crop)] == ["EXIT 9"]


def test_nothing_is_read_where_nothing_is_written(reader):
    grey = np.full((360, 640, 3), 128, np.uint8)
    assert reader.detect(grey) == []
    assert reader.read(grey) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (31, 31)])
def test_odd_sizes_are_survived(reader, shape):
    frame = np.zeros((*shape, 3), np.uint8)
    assert reader.detect(frame) == []
    assert reader.read(frame) == []


def test_threads_may_share_a_reader(reader):
    pictures = [sign(f"GATE {n}") for n in (41, 42, 43, 44)]
    said: dict[int, list[str]] = {}

    def work(n: int) -> None:
        said[n] = (
            [hit.text for hit in reader.read(pictures[n])] if reader.detect(pictures[n]) else []
        )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {n: [f"GATE {41 + n}"] for n in range(4)}


def test_the_reader_logs_nothing(reader, capfd):
    RapidReader().read(np.zeros((64, 64, 3), np.uint8))
    out, err = capfd.readouterr()
    assert out == err == ""
    assert logging.getLogger("RapidOCR").level >= logging.CRITICAL
