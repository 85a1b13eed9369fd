"""What a planning model may cite, and how its words become an answer that can be audited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agent_doubles import brought, seen, verdict

from longtake.agent.planners.llm.citations import check_finish, citable
from longtake.agent.question import Question
from longtake.agent.steps import Observation
from longtake.tools.finish import FinishArgs
from longtake.tools.tool import ToolRetry

COLOUR = Question("What colour is the fish?", ("red", "blue"))
OPEN = Question("When does the fish appear?")
FISH = seen("zoom_time", 10, 15, "a blue fish", supports="B")
LINE = seen("search_words", 11, 14, "Look, a blue fish!", kind="speech")
KNOWN = {FISH.id: FISH, LINE.id: LINE}


def finish(*ids, question=COLOUR, **fields):
    args = FinishArgs.model_validate({"evidence_ids": list(ids), "confidence": 0.8, **fields})
    return check_finish(args, question, KNOWN)


def test_an_answer_by_letter_carries_the_option_and_a_claim_for_each_citation():
    done = finish(FISH.id, LINE.id, FISH.id, choice="b")
    assert (done.answer, done.choice, done.raw, done.method) == ("blue", "B", 0.8, "stated")
    assert [claim.evidence_id for claim in done.claims] == [FISH.id, LINE.id]
    assert [claim.kind for claim in done.claims] == ["frame", "speech"]
    for claim in done.claims:
        assert COLOUR.text in claim.statement
        assert "blue" in claim.statement


def test_an_open_answer_is_kept_in_its_words():
    done = finish(FISH.id, question=OPEN, answer="ten seconds in", choice="B")
    assert (done.answer, done.choice) == ("ten seconds in", None)


@pytest.mark.parametrize(
    ("ids", "question", "fields", "says"),
    [
        (["e00000000"], COLOUR, {"choice": "A"}, "e00000000"),
        ([], COLOUR, {"choice": "A"}, "evidence_ids is empty"),
        ([FISH.id], COLOUR, {"choice": "C"}, "give one of A, B"),
        ([FISH.id], COLOUR, {"answer": "blue"}, "give one of A, B"),
        ([FISH.id], OPEN, {"answer": "  "}, "answer is empty"),
    ],
)
def test_what_cannot_stand_is_refused_with_what_is_allowed(ids, question, fields, says):
    with pytest.raises(ToolRetry, match=says):
        finish(*ids, question=question, **fields)


def test_the_ids_that_there_are_are_listed():
    with pytest.raises(ToolRetry, match=f"there are: {FISH.id}, {LINE.id}"):
        finish("e00000000", choice="A")


def test_giving_up_is_an_abstention_that_says_so():
    done = finish(abstain=True)
    assert (done.abstain, done.answer, done.choice, done.reason) == (True, None, None, "not_found")
    assert done.caveats


def test_frames_that_an_audit_refuted_cannot_be_cited_and_words_of_that_time_can():
    looked = Observation(1, "act", brought("zoom_time", evidence=[FISH, LINE]), 0.1, True)
    no = replace(verdict("refuted"), args={"spans": [{"start": 10, "end": 15}]})
    assert set(citable([looked])) == {FISH.id, LINE.id}
    assert set(citable([looked, Observation(2, "audit", no, 0.1, True)])) == {LINE.id}
