"""Which letters the languages of old subtitle files need, and which encodings wrote them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"
_HEBREW = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْـ"
# a language's letters outside ASCII, lower case
ALPHABETS: dict[str, frozenset[str]] = {
    language: frozenset(letters)
    for language, letters in {
        "en": "éïèñçœæ",
        "de": "äöüß",
        "fr": "àâæçéèêëîïôœùûüÿ",
        "es": "áéíóúñüªº",
        "pt": "áâãàçéêíóôõúü",
        "it": "àèéìòù",
        "nl": "éëèïöüáóí",
        "ca": "àçèéíïòóúü·",
        "sv": "åäöéüà",
        "no": "åæøéòóôêü",
        "da": "åæøé",
        "fi": "äöåšž",
        "is": "áðéíóúýþæö",
        "pl": "ąćęłńóśźż",
        "cs": "áčďéěíňóřšťúůýž",
        "sk": "áäčďéíĺľňóôŕšťúýž",
        "hu": "áéíóöőúüű",
        "ro": "ăâîșțşţ",
        "hr": "čćđšž",
        "sq": "çë",
        "tr": "çğıöşüâîû",
        "et": "äõöüšž",
        "lv": "āčēģīķļņšūž",
        "lt": "ąčęėįšųūž",
        "ru": _RUSSIAN,
        "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "be": _RUSSIAN + "іў",
        "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
        "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
        "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ",
        "el": _GREEK,
        "he": _HEBREW,
        "ar": _ARABIC,
        "fa": _ARABIC + "پچژگکیۀ",
        "th": "".join(map(chr, [*range(0xE01, 0xE3B), *range(0xE40, 0xE4F)])),
        "vi": "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    }.items()
}
_WESTERN = ("en", "de", "fr", "es", "pt", "it", "nl", "ca", "sv", "no", "da", "fi", "is", "sq")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "de", "sq")
# of encodings that read a text alike the first one is named: the common ones come first
ENCODINGS: dict[str, tuple[str, ...]] = {
    "cp1252": _WESTERN,
    "cp1251": ("ru", "uk", "bg", "sr", "mk", "be"),
    "cp1250": _CENTRAL,
    "iso8859_15": _WESTERN,
    "iso8859_2": _CENTRAL,
    "cp1253": ("el",),
    "iso8859_7": ("el",),
    "cp1254": ("tr",),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa"),
    "iso8859_6": ("ar",),
    "cp1257": ("lv", "lt", "et"),
    "iso8859_13": ("lv", "lt", "et"),
    "cp1258": ("vi",),
    "iso8859_16": ("ro",),
    "cp874": ("th",),
    "koi8_r": ("ru",),
    "koi8_u": ("uk", "ru"),
    "iso8859_5": ("ru", "bg", "sr", "mk", "be"),
    "cp866": ("ru", "be"),
    "mac_cyrillic": ("ru", "uk"),
    "mac_roman": _WESTERN,
    "mac_latin2": _CENTRAL,
    "cp850": _WESTERN,
    "cp852": _CENTRAL,
    "gb18030": ("zh",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "big5hkscs": ("zh",),
    "cp949": ("ko",),
}
# punctuation and signs that subtitles of any language hold
COMMON = frozenset("“”„‘’‚«»‹›…–—―•·¿¡°©®™§€£¥№♪♫♬×½¼¾²³\xa0\xad\ufeff\u200e\u200f\u200c\u200d‾")
CJK_COMMON = frozenset(
    "、。〃《》「」『』【】〈〉〔〕・ー～〜！？：；，．（）％＆＋－／＝＿＊＂＇　"
    "…—―♪♫☆★○●◎→←↑↓·“”‘’※"
)
# languages written in squares, and the share of a text that their most frequent signs make up
SQUARE = {"zh": 0.4, "ja": 0.75, "ko": 0.4}
_SIGN = -6.0
_NAMES = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Farsi",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hr": "Croatian",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ar": "Arabic",
    "bg": "Bulgarian",
}


@cache
def _frequencies(language: str) -> tuple[dict[str, float], float]:
    """Return the log probability of a language's frequent letters outside ASCII, and of others."""
    from charset_normalizer.constant import FREQUENCIES

    name = _NAMES.get(language, "")
    # Japanese has three lists, of kanji, katakana and hiragana: take turns, as texts mix them
    lists = [FREQUENCIES[key] for key in FREQUENCIES if key.rstrip("—") == name]
    longest = max(map(len, lists), default=0)
    mixed = [chars[i] for i in range(longest) for chars in lists[::-1] if i < len(chars)]
    letters = [letter for letter in mixed if letter > "\x7f"]
    others = 4000 if language in SQUARE else len(ALPHABETS[language] - set(letters)) or 1
    share = SQUARE.get(language, 0.95) if letters else 0.0
    total = sum(1 / (rank + 2) for rank in range(len(letters)))
    known = {c: math.log(share / (rank + 2) / total) for rank, c in enumerate(letters)}
    return known, math.log((1 - share) / others)


def log_likelihood(letters: Mapping[str, int], language: str) -> float:
    """Return how likely a language's texts have such letters outside ASCII, in nats.

    Args:
        letters: how often each occurs, lower case; signs that are no letters count as rare.
        language: ISO 639-1.
    """
    known, other = _frequencies(language)
    return sum(
        count * (known.get(letter, other) if letter.isalpha() else _SIGN)
        for letter, count in letters.items()
    )
