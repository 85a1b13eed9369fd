"""Question and option, made into one statement that can be true or false of a picture.

Contrastive encoders compare pictures with statements, not with questions: `Where is the red fish
seen?` with `at the harbour` becomes `the red fish is seen at the harbour`.
"""

from __future__ import annotations

import re

from ..grammar.plain import plain

# (question, statement): `{}` takes the option. Tried in this order; the first that matches wins.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), statement)
    for pattern, statement in (
        (r"^in which direction does (.+) move$", r"\1 moves {}"),
        (r"^when does (.+) appear$", r"\1 appears at {}"),
        (r"^which of these appears (\w+)$", r"{} appears \1"),
        (r"^(?:what|which) colou?r (?:does|do|did) (.+?) have$", r"\1 is {}"),
        (r"^(?:what|which) colou?r (is|are|was|were) (.+)$", r"\2 \1 {}"),
        (r"^what (?:is|was) the colou?r of (.+)$", r"\1 is {}"),
        (r"^of (?:what|which) colou?r (is|are) (.+)$", r"\2 \1 {}"),
        (r"^(?:which|what) of (?:these|the following)(?: \w+)? (.+)$", r"{} \1"),
        (r"^how many (?:separate |different )?times (?:does|do|did|is|are) (.+)$", r"\1 {} times"),
        (
            r"^on how many (?:separate |different )?occasions (is|are|was|were) (.+)$",
            r"\2 \1 {} times",
        ),
        (r"^how many (.+)$", r"{} \1"),
        (r"^how often (?:does|do|did|is|are) (.+)$", r"\1 {} times"),
        (r"^(?:in|at|on) (?:which|what) place (?:does|do|did) (.+)$", r"\1 {}"),
        (
            r"^(?:in|to|towards?) (?:which|what) (?:direction|side|way) (?:does|do|did|is|are) (.+)$",
            r"\1 {}",
        ),
        (r"^(?:which|what) (?:direction|way) (?:does|do|did|is|are) (.+)$", r"\1 {}"),
        (r"^on which side of (.+?) is (.+)$", r"\2 is {} of \1"),
        (r"^where (is|are|was|were) (.+?) (seen|shown|visible|found|standing)$", r"\2 \1 \3 {}"),
        (r"^where (is|are|was|were) (.+)$", r"\2 \1 {}"),
        (r"^where (?:does|do|did|can) (.+?)(?: be seen)?$", r"\1 {}"),
        (r"^at (?:what|which) time (?:in the film )?(?:is|are|does|do) (.+)$", r"\1 at {}"),
        (r"^when (?:does|do|did) (.+)$", r"\1 {}"),
        (r"^what (?:does|do|did) (.+?) (say|show|read)s?$", r"\1 says {}"),
        (r"^(?:which|what) tiny (?:object|thing|item) (.+)$", r"tiny {} \1"),
        (r"^(?:which|what) (?:object|thing|item|animal|place)s? (.+)$", r"{} \1"),
        (r"^(?:which|what)(?: thing)? (is|are|was|were) (.+)$", r"{} \1 \2"),
        (r"^who (is|are|was|were) (.+)$", r"{} \1 \2"),
        (r"^(?:which|what|who) (.+)$", r"{} \1"),
    )
)
# what is heard or comes before is found by other tools, it is not in the picture
_ELSEWHERE = re.compile(
    r"^(?:while|when|as) (?:the|a) (?:narrator|speaker|voice)\b[^,]*,\s*"
    r"|\s*,?\s*\b(?:(?:while|when|as) (?:the|a) (?:narrator|speaker|voice)\b.*"
    r"|(?:right |just |shortly |directly )?(?:after|before) .*)$",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^(is|are|was|were|does|do|did|can|has|have) (?:there |you see |we see |it true that )?(.+)$",
    re.IGNORECASE,
)


def statement_of(question: str, option: str) -> str:
    """Return the statement that answers `question` with `option`, lower-case wording kept."""
    asked = _ELSEWHERE.sub("", plain(question))
    if option.strip().lower() in ("yes", "no"):
        return claim_of(asked) if option.strip().lower() == "yes" else f"not: {claim_of(asked)}"
    for pattern, statement in _RULES:
        match = pattern.match(asked)
        if match:
            return match.expand(statement.replace("{}", "\0")).replace("\0", option.strip())
    return f"{asked}: {option.strip()}" if asked else option.strip()


def claim_of(question: str) -> str:
    """Return what a yes/no question asks about, without its question word."""
    asked = question.strip().rstrip("?.! ").strip()
    match = _YES_NO.match(asked)
    return match.group(2) if match else asked
