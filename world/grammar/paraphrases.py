"""Wordings of questions and the plain wording of each, in a small notation.

`<s>` (what is asked about), `<o>` (what it is compared with), `<p>` (a place, with the space before
it; may be missing), `<q>`, `<t>` and `<w>` stand for any words, and for the same words in the plain
wording; words in capitals stand for the alternatives of `WORDS`. Tried in this order.
"""

from __future__ import annotations

WORDS = {
    "AN": r"(?:the|a|an|any|some|several|one)",
    "IS": r"(?:is|are|was|were|'s)",
    "DO": r"(?:does|do|did|can|could|will|would)",
    "SEE": r"(?:one|you|we|i|they|people|viewers) (?:ever )?(?:see|spot|find|notice|get to see|come across)",
    "SEEN": r"(?:seen|shown|visible|found|spotted|located|displayed|depicted|on screen|on the screen|on-screen|in view|there|present|in the picture|in (?:the )?(?:shot|frame))",
    "COMES": r"(?:appears?|comes? (?:into view|into the picture|on screen|up|along|in)|shows? up|turns? up|pops? up|enters?|arrives?|is introduced|gets? on screen|makes? (?:its|an) appearance)",
    "STANDS": r"(?:stands?|lies|lie|sits?|hangs?|hovers?|floats?|rests?|standing|lying|sitting|hanging|placed|positioned|situated|located|found|shown|seen|be)",
    "GOES": r"(?:go(?:es|ing)?|mov(?:e|es|ing)|travel\w*|head(?:s|ed|ing)?|drift\w*|fl(?:y|ies|ying)|slid\w*|run(?:s|ning)?|swim\w*|roll\w*|float\w*|crawl\w*|glid\w*|sail\w*|walk\w*)",
    "NEAR": r"(?:beside|next to|near(?:by)?(?: to)?|close to|by|alongside|adjacent to|at the side of|right by|just by|besides)",
    "WHICH": r"(?:what|which|who)",
    "THING": r"(?:objects?|things?|items?|ones?|of (?:these|those|them)(?: \w+)?)",
    "PLACE": r"(?:place|places|location|locations|spot|setting|scene|surroundings|environment|area|scenery|backdrop)",
    "TIME": r"(?:time|moment|second|minute|point|timestamp|time ?code|position)",
    "SIGN": r"(?:sign|board|label|notice|banner|poster|billboard|plaque|placard)",
    "TEXT": r"(?:text|words?|writing|lettering|message|inscription|wording)",
    "TINY": r"(?:(?:very |really )?(?:tiny|small|little|miniature|minuscule|wee))",
    "VOICE": r"(?:the )?(?:narrator|narration|speaker|voice(?:-?over)?|commentary|commentator|presenter)",
    "NAMES": r"(?:mention(?:s|ed|ing)?|sp(?:eaks?|oke|oken|eaking) (?:of|about)|talk(?:s|ed|ing)? (?:of|about)|refer(?:s|red|ring)? to|nam(?:es|ed|ing)|discuss(?:es|ed|ing)?|describ(?:es|ed|ing)|br(?:ings?|ought) up|tells? (?:of|about)|says)",
    "COLOUR": r"(?:colour|hue|shade)",
    "MANY": r"(?:number|count|total)",
    "TIMES": r"(?:(?:separate|different|distinct|individual) )?(?:times|occasions|appearances|occurrences|scenes|moments|instances|shots)",
    "LEAVES": r"(?:is gone|has gone|disappears|has passed|vanishes|leaves|goes away|is over|has disappeared)",
}

