"""Subtitle files that are documents: TTML and its relatives, SAMI, YouTube's timed text.

Each reader returns lists of cues with the language that the document names for each, None where it
names none: one file may hold several languages.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from .cues import RawCue

Spoken = list[tuple[str | None, list[RawCue]]]

_CLOCK = re.compile(r"(\d+):(\d{1,2}):(\d{1,2})(?:([.,]\d+)|:(\d+)(?:\.\d+)?)?$")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)$")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SAMI_CLASS = re.compile(r"\.([\w-]+)\s*\{[^}]*?lang\s*:\s*([\w-]+)", re.IGNORECASE)


def _parse_xml(text: str) -> ElementTree.Element:
    """Parse a document that declares no entities of its own.

    Raises:
        ValueError: it is not well formed.
    """
    if "<!ENTITY" in text:
        raise ValueError("it declares entities of its own")
    try:
        # what it says of its encoding is no longer true
        return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except ElementTree.ParseError as error:
        raise ValueError(f"its XML is damaged: {error}") from error


def _name(element: ElementTree.Element) -> str:
    """Return the tag without its namespace: old files have namespaces of their own."""
    return str(element.tag).rpartition("}")[2].lower()


def _get(element: ElementTree.Element, name: str) -> str:
    """Return an attribute of whatever namespace, "" when it is not there."""
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), "")


class _Ttml:
    """Reads W3C TTML, DFXP, iTT and IMSC text (TTML2, sections 10.3 and 12)."""

    def __init__(self, root: ElementTree.Element) -> None:
        ratio = [float(part) for part in re.findall(r"[\d.]+", _get(root, "frameRateMultiplier"))]
        self.frames = float(_get(root, "frameRate") or 30)
        self.rate = self.frames * (ratio[0] / ratio[1] if len(ratio) == 2 and ratio[1] else 1.0)
        self.ticks = float(_get(root, "tickRate") or self.rate)
        if not (self.rate > 0 and self.ticks > 0):
            raise ValueError("it counts 0 frames or ticks a second")
        # there the clock counts frames, not seconds
        self.counted = _get(root, "timeBase") == "smpte" and not _get(root, "dropMode").startswith(
            "drop"
        )
        self.found: dict[str | None, list[RawCue]] = {}
        self._walk(root, 0.0, math.inf, None)

    def seconds(self, text: str) -> float | None:
        """Return the seconds of a time expression, None where there is none.

        Raises:
            ValueError: it is none that TTML knows.
        """
        text = text.strip()
        if not text:
            return None
        if match := _OFFSET.match(text):
            unit = {**_UNITS, "f": 1 / self.rate, "t": 1 / self.ticks}[match[2]]
            return float(match[1]) * unit
        if not (match := _CLOCK.match(text)):
            raise ValueError(f"{text[:40]!r} is no time")
        whole = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
        if self.counted:
            return (whole * self.frames + int(match[5] or 0)) / self.rate
        return whole + float((match[4] or "0").replace(",", ".")) + int(match[5] or 0) / self.rate

    def _span(self, element: ElementTree.Element, begin: float, end: float) -> tuple[float, float]:
        """Return when an element is active; its times count from its parent's."""
        start = begin + (self.seconds(_get(element, "begin")) or 0.0)
        until, length = self.seconds(_get(element, "end")), self.seconds(_get(element, "dur"))
        ends = [end, math.inf if until is None else begin + until]
        return start, min(*ends, math.inf if length is None else start + length)

    def _walk(
        self, element: ElementTree.Element, begin: float, end: float, language: str | None
    ) -> None:
        start, until = self._span(element, begin, end)
        language = _get(element, "lang") or language
        if _name(element) != "p":
            for child in element:
                self._walk(child, start, until, language)
            return
        text = "".join(_text_of(element))
        if not _get(element, "begin") and (timed := [e for e in element if _get(e, "begin")]):
            # words with times in a paragraph without
            spans = [self._span(child, start, until) for child in timed]
            start, until = min(a for a, _ in spans), max(b for _, b in spans)
        cue = RawCue(start, until if math.isfinite(until) else start, text)
        self.found.setdefault(language, []).append(cue)


def _text_of(element: ElementTree.Element) -> Iterator[str]:
    yield re.sub(r"\s+", " ", element.text or "")
    for child in element:
        if _name(child) == "br":
            yield "\n"
        elif _name(child) in ("span", "s"):
            yield from _text_of(child)
        yield re.sub(r"\s+", " ", child.tail or "")


def read_ttml(text: str) -> Spoken:
    """Read TTML, also as DFXP, iTT or IMSC.

    Raises:
        ValueError: it is damaged.
    """
    return list(_Ttml(_parse_xml(text)).found.items())


class _Sami(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.start: float | None = None
        # by class: when what is shown now appeared, and what it is
        self.shown: dict[str, tuple[float, str]] = {}
        self.found: dict[str, list[RawCue]] = {}
        self.of = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "sync":
            digits = re.match(r"\s*-?\d+", said.get("start", ""))
            self.start, self.of = (float(digits[0]) / 1000 if digits else None), ""
        elif tag == "p" and self.start is not None:
            self.of = said.get("class", "").lower()
            self.end(self.of, self.start)
            self.shown[self.of] = (self.start, "")
        elif tag == "br":
            self.handle_data("\n")

    def handle_data(self, data: str) -> None:
        if self.start is None or (self.of not in self.shown and not data.strip()):
            return
        start, text = self.shown.get(self.of, (self.start, ""))
        if start != self.start:  # text without a paragraph of its own
            self.end(self.of, self.start)
            start, text = self.start, ""
        line = "\n" if data == "\n" else re.sub(r"[ \t\r\n]+", " ", data)
        self.shown[self.of] = (start, text + line)

    def end(self, of: str, second: float) -> None:
        start, text = self.shown.pop(of, (0.0, ""))
        if text.strip():
            self.found.setdefault(of, []).append(RawCue(start, second, text))


def read_sami(text: str) -> Spoken:
    """Read SAMI; each class of its paragraphs is a language."""
    languages = {name.lower(): language for name, language in _SAMI_CLASS.findall(text)}
    parser = _Sami()
    parser.feed(text)
    parser.close()
    for of, (start, _) in list(parser.shown.items()):
        parser.end(of, start)
    return [(languages.get(of), cues) for of, cues in parser.found.items()]


def read_timed_text(text: str) -> Spoken:
    """Read YouTube's XML: `srv1`, `srv2` and `srv3`.

    Raises:
        ValueError: it is damaged.
    """
    cues = []
    for line in _parse_xml(text).iter():
        if _name(line) not in ("text", "p") or _get(line, "a") == "1":
            continue  # a mere line break that is appended
        unit = 0.001 if _get(line, "t") else 1.0
        start = _number(_get(line, "t") or _get(line, "start")) * unit
        length = _number(_get(line, "d") or _get(line, "dur")) * unit
        cues.append(RawCue(start, start + length, "".join(_text_of(line))))
    return [(None, cues)]


def read_json3(text: str) -> Spoken:
    """Read YouTube's `json3`.

    Raises:
        ValueError: it is damaged.
    """
    cues = []
    for event in _dicts(_dicts([json.loads(text)])[0].get("events")):
        if not event.get("aAppend"):
            words = "".join(str(part.get("utf8", "")) for part in _dicts(event.get("segs")))
            start = _number(event.get("tStartMs")) / 1000
            cues.append(RawCue(start, start + _number(event.get("dDurationMs")) / 1000, words))
    return [(None, cues)]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
