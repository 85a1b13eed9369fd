"""How questions are worded: patterns over the words, tried in order, the most telling first.

No language model. A wording that fits none of them is `generic` and goes through search and zoom.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from .phrases import bare, says_tiny, singular, split_place
from .plain import plain
from .reading import Kind, Reading


def classify(question: str, options: tuple[str, ...] = ()) -> Reading:
    """Find the kind of a question and its parts; statements are left empty."""
    blank = Reading(question, options)
    asked = re.sub(r"\s+(?:have|has)$", "", plain(question))
    for pattern, build in _PATTERNS:
        match = pattern.search(asked)
        if match:
            return build(blank, {k: v or "" for k, v in match.groupdict().items()})
    return replace(blank, subject=_content(asked))


def _content(asked: str) -> str:
    """Return a question without its question words, for searching."""
    cut = re.sub(
        r"^(?:what|which|who|whose|where|when|why|how|is|are|was|were|does|do|did|can|could|has|"
        r"have|had|will|would|tell me|describe|please)\b\s*(?:is|are|was|were|does|do|did|the)?\s*",
        "",
        asked,
        flags=re.I,
    )
    return bare(cut) or asked


def _place(phrase: str) -> tuple[str, str]:
    subject, place = split_place(bare(phrase))
    return bare(subject), place


def _hop_speech(blank: Reading, got: dict[str, str]) -> Reading:
    inner = got["inner"].strip()
    inner = re.sub(r"\s+(?:is|are)?\s*(?:shown|seen|visible|on screen|on the screen)$", "", inner)
    subject = re.sub(
        r"^(?:what|which) (?:colou?r|object|thing|place)?\s*(?:is|are)?\s*", "", inner, flags=re.I
    )
    return replace(
        blank,
        kind="hop",
        anchor=bare(got["topic"]),
        anchor_kind="speech",
        relation="while",
        inner=inner + "?",
        subject=bare(subject),
    )


def _hop_text(blank: Reading, got: dict[str, str]) -> Reading:
    inner = got["inner"].strip(" ,")
    anchor = got["anchor"].strip(" \"'“”‘’")
    return replace(
        blank,
        kind="hop",
        anchor=anchor,
        anchor_kind="text",
        relation=got["rel"].lower(),
        inner=f"{inner}?",
    )


def _hop_seen(blank: Reading, got: dict[str, str]) -> Reading:
    anchor, place = _place(got["anchor"])
    return replace(
        blank,
        kind="hop",
        anchor=anchor,
        place=place,
        relation=got["rel"].lower(),
        inner=got["inner"].strip(" ,") + "?",
    )


def _speech(blank: Reading, got: dict[str, str]) -> Reading:
    rest = got["rest"]
    topic = re.sub(
        r"^(?:what|which|who|where|when|how (?:many|much|old|long|far))\s*"
        r"(?:is|are|was|were|does|do|did)?\s*",
        "",
        rest,
        flags=re.I,
    )
    topic = re.sub(r"^(?:about|of|that)\s+|\s+(?:is|are|was|were)$", "", topic, flags=re.I)
    return replace(blank, kind="speech", subject=bare(topic), anchor_kind="speech")


def _read(blank: Reading, got: dict[str, str]) -> Reading:
    anchor, place = _place(got["anchor"]) if got["anchor"] else ("", "")
    if not anchor and not place:
        _, place = split_place("sign " + got.get("rest", ""))
    if not anchor:
        anchor = bare(got.get("rest", ""))
    return replace(
        blank,
        kind="read",
        subject="sign",
        anchor=anchor,
        place=place,
        relation="beside",
        anchor_kind="visual",
    )


def _when(blank: Reading, got: dict[str, str]) -> Reading:
    subject, place = _place(got["subject"])
    return replace(blank, kind="when", subject=subject, place=place)


def _count_events(blank: Reading, got: dict[str, str]) -> Reading:
    subject, place = _place(got["subject"])
    return replace(blank, kind="count-events", subject=subject, place=place)


def _count_objects(blank: Reading, got: dict[str, str]) -> Reading:
    rest = re.sub(
        r"^\s*(?:there )?(?:in (?:the|a|one) group|together|side by side|next to each other|there)\s*",
        " ",
        got["rest"],
        flags=re.I,
    )
    subject, place = _place(
        bare(got["subject"]) + " " + rest.strip() if rest.strip() else got["subject"]
    )
    return replace(blank, kind="count-objects", subject=singular(subject), place=place)


def _order(blank: Reading, got: dict[str, str]) -> Reading:
    which = "last" if re.search(r"last|latest|final", got["which"], re.I) else "first"
    return replace(blank, kind="order", which=which)


def _motion(blank: Reading, got: dict[str, str]) -> Reading:
    subject, place = _place(got["subject"])
    return replace(blank, kind="motion", subject=subject, place=place)


_RELATIONS = (
    (r"left", "left of"),
    (r"right", "right of"),
    (r"above|over|on top", "above"),
    (r"below|under|beneath|underneath", "below"),
)


def _relation(blank: Reading, got: dict[str, str]) -> Reading:
    anchor, place = _place(got["anchor"])
    relation = next(name for pattern, name in _RELATIONS if re.search(pattern, got["rel"], re.I))
    return replace(
        blank,
        kind="relation",
        anchor=anchor,
        place=place,
        relation=relation,
        subject=bare(got["subject"]),
    )


def _side(blank: Reading, got: dict[str, str]) -> Reading:
    """On which side of an anchor the subject is; the answer is the relation."""
    anchor, place = _place(got["anchor"])
    return replace(
        blank,
        kind="relation",
        anchor=anchor,
        place=place,
        relation="side",
        subject=bare(got["subject"]),
    )


def _beside(blank: Reading, got: dict[str, str]) -> Reading:
    """Something beside, or together with, an anchor; a tiny thing needs a crop."""
    anchor, place = _place(got["anchor"])
    subject = bare(got["subject"]) or "object"
    kind: Kind = "detail" if says_tiny(subject) or says_tiny(blank.question) else "retrieve"
    relation = "with" if re.search("with|together", got["rel"], re.I) else "beside"
    return replace(blank, kind=kind, subject=subject, anchor=anchor, place=place, relation=relation)


def _colour(blank: Reading, got: dict[str, str]) -> Reading:
    subject, place = _place(got["subject"])
    kind: Kind = "detail" if says_tiny(subject) else "retrieve"
    return replace(blank, kind=kind, subject=subject, anchor=subject, place=place)


def _where(blank: Reading, got: dict[str, str]) -> Reading:
    subject, place = _place(got["subject"])
    return replace(
        blank, kind="retrieve", subject=subject, anchor=subject, place=place, relation="where"
    )


def _at_place(blank: Reading, got: dict[str, str]) -> Reading:
    """Which object is on the beach."""
    return replace(blank, kind="retrieve", subject="object", place=got["place"].strip())


def _global(blank: Reading, got: dict[str, str]) -> Reading:
    return replace(blank, kind="global", subject=_content(blank.question))


def _yes_no(blank: Reading, got: dict[str, str]) -> Reading:
    subject = re.sub(r"^(?:there|a scene with|ever)\s+", "", got["subject"], flags=re.I)
    subject, place = _place(subject)
    return replace(blank, kind="yes-no", subject=subject, anchor=subject, place=place)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_NARRATOR = (
    r"(?:the )?(?:narrator|narration|speaker|voice(?:-?over)?|commentary|commentator|presenter)"
)
_SAYS = (
    r"(?:mentions?|mentioned|says?|said|talks? (?:about|of)|speaks? (?:about|of)|tells? (?:of|about)|"
    r"names?|describes?|refers? to|is (?:talking|speaking) about|mentioning)"
)
_SIGN = (
    r"(?:sign|board|label|notice|banner|poster|billboard|caption|plaque|plate|inscription|screen|"
    r"title|placard)s?"
)
_BESIDE = r"(?:beside|next to|near(?:est)?(?: to)?|close to|by|alongside|adjacent to|with|behind|in front of)"
_SEEN = r"(?:is|are|was|were|can be|do you|does one|do we)?\s*(?:seen|shown|visible|found|appears?|appear|located|see)?"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[Reading, dict[str, str]], Reading]], ...] = (
    (
        _compiled(
            rf"^(?P<inner>.+?),?\s+(?:while|when|as|whilst)\s+{_NARRATOR}\s+{_SAYS}\s+(?P<topic>.+)$"
        ),
        _hop_speech,
    ),
    (
        _compiled(
            rf"^(?:while|when|as)\s+{_NARRATOR}\s+{_SAYS}\s+(?P<topic>.+?),\s*(?P<inner>.+)$"
        ),
        _hop_speech,
    ),
    (
        _compiled(
            rf"^(?P<inner>.+?)\s+(?:right |immediately |just |directly |shortly |straight )?(?P<rel>after|before)\s+"
            rf"the {_SIGN}\s+(?:reading |saying |that (?:says|reads) |with (?:the (?:text|words?) )?|which says )?"
            r"(?P<anchor>.+?)(?:\s+(?:is|was|has been|gets)?\s*(?:shown|seen|visible|appears?|appeared|on screen|comes up|disappears?))?$"
        ),
        _hop_text,
    ),
    (_compiled(rf"^(?:according to {_NARRATOR}[,:]?)\s*(?P<rest>.+)$"), _speech),
    (_compiled(rf"^(?P<rest>.+?),?\s+according to {_NARRATOR}$"), _speech),
    (
        _compiled(
            rf"^what (?:does|do|did) {_NARRATOR} (?:say|tell us|tell|mention|state|claim)(?: that| about| is| of)?\s*(?P<rest>.*)$"
        ),
        _speech,
    ),
    (
        _compiled(
            rf"^(?P<rest>.+?) (?:does|do|did) {_NARRATOR} (?:say|mention|give|name|state).*$"
        ),
        _speech,
    ),
    (_compiled(rf"^{_NARRATOR} {_SAYS}(?: that)?\s+(?P<rest>.+)$"), _speech),
    (_compiled(r"^what is (?:said|mentioned|told|spoken) (?:about|of)?\s*(?P<rest>.+)$"), _speech),
    (
        _compiled(
            r"^(?!when\b.*, (?:what|who|which|how|where)\b)(?:when|at (?:what|which) (?:time|moment|point|second|minute)|what time|around when|from when)\b"
            r"(?: in the (?:film|video|movie))?\s*(?:(?:does|do|did|is|are|was|were|can|could|we see|you see|one see)\b)?\s*"
            r"(?:we see|you see|one see|i see)?\s*(?P<subject>.+)$"
        ),
        _when,
    ),
    (
        _compiled(
            r"^(?:how many (?:separate |different |distinct |individual )?(?:times|occasions)|how often|on how many (?:separate |different )?occasions|"
            r"(?:count|what is) the number of times)\s*(?:(?:does|do|did|is|are|was|were|can)\b)?\s*(?:we see|you see|one see)?\s*(?P<subject>.+)$"
        ),
        _count_events,
    ),
    (
        _compiled(
            r"^how many (?:separate |different |distinct )?(?:appearances|occurrences|scenes|shots|clips|segments) (?:of|with|show|have|contain|are there (?:of|with)|does|do)\s*(?P<subject>.+)$"
        ),
        _count_events,
    ),
    (
        _compiled(
            r"^how many (?P<subject>.+?)\s+(?:stand|stands|are|is|can|appear|were|do (?:we|you)|lie|sit|there are|gather)\b(?:\s+(?:be )?(?:seen|shown|visible|there|see))?(?P<rest>.*)$"
        ),
        _count_objects,
    ),
    (_compiled(r"^how many (?P<subject>.+?)(?P<rest>)$"), _count_objects),
    (
        _compiled(
            r"^(?:which|what|who)\b.*\b(?:appears?|comes?|shown|seen|occurs?|happens?|visible|is|came|appeared|arrives?)\s+(?:up\s+)?(?:the\s+)?(?P<which>first|last|earliest|latest)\b.*$"
        ),
        _order,
    ),
    (
        _compiled(
            r"^(?:which|what)\b.*\b(?P<which>first|last|earliest|latest)\s+(?:to (?:appear|be (?:seen|shown))|(?:seen|shown))$"
        ),
        _order,
    ),
    (
        _compiled(
            rf"^what (?:does|do|did) (?:the|a|that) {_SIGN}\s*(?:{_BESIDE}\s+(?P<anchor>.+?)|(?P<rest>.*?))\s*(?:say|read|show|state|display|tell)s?$"
        ),
        _read,
    ),
    (
        _compiled(
            rf"^what(?:'s| is| was)? (?:is |was )?(?:written|printed|painted) on (?:the|a|that) {_SIGN}\s*(?:{_BESIDE}\s+(?P<anchor>.+)|(?P<rest>.*))$"
        ),
        _read,
    ),
    (
        _compiled(
            rf"^(?:what|which) (?:text|words?|number|numbers|letters?|code|message)\b.*?\bon (?:the|a|that) {_SIGN}\s*(?:{_BESIDE}\s+(?P<anchor>.+)|(?P<rest>.*))$"
        ),
        _read,
    ),
    (
        _compiled(
            rf"^(?:what|which) (?:text|words?|number|message|{_SIGN})\s+{_SEEN}\s*(?:{_BESIDE})\s+(?P<anchor>.+)$"
        ),
        _read,
    ),
    (
        _compiled(
            r"^(?:in |to |towards )?(?:which|what) (?:direction|way|side)\s+(?:does|do|did|is|are|was)\s+(?P<subject>.+?)\s+(?:move|moves|moving|go|goes|going|travel|travell?ing|head|heading|drift|drifting|fly|flying|slide|sliding|run|swim)\b.*$"
        ),
        _motion,
    ),
    (
        _compiled(
            r"^(?:where|where to) (?:does|do|did|is) (?P<subject>.+?) (?:move|moving|go|going|head|heading|travel|travell?ing)(?: to)?$"
        ),
        _motion,
    ),
    (_compiled(r"^on which side of (?P<anchor>.+?) is (?P<subject>.+)$"), _side),
    (
        _compiled(
            r"^(?P<inner>(?:which|what|where|who)\b.+?)\s+(?:right |immediately |just |directly |shortly |straight )?(?P<rel>after|before)\s+(?P<anchor>.+)$"
        ),
        _hop_seen,
    ),
    (
        _compiled(
            r"^(?:what|which)\s*(?P<subject>.*?)\s*\b(?:is|are|was|stands?|lies|sits|can be seen|do you see)\s+(?:seen |shown |standing |placed |located |directly |just |immediately )*(?:to |on |at )?(?:the |its )?(?P<rel>left|right)(?:[- ]hand)?(?: side)? of\s+(?P<anchor>.+)$"
        ),
        _relation,
    ),
    (
        _compiled(
            r"^(?:what|which)\s*(?P<subject>.*?)\s*\b(?:is|are|was|stands?|lies|sits|can be seen|do you see)\s+(?:seen |shown |standing |placed |located |directly |just |immediately )*(?P<rel>above|below|under|underneath|beneath|over|on top of)\s+(?P<anchor>.+)$"
        ),
        _relation,
    ),
    (
        _compiled(
            r"\b(?:most of (?:the|its) (?:time|film|frames)|(?:the|is) most|most often|mostly|for (?:the )?longest|longest|the majority|overall|(?<!at )least|shortest|fewest|"
            r"(?:largest|biggest|greatest|smallest|lion's) (?:share|part|portion|amount)|(?:more|less|fewer) (?:time|minutes|seconds|screen ?time)\b.*\bthan any\w*|dominates?|"
            r"briefly|(?:lowest|highest) (?:running |screen ?)?time|most common|most frequent(?:ly)?|main(?:ly)?|throughout|mainly about|in general|generally)\b"
        ),
        _global,
    ),
    (
        _compiled(
            rf"^(?:what|which) (?:is the )?colou?rs? (?:(?:is|are|was|were|has|does|do|of)\b)?\s*(?P<subject>(?:the |a )?.+?)\s+(?P<rel>{_BESIDE})\s+(?P<anchor>.+)$"
        ),
        _beside,
    ),
    (
        _compiled(
            r"^(?:what|which) (?:is the )?colou?rs? (?:(?:is|are|was|were|has|does|do|of)\b)?\s*(?P<subject>.+)$"
        ),
        _colour,
    ),
    (_compiled(r"^(?:what is|what's) the colou?r of (?P<subject>.+)$"), _colour),
    (
        _compiled(
            rf"^(?:which|what)\s+(?P<subject>.*?)\s*{_SEEN}\s*(?:standing |placed )?(?P<rel>together with|along with|{_BESIDE})\s+(?P<anchor>.+)$"
        ),
        _beside,
    ),
    (
        _compiled(
            r"^(?:where|in (?:which|what) (?:place|location|scene)|at (?:which|what) (?:place|location)|(?:which|what) place)\s*(?:in the (?:film|video))?\s*(?:(?:is|are|was|were|does|do|did|can)\b)?\s*(?P<subject>.+)$"
        ),
        _where,
    ),
    (
        _compiled(
            rf"^(?:which|what)\s+(?:object|thing|item|animal)s?\s+{_SEEN}\s*(?P<place>(?:on|in|at) the [a-z ]+)$"
        ),
        _at_place,
    ),
    (_compiled(r"^(?:is|are|was|were|does|do|did|can|has|have)\s+(?P<subject>.+)$"), _yes_no),
)
