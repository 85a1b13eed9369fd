"""A real chat model of 1.5 billion parameters reads questions: marker `weights`."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_servers import llama, serving

from longtake.agent.question import Question
from longtake.agent.understanding.understand import understand
from longtake.models.client.chat import ServedChat
from longtake.models.client.client import open_client

pytestmark = [pytest.mark.weights, pytest.mark.timeout(1500)]

QUESTIONS = [
    Question("How many people get off the bus?", ("two", "three", "five")),
    Question("What is written on the door that the girl opens?"),
    Question("What does the teacher say about the exam between 1:00 and 2:00?"),
]


def test_a_small_chat_model_names_what_to_look_for_and_invents_no_times(
    weights: Path, tmp_path: Path
) -> None:
    with serving("llama", tmp_path, llama(weights)) as server:
        chat = ServedChat(open_client(server.name, "LONGTAKE_KEY"))
        found = [understand(question, 600.0, chat) for question in QUESTIONS]
    assert [one.problem for one in found] == ["", "", ""]
    bus, door, exam = (one.intent for one in found)
    for intent, word in ((bus, "bus"), (door, "door"), (exam, "exam")):
        assert any(word in cue.text.lower() for cue in intent.cues), intent
    assert "count" in bus.needs
    assert bus.within is None
    assert door.within is None
    assert exam.within is not None
    assert (exam.within.start, exam.within.end) == (60.0, 120.0)
