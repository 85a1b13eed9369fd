"""Words about the film as a film: that something is said, written or shown, and when.

Whatever a question asks for, it speaks of the medium in such words ("the narrator mentions", "is
written on a board"). They tell where the answer is to be looked for, and nothing of what it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from .names import blank_names
from .spelling import stem_of, words_of

_SAY = "say says said saying tell tells told telling"
_SPEECH = (
    "mention speak speaks spoke spoken speaker speech talk narrate narrator narration voice hear "
    "heard listen utter commentary commentator comment remark discuss discussion dialogue "
    "conversation lecturer refer subtitle"
)
_BEARER = (
    "sign signboard board billboard poster banner label caption title heading headline header "
    "slide page panel screen onscreen text letter inscription plaque plate placard notice chart "
    "digit lettering writing nameplate signpost"
)
_WRITING = (
    "write writes wrote written print read reads reading readable display visible show shows shown "
    "appear see sees seen spell legible labelled carry bear"
)
_FILM = (
    "film video movie clip footage recording scene picture image frame camera moment point time "
    "timestamp second minute hour mark part place start begin end follow come comes came bring "
    "brought pop turn go goes topic subject regard concern connection matter word line name number "
    "figure content contents item fact list information learn repeat find give look describe "
    "explain summarise deal contain accompany belong whole full sentence phrase quote reference "
    "statement story"
)


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(stem_of(word, "en") for word in words.split())


def medium_stems() -> frozenset[str]:
    """Return the stems of English words that speak of the medium."""
    return _stems(" ".join((_SAY, _SPEECH, _BEARER, _WRITING, _FILM)))


_ASKED_TO_TELL = re.compile(r"\b(?:tell|give|show|read) (?:me|us)\b", re.I)
_IT_SAYS = re.compile(r"\bit (?:say|says|said)\b|\b(?:does|did) it say\b", re.I)
_ON_A = re.compile(r"\b(?:on|in|at|under|below|above|onto) (?:\w+ ){0,3}?$", re.I)
_WORD = re.compile(r"[^\W_]+")


def medium_of(question: str) -> Literal["speech", "text"] | None:
    """Say whether an English question is about what is said or what is written.

    A thing that bears writing, a sign, says what is written on it. Names in the question, which are
    in quotes or capitals, count for nothing.

    Returns:
        None where it may be either.
    """
    plain = _ASKED_TO_TELL.sub(" ", blank_names(question))
    stems = [stem_of(word, "en") for word in words_of(plain)]
    spoken = any(stem in _stems(_SPEECH) for stem in stems)
    if any(stem in _stems(_BEARER) for stem in stems):
        # `what does the narrator say of the sign`, but `is it mentioned on a sign`
        return "speech" if spoken and not _stands_on_bearer(plain) else "text"
    if spoken:
        return "speech"
    if any(stem in _stems(_SAY) for stem in stems):
        return None if _IT_SAYS.search(plain) else "speech"
    return "text" if any(stem in _stems(_WRITING) for stem in stems) else None


def _stands_on_bearer(text: str) -> bool:
    return any(
        stem_of(found[0].lower(), "en") in _stems(_BEARER)
        and bool(_ON_A.search(text[: found.start()]))
        for found in _WORD.finditer(text)
    )
