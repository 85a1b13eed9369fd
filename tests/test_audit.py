"""The audit: what is put to verify, what stands, and how sure an answer may be."""

from __future__ import annotations

from dataclasses import replace

from agent_doubles import brought, seen, verdict

from longtake.agent.planners.base import Claim, Done
from longtake.agent.planners.looks import claim_on
from longtake.agent.question import Question
from longtake.agent.steps import Observation, refuted_spans
from longtake.agent.verification.audit import MAX_CLAIMS, Ruling, audit_actions, capped, rule
from longtake.index.video.frames import Box
from longtake.tools import TOOLS

FISH = seen("enumerate", 10, 15, "a red fish")
CUP = seen("enumerate", 30, 35, "a blue cup")


def found(*evidence):
    return [Observation(1, "act", brought("enumerate", evidence=evidence), 0.1, True)]


def draft(*evidence):
    return Done("x", raw=0.9, claims=tuple(Claim(e.id, e.text) for e in evidence))


def test_each_claim_is_put_to_verify_on_its_own_span():
    calls = audit_actions(draft(FISH, CUP), found(FISH, CUP))
    assert [action.tool for _, action in calls] == ["verify", "verify"]
    first = {"claim": "a red fish", "spans": [{"start": 10, "end": 15}], "kind": "frame"}
    assert calls[0][1].args == first


def test_a_claim_says_the_question_and_the_answer_in_full():
    question = Question("Who opens the door?", ("the cook", "the guest"))
    claim = claim_on(FISH, question, "the guest")
    assert question.text in claim.statement
    assert "the guest" in claim.statement
    assert claim.words is None


def test_the_claim_of_the_longest_question_is_one_that_verify_takes():
    text = " ".join(["why"] * 5000) + "?"
    claim = claim_on(FISH, Question(text), "word " * 500)
    ((_, action),) = audit_actions(Done("x", claims=(claim,)), found(FISH))
    assert TOOLS["verify"].args.model_validate(action.args)
    assert text in action.args["claim"]


def test_a_crop_is_verified_as_a_crop():
    ref = replace(FISH.frames[0], box=Box(0.1, 0.2, 0.5, 0.6))
    tiny = replace(FISH, frames=(ref,))
    ((_, action),) = audit_actions(draft(tiny), found(tiny))
    assert action.args["region"] == {"x0": 0.1, "y0": 0.2, "x1": 0.5, "y1": 0.6}


def test_words_are_verified_as_words():
    claim = Claim(FISH.id, "the sign says EXIT", "text", "EXIT")
    ((_, action),) = audit_actions(Done("EXIT", claims=(claim,)), found(FISH))
    assert (action.args["kind"], action.args["words"]) == ("text", "EXIT")


def test_supported_stands_refuted_falls_unclear_stays_unverified():
    answer = draft(FISH, CUP, seen("x", 50, 55, "made up"))
    claims = answer.claims
    checks = [
        (claims[0], Observation(2, "audit", verdict("supported"), 0.1, True)),
        (claims[1], Observation(3, "audit", verdict("refuted"), 0.1, True)),
    ]
    ruling = rule(checks, answer, found(FISH, CUP))
    assert ruling.verified == (FISH.id,)
    # what nobody found cannot be cited
    assert set(ruling.dropped) == {CUP.id, claims[2].evidence_id}
    unclear = [(claims[0], Observation(2, "audit", verdict("unclear"), 0.1, True))]
    assert rule(unclear, draft(FISH), found(FISH)) == Ruling((), ())
    failed = [(claims[0], Observation(2, "audit", brought("verify", error="budget"), 0.1, False))]
    assert rule(failed, draft(FISH), found(FISH)) == Ruling((), ())


def test_few_claims_are_audited():
    many = [seen("enumerate", s, s + 2, "a red fish") for s in range(0, 100, 10)]
    assert len(audit_actions(draft(*many), found(*many))) == MAX_CLAIMS


def test_refuted_spans_are_told_to_the_next_loop():
    no = replace(verdict("refuted"), args={"spans": [{"start": 10, "end": 15}]})
    steps = [Observation(1, "audit", no, 0.1, True), Observation(2, "act", no, 0.1, True)]
    assert [(s.start, s.end) for s in refuted_spans(steps)] == [(10, 15)]


def test_confidence_is_capped_without_verified_evidence():
    assert capped(0.9, []) == 0.5
    assert capped(0.9, ["e1"]) == 0.9
    assert capped(0.3, []) == 0.3
