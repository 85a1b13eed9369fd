"""Turn the bytes of a subtitle file into text, and say how sure that is.

Unicode is recognised by its form. An old encoding names itself nowhere: every candidate reads the
text, and the one whose letters make words of a language that was written in it wins.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from .alphabets import ALPHABETS, CJK_COMMON, COMMON, ENCODINGS, SQUARE, log_likelihood
from .languages import language_share, primary

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKS = ("-->", "[Script Info]", "<SAMI", "<tt", "\n", "\r")
_SAMPLE = 1 << 13
# a reading with a larger share of letters out of place is not believed
_WRONG = 0.12
# two readings whose shares differ by less are told apart by other signs
_CLOSE = 0.04
# and by less than this when they are about equally likely, in nats
_DECISIVE = 3.0
# what words of another language count at most, in nats
_UNSPOKEN = -12.0
_INNER = "’·‘ー・\xad\u200c\u200d"
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text.

    Attributes:
        text: what the bytes say.
        encoding: Python's name of the encoding.
        uncertain: another reading is about as likely, or bytes were lost.
        note: what a reader should know, one sentence; empty when all is well.
    """

    text: str
    encoding: str
    uncertain: bool = False
    note: str = ""


def decode_text(data: bytes, language: str | None = None) -> Decoded:
    """Decode a subtitle file.

    Args:
        data: the whole file.
        language: that its name or the film says it is in, which weighs when encodings compete.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _replaced(data, encoding)
    if b"\0" in data and (wide := _wide(data)):
        return _replaced(data, wide)
    if b"\x1b$" in data:
        return _replaced(data, "iso2022_jp_2")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    sequences = _MULTIBYTE.findall(data)
    lost = sum(byte >= 0x80 for byte in data) - sum(map(len, sequences))
    if len(sequences) >= 3 * max(1, lost):
        return _replaced(data, "utf-8")
    return _legacy(data, primary(language))


def _replaced(data: bytes, encoding: str) -> Decoded:
    """Decode and say how many bytes could not be read."""
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    lost = text.count("\ufffd") - data.decode(encoding, "ignore").count("\ufffd")
    if not lost:
        return Decoded(text, encoding)
    places = "one place" if lost == 1 else f"{lost} places"
    return Decoded(text, encoding, lost > 1 + len(text) // 100, f"damaged {encoding} in {places}")


def _wide(data: bytes) -> str | None:
    """Return the encoding of two or four bytes a character that makes subtitles of the data."""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        width = 4 if "32" in encoding else 2
        try:
            text = data[: len(data) // width * width].decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(mark in text for mark in _MARKS) and "\0" not in text:
            return encoding
    return None


def _legacy(data: bytes, language: str | None) -> Decoded:
    """Decode a file of an encoding from before Unicode."""
    readings = _readings(_telling_lines(data), language)
    best = readings[0]
    if best.wrong > _WRONG:
        return _second_opinion(data)
    others = [reading for reading in readings[1:] if reading.text != best.text]
    rival = next((r for r in others if best.likelihood - r.likelihood < _DECISIVE), None)
    if rival is None or language in ENCODINGS[best.encoding]:
        return Decoded(_whole(data, best.encoding), best.encoding)
    note = (
        f"no encoding is named in it: read as {best.encoding}, {rival.encoding} is possible too; "
        "its language in its name (film.en.srt) would tell, or save it as UTF-8"
    )
    return Decoded(_whole(data, best.encoding), best.encoding, True, note)


def _telling_lines(data: bytes) -> bytes:
    """Return the first lines that hold more than ASCII, up to about `_SAMPLE` bytes."""
    lines: list[bytes] = []
    size = 0
    for line in re.split(rb"[\r\n]+", data):
        if size < _SAMPLE and not line.isascii():
            lines.append(line[:_SAMPLE])
            size += len(line)
    return b"\n".join(lines)


def _whole(data: bytes, encoding: str) -> str:
    return unicodedata.normalize("NFC", data.decode(encoding, "replace"))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one encoding makes of the bytes.

    Attributes:
        wrong: share of the characters outside ASCII that are out of place, 0 to 1.
        likelihood: of the characters outside ASCII, and of the words being of a language of the
            encoding, in nats.
    """

    encoding: str
    text: str
    wrong: float
    likelihood: float = 0.0


