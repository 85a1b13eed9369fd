"""The three laws, through the public front: a real film, a real decoder, a served video LLM.

The question goes verbatim into every call that answers; with options there is always an answer; and
without verified evidence nobody is more than half sure.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from index_fixtures import SCENES, SUBTITLES, make_film
from recording_server import RecordingServer, letters_of

import longtake
from longtake.agent.cost.budget import Budget

QUESTION = "Qu'est-ce que l'homme pose sur la table : le « livre » — ou rien ?"
OPTIONS = ["le livre rouge", "rien du tout", "une lampe; (B) pas le livre", "le livre rouge"]
SURE = {"answer": "B", "enough": True, "confidence": 0.95, "seconds": [3.0], "verdict": "supported"}
UNSURE = {**SURE, "enough": False, "confidence": 0.3, "verdict": "unclear"}
REFUTING = {**SURE, "verdict": "refuted"}
CONFUSED = {"answer": "?", "seconds": "never", "enough": None, "confidence": 7, "verdict": "?"}
TEMPERS = {"sure": SURE, "unsure": UNSURE, "refuting": REFUTING, "confused": CONFUSED}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    path = make_film(folder / "scenes.mp4", SCENES)
    path.with_suffix(".srt").write_text(SUBTITLES)
    return path


@pytest.fixture(scope="module")
def store(film: Path) -> Path:
    return film.parent / "store"


def ask(
    film: Path, store: Path, values: dict[str, Any], question: str, options: Any = None, **more: Any
) -> tuple[Any, RecordingServer]:
    settings = {"encoder": "none", "text_encoder": "none", "ocr": "none"}
    with (
        RecordingServer(**values) as server,
        longtake.open(film, profile="served", vlm=server.name, store=store, **settings) as opened,
    ):
        return opened.ask(question, options, **more), server


@pytest.mark.parametrize("temper", TEMPERS)
def test_every_answering_call_carries_the_verbatim_question_and_all_its_options(
    film: Path, store: Path, temper: str
) -> None:
    _, server = ask(film, store, TEMPERS[temper], QUESTION, OPTIONS)
    calls = server.answering()
    assert calls
    for text in calls:
        assert QUESTION in text
        offered = letters_of(text)
        shown = {line[3:] for line in offered}
        # the consensus' last call offers the two rivals, under their own letters
        if len(offered) == 2 and temper != "sure":
            assert all(OPTIONS["ABCD".index(line[0])] == line[3:] for line in offered)
        else:
            assert sorted(line[0] for line in offered) == ["A", "B", "C", "D"]
            assert shown == set(OPTIONS)


def test_a_question_of_5000_words_and_options_of_500_reach_the_model_whole(
    film: Path, store: Path
) -> None:
    question = " ".join(f"word{n}" for n in range(5000)) + "?"
    options = [" ".join(f"{letter}{n}" for n in range(500)) for letter in "xyz"]
    answer, server = ask(film, store, UNSURE, question, options)
    assert answer.choice in ("A", "B", "C")
    calls = server.answering()
    assert calls
    for text in calls:
        assert question in text
        assert sum(option in text for option in options) >= 2
    assert all(option in calls[0] for option in options)


@pytest.mark.parametrize("temper", TEMPERS)
def test_with_options_there_is_always_an_answer(film: Path, store: Path, temper: str) -> None:
    answer, _ = ask(film, store, TEMPERS[temper], QUESTION, OPTIONS)
    assert answer.status == "answered"
    assert answer.choice in ("A", "B", "C", "D")
    assert answer.answer == OPTIONS["ABCD".index(answer.choice)]


@pytest.mark.parametrize("temper", ["unsure", "refuting", "confused"])
def test_the_three_laws_hold_for_the_cap(film: Path, store: Path, temper: str) -> None:
    answer, _ = ask(film, store, TEMPERS[temper], QUESTION, OPTIONS)
    assert not any(item.verified for item in answer.evidence)
    assert answer.confidence.raw <= 0.5
    assert answer.confidence.calibrated is None or answer.confidence.calibrated <= 0.5


def test_verified_evidence_lifts_the_cap(film: Path, store: Path) -> None:
    answer, _ = ask(film, store, SURE, QUESTION, OPTIONS)
    assert any(item.verified for item in answer.evidence)
    assert answer.confidence.raw == pytest.approx(0.95, abs=0.05)
    assert (answer.choice, answer.answer) == ("B", OPTIONS[1])


def test_who_wants_no_unsure_answer_gets_none(film: Path, store: Path) -> None:
    answer, _ = ask(film, store, UNSURE, QUESTION, OPTIONS, abstain_below=0.6)
    assert (answer.status, answer.choice, answer.answer) == ("abstained", None, None)
    assert answer.evidence == []
    sure, _ = ask(film, store, SURE, QUESTION, OPTIONS, abstain_below=0.6)
    assert (sure.status, sure.choice) == ("answered", "B")


@pytest.mark.parametrize("temper", ["unsure", "refuting"])
def test_an_open_question_without_evidence_is_not_answered(
    film: Path, store: Path, temper: str
) -> None:
    answer, server = ask(film, store, {**TEMPERS[temper], "answer": "a lamp"}, QUESTION)
    assert (answer.status, answer.answer) == ("abstained", None)
    assert answer.caveats
    assert all(QUESTION in text for text in server.answering())


def test_options_inside_the_question_are_offered_and_the_question_stays_verbatim(
    film: Path, store: Path
) -> None:
    text = "What is on the table?\n(A) a lamp\n(B) a rope\n(C) nothing"
    answer, server = ask(film, store, SURE, text)
    assert (answer.choices, answer.choice, answer.answer) == (
        ["a lamp", "a rope", "nothing"],
        "B",
        "a rope",
    )
    assert answer.question == text
    assert all(text in said for said in server.answering())


def test_a_spent_budget_still_answers_with_an_option(film: Path, store: Path) -> None:
    answer, server = ask(film, store, UNSURE, QUESTION, OPTIONS, max_calls=1)
    assert (answer.status, answer.stop_reason) == ("budget", "budget")
    assert answer.choice in ("A", "B", "C", "D")
    assert answer.usage.model_calls <= Budget(max_calls=1).max_calls
    # the only call is a look at the film, not a reading of the question
    assert len(server.answering()) == 1
