"""What the wording of an English question asks for: a count, an order, words, or what is not so.

Each answer is "yes, beyond doubt" or silence: `False` means "the wording does not say".
All functions take the question with its quoted phrases blanked out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_COUNTED = 100
"""A larger number among the options says that somebody states it."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


_AMOUNT = _any(
    r"\bhow many\b",
    r"\b(?:total|exact|overall) (?:number|count)\b",
    r"\bwhat is the (?:number|count) of\b",
    r"\bnumber of times\b",
    r"^\W*count\b",
)
# amounts that are measured, not counted
_MEASURE = _any(
    r"\bhow many (?:\w+ )?(?:(?:milli|kilo|centi)?(?:second|minute|hour|day|week|month|year|decade|"
    r"century|mile|met(?:er|re)|gram|lit(?:er|re)|watt|volt|byte|calorie)s?|feet|inch(?:es)?|yards|"
    r"pounds|ounces|tons?|degrees|percent|dollars|euros|yuan|points?|kg|km|cm|mm|ml)\b"
)
# amounts that somebody states
_TOLD = _any(
    r"\b(?:say|says|said|mention|mentions|tell|tells|told|claims?|according|estimated?|report\w*|"
    r"know|consists? of|average|million|billion|population|per|history|"
    r"worldwide|subscribers?|followers?|lives?|living|died|killed|residents|"
    r"(?:1[5-9]|20)\d\d)\b"
)
_ORDER = _any(
    r"\bin (?:what|which) (?:\w+ )?(?:order|sequence)\b",
    r"\b(?:what|which) (?:order|sequence) (?:is|are|was|were) (?:the|these|they)\b",
    r"\b(?:correct|right|proper|chronological|temporal) (?:\w+ )?(?:order|sequence)\b",
    r"\b(?:sequence|order) of (?:the )?(?:following|events?|scenes?|images?|actions?|steps)\b",
    r"\b(?:what|which) (?:is|was) the (?:order|sequence) (?:of|in which)\b",
    r"\border in which\b",
    r"\bchronological(?:ly)?\b",
    r"\b(?:sequence|order) of [\w ]{1,40} (?:is|are) correct\b",
    r"\b(?:arrange|sort|put|place) (?:\w+ ){0,5}in (?:\w+ ){0,3}order\b",
)

WRITTEN_THING = (
    r"(?:signs?|signboards?|billboards?|posters?|banners?|labels?|captions?|title cards?|slides?|"
    r"(?:(?:black|white|score|bulletin) ?)?boards?|t-?shirts?|shirts?|jerseys?|notes?|cards?|"
    r"pages?|stickers?|plates?|texts?|headlines?|tattoos?|screens?|inscriptions?|plaques?|tags?|books?|"
    r"newspapers?|packages?|bottles?|bags?|hats?|caps?|mugs?|logos?|credits)"
)
_NO_LINK = r"(?!(?:in|with|on|of|by|who|at|wearing|holding)\b)"
# the thing that bears the words is the subject: not `what does the man with the sign say`
_SHOWS_WORDS = _any(
    rf"\bwhat (?:do|does|did) (?:{_NO_LINK}\w+ ){{0,3}}?{WRITTEN_THING} (?:(?:on|in|at|above|"
    r"under|of|behind|near|next|about|over|below|beside) (?:[\w'-]+ ){0,8}?)?(?:says?|reads?)\b",
    rf"\b{WRITTEN_THING} (?:that|which) (?:says?|reads?)\b",
    r"\b(?:texts?|letters?|words?|inscriptions?|signs?|banners?|labels?|posters?) saying\b",
    rf"(?<!with )(?<!wearing )(?<!holding )(?<!in )(?<!by )\b(?:the|a|an|this) (?:\w+ )?"
    rf"{WRITTEN_THING} (?:says|saying)\b",
)
_NO_SPEECH = _any(
    r"\b(?:say|says|said|saying) (?:goodbye|good ?night|hello|hi|bye)\b",
    r"\b(?:colou?r|font|language|size|position|style) of the (?:\w+ )?subtitles?\b",
    r"\b(?:is|are|be) said to\b",
    r"\b(?:body language|gestures?|sign language)\b.*",
)
_SPEECH = _any(
    r"\b(?:say|says|said|saying|mentions?|mentioned|mentioning)\b",
    r"\b(?:narrat(?:or|ion|es|ed)|voice-?overs?|commentators?|dialogues?|subtitles?)\b",
    r"\baccording to the (?:speaker|host|teacher|lecturer|interviewee|professor|presenter)\b",
    r"\b(?:what|which) (?:\w+ ){1,8}(?:talk|talks|talked|talking|speak) about\b",
)
_WRITING = _any(
    r"\bwritten (?:on|in|at|under|above|over|below|across|down|with)\b",
    r"\b(?:word|letter|text|name|number|phrase|sentence|character)s? (?:\w+ )?written\b",
    r"\b(?:what|which) (?:\w+ ){0,4}?(?:text|words?|letters?|numbers?|inscription) (?:\w+ )?on "
    r"(?:the|his|her|their|its)\b",
    r"\b(?:what|which) (?:number|words?|text|letters?|name) (?:does|do|did) (?:it|they|the \w+) "
    r"(?:show|say|read|bear|display)\b",
    r"\btitle cards?\b",
    r"\bon-?screen text\b",
    r"\btext on (?:the )?screen\b",
    r"\bwhat (?:\w+ )?(?:letters?|words?|text|number|speed|score|time|date|price|temperature) "
    r"(?:is|are|was|were) (?:shown|displayed|written|printed|on)\b",
)
_NO_WRITING = _any(
    r"\bwritten (?:in|with) (?:\w+ )?(?:language|python|english|chinese|french|german|spanish)\b",
    r"\b(?:number|name) of\b",
)

