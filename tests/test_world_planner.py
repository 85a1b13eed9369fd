"""The drawn world's recipes, a kind of question each, over scripted tools; what is left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from longtake.agent.planners.base import Action, Done, Left
from longtake.agent.planners.scripted import ScriptedPlanner
from longtake.agent.question import Question
from longtake.agent.steps import Observation, Step, from_json, to_json
from longtake.agent.understanding.intent import neutral_intent
from longtake.index.video.span import Span
from longtake.tools.evidence import found
from longtake.tools.results import (
    Answered,
    Judged,
    Line,
    Lines,
    Occurrence,
    Occurrences,
    ToolResult,
)
from longtake.tools.types import Coverage
from longtake.world.planner.counting import stated_number
from longtake.world.planner.findings import word_share
from longtake.world.planner.planner import WorldPlanner
from longtake.world.planner.words import rest_of_sentence

DURATION = 600.0
LEFT = Left(10, 192, 300.0)


@dataclass
class Told:
    """Tools that say what they are told to; keeps the calls."""

    script: dict
    known: float = 1.0
    calls: list[Action] = field(default_factory=list)

    def call(self, action: Action) -> ToolResult:
        self.calls.append(action)
        if action.tool == "footage":
            return ToolResult("footage", {}, "", payload=Answered("", known=self.known))
        say = self.script.get(action.tool)
        made = say(action.args) if say else ToolResult(action.tool, {}, "", error="nothing")
        return replace(made, tool=action.tool, args=action.args)

    def of(self, tool: str) -> list[dict]:
        return [action.args for action in self.calls if action.tool == tool]


def ask(question, choices=(), *, known: float = 1.0, **script: Any) -> tuple[Done, Told]:
    """Play a run: the first look, then call after call until the planner is done."""
    asked, tools = Question(question, tuple(choices)), Told(script, known)
    tools.script.setdefault("verify", lambda args: judged("supported"))
    planner = WorldPlanner(ScriptedPlanner()).at_work(DURATION, lambda chat: chat)
    intent = neutral_intent(asked)
    steps: list[Step] = []

    def make(action: Action, phase) -> None:
        step = Observation(len(steps) + 1, phase, tools.call(action), 0.0, news=True)
        steps.append(from_json(to_json(step)))

    for action in planner.first_look(asked, intent):
        make(action, "first_look")
    for _ in range(20):
        decision = planner.next(steps, asked, intent, LEFT)
        if isinstance(decision, Done):
            return decision, tools
        assert isinstance(decision, Action)
        make(decision, "act")
    raise AssertionError("the planner did not end")


def times(*rows):
    """Occurrences of whatever is asked for: (start, end, score) each."""

    def say(args):
        proofs = [found("frame", Span(a, b), args["predicate"], "enumerate") for a, b, _ in rows]
        items = [
            Occurrence(Span(a, b), s, (a + b) / 2, proof.id)
            for (a, b, s), proof in zip(rows, proofs, strict=True)
        ]
        return ToolResult("enumerate", {}, "", tuple(proofs), payload=Occurrences(tuple(items)))

    return say


def looked(options, answer="", start=10.0, end=14.0):
    best = max(options, key=options.get) if options else None
    proof = found("frame", Span(start, end), f"{best} {answer}", "zoom_time", supports=best)
    return lambda args: ToolResult(
        "zoom_time", {}, "", (proof,), payload=Answered(answer, dict(options), "similarity")
    )


def judged(verdict, score=0.9):
    return ToolResult("verify", {}, "", payload=Judged(verdict, score))


def said(*texts):
    lines = [Line(Span(10.0 * i, 10.0 * i + 4), t, "speech", 1.0) for i, t in enumerate(texts)]
    proofs = tuple(found("speech", line.span, line.text, "search_words") for line in lines)
    return lambda args: ToolResult("search_words", {}, "", proofs, payload=Lines(tuple(lines)))


def test_a_colour_is_looked_at_where_the_thing_is():
    done, tools = ask(
        "What colour is the fish on the beach?",
        ["red", "blue"],
        enumerate=times((100, 110, 0.9)),
        zoom_time=looked({"A": 0.1, "B": 0.9}),
    )
    assert (done.answer, done.choice) == ("blue", "B")
    assert tools.of("enumerate")[0]["predicate"] == "a fish on the beach"
    assert tools.of("zoom_time")[0]["spans"] == [{"start": 100, "end": 110}]
    assert "ask" not in tools.of("zoom_time")[0]
    assert done.claims[0].statement == "a blue fish on the beach"


@pytest.mark.parametrize(("word", "wins"), [("first", "the blue cup"), ("last", "the red fish")])
def test_order_compares_times(word, wins):
    def every(args):
        start = 300 if "fish" in args["predicate"] else 100
        return times((start, start + 5, 0.9))(args)

    done, _ = ask(
        f"Which of these appears {word}?", ["the red fish", "the blue cup"], enumerate=every
    )
    assert done.answer == wins
    assert len(done.claims) == 2


def test_events_close_together_are_one_and_weak_ones_join_only_where_they_must():
    question = "How many separate times does the red fish appear?"
    rows = times((10, 15, 0.9), (17, 20, 0.9), (100, 105, 0.9), (200, 203, 0.9))
    assert ask(question, ["2", "3", "4"], enumerate=rows)[0].answer == "3"
    weak = times((10, 15, 0.9), (60, 65, 0.9), (100, 105, 0.45))
    assert ask(question, ["2", "3", "4"], enumerate=weak)[0].answer == "2"
    assert ask(question, ["3", "5", "6"], enumerate=weak)[0].answer == "3"


def test_a_sign_is_read_beside_its_thing_exactly():
    lines = tuple(Line(Span(12, 12.1), text, "text", 0.9) for text in ("GATE 47", "EXIT"))
    proof = found("text", Span(10, 15), "GATE 47", "read_text")
    text = ToolResult("read_text", {}, "", (proof,), payload=Lines(lines))
    question = "What does the sign beside the red fish say?"
    script: Any = {"enumerate": times((10, 15, 0.9)), "read_text": lambda args: text}
    done, tools = ask(question, ["GATE 42", "GATE 47", "GATE 4Z"], **script)
    assert done.answer == "GATE 47"
    assert tools.of("read_text")[0]["near"] == "a red fish"
    assert (done.claims[0].kind, done.claims[0].words) == ("text", "GATE 47")
    assert ask(question, **script)[0].answer == "GATE 47"
    assert ask(question, ["BAKERY", "STATION"], **script)[0].abstain


def test_a_detail_is_looked_at_in_a_crop_around_what_it_is_beside():
    done, tools = ask(
        "What colour is the tiny key beside the blue cup?",
        ["red", "green"],
        enumerate=times((10, 14, 0.9)),
        zoom_space=looked({"A": 0.1, "B": 0.9}),
    )
    assert done.answer == "green"
    (args,) = tools.of("zoom_space")
    assert (args["at"], args["region"], args["margin"]) == (12.0, "a blue cup", 1.0)


def test_speech_is_answered_from_the_line_about_exactly_that():
    lines = said("The code of the vault is 1111.", "The code of the old vault in Bern is 4821.")
    question = "According to the narrator, what is the code of the old vault in Bern?"
    done, tools = ask(question, ["1111", "4821"], search_words=lines)
    assert (done.answer, done.claims[0].kind) == ("4821", "speech")
    assert tools.of("search_words")[0]["kinds"] == ["speech"]
    assert ask(question, search_words=lines)[0].answer == "4821"
    absent = "What does the narrator say the password of the vault is?"
    assert ask(absent, search_words=lines)[0].abstain


def test_a_hop_by_a_sign_looks_right_after_it_with_a_part_of_the_question():
    lines = (
        Line(Span(50, 58), "GATE 47", "text", 0.9),
        Line(Span(80, 88), "GATE 42", "text", 0.8),
    )
    written = ToolResult("search_words", {}, "", payload=Lines(lines))
    done, tools = ask(
        "Which object is seen right after the sign GATE 42 is shown?",
        ["the cup", "the key"],
        search_words=lambda args: written,
        zoom_time=looked({"A": 0.1, "B": 0.9}, start=88, end=95),
    )
    assert done.answer == "the key"
    assert tools.of("zoom_time")[0]["spans"] == [{"start": 88.0, "end": 98.0}]
    assert tools.of("search_words")[0]["kinds"] == ["text"]
    assert tools.of("zoom_time")[0]["ask"] == "Which object is seen?"


@pytest.mark.parametrize(
    ("most", "half", "wins"),
    [("most", "", "on the beach"), ("least", " in its first half", "in the cave")],
)
def test_time_at_places_is_a_share_of_the_film(most, half, wins):
    shares = {"A": 0.1, "B": 0.6, "C": 0.3}
    cover = Coverage((Span(0, 300),), 300, 1.0, 1.0, False)
    done, tools = ask(
        f"At which place does the film spend the {most} time{half}?",
        ["in the cave", "on the beach", "in the city"],
        option_shares=lambda args: ToolResult(
            "option_shares", {}, "", coverage=cover, payload=Answered("", shares, "share of time")
        ),
    )
    assert done.answer == wins
    assert tools.of("option_shares") == [{"half": "first"} if half else {}]


def test_a_part_of_the_film_that_the_question_names_holds_every_search():
    _, tools = ask("Is there a red fish in the last 2 minutes?", enumerate=times((500, 505, 0.9)))
    assert tools.of("enumerate")[0]["within"] == {"start": 480.0, "end": 600.0}


def test_what_the_grammar_cannot_read_is_left_to_the_fallback():
    question = "Why did the committee postpone its decision about the bridge?"
    asked = Question(question, ("money", "time"))
    fallback = ScriptedPlanner(DURATION)
    planner = WorldPlanner(fallback)
    intent = neutral_intent(asked)
    first, *rest = planner.first_look(asked, intent)
    assert first.tool == "footage"
    assert rest == fallback.first_look(asked, intent)
    steps: list[Step] = [
        Observation(
            1,
            "first_look",
            ToolResult("footage", {}, "", payload=Answered("", known=1.0)),
            0,
            False,
        )
    ]
    assert planner.next(steps, asked, intent, LEFT) == fallback.next(steps, asked, intent, LEFT)


def test_another_kind_of_film_is_left_to_the_fallback():
    asked = Question("What colour is the fish on the beach?", ("red", "blue"))
    fallback = ScriptedPlanner(DURATION)
    planner = WorldPlanner(fallback)
    intent = neutral_intent(asked)
    steps: list[Step] = [
        Observation(
            1,
            "first_look",
            ToolResult("footage", {}, "", payload=Answered("", known=0.1)),
            0,
            False,
        )
    ]
    assert planner.next(steps, asked, intent, LEFT) == fallback.next(steps, asked, intent, LEFT)
    assert planner.glance(steps, asked, intent) is None
    assert planner.name == f"{fallback.name}+world"


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("three times", 3), ("twice", 2), ("never", 0), ("once", 1), ("many", None)],
)
def test_numbers_are_read_in_digits_and_words(text, number):
    assert stated_number(text) == number


def test_a_sentence_tells_what_follows_its_verb():
    assert rest_of_sentence("The code of the vault is now 4821.", "code of the vault") == "4821"
    assert word_share("the code of the vault", "The vault's code is here") == 1.0
