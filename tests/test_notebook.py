"""An answer in a notebook: pictures inside, text escaped, nothing from outside."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from longtake.agent import answer as document
from longtake.agent.cost.usage import Usage
from longtake.index.video.errors import InputError
from longtake.index.video.frames import Frames
from longtake.notebook import Answer, answer_page, evidence_cells, facts, headline, pictures
from longtake.prompts import render

EVIL = '<script>alert(1)</script>"\x1b[31m'


class OneColour:
    """A film of one colour, 100 s long, that does not decode between 40 and 60 s."""

    info = SimpleNamespace(duration=100.0, width=1280, height=720)

    def frames(self, at: Any, *, size: tuple[int, int] | None = None) -> Frames:
        width, height = size or (1280, 720)
        seconds = np.array([second for second in at if not 40 <= second < 60], np.float64)
        return Frames(np.full((len(seconds), height, width, 3), 90, np.uint8), seconds)


class Gone(OneColour):
    """A film that was there once."""

    def frames(self, at: Any, *, size: tuple[int, int] | None = None) -> Frames:
        raise InputError("gone")


def evidence(place: int, start: float, frames: list[float]) -> document.EvidenceDoc:
    return document.EvidenceDoc(
        id=f"e{place:08x}", start=start, end=start + 4, kind="frame", text=f"seen {EVIL}",
        frames=[document.FrameDoc(seconds=second, sha256="0" * 64) for second in frames],
        tool="zoom_time", verified=place == 0, supports="A",
    )  # fmt: skip


def make_answer(**changes: Any) -> document.Answer:
    values: dict[str, Any] = {
        "run_id": "20260101-000000-abcdef",
        "film": document.FilmDoc(
            id="0" * 16, path=f"/films/{EVIL}.mp4", duration=100.0, coverage=[(0.0, 100.0)]
        ),
        "question": f"What is {EVIL}?",
        "choices": ["red", "blue"],
        "status": "answered",
        "answer": f"red {EVIL}",
        "choice": "A",
        "confidence": document.Confidence(raw=0.8, method="similarity"),
        "evidence": [evidence(0, 10, [10.0, 11.0, 12.0]), evidence(1, 45, [45.0]),
                     evidence(2, 70, [])],
        "stop_reason": "sufficient",
        "caveats": [f"a caveat {EVIL}"],
        "models": {"eye": "tagger"},
        "usage": Usage(model_calls=1, frames_decoded=3, frames_shown=3, tokens_in=0,
                                tokens_out=0, seconds=1.5, usd=None),
        "timings": {},
    }  # fmt: skip
    return document.Answer(**(values | changes))


def test_html_escapes_all_text_and_holds_its_pictures() -> None:
    html = Answer.of(make_answer(), OneColour())._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html
    assert html.count("data:image/jpeg;base64,") >= 2
    assert not re.search(r'(src|href)="(?!data:)', html)
    assert "0:10.0" in html


def test_the_copy_is_the_same_document_and_needs_no_film() -> None:
    plain = make_answer()
    shown = Answer.of(plain)
    assert shown.to_json() == plain.to_json()
    assert isinstance(shown, document.Answer)
    assert "data:image" not in shown._repr_html_()


def test_a_film_that_has_gone_leaves_the_words() -> None:
    assert pictures(Gone(), [1.0, 2.0]) == [None, None]
    assert "seen" in Answer.of(make_answer(), Gone())._repr_html_()


def test_each_piece_of_evidence_gets_a_numbered_cell() -> None:
    cells = evidence_cells(make_answer(), OneColour(), 12)
    assert [cell.badge for cell in cells] == ["E1", "E1", "E1", "E2", "E3"]
    assert [cell.second for cell in cells] == [10.0, 11.0, 12.0, 45.0, 72.0]
    assert [cell.pixels is None for cell in cells] == [False, False, False, True, False]
    assert cells[0].verified
    assert not cells[3].verified
    assert len(evidence_cells(make_answer(), OneColour(), 2)) == 2


def test_the_page_says_what_and_how_sure() -> None:
    page = answer_page(make_answer(), OneColour())
    assert page.headline.startswith("A. red")
    assert page.facts[0] == "confidence 0.80, uncalibrated"
    assert len(page.marks) == 3


@pytest.mark.parametrize("status", ["abstained", "budget"])
def test_no_answer_is_said_plainly(status: str) -> None:
    answer = make_answer(status=status, answer=None, choice=None, evidence=[])
    assert headline(answer).startswith("No answer")


def test_a_calibrated_confidence_is_shown_as_such() -> None:
    sure = document.Confidence(raw=0.5, calibrated=0.91, method="similarity")
    assert facts(make_answer(confidence=sure))[0] == "confidence 0.91"


def test_a_vlm_made_for_other_footage_does_not_speak_for_the_film() -> None:
    blind = make_answer(
        answer=None, choice=None, status="abstained", caveats=[render("unknown_footage")]
    )
    assert headline(blind) == ("No answer: the video model was not made for this footage")
    seen = make_answer(answer=None, choice=None, status="abstained", caveats=[])
    assert headline(seen) == "No answer: it was not found in the film"
