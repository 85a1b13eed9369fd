"""Languages: what a tag in a file name means, and which one a text is in."""

from __future__ import annotations

import locale
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

_SUBTAG = re.compile(r"hans|hant|latn|cyrl|arab|deva|orig|latino?|[a-z]{2}|\d{3}")
# tags that the registry of BCP 47 has replaced
_REPLACED = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro"}
# words that go with a language's name
_QUALIFIERS = frozenset(
    (
        *("simplified", "traditional", "brazilian", "european", "latin", "american", "british"),
        *("canadian", "castilian", "mandarin", "cantonese"),
    )
)
# fewer letters say nothing about the language
_FEWEST_LETTERS = 8


def parse_language(text: str) -> str | None:
    """Return the language that a BCP 47 tag, an ISO 639 code or an English name stands for.

    Returns:
        The shortest code with region and script as written (`en`, `pt-BR`, `zh-Hans`), `und` for a
        code that says the language is not known; None when the text is no language.
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    named = [word for word in words if word not in _QUALIFIERS]
    if len(named) == 1 and (code := _by_name(named[0])):
        return code
    first, *rest = text.replace("_", "-").split("-")
    code = _by_code(first.lower())
    if code is None or not all(_SUBTAG.fullmatch(part.lower()) for part in rest):
        return None
    shown = [part.upper() if len(part) == 2 else part.title() for part in rest]
    return "-".join([code, *shown])


def primary(language: str | None) -> str | None:
    """Return the language without region and script; None where it is not known."""
    code = (language or "und").split("-")[0]
    return None if code in ("und", "mul", "mis", "zxx") else code


@cache
def _by_code(code: str) -> str | None:
    """Look up a code of two or three letters.

    Nearly every word of three letters is a language of ISO 639-3: only those count that have a
    code of ISO 639-2 too, or belong to a language of two letters (Mandarin to Chinese).
    """
    import iso639

    code = _REPLACED.get(code, code)
    if not re.fullmatch(r"[a-z]{2,3}", code):
        return None
    for kind in ("part1",) if len(code) == 2 else ("part2t", "part2b", "part3"):
        try:
            found = getattr(iso639.Language, f"from_{kind}")(code)
        except iso639.LanguageNotFoundError:
            continue
        if kind != "part3":
            return found.part1 or found.part3
        wider = found.macrolanguage
        return _by_code(wider) if wider and len(_by_code(wider) or "") == 2 else None
    return None


@cache
def _by_name(name: str) -> str | None:
    import iso639

    found = None
    for shown in (name.title(), f"{name.title()} (macrolanguage)"):
        with suppress(iso639.LanguageNotFoundError):
            found = found or iso639.Language.from_name(shown)
    if found is not None and found.part2t and len(name) > 3:
        return found.part1 or found.part3
    # the names that systems call their locales by: `deutsch`, `français`
    known = locale.locale_alias.get(name, "") if len(name) > 3 else ""
    return _by_code(known[:2]) if known[2:3] == "_" else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def guess_language(text: str) -> str | None:
    """Return the language that a text is most likely in (ISO 639-1); None when it is too short.

    After Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012.
    """
    if sum(char.isalpha() for char in text) < _FEWEST_LETTERS and text.isascii():
        return None
    code, _ = _identifier().classify(text[:5000])
    return code


def language_share(text: str, languages: Sequence[str]) -> float:
    """Return the probability that a text is in one of some languages, 0 to 1."""
    return sum(float(share) for code, share in _identifier().rank(text[:5000]) if code in languages)