# what may stand around any question, taken off first, and tidied
AROUND: tuple[tuple[str, str], ...] = (
    (r"\bcolor(?=s|ed|\b)", "colour"),
    (r"\b(what|which|where|when|who|how|there)['’]s\b", r"\1 is"),
    (r"\b(where|what|how|there)['’]re\b", r"\1 are"),
    (r"^(?:please|ok|okay|hey|hi|hello|so|and|now|well|um),?\s+", ""),
    (
        r",?\s+(?:please|exactly|roughly|approximately|yes or no|or not|at any point|anywhere|ever|of all|then|meanwhile|thanks?(?: you)?)$",
        "",
    ),
    (
        r"^(?:can|could|would|will) you (?:please |kindly )?(?=(?:tell|show|say|check|count|read|name|identify|find|give|describe|list|let)\b)",
        "",
    ),
    (r"^please\s+", ""),
    (r"^(?:tell|show|let) me(?: know)?\b(?: about)?,?\s+", ""),
    (
        r"^(?:do you know|any idea|i(?:'d| would) (?:like|love) to know|i want to know|i need to know|i wonder|i am wondering|i'm wondering),?\s+",
        "",
    ),
    (
        r"^(?:say|check|find out|see|determine|work out|state)\s+(?=which|what|where|when|who|how|whether|if|on|in|a|an|the)",
        "",
    ),
    (r"^(?:if|whether) ", "whether "),
    (r"^(?:in total|all in all|all told|altogether|overall),?\s+(?=how\b|on how\b)", ""),
    (r"\bhow frequently\b", "how often"),
    (r"\b(?:really|very|quite|rather) (?=(?:tiny|small|little)\b)", ""),
    (r"^(?:look(?:ing)? (?:closely|carefully)(?: at)?|watch(?:ing)? closely)[,:]?\s+", ""),
    (
        r"^(?:in|during|throughout|over|across) (?:the|this) (?:(?:whole|entire|full) )?(?:film|video|movie|footage|clip|hour),?\s+",
        "",
    ),
    (
        r",?\s+(?:in|during|throughout|over|across) (?:the|this) (?:(?:whole|entire|full) )?(?:film|video|movie|footage|clip|hour)$",
        "",
    ),
    (
        r"[:,-]\s+(?:on |to |at )?(?:the )?(?:left|right|up|above|over)\b[^:]*\b(?:down|below|right|left|under)$",
        "",
    ),
)

