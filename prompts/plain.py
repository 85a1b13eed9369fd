"""The same question in plainer words: people ask one thing in many ways, recipes read a few.

`Count the red fish on the beach` becomes `How many red fish are on the beach`. What no rule fits
stays as it is. Only for reading a question's kind and parts: a language model is always asked in
the words of whoever asks.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IS = r"(?:is|are|was|were)"
_DO = r"(?:does|do|did|can|could)"
_BE = r"(?:seen|shown|visible|found|spotted|located|on screen|on the screen|in view|there|present)"
_SEE = r"(?:one|you|we|i) (?:see|spot|find)"
_SIDE = r"(?P<rel>left|right|above|below|over|under)"
_GO = (
    r"(?:go(?:es|ing)?|mov(?:e|es|ing)|travel\w*|head(?:s|ed|ing)?|drift\w*|fl(?:y|ies|ying)|"
    r"slid\w*|run(?:s|ning)?|swim\w*)"
)
_MANY = r"(?:number|count|total)"
_SAYS = r"(?:mention(?:s|ed)?|(?:spoken|talked) (?:of|about)|discussed|named|described)"
_FACES = {
    "left": "to the left of", "right": "to the right of", "above": "above", "over": "above",
    "higher": "above", "up": "above", "below": "below", "under": "below", "lower": "below",
    "down": "below",
}  # fmt: skip
_NEAR = r"(?:beside|next to|near(?: to)?|close to|by|alongside|adjacent to)"
_SIGN = r"(?P<sign>sign|board|label|notice|banner|poster|billboard|plaque|placard)"

# what may stand around any question, taken off first
_AROUND: tuple[tuple[str, str], ...] = (
    (r"^(?:please|ok|okay|hey|hi|so|and|now|well),?\s+", ""),
    (r",?\s+(?:please|exactly|roughly|approximately)$", ""),
    (r"^(?:can|could|would) you (?:please )?(?:tell|show) me\s+", ""),
    (r"^(?:please )?(?:tell me|say|name|do you know|i(?:'d| would) like to know|i want to know|i wonder)"
     r"(?: if| whether)?,?\s+(?=what|which|who|where|when|how|in|at|on|of|to|is|are|does|whether|the)", ""),
    (r"^(?:in|during|throughout) (?:the|this) (?:whole |entire )?(?:film|video|movie|footage|clip),?\s+", ""),
    (r",?\s+(?:in|during|throughout) (?:the|this) (?:whole |entire )?(?:film|video|movie|footage|clip)$", ""),
    (r"\b(what|which|where|when|who|how)['’]s\b", r"\1 is"),
    (r"\b(where|what|how)['’]re\b", r"\1 are"),
    (r"\bcolor\b", "colour"),
    (r"^name the (.+?) that (.+)$", r"which \1 \2"),
)  # fmt: skip

# (wording, plain wording), tried in this order; the first that fits the whole question is used.
# `<rel>` is a side and is said as left of, right of, above or below
_RULES: tuple[tuple[str, str], ...] = (
    # heard
    (rf"^(?:when|while|as) (?P<t>.+?) (?:is|are|was|were|gets|is being) {_SAYS}(?: by the narrator)?, (?P<q>.+)$",
     r"while the narrator mentions \g<t>, \g<q>"),
    (rf"^(?P<q>(?:what|which|where|who|of|in)\b.+?),? (?:when|while|as) (?P<t>(?:the |a )?\w[^,]*?) (?:is|are|was|were|gets|is being) {_SAYS}(?: by the narrator)?$",
     r"\g<q> while the narrator mentions \g<t>"),
    # many
    (r"^(?:count|give|what is|how high is)?\s*(?:the )?(?:number of )?(?:separate |different )?(?:times|occasions)"
     rf"(?: that| when| on which| in which)? (?P<s>.+?) (?:appears?|shows up|turns up|comes? (?:into view|up|on screen)|(?:{_IS}|can be) {_BE})$",
     r"how often does \g<s> appear"),
    (rf"^how often (?P<v>{_IS}|{_DO}) (?P<s>.+?) (?:come|comes|coming) back(?: into view)?\b.*$", r"how often does \g<s> appear"),
    (rf"^(?:count|what is|give|how large is|what)\s*(?:up )?(?:me )?(?:all )?(?:the )?{_MANY} of (?P<s>.+?)(?: {_IS})?(?: there)?(?P<p> (?:on|in|at|by|near) the .+)?$",
     r"how many \g<s> are there\g<p>"),
    (r"^count (?:up )?(?:all )?(?:of )?(?:the )?(?P<s>.+?)(?: that (?:are|stand|you see|one sees))?(?P<p> (?:on|in|at|by|near) the .+)?$",
     r"how many \g<s> are there\g<p>"),
    (rf"^how many (?P<s>.+?) {_DO} {_SEE}(?P<p>.*)$", r"how many \g<s> are there\g<p>"),
    # read
    (rf"^(?:what|which words?)(?: {_IS})?(?: (?:written|printed|painted|to be read|the text|the words?|the writing))? on the {_SIGN} {_NEAR} (?P<s>.+)$",
     r"what does the \g<sign> beside \g<s> say"),
    (rf"^what (?:says|reads) the {_SIGN} {_NEAR} (?P<s>.+)$", r"what does the \g<sign> beside \g<s> say"),
    (rf"^what (?:{_IS} to be read|can be read|can one read|do you read|text {_IS}|words? {_IS}) {_NEAR} (?P<s>.+)$",
     r"what does the sign beside \g<s> say"),
    (rf"^read (?:me |out )*(?:the )?{_SIGN} {_NEAR} (?P<s>.+)$", r"what does the \g<sign> beside \g<s> say"),
    # which way
    (rf"^where (?:to )?{_IS} (?P<s>.+?) (?:{_GO})(?: to| towards?| off)*$", r"in which direction does \g<s> move"),
    (rf"^where (?:to )?{_DO} (?P<s>.+?) {_GO}(?: to| towards?| off)*$", r"in which direction does \g<s> move"),
    (rf"^(?:in |to |towards? )?(?:what|which) (?:direction|way|side)(?: of the (?:screen|frame|picture))? (?:{_IS}|{_DO}) (?P<s>.+?) {_GO}(?: to| in| towards?| off)*$",
     r"in which direction does \g<s> move"),
    (rf"^(?P<s>(?:the|a|an) .+?) (?:{_IS} )?{_GO} (?:in|to|towards?) (?:what|which) (?:direction|way|side)$", r"in which direction does \g<s> move"),
    # on which side
    (rf"^(?:on|to|at|in)? ?(?:what|which) (?:side|direction) (?:of|from) (?P<o>.+?) (?:{_IS}|{_DO}) (?P<s>.+?)(?: (?:stand|lie|sit|be|appear|standing|lying|sitting|placed|{_BE}))*$",
     r"on which side of \g<o> is \g<s>"),
    (rf"^(?:seen |looking |viewed )?from (?P<o>(?:the|a|an) .+?),? (?:where|(?:on|to|in) (?:what|which) (?:side|direction)) (?:{_IS}|{_DO}) (?P<s>.+?)(?: (?:stand|lie|sit|be|appear))?$",
     r"on which side of \g<o> is \g<s>"),
    (rf"^(?:where|(?:on|to) which side) (?:{_IS}|{_DO}) (?P<s>.+?)(?: (?:stand|lie|sit|be|appear|standing|placed|located|positioned|situated))?,? "
     r"(?:(?:as )?(?:seen |looking |viewed )?from|relative to|in relation to|with respect to|compared (?:to|with)) (?P<o>(?:the|a|an) .+)$",
     r"on which side of \g<o> is \g<s>"),
    (rf"^{_IS} (?P<s>(?:the|a|an) .+?) (?:to |on )?(?:the )?left or (?:to |on )?(?:the )?right of (?P<o>.+)$", r"on which side of \g<o> is \g<s>"),
    # what is on that side
    (rf"^(?:what|which)(?: \w+| of these| of them)?(?: {_IS}| stands| lies| sits)? (?:further |farther |more )(?:to the )?(?P<rel>left|right) than (?P<o>.+)$",
     r"what is <rel> \g<o>"),
    (rf"^(?:what|which)(?: \w+| of these| of them)?(?: {_IS}| stands| lies| sits)? (?:further |farther )?(?P<rel>higher|lower)(?: up| down)? than (?P<o>.+)$",
     r"what is <rel> \g<o>"),
    (rf"^(?:what|which)(?: \w+| of these| of them)?(?: {_IS}| stands| lies| sits)? (?:further|farther) (?P<rel>up|down) than (?P<o>.+)$",
     r"what is <rel> \g<o>"),
    (rf"^(?:to|on|at) the {_SIDE}(?: side)? of (?P<o>.+?),? (?:what|which)\b.*$", r"what is <rel> \g<o>"),
    (rf"^(?:what|which)(?: \w+)? (?:{_DO} {_SEE}|can be (?:seen|found)|appears|{_IS} (?:standing|found|placed|sitting|lying|located|positioned)) (?:just |directly |immediately )?(?:to |on )?(?:the )?{_SIDE}(?: side)?(?: of)? (?P<o>(?:the|a|an) .+)$",
     r"what is <rel> \g<o>"),
    # what is with it
    (r"^(?:what|which|who)(?: \w+)? (?:shares (?:the |a )?(?:picture|frame|shot|screen|scene) with|keeps company with|accompanies|goes with|appears alongside|is paired with) (?P<o>.+)$",
     r"what is shown together with \g<o>"),
    (r"^(?:what|who) keeps (?P<o>.+?) company$", r"what is shown together with \g<o>"),
    (rf"^(?:what|which)(?: other)?(?: \w+)?(?: else)? (?:{_IS} (?:there |shown |seen |visible |on screen |in view )?|appears )at the same time as (?P<o>.+)$",
     r"what is shown together with \g<o>"),
    (rf"^what (?:else|other (?:thing|object)) (?:{_IS} |appears |can be |{_DO} {_SEE} )?(?:in (?:view|the (?:picture|frame|shot|scene))|{_BE}|there)?\s*(?:together |along |alongside )?(?:with|beside|alongside|next to|near) (?P<o>.+)$",
     r"what is shown together with \g<o>"),
    (rf"^(?:what|which)(?: \w+)? {_DO} {_SEE} (?:together |along )?with (?P<o>.+)$", r"what is shown together with \g<o>"),
    (rf"^(?:what|which(?: \w+)?) (?:stands?|sits|lies|can one see|{_IS} (?:standing|sitting)) {_NEAR} (?P<o>.+)$", r"what is beside \g<o>"),
    (rf"^(?:what|which) of these (?:{_IS}|stands|appears|can be seen) {_NEAR} (?P<o>.+)$", r"what is beside \g<o>"),
    (rf"^(?:what|which) (?P<n>(?:tiny|small|little|miniature) \w+) (?:{_IS} (?:standing|sitting|placed|{_BE})|stands|sits|lies|appears|can be (?:seen|found)|{_DO} {_SEE}) {_NEAR} (?P<o>.+)$",
     r"which \g<n> is beside \g<o>"),
    # colours
    (rf"^(?:of|in) (?:what|which) colour {_IS} (?P<s>.+?)(?: painted| shown)?$", r"what colour is \g<s>"),
    (rf"^in (?:what|which) colour {_DO} (?P<s>.+?) come$", r"what colour is \g<s>"),
    (rf"^(?:what|which) colour {_IS} (?P<s>.+?) painted(?: in)?(?P<p> (?:on|in|at|by|near) the .+)?$", r"what colour is \g<s>\g<p>"),
    (rf"^(?P<s>(?:the|a|an) .+?)[:,] (?:what|which) (?:is its colour|colour {_IS} (?:it|that)|colour(?: does it have| has it)?)$", r"what colour is \g<s>"),
    (rf"^(?P<s>(?:the|a|an) .+?) (?:{_IS}|has) (?:of )?(?:what|which) colour$", r"what colour is \g<s>"),
    (rf"^(?:what|which) colour (?P<s>(?:the|a|an) .+?) (?:{_IS}|has)(?P<p> (?:on|in|at|by|near) .+)?$", r"what colour is \g<s>\g<p>"),
    (r"^what is the (?:colour|hue|shade) of (?P<s>.+)$", r"what colour is \g<s>"),
    (r"^(?:what|which) (?:hue|shade) (?P<s>.+)$", r"what colour \g<s>"),
    # first and last
    (r"^(?:what|which|who)\b.*?\b(?:shows up|turns up|pops up|comes up|enters|arrives|comes|appears|is seen|is shown|do (?:we|you|i) see)\b.*\b(?P<w>first|last|earliest|latest)$",
     r"which of these appears \g<w>"),
    (r"^(?:what|which|who)\b.*\bbefore (?:all |any of )?(?:the |these )?(?:others?|rest)\b.*$", "which of these appears first"),
    (r"^(?:what|which|who)\b.*\bafter (?:all |any of )?(?:the |these )?(?:others?|rest)\b.*$", "which of these appears last"),
    (r"^before (?:all |any of )?(?:the )?(?:others|rest),? .*$", "which of these appears first"),
    (r"^after (?:all |any of )?(?:the )?(?:others|rest),? .*$", "which of these appears last"),
    (r"^(?:what|which|who)(?: one)? (?:is|was) the (?P<w>first|last|earliest|latest)\b.*$", r"which of these appears \g<w>"),
    (r"^which (?:comes|one comes|appears|one appears) (?P<w>first|last|earliest|latest).*$", r"which of these appears \g<w>"),
    # when
    (rf"^(?:from|since) (?:when|(?:what|which) (?:time|moment|point|second)) (?:on )?{_IS} (?P<s>.+?)(?: {_BE})?$", r"when does \g<s> appear"),
    (rf"^how (?:far|long|deep|late|early|soon|many (?:seconds|minutes)) into (?:the|this) (?:film|video|movie) (?:{_IS}|{_DO}) (?P<s>.+?)(?: (?:first|appear|come|show up|{_BE}))*$",
     r"when does \g<s> appear"),
    (rf"^(?:when|at (?:what|which) (?:time|moment|second|minute|point|timestamp|timecode))(?: in (?:the|this) (?:film|video|movie))? (?:{_IS}|{_DO}) (?P<s>.+?) (?:first )?(?:come|appear|show up|turn up|pop up|enter|arrive|{_BE})(?: (?:on|into|up|in|the|screen|view|frame|picture|for the first time|first))*$",
     r"when does \g<s> appear"),
    # where
    (rf"^(?:where|(?:in|at|on) (?:what|which) (?:place|location|spot|setting|scene)) (?:{_DO}|{_IS}) {_SEE} (?P<s>.+)$", r"where is \g<s> seen"),
    (rf"^(?:where|(?:in|at|on) (?:what|which) (?:place|location|spot|setting|scene)) {_DO} (?P<s>.+?) (?:stand|lie|sit|show up|turn up|appear|live|be (?:seen|found|spotted))$",
     r"where is \g<s> seen"),
    (r"^where (?P<s>(?:the|a|an) .+?) (?:is|are|was|were)(?: seen| shown| found| located)?$", r"where is \g<s> seen"),
    # whether
    (rf"^{_DO} {_SEE} (?P<s>(?:a|an|the|any) .+?)(?: here)?$", r"is there \g<s>"),
    (rf"^{_IS} (?P<s>(?:a|an|the|any) .+?) (?:here|to be seen|ever (?:seen|shown|visible))$", r"is there \g<s>"),
)  # fmt: skip

_AROUND_READ = [(re.compile(pattern, re.I), plain) for pattern, plain in _AROUND]
_RULES_READ = [(re.compile(pattern, re.I), plain) for pattern, plain in _RULES]
PASSES = 3  # a question is put in plain words step by step


@lru_cache(maxsize=256)
def plain(question: str) -> str:
    """Return a question in plainer words, without its question mark; as it is where none fit."""
    text = question.strip().rstrip("?.! ")
    for pattern, words in _AROUND_READ:
        text = pattern.sub(words, text)
    for _ in range(PASSES):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    """Apply the first rule that fits."""
    for pattern, words in _RULES_READ:
        match = pattern.match(text)
        if match:
            found = match.groupdict(default="")
            said = match.expand(words).replace(
                "<rel>", _FACES.get(found.get("rel", "").lower(), "")
            )
            return re.sub(r"(?<= )(?:The|A|An)(?= )", lambda word: word.group().lower(), said)
    return text
