"""Answer-consensus refinement: two branches of evidence answer apart, rivals are asked again.

After SeViCES (arXiv 2510.20622): if both branches give the same answer it stands, after two calls.
If not, their evidence is put together and the question is asked a third time with the two rival
options only, under their own two letters. Still neither: the surer of the two, marked as contested.

An eye that likes a letter would agree with itself. So the second branch is offered the options in
another order, and the rivals are offered in both (see tools/orders.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ...agent.answer import KNOWN_FROM
from ...agent.planners.base import Action, Claim, Done
from ...agent.steps import Plan, Step
from ...agent.stopping import TAU, knows_footage
from ...index.video.span import merge_spans
from ..grammar.reading import Reading
from ..grammar.statements import answer_statement
from . import calls
from .branches import Caller, semantic_spans, visual_spans
from .closeups import TELLING
from .findings import best_option

# kinds that one look can answer; counts over time, order and exact words it cannot
LOOKS = frozenset({"retrieve", "relation", "motion", "count-objects", "generic", "yes-no"})
Consensus = Literal["refine", "vote"]
CONTESTED = "contested: words and pictures speak for different answers"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a branch answers, how surely, and what it can cite for it."""

    letter: str
    raw: float
    claims: tuple[Claim, ...] = ()


def needs_refining(reading: Reading, draft: Done, steps: Sequence[Step]) -> bool:
    """Say whether the draft is unsure of something that a look can settle.

    On footage that the eye does not know its looks settle nothing.
    """
    known = knows_footage(steps)
    unsure = draft.choice is None or draft.raw < TAU
    lookable = bool(reading.choices) and reading.kind in LOOKS
    return lookable and unsure and not draft.abstain and (known is None or known >= KNOWN_FROM)


def refine(reading: Reading, draft: Done, caller: Caller) -> Done:
    """Let both branches answer, and settle between them.

    Args:
        reading: a question with choices.
        draft: the planner's answer; it stands unless both branches have one.
        caller: makes the calls.
    """
    words, looks = semantic_spans(reading, caller), visual_spans(reading, caller)
    actions = [
        calls.zoom_time(reading.question, words),
        calls.zoom_time(reading.question, looks, turn=other_order(reading)),
    ]
    asked = [_ask(reading, action, caller) for action in actions]
    found = [opinion for opinion in asked if opinion is not None]
    if len(found) < 2:
        return draft
    rivals = sorted({opinion.letter for opinion in found})
    fused = merge_spans([*words, *looks])
    overlap = sum(a.overlap(b) for a in words for b in looks)
    overlap /= sum(span.duration for span in fused) or 1.0
    if len(rivals) == 1:
        settled, contested = max(found, key=lambda opinion: opinion.raw), False
    else:
        again = calls.rivals(reading.question, fused, rivals)
        last = _ask(reading, again, caller)
        settled = last or max(found, key=lambda opinion: opinion.raw)
        contested = last is None or last.raw < TAU
    detail = {"overlap": round(overlap, 3), "answers": [o.letter for o in found],
              "asked_again": len(rivals) > 1, "final": settled.letter}  # fmt: skip
    caller.desk.add(Plan(f"consensus of words and pictures: {settled.letter}", detail))
    return _settled(reading, draft, settled, contested)


def other_order(reading: Reading) -> int:
    """Return by how many places to turn the choices: of all but 0, the same for a question always."""
    if len(reading.choices) < 2:
        return 0
    seed = hashlib.sha256(reading.question.encode()).digest()
    return 1 + int.from_bytes(seed[:4], "big") % (len(reading.choices) - 1)


def _ask(reading: Reading, action: Action, caller: Caller) -> Opinion | None:
    found = caller.call(action) if action.args["spans"] else None
    option = best_option(reading, found) if found else None
    if found is None or option is None:
        return None
    # one that does not tell the options apart is no opinion; two of them would even agree
    if option[1] < TELLING / len(action.args.get("only") or reading.choices):
        return None
    says = answer_statement(reading, reading.choices[reading.letters.index(option[0])])
    cited = [item for item in found.evidence if item.supports == option[0]][:1]
    return Opinion(*option, tuple(Claim(item.id, says) for item in cited))


def _settled(reading: Reading, draft: Done, settled: Opinion, contested: bool) -> Done:
    """Return the draft with the consensus' answer; its evidence stays if the answer is the same."""
    caveats = (*draft.caveats, CONTESTED) if contested else draft.caveats
    if settled.letter == draft.choice:
        raw = draft.raw if contested else max(draft.raw, settled.raw)
        return replace(draft, raw=raw, caveats=caveats)
    return replace(
        draft, choice=settled.letter, method="consensus", caveats=caveats,
        claims=settled.claims or draft.claims,
        answer=reading.choices[reading.letters.index(settled.letter)],
        raw=min(settled.raw, 0.5) if contested else settled.raw,
    )  # fmt: skip
