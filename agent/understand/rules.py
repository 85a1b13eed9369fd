"""What a question wants, as far as its wording leaves no doubt: no model is asked.

A few rules of high precision for English; each either is sure or keeps silent. They read what
a model would otherwise have to be asked for: times of the film's clock, "how many", quoted phrases,
words that clearly mean speech or writing, negation of what is asked, and an explicit order.
A question in another language gets the neutral intent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...index.video.span import Span
from ..intent import MOST_CUES, AnswerForm, Cue, Intent, Modality, Need, Scope, neutral_intent
from ..question import Question
from .quotes import Quote, blank_quotes, find_quotes
from .times import ROUGH_SECONDS, time_range

_ENGLISH = re.compile(
    r"(?:the|what|which|who|whose|how|why|when|where|is|are|does|did|do|of|and|in|this|that|with|"
    r"to|many|has|have|list|count|at|first|after|by|from|it|he|she|they|you)"
)
_ONLY_ENGLISH = re.compile(r"(?:the|what|which|who|whose|how|why|when|where|does|did|many|this)")
_WORD = re.compile(r"[^\W\d_]+")

# ---- how many
_HOW_MANY = re.compile(
    r"\bhow many\b|\b(?:total|exact|overall) (?:number|count)\b|\bwhat is the (?:number|count) of\b|"
    r"\bnumber of times\b|^\W*count\b",
    re.I,
)
# amounts that are measured or told, not counted
_MEASURE = re.compile(
    r"\bhow many (?:\w+ )?(?:(?:milli|kilo|centi)?(?:second|minute|hour|day|week|month|year|decade|"
    r"centur(?:y|ie)|mile|met(?:er|re)|gram|lit(?:er|re)|watt|volt|byte|calorie)s?|feet|inch(?:es)?|"
    r"yards|pounds|ounces|tons?|degrees|percent|dollars|euros|yuan|points?|kg|km|cm|mm|ml)\b",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:say|says|said|mention|mentions|tell|tells|told|claims?|according|estimated?|report\w*|"
    r"know|average|million|billion|population|per|history|worldwide|subscribers?|followers?)\b",
    re.I,
)

# ---- order
_ORDER = re.compile(
    r"\b(?:in )?(?:what|which) (?:chronological )?(?:order|sequence) (?:is|are|was|were|do|does|did)\b|"
    r"\b(?:the )?(?:correct|right|proper|chronological|temporal) (?:\w+ )?(?:order|sequence)\b|"
    r"\b(?:sequence|order) of (?:the )?(?:following|events?|scenes?|images?|actions?|steps)\b|"
    r"\b(?:what|which) (?:is|was) the (?:order|sequence) (?:of|in which)\b|"
    r"\border in which\b|\bchronological(?:ly)?\b|"
    r"\b(?:sequence|order) of [\w ]{1,40} (?:is|are) correct\b|"
    r"\b(?:arrange|sort|put|place) (?:\w+ ){0,5}in (?:\w+ ){0,3}order\b",
    re.I,
)

# ---- speech
_WRITTEN_THING = (
    r"(?:signs?|signboards?|billboards?|posters?|banners?|labels?|captions?|title cards?|slides?|"
    r"(?:black|white|score|bulletin )?boards?|t-?shirts?|shirts?|jerseys?|notes?|letters?|cards?|"
    r"stickers?|plates?|texts?|messages?|headlines?|tattoos?|screens?|inscriptions?|plaques?|tags?|"
    r"pages?|books?|newspapers?|packages?|bottles?|bags?|hats?|caps?|mugs?|logos?|credits)"
)
_SAID = (
    re.compile(r"\b(?:say|says|said|saying|mentions?|mentioned|mentioning)\b", re.I),
    re.compile(
        r"\b(?:narrat(?:or|ion|es|ed)|voice-?overs?|commentators?|dialogues?|"
        r"according to the (?:speaker|host|teacher|lecturer|interviewee|professor|presenter))\b",
        re.I,
    ),
    re.compile(r"\b(?:what|which) (?:\w+ ){1,8}(?:talk|talks|talked|talking|speak) about\b", re.I),
    re.compile(r"\bsubtitles?\b", re.I),
)
_NOT_SAID = re.compile(
    rf"\b{_WRITTEN_THING} (?:\w+ ){{0,3}}?(?:say|says|said|saying)\b|"
    r"\b(?:say|says|said|saying) (?:goodbye|good ?night|hello|hi|bye)\b|"
    r"\b(?:colou?r|font|language|size|position|style) of the (?:\w+ )?subtitles?\b|"
    r"\b(?:is|are|be|can be) said to\b",
    re.I,
)

# ---- writing
_WRITTEN = re.compile(
    r"\b(?:is|are|was|were|be|has|have|what'?s?|that) (?:\w+ )?written (?:on|in|at|under|above|over|"
    r"below|across|down)\b|\b(?:words?|letters?|text|name|number|phrase|sentence)s? (?:\w+ )?written\b|"
    rf"\b{_WRITTEN_THING} (?:\w+ ){{0,4}}?(?:say|says|read)\b(?! to| a\b| the\b| and)|"
    r"\b(?:what|which) (?:\w+ ){0,4}?(?:text|words?|letters?|numbers?|inscription) (?:\w+ )?on (?:the|"
    r"his|her|their|its)\b|"
    r"\btitle cards?\b|\bon-?screen text\b|\btext on(?: the)? screen\b|"
    r"\bwhat (?:english )?(?:letters?|words?|text|number|speed|score|time|date|price|temperature) "
    r"(?:is|are|was|were) (?:shown|displayed|written|printed|on)\b",
    re.I,
)
_NOT_WRITTEN = re.compile(r"\bwritten (?:by|in (?:\w+ )?(?:language|python|english|chinese)$)|\bnumber of\b", re.I)
_SAID_BEFORE = re.compile(
    r"\b(?:subtitles?|captions? mention\w*|say|says|said|saying|mention(?:s|ed|ing)?|mutters?|shouts?|"
    r"utters?|replie[sd]|asks|asked)\b[^?.!]{0,40}$",
    re.I,
)
_WRITTEN_BEFORE = re.compile(
    rf"\b(?:{_WRITTEN_THING}|words?|letters?|title|phrase|characters|reads?|reading|written|logo|"
    r"inscription|labell?ed|displays?|displaying)\b[^?.!]{0,30}$",
    re.I,
)
_WRITTEN_AFTER = re.compile(
    r"^ (?:is |are |was )?(?:written|printed|appears? (?:in|on) the (?:\w+ )?(?:screen|slide))", re.I
)

# ---- negation
_CLAUSE = r"(?:who|that|because|when|while|after|before|although|though|if|but|so|since|as|where|and|to)"
_WORDS = rf"(?:(?!{_CLAUSE}\b)[\w'-]+ ){{0,9}}?"
_AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should)"
_NEGATED = (
    re.compile(r"\b(?:NOT|EXCEPT|INCORRECT|FALSE)\b"),
    re.compile(
        rf"(?<!\bin )(?<!\bof )\b(?:which|what|who) {_WORDS}(?:{_AUXILIARY}(?:n't|n’t| n't)|"
        rf"(?:cannot|can't|won't))\b",
        re.I,
    ),
    re.compile(
        rf"(?<!\bin )(?<!\bof )\b(?:which|what|who) {_WORDS}{_AUXILIARY} (?:(?!{_CLAUSE}\b)[\w'-]+ ){{0,6}}?"
        r"(?:not|never)\b(?! (?:only|just|long|far))",
        re.I,
    ),
    re.compile(r"\bfollowing\b[^?.!]{0,80}\bexcept\b|\bexcept\W*$|\bexcept for which\b", re.I),
    re.compile(
        r"\b(?:which|what)\b(?: \w+){0,8} (?:is|are) (?:an? |the )?(?:incorrect|false|wrong|untrue|"
        r"inaccurate)\b",
        re.I,
    ),
)
_WHY = re.compile(r"^\W*(?:in the video,? )?(?:why|how|when|where|if)\b|\bwhy\b|\breasons?\b", re.I)


def read_rules(question: str, options: Sequence[str] = (), duration: float = float("inf")) -> Intent:
    """Read what a question states beyond doubt.

    Args:
        question: as it was put; any length, any language.
        options: the choices; empty for an open question.
        duration: of the film, in seconds.

    Returns:
        The neutral intent, changed only where the wording is certain. Quoted phrases come as cues
        of the role `anchor`, before the question and the options.
    """
    neutral = neutral_intent(Question(question, tuple(options)))
    quotes = find_quotes(question)
    text = " ".join(blank_quotes(question, quotes).replace("’", "'").split())
    if not is_english(text):
        return neutral
    within = time_range(text, duration)
    cues = [Cue(quote.text, quote_modality(question, quote), "anchor") for quote in quotes]
    return replace(
        neutral,
        answer_form=neutral.answer_form if options else _answer_form(text),
        scope=_scope(within),
        within=None if within is None else Span(*within),
        cues=tuple([*cues, *neutral.cues][:MOST_CUES]),
        needs=_needs(text, cues),
        negated=_negated(text),
    )


def is_english(text: str) -> bool:
    """Say whether a question is English enough for rules about English words."""
    words = [word.casefold() for word in _WORD.findall(text)]
    known = sum(1 for word in words if _ENGLISH.fullmatch(word))
    sure = any(_ONLY_ENGLISH.fullmatch(word) for word in words)
    return sure and known >= 0.15 * len(words)


def quote_modality(question: str, quote: Quote) -> Modality | None:
    """Say whether a quoted phrase is spoken or written; None when the words around do not tell."""
    before = question[max(0, quote.start - 80) : quote.start]
    after = question[quote.end : quote.end + 60]
    said, written = _SAID_BEFORE.search(before), _WRITTEN_BEFORE.search(before)
    if said and (not written or said.start() > written.start()):
        return None if re.search(rf"\b{_WRITTEN_THING} (?:that )?say", before, re.I) else "said"
    if written or _WRITTEN_AFTER.match(after):
        return "written"
    return None


def _scope(within: tuple[float, float] | None) -> Scope:
    if within is None:
        return "whole"
    return "moment" if within[1] - within[0] <= 2 * ROUGH_SECONDS else "part"


def _answer_form(text: str) -> AnswerForm:
    if _ORDER.search(text):
        return "order"
    return "number" if _HOW_MANY.search(text) else "text"


def _needs(text: str, cues: Sequence[Cue]) -> frozenset[Need]:
    needs: set[Need] = set()
    said = not _NOT_SAID.search(text) and any(form.search(text) for form in _SAID)
    if said or any(cue.modality == "said" for cue in cues):
        needs.add("listen")
    written = _WRITTEN.search(text) and not _NOT_WRITTEN.search(text)
    if written or any(cue.modality == "written" for cue in cues):
        needs.add("read")
    if _ORDER.search(text):
        needs.add("order")
    elif _HOW_MANY.search(text) and not _MEASURE.search(text) and not _TOLD.search(text):
        needs.add("count")
    return frozenset(needs)


def _negated(text: str) -> bool:
    if _NEGATED[0].search(text) and not text.isupper():
        return True
    return not _WHY.search(text) and any(form.search(text) for form in _NEGATED[1:])