def _readings(sample: bytes, language: str | None) -> list[_Reading]:
    """Return the encodings that make about the fewest mistakes, the most believable first."""
    found: list[_Reading] = []
    for encoding, languages in ENCODINGS.items():
        text = unicodedata.normalize("NFC", sample.decode(encoding, "replace"))
        found.append(_Reading(encoding, text, min(_misplaced(text, code) for code in languages)))
    least = min(reading.wrong for reading in found)
    near = [reading for reading in found if reading.wrong <= least + _CLOSE]
    if len({reading.text for reading in near}) > 1:
        near = [_judge(reading) for reading in near]
    order = {encoding: place for place, encoding in enumerate(ENCODINGS)}

    def rank(reading: _Reading) -> tuple[bool, float, float, int]:
        named = language in ENCODINGS[reading.encoding]
        return not named, -reading.likelihood, reading.wrong, order[reading.encoding]

    return sorted(near, key=rank)


def _judge(reading: _Reading) -> _Reading:
    """Weigh how likely the letters are, and that the words are of a language of the encoding."""
    languages = ENCODINGS[reading.encoding]
    words = re.sub(r"[\d:.,<>\-]+", " ", reading.text)
    characters = Counter(char.lower() for char in words if char > "\x7f")
    letters = max(log_likelihood(characters, code) for code in languages)
    spoken = max(math.log(language_share(words, languages) + 1e-9), _UNSPOKEN)
    return replace(reading, likelihood=letters + spoken)


def _misplaced(text: str, language: str) -> float:
    """Return the share of characters outside ASCII that the language would not write so."""
    wrong = count = 0
    latin = language not in SQUARE and "z" < min(ALPHABETS[language], default="z") < "\u0250"
    before = " "
    for place, char in enumerate(text):
        if char > "\x7f":
            count += 1
            after = text[place + 1] if place + 1 < len(text) else " "
            if char in COMMON or char in CJK_COMMON:
                # marks stand beside words; the apostrophe and the like may stand in one
                inside = before.isalpha() and after.isalpha()
                wrong += inside and char not in _INNER and language not in SQUARE
            elif not latin and any(c.isascii() and c.isalpha() for c in (before, after)):
                wrong += 1
            else:
                wrong += not _fits(char, before, language)
        before = char
    return wrong / max(1, count)


def _fits(char: str, before: str, language: str) -> bool:
    """Say whether a letter belongs to a language and may follow the one before it."""
    if language in SQUARE:
        return _is_square(char, language)
    lower = char.lower()
    if lower not in ALPHABETS[language]:
        return False
    # old encodings differ in where capitals lie: a capital after a small letter is a misreading
    return not (char != lower and before.islower() and before not in "ßıªº")


@lru_cache(maxsize=20_000)
def _is_square(char: str, language: str) -> bool:
    code = ord(char)
    if language == "ko":
        return 0xAC00 <= code <= 0xD7A3
    kana = 0x3041 <= code <= 0x30FE
    if 0xFF10 <= code <= 0xFF5A:
        return True
    if not 0x4E00 <= code <= 0x9FFF:
        return kana and language == "ja"
    # both standards of the 1980s list the characters in daily use first
    simple, traditional, japanese = (
        char.encode(name, "ignore") for name in ("gb2312", "big5", "shift_jis")
    )
    if language == "ja":
        return b"" < japanese < b"\x98\x73"
    return b"" < simple < b"\xd8" or b"" < traditional < b"\xc9"


def _second_opinion(data: bytes) -> Decoded:
    """Ask `charset_normalizer`, which knows encodings that we do not."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    encoding = best.encoding if best is not None else "cp1252"
    share = Counter(byte >= 0x80 for byte in data)[True] / max(1, len(data))
    note = f"its encoding is not known: read as {encoding}, {share:.0%} of it may be wrong"
    return Decoded(_whole(data, encoding), encoding, True, note)
