"""From a citation to a claim: what the audit is asked to prove."""

from __future__ import annotations

import pytest
from agent_doubles import seen

from longtake.agent.planners.citations import claim_on, stated_seconds
from longtake.world.grammar.question import read_question

FISH = "When does the red fish appear?"


@pytest.mark.parametrize(
    ("question", "tool", "kind", "text", "answer", "asked", "says"),
    [
        # a sign that happens to be there proves nothing about a fish: the picture must show it
        (FISH, "read_text", "text", "SOUTH FORT", "0:10", "frame", "a red fish"),
        (FISH, "search_speech", "speech", "Look, a red fish!", "0:10", "speech", None),
        (FISH, "enumerate", "frame", "a small red fish", "0:10", "frame", "a small red fish"),
        (FISH, "zoom_time", "frame", "blue (a fish)", "0:10", "frame", "a red fish"),
        ("What colour is the fish?", "zoom_time", "frame", "x", "blue", "frame", "a blue fish"),
        ("What colour is the fish?", "read_text", "text", "EXIT", "blue", "frame", "a blue fish"),
        ("What does the sign beside the fish say?", "read_text", "text", "EXIT 4", "EXIT", "text",
         "the sign says EXIT"),
        ("How many times does the cat appear?", "enumerate", "frame", "a cat", "3", "frame", "a cat"),
    ],
)  # fmt: skip
def test_evidence_must_show_what_the_answer_says(question, tool, kind, text, answer, asked, says):
    item = seen(tool, 10, 15, text, kind=kind)
    claim = claim_on(item, answer, read_question(question))
    assert (claim.evidence_id, claim.kind) == (item.id, asked)
    assert says is None or claim.says == says
    assert (claim.words is None) == (asked == "frame")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("at 1:42", [102.0]),
        ("1:00:05 to 1:00:10.5", [3605.0, 3610.5]),
        ("after 90 seconds", [90.0]),
        ("in the beginning", []),
    ],
)
def test_times_are_read_out_of_answers(text, seconds):
    assert stated_seconds(text) == seconds
