"""Words and their spellings: how text is cut into words, and which written forms mean one word.

Text comes from people who type, from speech recognition and from OCR, in any script. OCR loses
spaces (`DOCK81`) and confuses letters that look alike (`R00M`, `GATE4l`); people leave out
capitals, accents and hyphens and mistype a letter. A query word is compared with the words of the
film, so that no rule has to guess what a reader may have got wrong.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Any

import regex

# scripts written without spaces: pairs of their letters stand for words
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
IS_UNSPACED = regex.compile(f"[{_UNSPACED}]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_PARTS = regex.compile(
    rf"[{_UNSPACED}\p{{M}}]+|\p{{N}}+|[[\p{{L}}\p{{M}}]--[{_UNSPACED}]]+", regex.V1
)
# a number written in groups of three digits
_GROUPED = regex.compile(r"(?<!\d)\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3})+(?!\d)")
_GROUP_SIGN = regex.compile(r"\D")
# accents of Latin, Greek and Cyrillic; the marks of other scripts are part of their letters
_ACCENTS = regex.compile("[\u0300-\u036f]")
_DIGIT_LIKE = regex.compile(r"[0-9oilsbz]*[0-9][0-9oilsbz]*")
_TO_DIGITS = str.maketrans("oilsbz", "011582")
# what looks alike in print or in capitals, under one Latin letter (as in Unicode TR 39)
_ALIKE = (
    "0o 1l 5s 8b 2z il аa вb еe кk мm нh оo рp сc тt уy хx іl "
    "αa βb εe ζz ηh ιl κk μm νn οo ρp τt υy χx"
)
_SHAPES = str.maketrans(_ALIKE[0::3], _ALIKE[1::3])
_MAX_WORD = 64
_STEMMERS = {
    "ar": "arabic",
    "hy": "armenian",
    "eu": "basque",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "nl": "dutch",
    "en": "english",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "ga": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "no": "norwegian",
    "fa": "persian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "es": "spanish",
    "sv": "swedish",
    "tr": "turkish",
}
# what no stemmer knows; forms that are other words as well (`saw`, `left`, `found`) stay apart
_IRREGULAR = (
    "arise arose arisen, awake awoke awoken, beat beaten, become became, begin began begun, "
    "bend bent, bite bit bitten, bleed bled, blow blew blown, break broke broken, bring brought, "
    "build built, burn burnt, buy bought, catch caught, choose chose chosen, come came, "
    "creep crept, dig dug, draw drew drawn, dream dreamt, drink drank drunk, drive drove driven, "
    "eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought, flee fled, "
    "fly flew flown, forbid forbade forbidden, forget forgot forgotten, forgive forgave forgiven, "
    "freeze froze frozen, get got gotten, give gave given, go went gone, grow grew grown, "
    "hang hung, hear heard, hide hid hidden, hold held, keep kept, kneel knelt, know knew known, "
    "lay laid, lead led, learn learnt, lend lent, lose lost, make made, mean meant, meet met, "
    "pay paid, ride rode ridden, ring rang rung, rise rose risen, run ran, say said, seek sought, "
    "sell sold, send sent, sew sewn, shake shook shaken, shine shone, shoot shot, show shown, "
    "shrink shrank shrunk, sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, "
    "speak spoke spoken, spend spent, spin spun, stand stood, steal stole stolen, stick stuck, "
    "sting stung, strike struck, swear swore sworn, sweep swept, swim swam swum, swing swung, "
    "take took taken, teach taught, tear tore torn, tell told, think thought, throw threw thrown, "
    "understand understood, wake woke woken, wear wore worn, weave wove woven, weep wept, "
    "win won, write wrote written"
)


def fold(text: str) -> str:
    """Return text without differences of case, width and accent."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", text))


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in order: runs of letters, marks and digits.

    A number in groups of three digits is one word: `310 000` and `310,000` are `310000`.
    """
    text = _GROUPED.sub(lambda number: _GROUP_SIGN.sub("", number.group()), text)
    return [word[:_MAX_WORD] for word in _WORD.findall(fold(text))]


def parts_of(word: str) -> list[str]:
    """Cut a folded word where letters and digits meet, and unspaced scripts into letter pairs."""
    if word.isascii() and (word.isalpha() or word.isdigit()):
        return [word]
    parts: list[str] = []
    for part in _PARTS.findall(word):
        if len(part) > 2 and IS_UNSPACED.match(part):
            parts += [part[at : at + 2] for at in range(len(part) - 1)]
        else:
            parts.append(part)
    return parts


def is_mixed(word: str) -> bool:
    """Say whether a word holds letters and digits."""
    return not word.isalpha() and not word.isdecimal() and any(c.isdigit() for c in word)


def keys_of(text: str) -> list[str]:
    """Return what a line is filed under: words, their parts, `~` and numbers read as letters."""
    keys: list[str] = []
    for word in words_of(text):
        parts = parts_of(word)
        keys += parts
        if len(parts) > 1 or (parts and parts[0] != word):
            if not IS_UNSPACED.search(word):
                keys.append(word)
            if is_mixed(word):
                numbers = (like.translate(_TO_DIGITS) for like in _DIGIT_LIKE.findall(word))
                keys += [f"~{number}" for number in numbers if number not in parts]
    return keys


def shape_of(word: str) -> str:
    """Return a form that words share when print or OCR may confuse them."""
    return word.translate(_SHAPES).replace("rn", "m").replace("vv", "w")


@cache
def _stemmer(name: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(name)


def _stemmer_name(word: str, language: str) -> str | None:
    """Return which stemmer fits the letters of a word in a text of this language."""
    script = unicodedata.name(word[0], "").split(" ")[0]
    by_script = {"CYRILLIC": "russian", "GREEK": "greek", "ARABIC": "arabic", "DEVANAGARI": "hindi"}
    if script != "LATIN":
        return by_script.get(script)
    name = _STEMMERS.get(language)
    return None if name in by_script.values() else name


def is_stemmed(word: str, language: str) -> bool:
    """Say whether there is a stemmer for a word of a text in this language."""
    return _stemmer_name(word, language) is not None


@lru_cache(20_000)
def stem_of(word: str, language: str) -> str:
    """Return the stem of a folded word (Snowball), the word itself where there is no stemmer."""
    name = _stemmer_name(word, language)
    if name == "english":
        word = _irregular_verbs().get(word, word)
    return _stemmer(name).stemWord(word) if name else word


def verb_forms(word: str) -> tuple[str, ...]:
    """Return the irregular English forms of the verb that a word is a form of, and the verb."""
    verb = _irregular_verbs().get(word, word)
    return (verb, *(form for form, of in _irregular_verbs().items() if of == verb))


@cache
def _irregular_verbs() -> dict[str, str]:
    """Return the irregular past forms of English verbs with their verbs."""
    verbs = (row.split() for row in _IRREGULAR.split(","))
    return {form: verb for verb, *forms in verbs for form in forms}
