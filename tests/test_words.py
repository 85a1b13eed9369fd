import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longtake.index.fulltext import SCHEMA, WordKind, add_words, drop_words, find_words, terms_of
from longtake.index.video.span import Span

LINES = [
    (Span(2, 5), "The code of the vault is 4821.", "s"),
    (Span(14, 17), "Nobody saw the gardener's lantern.", "s"),
    (Span(20, 22), "The code of the harbour gate is 17.", "s"),
    (Span(30, 32), "Vaulting horses were running by the café.", "s"),
]


@pytest.fixture
def words():
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    add_words(connection, "speech", LINES)
    add_words(connection, "text", [(Span(3, 6), "GATE42", "screen")])
    yield connection
    connection.close()


def found(connection, query, kind: WordKind = "speech", top_k=10, within=None):
    return [hit.text for hit in find_words(connection, query, kind, top_k, within)]


def test_the_line_with_most_of_the_words_comes_first(words):
    hits = find_words(words, "What is the code of the vault?", "speech", 10, None)
    assert hits[0].text == LINES[0][1]
    assert hits[0].score == 1.0
    assert hits[0].span == Span(2, 5)
    assert {hit.text for hit in hits[1:]} == {LINES[2][1], LINES[3][1]}
    assert all(hit.score == 0.5 for hit in hits[1:])


def test_endings_and_accents_do_not_matter(words):
    assert found(words, "runs")[:1] == [LINES[3][1]]
    assert found(words, "cafe") == [LINES[3][1]]
    assert found(words, "gardeners") == [LINES[1][1]]


def test_words_glued_together_on_screen_are_found(words):
    assert found(words, "42", "text") == ["GATE42"]
    assert found(words, "gate 42", "text") == ["GATE42"]


def test_kinds_are_kept_apart(words):
    assert found(words, "lantern", "text") == []


def test_only_lines_that_touch_the_span_are_found(words):
    assert found(words, "code", within=Span(10, 30)) == [LINES[2][1]]
    assert found(words, "code", within=Span(4, 5)) == [LINES[0][1]]


def test_top_k_limits_the_hits(words):
    assert len(found(words, "code vault", top_k=1)) == 1
    assert found(words, "code", top_k=0) == []


def test_a_query_of_stop_words_looks_for_them(words):
    assert terms_of("what is the") == ["what", "is", "the"]
    assert terms_of("What is the RED red fish?") == ["red", "fish"]
    assert terms_of("?!") == []


def test_dropped_words_are_not_found_again(words):
    drop_words(words, "speech")
    assert found(words, "vault") == []
    assert found(words, "gate", "text") == ["GATE42"]
    words.execute("INSERT INTO word_index (word_index) VALUES ('integrity-check')")


@pytest.mark.parametrize(
    "query",
    ['"', "'", "a AND", "NEAR(a b)", "text:vault", "vault*", "^vault", "-vault", "(", "a OR OR b",
     "\x00", "{a b}: c", "x\" OR 1=1 --", "é" * 500, "🦊", "の 漢字"],
)  # fmt: skip
def test_query_syntax_in_a_question_is_only_text(words, query):
    found(words, query)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_safe_query(query):
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    add_words(connection, "speech", [*LINES, (Span(40, 41), query, "s")])
    for hit in find_words(connection, query, "speech", 5, None):
        assert 0.0 <= hit.score <= 1.0
    connection.close()
