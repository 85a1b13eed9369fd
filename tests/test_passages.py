"""Passages: sentences and slides that answer, by words and by meaning, and what they support."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longtake.index.text.layout import reading_rows
from longtake.index.video.frames import Box
from longtake.index.video.span import Span
from longtake.index.words.answering.extract import extract
from longtake.index.words.answering.option_support import supports
from longtake.index.words.lines import KINDS, Line
from longtake.index.words.passages import FilmWords
from longtake.index.words.text_vectors import TextVectors
from longtake.index.words.units import sentences_of, units_of
from longtake.tools.words.answer_words import FOUND


class TopicEncoder:
    """A text encoder that knows three topics, each by several words."""

    id = "topics-1"
    dim = 4
    topics = (("ferry", "boat", "ship"), ("lantern", "lamp"), ("price", "cost", "dollars"))

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts):
        self.encoded += texts
        rows = [
            [*(float(any(w in text.lower() for w in words)) for words in self.topics), 0.1]
            for text in texts
        ]
        out = np.array(rows, np.float32)
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def said(start, end, text, source="film.srt"):
    return Line(Span(start, end), text, "speech", source)


def shown(start, end, text, y, x0=0.05, x1=0.4):
    return Line(Span(start, end), text, "text", "screen", Box(x0, y, x1, y + 0.1))


SPOKEN = [
    said(40, 44, "Good evening and welcome"),
    said(44, 47, "to the harbour report."),
    said(47, 51, "Nobody expected the ferry"),
    said(51, 54, "to leave at nine, but it did."),
    said(54, 60, "So how many passengers were on board? Two hundred and six."),
    said(60, 66, "The captain was very pleased."),
    said(70, 75, "In other news, the museum bought a lantern for 4821 dollars."),
    said(300, 304, "And that was all for today."),
]
SLIDES = [
    shown(0, 6, "AGENDA", 0.1),
    shown(0, 6, "1. Budget 2027", 0.3),
    shown(0, 6, "2. New office", 0.5),
    shown(0, 6, "3. Hiring plan", 0.7),
    shown(6, 12, "BUDGET 2027", 0.1),
    shown(6, 12, "Rent", 0.3),
    shown(6, 12, "40 000", 0.3, 0.6, 0.8),
    shown(6, 12, "Wages", 0.5),
    shown(6, 12, "310 000", 0.5, 0.6, 0.8),
    shown(6, 12, "Total", 0.7),
    shown(6, 12, "350 000", 0.7, 0.6, 0.8),
    shown(20, 24, "DOCK81", 0.4),
    shown(30, 34, "VISITORS", 0.3),
    shown(30, 34, "99", 0.45),
]


@pytest.fixture
def words(tmp_path):
    return FilmWords([*SPOKEN, *SLIDES], tmp_path)


def answer(words, question, kinds=KINDS):
    found = extract(question, words.passages([question], kinds, 4))
    return found.text if found else None


def test_lines_are_grouped_into_sentences_and_slides():
    units = units_of([*SPOKEN, *SLIDES])
    speech = [unit.text for unit in units if unit.kind == "speech"]
    assert speech[:2] == [
        "Good evening and welcome to the harbour report.",
        "Nobody expected the ferry to leave at nine, but it did.",
    ]
    assert [len(unit.lines) for unit in units if unit.kind == "text"] == [4, 7, 1, 2]


def test_two_tracks_are_not_mixed():
    other = [said(41, 45, "Guten Abend und willkommen", "film.de.srt")]
    assert len(units_of([*SPOKEN, *other])) == len(units_of(SPOKEN)) + 1


@pytest.mark.parametrize(
    "sentences",
    [
        ["नाव सुबह निकलती है।", "वह शाम को लौटती है।"],
        ["متى تغادر العبارة؟", "تغادر في التاسعة."],
        ["When does it leave?", "It leaves at nine."],
    ],
)
def test_a_line_is_cut_after_the_sentences_of_its_script(sentences):
    line = Line(Span(0.0, 4.0), " ".join(sentences), "speech", "subtitles")
    (unit,) = units_of([line])
    assert [sentence.text for sentence in sentences_of(unit)] == sentences


def test_a_passage_is_whole_sentences_of_fifteen_to_sixty_seconds(words):
    (passage, *_) = words.passages(["When does the ferry leave?"], KINDS, 3)
    assert passage.kind == "speech"
    assert 15 <= passage.span.duration <= 60
    assert "Nobody expected the ferry to leave at nine, but it did." in passage.text
    assert passage.text[0].isupper()
    assert passage.text.endswith(".")
    assert "ferry" in passage.matched
    assert passage.lines == tuple(sorted(passage.lines, key=lambda line: line.span))


def test_a_passage_does_not_reach_over_a_long_silence(words):
    (passage, *_) = words.passages(["museum lantern"], KINDS, 1)
    assert passage.span.end == 75


def test_an_absent_phrase_scores_low_and_a_present_one_high(words):
    assert words.passages(["When is the ferry mentioned?"], KINDS, 1)[0].score > 0.8
    for absent in ("When is the submarine mentioned?", "Who talks about quantum chess?"):
        assert all(passage.score < 0.3 for passage in words.passages([absent], KINDS, 3))


def test_several_queries_are_fused_and_passages_are_distinct(words):
    found = words.passages(["ferry", "museum", "DOCK"], KINDS, 5)
    texts = [passage.text for passage in found]
    assert len(set(texts)) == len(texts)
    for text in ("ferry", "museum", "DOCK81"):
        assert any(text in passage for passage in texts)


def test_repeats_step_back_behind_something_new(tmp_path):
    lines = [said(100 * n, 100 * n + 5, "The ferry leaves at nine.") for n in range(4)]
    lines.append(said(900, 905, "A ferry was built in 1911 by two brothers."))
    found = FilmWords(lines, tmp_path).passages(["ferry"], KINDS, 2)
    assert {passage.text for passage in found} == {lines[0].text, lines[-1].text}


def test_passages_stay_within_a_span(words):
    for passage in words.passages(["budget ferry"], KINDS, 5, Span(0, 7)):
        assert passage.span.start < 7


def test_meaning_finds_what_no_word_is_shared_with(tmp_path):
    encoder = TopicEncoder()
    words = FilmWords(SPOKEN, tmp_path)
    assert words.passages(["boats"], KINDS, 3) == []
    (passage, *_) = words.passages(["boats"], KINDS, 3, encoder=encoder)
    assert "ferry" in passage.text
    assert passage.score > 0.9
    (hit, *_) = words.search("boats", KINDS, 3, encoder=encoder)
    assert "ferry" in hit.text


def test_one_word_in_common_is_no_answer_where_the_meaning_is_another(tmp_path):
    def score(question, text, likeness=None):
        class Likeness(TopicEncoder):
            dim = 2

            def encode(self, texts):
                other = [likeness, (1 - likeness**2) ** 0.5]
                return np.array([[1, 0] if t == question else other for t in texts], np.float32)

        encoder = None if likeness is None else Likeness()
        words = FilmWords([said(5, 8, text)], tmp_path / f"{likeness}")
        found = extract(question, words.passages([question], KINDS, 4, None, encoder), encoder)
        return found.score if found else 0.0

    question, line = "What happens to people who sleep too little?", "The city never sleeps."
    assert score(question, line) > FOUND  # by words alone nobody knows better
    assert score(question, line, 0.35) < FOUND
    assert score("Which way should hikers turn at the waterfall?", "Turn left there.", 0.7) > FOUND


def test_vectors_are_made_once_and_kept_by_encoder(tmp_path):
    first = TopicEncoder()
    FilmWords(SPOKEN, tmp_path).encode(first)
    assert len(first.encoded) == len(units_of(SPOKEN))
    again = TopicEncoder()
    more = said(500, 503, "One more line about a ship.")
    FilmWords([*SPOKEN, more], tmp_path).encode(again)
    assert again.encoded == [more.text]
    other = TopicEncoder()
    other.id = "topics-2"
    FilmWords(SPOKEN, tmp_path).encode(other)
    assert len(other.encoded) == len(first.encoded)


def test_a_stopped_encoding_keeps_what_it_made(tmp_path):
    texts = [f"line {n} about a ship" for n in range(200)]

    def stop(progress):
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TextVectors(tmp_path, TopicEncoder()).vectors(texts, progress=stop)
    kept = TextVectors(tmp_path, TopicEncoder())
    assert kept.missing(texts) == texts[64:]
    assert kept.vectors(texts).any(axis=1).all()


def test_damaged_vectors_are_made_again(tmp_path):
    FilmWords(SPOKEN, tmp_path).encode(TopicEncoder())
    (file,) = Path(tmp_path, "meaning").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    encoder = TopicEncoder()
    FilmWords(SPOKEN, tmp_path).encode(encoder)
    assert len(encoder.encoded) == len(units_of(SPOKEN))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the total?", "Total  350 000"),
        ("How much is the rent?", "Rent  40 000"),
        ("What does the slide about the agenda say?", "\n".join(s.text for s in SLIDES[:4])),
        ("Which number is on the sign that starts with DOCK?", "DOCK81"),
        ("How many visitors does the sign show?", "VISITORS\n99"),
    ],
)
def test_the_row_or_the_slide_that_answers_is_returned(words, question, text):
    assert answer(words, question, ("text",)) == text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When did the ferry leave?", "Nobody expected the ferry to leave at nine, but it did."),
        (
            "How many passengers were on board?",
            "So how many passengers were on board? Two hundred and six.",
        ),
        ("What did the museum buy?", SPOKEN[6].text),
    ],
)
def test_the_sentence_that_answers_is_returned(words, question, text):
    found = answer(words, question)
    assert found is not None
    assert found in text
    assert text.endswith(found[-10:])


def test_an_extract_names_its_lines_and_whether_they_are_certain(tmp_path):
    doubtful = Line(Span(0, 4), "EEOΔOΣ 5", "text", "screen", Box(0.1, 0.1, 0.3, 0.2), 0.9, False)
    words = FilmWords([doubtful], tmp_path)
    found = extract("ΕΞΟΔΟΣ", words.passages(["ΕΞΟΔΟΣ"], KINDS, 1))
    assert found is not None
    assert not found.certain
    assert found.lines == (doubtful,)
    assert found.span == Span(0, 4)


def test_nothing_is_extracted_where_nothing_matches(words):
    assert answer(words, "Which orchestra plays?") is None
    assert extract("x", []) is None


@pytest.mark.parametrize(
    ("question", "options", "right"),
    [
        ("Which number is on the sign that starts with DOCK?", ["18", "81", "82", "118"], 1),
        ("What number does the DOCK sign show?", ["DOCK 18", "DOCK 82", "DOCK 81"], 2),
        ("When did the ferry leave?", ["at seven", "at eight", "at nine", "at ten"], 2),
        ("How much are the wages?", ["40 000", "350,000", "310 000", "99"], 2),
        ("What did the museum buy?", ["a boat", "a lantern", "a painting"], 1),
    ],
)
def test_the_option_that_the_passages_support_is_named(words, question, options, right):
    support = supports(question, options, words.passages([question, *options], KINDS, 6))
    assert support.best == right
    assert support.margin > 0.1
    assert support.passages[right] is not None


def test_no_option_is_supported_by_a_film_that_says_nothing_of_it(words):
    options = ["a violin", "a trumpet"]
    passages = words.passages(["What is played?", *options], KINDS, 5)
    support = supports("What is played?", options, passages)
    assert (support.best, support.margin, support.scores) == (None, 0.0, (0.0, 0.0))
    assert supports("x", [], []).best is None


def test_labels_and_values_are_rows_and_running_text_is_columns():
    table = [Box(0.1, y, 0.3, y + 0.05) for y in (0.3, 0.4, 0.5)]
    table += [Box(0.6, y, 0.7, y + 0.05) for y in (0.3, 0.4, 0.5)]
    assert reading_rows(table) == [[0, 3], [1, 4], [2, 5]]
    prose = [Box(0.05, y, 0.45, y + 0.04) for y in (0.3, 0.4, 0.5)]
    prose += [Box(0.55, y, 0.95, y + 0.04) for y in (0.3, 0.4, 0.5)]
    title = Box(0.1, 0.1, 0.9, 0.2)
    assert reading_rows([*prose, title]) == [[6], [0], [1], [2], [3], [4], [5]]