RULES: tuple[tuple[str, str], ...] = (
    # heard: a question about what is seen while something is said
    (
        "(?:when|while|as|at the TIME (?:when |that )?) ?VOICE (?:is )?NAMES <t>, <q>",
        "while the narrator mentions <t>, <q>",
    ),
    ("VOICE NAMES <t>[;.,:] <q>", "while the narrator mentions <t>, <q>"),
    ("(?:you|we|one) hears? about <t>[;.,:] <q>", "while the narrator mentions <t>, <q>"),
    (
        "(?:when|while|as) <t> (?:IS|gets) (?:being )?NAMES(?: by VOICE)?, <q>",
        "while the narrator mentions <t>, <q>",
    ),
    (
        "<q> (?:during|at) VOICE(?:'s)? (?:words|talk|remarks|mention) (?:about|of) <t>",
        "<q> while the narrator mentions <t>",
    ),
    (
        "<q>,? (?:that IS SEEN )?at the TIME (?:when |that )?VOICE (?:is )?NAMES <t>",
        "<q> while the narrator mentions <t>",
    ),
    (
        "(?P<q>(?:WHICH|where|of|in)\\b.+?),? (?:when|while|as) <t> (?:IS|gets) (?:being )?NAMES(?: by VOICE)?",
        "<q> while the narrator mentions <t>",
    ),
    # heard: what is said
    (
        "(?:WHICH )?(?:DO |does )?VOICE (?:say|says|mentions?|tells? us|states?) (?:regarding|concerning|about|on) <t>",
        "what does the narrator say about <t>",
    ),
    (
        "(?:what is )?<t>, as (?:told|said|stated|mentioned|heard)(?: by VOICE)?",
        "what does the narrator say about <t>",
    ),
    (
        "in VOICE, WHICH (?:are we told|IS said|do we (?:hear|learn)) (?:about|of|regarding) <t>",
        "what does the narrator say about <t>",
    ),
    (
        "what (?:do|does|did|can) (?:you|we|one|i) (?:hear|learn) (?:about|of|regarding) <t>",
        "what does the narrator say about <t>",
    ),
    (
        "(?:repeat |what IS )?(?:what IS )?(?:said|spoken aloud|told|mentioned) (?:on the subject of|concerning|about|regarding|of) <t>",
        "what does the narrator say about <t>",
    ),
    (
        "WHICH \\w+ IS (?:said|spoken(?: aloud)?|told|mentioned) (?:on the subject of|concerning|about|regarding) <t>",
        "what does the narrator say about <t>",
    ),
    ("how DO VOICE (?:describe|put) <t>", "what does the narrator say about <t>"),
    (
        "(?P<q>(?:WHICH|where|of|in)\\b.+?)(?: that(?: is|'s|’s| was) SEEN)?,? (?:when|while|as) (?:they|people|we) (?:are )?(?:NAMES|hear(?:ing)?(?: about| of)?) <t>",
        "<q> while the narrator mentions <t>",
    ),
    (
        "(?P<t>(?:the )?(?:pass ?word|code|door code|price|ticket price) (?:of|for) (?P<o>AN .+?))(?:[,:;] what (?:IS|was) it)?",
        "what does the narrator say about <t>",
    ),
    (
        "WHICH (?P<t>pass ?word|code|price|year|name|number) DO VOICE (?:give|say|state|mention|name)s? (?:for|of|about) (?P<o>AN .+)",
        "what does the narrator say about the <t> of <o>",
    ),
    (
        "(?:WHICH IS )?(?P<o>the [^'’]+)['’]s (?P<t>pass ?word|door code|code|ticket price|price)",
        "what does the narrator say about the <t> of <o>",
    ),
    # what comes after
    (
        "(?P<q>WHICH .+?) ((?:right|just|immediately|directly|straight) )?after (?:we|you|one) (?:see|have seen|saw|read) (?:the |a )?SIGN (?:saying |reading |that (?:says|reads) )?(?P<o>.+)",
        "<q> right after the sign <o>",
    ),
    (
        "(?P<q>WHICH .+?) ((?:right|just|immediately|directly|straight) )?after (?:(?:we|you|one) (?:see|have seen|saw|read) )?the (?P<o>[^,]+?) SIGN",
        "<q> right after the sign <o>",
    ),
    (
        "(?:AN|there is a) SIGN (?:reads|says|saying|reading|that (?:reads|says)) (?P<o>.+?)[.;:,]+[\"'”’]? (?P<q>WHICH .+?)(?: next)?",
        "<q> right after the sign <o>",
    ),
    ("once <o> LEAVES, (?P<q>.+?)(?: next)?", "<q> after <o>"),
    (
        "<o> LEAVES,? (?:and )?(?:then )?(?P<q>(?:and )?(?:then )?WHICH .+?)(?: next)?",
        "<q> after <o>",
    ),
    ("(?P<q>WHICH .+?) (?:as soon as|once) <o> LEAVES", "<q> after <o>"),
    (
        "WHICH(?: THING)? (?:immediately |directly |straight )?(?:follows|succeeds|replaces) (?P<o>AN .+)",
        "what is shown right after <o>",
    ),
    (
        "(?:name |find |identify )?(?:the )?THING (?:that IS )?(?:shown|seen|appearing|coming)? ?(?:right|just|straight|directly|immediately)? ?after <o>",
        "what is shown right after <o>",
    ),
    (
        "(?:right |just |straight |directly |immediately |shortly )?after (?P<o>(?!all\\b|the others)[^,]+), (?P<q>WHICH\\b.+)",
        "what is shown right after <o>",
    ),
    # how often
    (
        "the (?:total )?number of (?P<s>(?!AN |TIMES).+?)(?: (?:there|together|side by side))*<p>",
        "how many <s> are there<p>",
    ),
    (
        "(?:count |give |what IS |how (?:high|large) IS |WHICH )?(?:up )?(?:the )?(?:MANY of )?TIMES(?: that| when| on which| in which| at which| for which)? <s> (?:COMES|(?:IS|can be) SEEN)",
        "how often does <s> appear",
    ),
    (
        "(?:count |give |what IS |how many |on how many )(?:up )?(?:the )?(?:MANY of )?TIMES (?:that )?(?:DO )?(?:SEE|featur(?:es?|ing)|show(?:s|ing)?|with|of|contain(?:s|ing)?) <s>",
        "how often does <s> appear",
    ),
    (
        "(?:on )?how (?:many TIMES|often) (?:DO|IS) (?P<s>AN .+?) (?:COMES|come|appear|show|turn|pop|enter|make|SEEN|(?:come|comes|coming) back).*",
        "how often does <s> appear",
    ),
    (
        "(?:on )?how (?:many TIMES|often) (?P<s>AN .+?) (?:COMES|IS SEEN)",
        "how often does <s> appear",
    ),
    (
        "count (?:up )?(?:each|every|all) (?:the )?(?:appearance|occurrence|time)s?(?: of)? (?P<s>AN .+?)(?: (?:COMES|IS SEEN))?",
        "how often does <s> appear",
    ),
    # how many
    (
        "there (?:is|are) (?:a )?(?:group|bunch|cluster|number|row) of <s><p>[.;,:] how many(?: .*)?",
        "how many <s> are there<p>",
    ),
    ("when (?:several|many|some) <s> are SEEN.*, how many\\b.*", "how many <s> are there"),
    (
        "in (?:the|that) (?:shot|scene|picture|frame)<p>, how many <s> (?:DO SEE|can be seen|are there|are SEEN)",
        "how many <s> are there<p>",
    ),
    (
        "(?:(?:count|give|what IS|how large is|WHICH)(?: up)?(?: me)?(?: all)?(?: the)? |)MANY of <s>(?: that IS| IS)?(?: there| STANDS| together| side by side)*(?:<p>| in (?:that|one|a)(?: one)? (?:picture|shot|scene|frame|group))",
        "how many <s> are there<p>",
    ),
    (
        "count (?:up )?(?:all )?(?:of )?(?:the )?<s>(?: that)?(?: are| there| STANDS| stand| together| side by side| you see| SEEN)*<p>",
        "how many <s> are there<p>",
    ),
    (
        "how many <s> (?:DO SEE|are (?:lined up|grouped|gathered)|(?:are )?(?:there )?at once|IS (?:there )?at (?:once|the same time))(?: together| side by side| at once)*<p>",
        "how many <s> are there<p>",
    ),
    (
        "(?P<s>(?:AN )?\\w+ \\w+)(?: -|[,:;]) how (?:many TIMES|often)",
        "how often does the <s> appear",
    ),
    # what is tiny and beside something
    (
        "NEAR (?P<o>AN .+?) (?:is|STANDS|there is) (?P<s>(?:a|an|some) TINY .+?)[.;:,] (?:of |in )?WHICH COLOUR (?:IS|does) (?:it|that)(?: have)?",
        "what colour is <s> beside <o>",
    ),
    (
        "something TINY (?:IS |STANDS )+NEAR (?P<o>AN .+?)[.;:,] WHICH(?: .*)?",
        "which tiny object is beside <o>",
    ),
    (
        "(?:name|find|identify|give|WHICH IS|what)? ?(?:the )?(?P<n>TINY THING) NEAR (?P<o>AN .+?)(?: is)?",
        "which tiny object is beside <o>",
    ),
    (
        "NEAR (?P<o>AN .+?)[,:] WHICH (?P<n>TINY \\w+) (?:can be SEEN|IS SEEN|DO SEE|appears|IS it|IS that)",
        "which tiny object is beside <o>",
    ),
    (
        "there is something TINY NEAR (?P<o>AN .+?)[.;:,] WHICH (?:IS it|could it be)",
        "which tiny object is beside <o>",
    ),
    (
        "WHICH (?:TINY \\w+) (?:IS (?:STANDS|SEEN)|STANDS|COMES|can be (?:seen|found)|DO SEE) NEAR (?P<o>AN .+)",
        "which tiny object is beside <o>",
    ),
    ("WHICH TINY (?:thing|item|one)s? IS NEAR (?P<o>AN .+)", "which tiny object is beside <o>"),
    # colours
    (
        "there is (?P<s>AN .+?)[.;,:] (?:of |in )?WHICH COLOUR (?:IS|does) (?:it|that)(?: have)?",
        "what colour is <s>",
    ),
    (
        "(?:NEAR|by) (?P<o>AN .+?) (?:STANDS|there is) (?P<s>AN .+?)[.;,:] (?:of |in )?WHICH COLOUR (?:IS|does) (?:it|that)(?: have)?",
        "what colour is <s> beside <o>",
    ),
    (
        "NEAR (?P<o>AN .+?), (?:of |in )?WHICH COLOUR (?:IS|does) (?P<s>AN .+?)(?: have)?",
        "what colour is <s> beside <o>",
    ),
    (
        "(?P<p>(?:on|in|at|by|near) the \\w+)(?:, | there is )(?P<s>AN .+?)[.;,:] (?:of |in )?WHICH COLOUR IS it",
        "what colour is <s> <p>",
    ),
    (
        "(?:of |in )?WHICH COLOUR IS (?P<s>AN .+?)(?: painted| shown)?(?: in)?<p>",
        "what colour is <s><p>",
    ),
    ("in WHICH COLOUR DO <s> come", "what colour is <s>"),
    (
        "(?P<s>AN .+?)(?:[:,;.]| -) (?:of |in )?WHICH (?:is its COLOUR|COLOUR IS (?:it|that)|IS its COLOUR|COLOUR(?: does it have| has it)?)",
        "what colour is <s>",
    ),
    ("(?P<s>AN .+?) (?:IS|has) (?:of )?WHICH COLOUR", "what colour is <s>"),
    ("WHICH COLOUR (?P<s>AN .+?) (?:IS|has|had)(?: SEEN)?<p>", "what colour is <s><p>"),
    (
        "(?:name |give |find |identify |WHICH IS |what )?(?:the )?COLOUR of (?P<s>AN .+?)(?: that IS SEEN| SEEN)?<p>",
        "what colour is <s><p>",
    ),
    ("WHICH (?:hue|shade) (?P<q>.+)", "what colour <q>"),
    # signs
    (
        "(?:what IS |WHICH )?(?:TEXT )?(?:IS )?(?:written |printed |painted |to be read |the TEXT )?on the SIGN(?: that)?(?: IS)?(?: STANDS)? NEAR <o>",
        "what does the sign beside <o> say",
    ),
    (
        "(?:read (?:me |out )*|WHICH IS )?(?:the )?TEXT (?:of|on) the SIGN(?: that)?(?: IS)?(?: STANDS)? NEAR <o>",
        "what does the sign beside <o> say",
    ),
    (
        "(?:WHICH (?:says|reads) |read (?:me |out )*)(?:the )?SIGN NEAR <o>(?: to me| aloud| out loud)?",
        "what does the sign beside <o> say",
    ),
    ("(?:read (?:me |out )*)?(?:the )?TEXT NEAR <o>", "what does the sign beside <o> say"),
    (
        "WHICH (?:IS to be read|can be read|can one read|DO you read|TEXT IS|TEXT) NEAR <o>",
        "what does the sign beside <o> say",
    ),
    (
        "NEAR (?P<o>AN .+?),? (?:there is|is|STANDS) a SIGN[;:,.] WHICH .*",
        "what does the sign beside <o> say",
    ),
    ("(?:the )?SIGN NEAR (?P<o>AN .+?)[;:,-] WHICH .*", "what does the sign beside <o> say"),
    (
        ".*\\bthe SIGN NEAR (?P<o>AN .+?)[;:,.] WHICH (?:DO|does|did) it .*",
        "what does the sign beside <o> say",
    ),
    (
        "WHICH (?:DO|does|did) the SIGN(?: that)?(?: IS)?(?: STANDS)? (?:NEAR) <o> (?:say|read|show|tell us|state|display)s?",
        "what does the sign beside <o> say",
    ),
    (
        "there is (?P<o>AN .+?) with a SIGN (?:NEAR|beside) it[.;:,] .*",
        "what does the sign beside <o> say",
    ),
    # which way
    (
        "(?P<s>AN .+?)[:;,.] (?:is|does) it GOES (?:to |towards? )?(?:the )?(?:left|right|up|down)\\w*,? or (?:to |towards? )?(?:the )?(?:left|right|up|down)\\w*",
        "in which direction does <s> move",
    ),
    (
        "where (?:to )?(?:IS|DO) (?P<s>AN .+?) GOES(?: to| towards?| off)*",
        "in which direction does <s> move",
    ),
    (
        "(?:in |to |towards? )?WHICH (?:direction|way|side|edge|part|end)(?: of the (?:screen|frame|picture|image|shot))? (?:IS|DO) (?P<s>AN .+?) GOES(?: to| in| towards?| off| across the \\w+)*",
        "in which direction does <s> move",
    ),
    (
        "(?P<s>AN .+?) (?:IS )?GOES (?:in|to|towards?)? ?WHICH (?:direction|way|side)",
        "in which direction does <s> move",
    ),
    (
        "(?:does|do|did|is|are|was) (?P<s>AN .+?) GOES (?:to |towards? )?(?:the )?(?:left|right|up|down)\\w*(?:,? (?:up|down|left|right)\\w*)*,? or (?:to |towards? )?(?:the )?(?:left|right|up|down)\\w*",
        "in which direction does <s> move",
    ),
    (
        "(?:is|are|was|were) (?P<s>AN .+?) (?:rising|sinking|falling|climbing|ascending|descending|going up|going down) or (?:rising|sinking|falling|climbing|ascending|descending|going up|going down)",
        "in which direction does <s> move",
    ),
    (
        "(?:WHICH IS )?(?:the )?direction (?:in|to) which (?P<s>AN .+?) (?:IS )?GOES",
        "in which direction does <s> move",
    ),
    (
        "(?:WHICH IS )?(?:the )?direction (?:of (?:travel|movement|motion) )?of (?P<s>AN .+)",
        "in which direction does <s> move",
    ),
    ("WHICH IS (?P<s>AN .+?)['’]s? direction(?: of \\w+)?", "in which direction does <s> move"),
    (
        "when (?P<s>AN .+?) GOES, (?:in )?WHICH (?:way|direction|side) (?:DO|IS) it GOES",
        "in which direction does <s> move",
    ),
    (
        "how (?:DO )?(?P<s>AN .+?) GOES(?: across| over| through)(?: the \\w+)?",
        "in which direction does <s> move",
    ),
    # on which side
    (
        "(?:on|to|at|in)? ?WHICH (?:side|direction) (?:of|from) (?P<o>AN .+?) (?:(?:IS|DO) (?:one find |we see |SEE )?)?(?P<s>AN .+?)(?: (?:STANDS|stand|lie|sit|appear|is|on|SEEN))*",
        "on which side of <o> is <s>",
    ),
    (
        "(?:seen |looking |viewed |relative |in relation |compared |with respect )?(?:from|to|with) (?P<o>AN [^,]+),? (?:where|(?:on|to|in) WHICH (?:side|direction)) (?:IS|DO) (?P<s>AN .+?)(?: (?:STANDS|stand|lie|sit|appear))*",
        "on which side of <o> is <s>",
    ),
    (
        "(?:where|(?:on|to) WHICH side) (?:IS|DO) (?P<s>AN .+?)(?: (?:STANDS|stand|lie|sit|appear))*,? (?:(?:as )?(?:seen |looking |viewed )?from|relative to|in relation to|with respect to|compared (?:to|with)) (?P<o>AN .+)",
        "on which side of <o> is <s>",
    ),
    (
        "WHICH IS the (?:position|place) of (?P<s>AN .+?) (?:relative to|in relation to|with respect to|compared (?:to|with)) (?P<o>AN .+)",
        "on which side of <o> is <s>",
    ),
    (
        "(?:whether )?(?:IS |DO )?(?P<s>AN .+?) (?:is |are |STANDS |stand )?(?:to |on )?(?:the )?(?:left|right|above|over|below|under) (?:or|of (?P<o>AN .+?),).*?(?:(?:above|over|below|under|of|beneath) (?P<o2>AN .+)|it)",
        "on which side of <o><o2> is <s>",
    ),
    # what is on that side
    (
        "WHICH(?: THING| \\w+)?(?: IS| STANDS)? (?:further |farther |more )(?:to the )?(?P<side>left|right|up|down) than <o>",
        "what is <side> <o>",
    ),
    (
        "WHICH(?: THING| \\w+)?(?: IS| STANDS)? (?P<side>higher|lower)(?: up| down)? than <o>",
        "what is <side> <o>",
    ),
    (
        "(?:just |directly |immediately |right )?(?:to |on |at )?(?:the )?(?P<side>left|right|above|below|over|under|underneath|beneath)(?: side)?(?: of)? (?P<o>AN .+?)(?:,| there is something[.;,:]| IS something[.;,:])? WHICH\\b.*",
        "what is <side> <o>",
    ),
    (
        "(?:name |find |identify |give |WHICH (?:THING |IS )?)(?:the (?:THING )?)?(?:there |that )?(?:(?:IS|can be|DO SEE|COMES) ?)?(?:STANDS )?(?:just |directly |immediately |right )?(?:to |on |at )?(?:the )?(?P<side>left|right|above|below|over|under|underneath|beneath)(?: side)?(?: of)? (?P<o>AN .+)",
        "what is <side> <o>",
    ),
    (
        "(?P<o>AN .+?) (?:IS|STANDS) (?:just |directly |immediately |right )?(?:above|over|on top of) WHICH(?: THING)?",
        "what is below <o>",
    ),
    (
        "(?P<o>AN .+?) (?:IS|STANDS) (?:just |directly |immediately |right )?(?:below|under|underneath|beneath) WHICH(?: THING)?",
        "what is above <o>",
    ),
    # what is with it
    (
        "(?P<o>AN .+?) shares (?:the |a |its )?(?:picture|frame|shot|screen|scene) with WHICH(?: THING)?",
        "what is shown together with <o>",
    ),
    (
        "when (?P<o>AN .+?) IS SEEN, WHICH .* (?:with|beside|near|next to) it",
        "what is shown together with <o>",
    ),
    ("(?P<o>AN .+?) (?:isn't|is not) alone[:;,.] WHICH .*", "what is shown together with <o>"),
    ("besides (?P<o>AN .+?), WHICH .*", "what is shown together with <o>"),
    (
        "(?:along |together )?with WHICH(?: THING)? (?:DO|IS) (?P<o>AN .+?)(?: (?:COMES|SEEN|appear|paired))*",
        "what is shown together with <o>",
    ),
    ("WHICH (?:keeps|is keeping) (?P<o>AN .+?) company", "what is shown together with <o>"),
    (
        "WHICH(?: other)?(?: THING| \\w+)? (?:shares (?:the |a |its )?(?:picture|frame|shot|screen|scene) with|keeps company with|accompanies|goes with|COMES (?:alongside|with|together with)|is paired with) (?P<o>AN .+)",
        "what is shown together with <o>",
    ),
    (
        "WHICH(?: other| else)*(?: THING| \\w+)?(?: else)? (?:(?:IS|can be) (?:SEEN )?|COMES )?(?:at the same (?:time|moment) as|in the same (?:shot|scene|frame|picture) as) (?P<o>AN .+)",
        "what is shown together with <o>",
    ),
    (
        "WHICH (?:else|other THING) (?:IS |COMES |can be |DO SEE )?(?:SEEN)? ?(?:together |along |alongside )?(?:with|NEAR) (?P<o>AN .+)",
        "what is shown together with <o>",
    ),
    (
        "(?:name |find |identify )?(?:the )?THING (?:that |which )(?:COMES|IS SEEN)? ?(?:together )?with (?P<o>AN .+)",
        "what is shown together with <o>",
    ),
    (
        "WHICH(?: THING| \\w+)? DO SEE (?:together |along )?with (?P<o>AN .+)",
        "what is shown together with <o>",
    ),
    (
        "WHICH(?: THING)? (?:STANDS|DO SEE|IS (?:STANDS|SEEN)|IS|COMES|can be SEEN) NEAR (?P<o>AN .+)",
        "what is beside <o>",
    ),
    (
        "DO (?P<s>AN .+?) or (?P<o>AN .+?) (?:COMES|come|appear|show up|turn up) (?P<w>first|last|earliest|latest)",
        "which of these appears <w>",
    ),
    # first and last
    (
        "(?:(?:of|among|out of|between) .*?, ?)?(?:WHICH|name the|pick the|does)\\b.*?\\b(?:before|ahead of) (?:all |any of )?(?:the |these )?(?:others?|rest)\\b.*",
        "which of these appears first",
    ),
    (
        "(?:(?:of|among|out of|between) .*?, ?)?(?:WHICH|name the|pick the|does)\\b.*?\\bafter (?:all |any of )?(?:the |these )?(?:others?|rest)\\b.*",
        "which of these appears last",
    ),
    ("before (?:all |any of )?(?:the )?(?:others|rest),? .*", "which of these appears first"),
    ("after (?:all |any of )?(?:the )?(?:others|rest),? .*", "which of these appears last"),
    (
        "(?:(?:of|among|out of|between) .*?, ?)?(?:WHICH|name|pick)\\b.*?\\b(?:the )?(?P<w>first|last|earliest|latest|final)(?: (?:one|of (?:these|them|all)))?(?: to .*)?(?:[:,-] .*| - .*)?",
        "which of these appears <w>",
    ),
    (
        "WHICH(?: THING)? (?:COMES|IS SEEN|DO SEE) (?P<w>first|last|earliest|latest)\\b.*",
        "which of these appears <w>",
    ),
    # when
    (
        "(?:from|since) (?:when|WHICH TIME)(?: on)? IS (?P<s>AN .+?)(?: SEEN)?",
        "when does <s> appear",
    ),
    (
        "how (?:far|long|deep|late|early|soon|many (?:seconds|minutes))(?: in| into (?:the|this) (?:film|video|movie)) (?:IS|DO) (?P<s>AN .+?)(?: (?:first|COMES|come|appear|show up|turn up|pop up|SEEN))*",
        "when does <s> appear",
    ),
    (
        "(?:when|(?:at|around|during|in) WHICH (?:TIME|part)(?: of (?:the|this) (?:film|video|movie))?|WHICH TIME)(?: in (?:the|this) (?:film|video|movie))? (?:IS|DO) (?:SEE )?(?P<s>AN .+?)(?: (?:first|COMES|come|appear|show up|turn up|pop up|enter|arrive|SEEN|on|into|up|in|screen|view|frame|the picture|for the first time))+",
        "when does <s> appear",
    ),
    (
        "(?:give |find |WHICH IS |name |note )?(?:me )?(?:the )?(?:exact )?(?:time|moment|timestamp|time ?code)(?: of| at which| when| that)? (?P<s>AN .+?)(?: (?:first|COMES|IS SEEN|is))*",
        "when does <s> appear",
    ),
    (
        "i (?:need|want|would like) to (?:skip|jump|go) to (?P<s>AN .+?)[;:,.] .*",
        "when does <s> appear",
    ),
    (
        "(?:at )?WHICH (?:minute|second) and (?:minute|second) (?:can|IS|DO) (?P<s>AN .+?)(?: (?:be SEEN|COMES|SEEN|appear|on))*",
        "when does <s> appear",
    ),
    ("when (?P<s>AN .+?) (?:is|are|was) (?:on|up|in|here)", "when does <s> appear"),
    # where
    (
        "(?P<s>AN .+?) (?:IS|STANDS)(?: SEEN)? (?:in|at|on) WHICH (?:sort of |kind of |type of )?PLACE",
        "where is <s> seen",
    ),
    (
        "(?:where(?:abouts)?|(?:in|at|on) WHICH PLACE) (?:(?:DO|IS) SEE|does the (?:film|video|movie) show) (?P<s>AN .+)",
        "where is <s> seen",
    ),
    (
        "(?:where(?:abouts)?|(?:in|at|on) WHICH (?:sort of |kind of )?PLACE) (?:DO|IS) (?P<s>AN .+?)(?: (?:STANDS|stand|lie|show up|turn up|appear|live|be SEEN|SEEN))+",
        "where is <s> seen",
    ),
    (
        "(?:where(?:abouts)?|WHICH (?:sort of |kind of )?PLACE) (?:IS )?(?P<s>AN .+?)(?: (?:is|are|was|were))?(?: SEEN)? in",
        "where is <s> seen",
    ),
    ("where(?:abouts)? (?P<s>AN .+?) (?:is|are|was|were)(?: SEEN)?", "where is <s> seen"),
    (
        "(?P<s>AN .+?)[:;,.] where(?:abouts)? (?:IS|DO) (?:it|that)(?: SEEN| appear)?",
        "where is <s> seen",
    ),
    (
        "(?:name |find |WHICH IS |identify )?(?:the )?PLACE (?:where|in which|at which) (?:one can (?:see|spot|find) |DO SEE |one (?:sees|finds) )?(?P<s>AN .+?)(?: (?:COMES|IS SEEN|is|appears))?",
        "where is <s> seen",
    ),
    ("i saw (?P<s>AN .+?) somewhere[,;:.] .*", "where is <s> seen"),
    # whether
    (
        "(?:whether )?(?:DO |have |has )?(?:SEE|you seen|we seen|one seen) (?P<s>AN .+?)(?: here)?",
        "is there <s>",
    ),
    ("whether (?:there IS )?(?P<s>AN .+?)(?: (?:COMES|IS SEEN|is))?<p>", "is there <s><p>"),
    (
        "(?:IS|DO) (?P<s>AN .+?) (?:here|to be seen|ever SEEN|turn up|show up|come up|pop up|appear)<p>",
        "is there <s><p>",
    ),
    (
        "DO the (?:film|video|movie|footage|clip) (?:contain|show|feature|include|have) (?P<s>AN .+)",
        "is there <s>",
    ),
    # a place in front goes behind
    ("(?P<p>(?:on|in|at|by|near) the \\w+), (?P<q>(?:WHICH|how|is|are) .+)", "<q> <p>"),
)
