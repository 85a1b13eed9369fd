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
    "conversation lecturer refer subtitle audio soundtrack voiceover transcript"
)
_SIGNS = (
    "sign signs signage signboard signboards billboard billboards poster posters banner banners "
    "ocr label labels caption captions heading headings headline headlines slide slides screen "
    "onscreen text texts inscription inscriptions plaque plaques placard placards nameplate "
    "nameplates signpost lettering writing written printed displayed displays display visible "
    "readable legible spell spells"
)
# these may be about something else as well: the letter was lost, nobody has seen it
_PERHAPS = (
    "board boards letter letters word words title titles page pages panel panels plate plates "
    "notice chart digit digits read reads show shows shown appear appears see seen"
)
_FILM = (
    "header write print carry bear labelled "
    "film video movie clip footage recording scene picture image frame camera moment point time "
    "timestamp second minute hour mark part place start begin end follow come comes came bring "
    "brought pop turn go goes topic subject regard concern connection matter word line name number "
    "figure content contents item fact list information learn repeat find give look describe "
    "explain summarise deal contain accompany belong whole full sentence phrase quote reference "
    "statement story transcribe transcription"
)


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(stem_of(word, "en") for word in words.split())


def medium_stems() -> frozenset[str]:
    """Return the stems of English words that speak of the medium."""
    return _stems(" ".join((_SAY, _SPEECH, _SIGNS, _PERHAPS, _FILM)))


_ASKED_TO_TELL = re.compile(r"\b(?:tell|give|show|read) (?:me|us)\b", re.I)
_IT_SAYS = re.compile(r"\bit (?:say|says|said)\b|\b(?:does|did) it say\b", re.I)
_READER = re.compile(r"\bOCR\b")
_LEGIBLE = re.compile(r"\b(?:can|could|to) (?:\w+ )?(?:be )?read\b", re.I)
_ON_A = re.compile(r"\b(?:on|in|at|under|below|above|onto) (?:\w+ ){0,3}?$", re.I)
_WORD = re.compile(r"[^\W_]+")


def medium_of(question: str) -> Literal["speech", "text"] | None:
    """Say whether an English question is about what is said or what is written.

    A sign says what is written on it. Names in the question, which are in quotes or capitals, count
    for nothing.

    Returns:
        None where it may be either.
    """
    plain = _ASKED_TO_TELL.sub(" ", blank_names(question))
    words = words_of(plain)
    stems = {stem_of(word, "en") for word in words}
    signs = sum(word in _words(_SIGNS) for word in words)
    perhaps = sum(word in _words(_PERHAPS) for word in words)
    written = signs > 0 or perhaps > 1 or bool(_LEGIBLE.search(plain) or _READER.search(question))
    if stems & _stems(_SPEECH):
        # `what does the narrator say of the sign`, but `is it mentioned on a sign`
        return "text" if signs and _stands_on_sign(plain) else "speech"
    if written:
        return "text"
    doubtful = _IT_SAYS.search(plain) or not _words(_PERHAPS).isdisjoint(words)
    return "speech" if stems & _stems(_SAY) and not doubtful else None


def _stands_on_sign(text: str) -> bool:
    return any(
        found[0].lower() in _words(_SIGNS) and bool(_ON_A.search(text[: found.start()]))
        for found in _WORD.finditer(text)
    )


@cache
def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())
