"""What a question says is spoken of, and that its other words need not be in the film."""

from __future__ import annotations

from pathlib import Path

import pytest
from film_fixtures import make_film

import longtake
from longtake.index.text.topic import topic_of

LINES = ("The kettle was made in Leeds.", "After that the weather turned.", "We sold the mill.")
FRAMES_OF_MIND = [
    "Whereabouts must I scrub forward to if I wish to hear about {x}?",
    "I dimly recall hearing about {x}. At what point in the video was that?",
    "Kindly quote the passage where {x} is talked about.",
    "whens the bit where they mention {x}",
    "Would you happen to know what we're told about {x}?",
]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Where should I jump to if I want to hear about the old ferry?", "the old ferry"),
        ("When does the cup final come up?", "the cup final"),
        ("At which point is the price of tea brought up?", "the price of tea"),
        ("What do they say about the mill that burnt down?", "the mill"),
        ("Somebody mentions a kettle. What exactly is said?", "a kettle"),
        ("What is being talked about between 1:05 and 1:19?", None),
        ("What is mentioned at 1:12?", None),
        ("What do they say about it?", None),
        ("Who opens the door?", None),
        ("Was sagt sie über das Wetter?", None),
    ],
)
def test_a_question_names_its_topic(question: str, topic: str | None) -> None:
    assert topic_of(question) == topic


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_film(tmp_path_factory.mktemp("film") / "a.mp4", source="color=gray:s=160x96:d=30")
    cues = (
        f"{number + 1}\n00:00:{8 * number:02d},000 --> 00:00:{8 * number + 6:02d},000\n{line}\n"
        for number, line in enumerate(LINES)
    )
    path.with_suffix(".srt").write_text("\n".join(cues))
    return path


@pytest.mark.parametrize("wording", FRAMES_OF_MIND)
def test_words_around_the_topic_need_not_be_in_the_film(
    wording: str, film: Path, tmp_path: Path
) -> None:
    with longtake.open(film, store=tmp_path / "store", runs=tmp_path / "runs") as opened:
        for topic, start in (("the weather", 8.0), ("the kettle", 0.0), ("the mill", 16.0)):
            answer = opened.ask(wording.format(x=topic))
            assert answer.status == "answered"
            assert answer.evidence[0].start == start
        assert opened.ask(wording.format(x="the orchard")).status == "abstained"