# words that begin another clause, or the words of another: what they say not is not asked
_CLAUSE = (
    r"(?:who|that|for|because|when|while|after|before|although|though|if|but|so|since|as|where|and|to|"
    r"says?|said|tells?|told|asks?|asked|thinks?|thought|claims?|claimed)"
)
_OWN_WORD = rf"(?:(?!{_CLAUSE}\b)[\w'-]+ )"
_AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should)"
# a question word, not a relative pronoun: at the start, or after a comma or the film
_ASKED = r"(?:^\W*|[.?!:] |[,;] (?!who)|\b(?:video|film|movie|clip) (?!who))(?:which|what|who) "
_OTHER_QUESTION = re.compile(r"\b(?:what|which|who|whose|how|why|where)\b[^.?!]*$", re.I)
_NOT_CAPITALS = re.compile(r"\b(?:NOT(?! to\b)|EXCEPT|INCORRECT|FALSE)\b")
_NOT_ASKED = _any(
    rf"{_ASKED}{_OWN_WORD}{{0,9}}?(?:{_AUXILIARY} ?n't|cannot|can't|won't)\b",
    rf"{_ASKED}{_OWN_WORD}{{0,9}}?{_AUXILIARY} {_OWN_WORD}{{0,6}}?(?:not|never)\b"
    r"(?!-| (?:only|just|long|far|allowed|supposed|like|want|know|understand|agree)\b)",
)
_NO_STATEMENT = _any(
    r"\bfollowing\b[^?.!]{0,80}\bexcept\b",
    r"\bexcept\W*$",
    r"\b(?:following|statements?|options?|descriptions?|claims?)\b(?: [\w-]+){0,8} (?:is|are) "
    r"(?:an? |the )?(?:incorrect|false|wrong|untrue|inaccurate)\b",
)
_NO_CHOICE = _any(rf"^\W*(?:how|(?:when|where) {_AUXILIARY})\b", r"\bwhy\b", r"\bthe reasons?\b")


def shows_words(text: str) -> bool:
    """Say whether a thing that bears writing is what `says` or `reads` something."""
    return bool(_SHOWS_WORDS.search(text))


def asks_amount(text: str) -> bool:
    """Say whether the answer is an amount: counted, measured or told."""
    return bool(_AMOUNT.search(text))


def asks_count(text: str, options: Sequence[str] = ()) -> bool:
    """Say whether things or events have to be counted, not measured or looked up."""
    if not asks_amount(text) or _MEASURE.search(text) or _TOLD.search(text):
        return False
    numbers = [int(digits) for option in options for digits in re.findall(r"\d{1,9}", option)]
    return max(numbers, default=0) <= MOST_COUNTED


def asks_order(text: str) -> bool:
    """Say whether the order of things or events is asked for."""
    return bool(_ORDER.search(text))


def names_speech(text: str) -> bool:
    """Say whether the question turns on what is said."""
    spoken = _NO_SPEECH.sub(" ", _SHOWS_WORDS.sub(" ", text))
    return bool(_SPEECH.search(spoken))


def names_writing(text: str) -> bool:
    """Say whether the question turns on what is written in the picture."""
    return shows_words(text) or bool(_WRITING.search(_NO_WRITING.sub(" ", text)))


def asks_negative(text: str) -> bool:
    """Say whether the question asks for what is not so."""
    if _NOT_CAPITALS.search(text) and not text.isupper():
        return True
    if _NO_CHOICE.search(text):
        return False
    if _NO_STATEMENT.search(text):
        return True
    # after another question word of the sentence it is a relative clause
    return any(
        not _OTHER_QUESTION.search(text[: found.start()]) for found in _NOT_ASKED.finditer(text)
    )
