"""Telling a film: chapters, summaries and names, with and without a chat model."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from chat_doubles import said
from index_fixtures import make_film

import longtake
from longtake.agent.cost.budget import Budget
from longtake.agent.telling.story import Story
from longtake.agent.telling.support import is_supported
from longtake.agent.telling.tell import tell
from longtake.index.text.spelling import words_of
from longtake.index.video.errors import EndpointError, IndexProblem

HARBOUR = [
    "The harbour of Solvik was built in 1911 by Anna Berg.",
    "Every morning forty boats leave the harbour with their nets.",
    "The boats bring herring and cod back to the harbour market.",
    "At the market the herring is sold from the boats by noon.",
    "Anna Berg kept a book of all boats and their nets.",
]
BREAD = [
    "A rye loaf needs a sourdough that rests for eighteen hours.",
    "Mix the rye flour with water and fold the dough twice.",
    "Put the dough into the oven at 250 degrees.",
    "The loaf is baked when the crust of the rye bread sounds hollow.",
    "Bread dough that rests too long makes a flat loaf.",
]


def film_of(folder: Path, sentences: list[str], seconds: float = 5.0) -> Path:
    """Render a film with a cut in its middle, and write what is said beside it."""
    total = max(10.0, seconds * len(sentences) + 2)
    path = make_film(folder / "film.mp4", [("red", total / 2), ("blue", total / 2)])
    stamp = "{:02d}:{:02d}:{:02d},{:03d}".format

    def at(second: float) -> str:
        millis = round(second * 1000)
        whole = millis // 1000
        return stamp(whole // 3600, whole % 3600 // 60, whole % 60, millis % 1000)

    rows = [
        f"{k + 1}\n{at(1 + seconds * k)} --> {at(1 + seconds * k + 0.8 * seconds)}\n{text}\n"
        for k, text in enumerate(sentences)
    ]
    if sentences:
        path.with_suffix(".srt").write_text("\n".join(rows), "utf-8")
    return path


def opened(path: Path, folder: Path) -> longtake.Film:
    return longtake.open(path, store=folder / "store", encoder="none", text_encoder="none")


@pytest.fixture
def index_of(tmp_path: Path) -> Callable:
    def make(sentences: list[str], seconds: float = 5.0):
        film = opened(film_of(tmp_path, sentences, seconds), tmp_path)
        return film.index().parts.index(None)

    return make


def unproven(story: Story, sentences: list[str], seconds: float = 5.0) -> list[str]:
    """Return the verbatim statements that are not said at their spans."""
    missing = []
    for statement in story.statements():
        heard = [
            text
            for k, text in enumerate(sentences)
            if any(
                1 + seconds * k < span.end and 1 + seconds * (k + 0.8) > span.start
                for span in statement.spans
            )
        ]
        if statement.text not in " ".join(heard):
            missing.append(statement.text)
    return missing


def test_a_film_about_two_things_has_two_chapters_and_quotes_its_own_words(index_of):
    story = tell(index_of(HARBOUR + BREAD))
    assert story.method == "extractive"
    assert story.complete
    assert len(story.chapters) == 2
    assert story.chapters[0].span.start == 0.0
    assert story.chapters[1].span.start == pytest.approx(26.0, abs=1.0)
    assert story.chapters[1].span.end == story.duration
    assert "dough" in story.chapters[1].title.casefold() or "loaf" in story.chapters[1].title
    assert unproven(story, HARBOUR + BREAD) == []
    lengths = [len(story.summaries[name]) for name in ("short", "medium", "long")]
    assert lengths == sorted(lengths)
    assert lengths[0] >= 2


def test_names_have_all_their_times_and_events_are_joined_by_them(index_of):
    story = tell(index_of(HARBOUR + BREAD))
    anna = next(entity for entity in story.entities if entity.name == "Anna Berg")
    assert [round(span.start) for span in anna.spans] == [1, 21]
    assert {entity.name for entity in story.entities} == {"Anna Berg", "Solvik"}
    order = [event.what.spans[0].start for event in story.events]
    assert order == sorted(order)
    nexts = [(r.source, r.target) for r in story.relations if r.kind == "next"]
    ids = [event.id for event in story.events]
    assert nexts == list(pairwise(ids))


def test_a_story_survives_json_and_is_read_back_the_second_time(tmp_path):
    path = film_of(tmp_path, HARBOUR + BREAD)
    with opened(path, tmp_path) as film:
        story = film.story()
    assert Story.from_json(json.loads(json.dumps(story.to_json()))) == story
    began = time.monotonic()
    with opened(path, tmp_path) as film:
        assert film.story() == story
    assert time.monotonic() - began < 1.0


def test_a_film_without_words_is_told_apart_by_its_pictures(tmp_path):
    path = make_film(tmp_path / "film.mp4", [("red", 60), ("blue", 60)], gop=240)
    with opened(path, tmp_path) as film:
        story = film.story()
    assert [round(chapter.span.start) for chapter in story.chapters] == [0, 60]
    assert [chapter.title for chapter in story.chapters] == ["Part 1", "Part 2"]
    assert story.statements() == []
    assert any("no words are known" in caveat for caveat in story.caveats)


@pytest.mark.parametrize(
    "sentences",
    [["Only this is said."], ["Row, row, row your boat."] * 40],
    ids=["one line", "one repeated line"],
)
def test_a_film_of_one_sentence_is_one_chapter(index_of, sentences):
    story = tell(index_of(sentences, 2.0))
    assert len(story.chapters) == 1
    assert [s.text for s in story.summaries["long"]] == sentences[:1]
    said_until = max(span.end for span in story.summaries["long"][0].spans)
    assert said_until == pytest.approx(1 + 2 * (len(sentences) - 1) + 1.6, abs=0.1)


def test_words_in_several_languages_are_told_in_each(index_of):
    german = [
        "Der Bäcker rührt den Teig aus Roggenmehl und Wasser an.",
        "Der Teig ruht achtzehn Stunden in der warmen Stube.",
        "Dann schiebt er das Brot in den heißen Ofen und wartet.",
    ]
    japanese = ["港には四十隻の船があります。", "毎朝、漁師は海へ出ます。"]
    story = tell(index_of([*HARBOUR, *german, *japanese]))
    assert unproven(story, [*HARBOUR, *german, *japanese]) == []
    assert len(story.summaries["long"]) >= 4


class Reader:
    """A chat model that copies what it is given, and makes things up where it is told to."""

    def __init__(self, lies: bool = False, fails_after: int | None = None) -> None:
        self.id = "reader-1"
        self.lies, self.fails_after = lies, fails_after
        self.asked: list[str] = []

    def complete(self, messages, *, schema, max_tokens):
        prompt = messages[1]["content"]
        if self.fails_after is not None and len(self.asked) >= self.fails_after:
            raise EndpointError("the server is gone", "start it again")
        name = next(iter(schema["properties"]))
        self.asked.append(name)
        return said(json.dumps(getattr(self, name)(prompt)), messages, max_tokens)

    def notes(self, prompt):
        rows = re.findall(r"^(\d+)\. \[[\d:.]+\] \w+: (.+)$", prompt, re.M)
        notes = [
            {"what": text, "who": [], "where": "", "step": "dough" in text, "lines": [int(n)]}
            for n, text in rows
        ]
        if self.lies:
            for what in ("A whale of 90 tonnes sank the pier.", "Peter Quint sold the harbour."):
                notes.append({"what": what, "who": ["Peter Quint"], "step": False, "lines": [1]})
        return {"notes": notes}

    def names(self, prompt):
        return {"names": [{"name": "Anna Berg", "kind": "person", "also": []}]}

    def chapters(self, prompt):
        found = []
        for number, body in re.findall(r"Chapter (\d+) \(.*?\)\n((?:\d+\. .+\n)*)", prompt):
            first = re.search(r"1\. (.+)", body)
            sentences = [{"text": first[1], "sources": [1]}] if first else []
            if self.lies:
                sentences.append({"text": "Nobody survived the flood of 1720.", "sources": [1]})
            words = first[1].split()[:3] if first else []
            title = "The Flood" if self.lies else " ".join(words)
            found.append({"number": int(number), "title": title, "sentences": sentences})
        return {"chapters": found}

    def short(self, prompt):
        rows = re.findall(r"^(\d+)\. (.+)$", prompt, re.M)
        told = [{"text": text, "sources": [int(n)]} for n, text in rows]
        return {"short": told[:1], "medium": told[:2], "long": told}

    def coverage(self, prompt):
        return {"coverage": 9, "faithfulness": 9, "order": 9, "brevity": 5, "why": "too long"}

    def instructions(self, prompt):
        return {"instructions": f"Write less. Try {prompt.count('points')}."}


def test_a_chat_model_writes_notes_chapters_and_summaries_with_their_lines(index_of):
    chat = Reader()
    story = tell(index_of(HARBOUR + BREAD), chat=chat)
    assert story.method == "reader-1"
    assert story.complete
    assert unproven(story, HARBOUR + BREAD) == []
    assert [event.what.text for event in story.steps] == [text for text in BREAD if "dough" in text]
    assert story.chapters[0].title == "The harbour of"
    assert story.entities[0].kind == "person"
    # written, judged and improved until two rounds gained nothing
    assert chat.asked.count("short") == 3
    assert story.usage["model_calls"] == len(chat.asked)


def test_what_no_line_supports_is_left_out_and_counted(index_of):
    story = tell(index_of(HARBOUR + BREAD), chat=Reader(lies=True))
    told = json.dumps(story.to_json())
    for lie in ("whale", "Quint", "Flood", "1720"):
        assert lie not in told
    assert any("had no support in the film" in caveat for caveat in story.caveats)


class Careless(Reader):
    """A chat model that gives one value, or a number, where a list was asked for."""

    def notes(self, prompt):
        who = ["Anna Berg", "Solvik"]
        notes = super().notes(prompt)["notes"]
        return {
            "notes": [{**note, "who": (who[at % 2], 7)[at > 1]} for at, note in enumerate(notes)]
        }

    def names(self, prompt):
        rows = [("Anna Berg", 7), ("Solvik", "harbour")]
        return {"names": [{"name": name, "kind": "", "also": also} for name, also in rows]}


def test_a_reply_with_no_list_where_one_was_asked_for_still_tells_the_film(index_of):
    story = tell(index_of(HARBOUR + BREAD), chat=Careless())
    assert story.complete
    assert {entity.name for entity in story.entities} == {"Anna Berg", "Solvik"}
    assert unproven(story, HARBOUR + BREAD) == []


def test_a_told_film_is_not_asked_about_again_not_even_after_an_end_midway(index_of):
    index = index_of(HARBOUR + BREAD)
    first = Reader(fails_after=2)
    story = tell(index, chat=first)
    assert not story.complete
    assert any("the server is gone" in caveat for caveat in story.caveats)
    assert unproven(story, HARBOUR + BREAD) == []
    second = Reader()
    whole = tell(index, chat=second)
    assert whole.complete
    assert second.asked[:1] == ["chapters"]  # notes and names are there already
    third = Reader()
    assert tell(index, chat=third) == whole
    assert third.asked == []


def test_a_spent_budget_keeps_what_was_written_and_says_so(index_of):
    chat = Reader()
    story = tell(index_of(HARBOUR + BREAD), chat=chat, budget=Budget(max_calls=2))
    assert len(chat.asked) == 2
    assert not story.complete
    assert any("calls: 2 of 2 used" in caveat for caveat in story.caveats)
    assert story.chapters[0].summary


def test_a_full_disk_costs_no_story(index_of, monkeypatch):
    index = index_of(HARBOUR + BREAD)

    def full(*_):
        raise IndexProblem("told cannot be used: no space left on device", "free some space")

    monkeypatch.setattr("longtake.agent.telling.shelf.write_atomically", full)
    story = tell(index, chat=Reader())
    assert story.complete
    assert any("no space left" in caveat for caveat in story.caveats)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Forty boats leave the harbour every morning.", True),
        ("Forty ships burnt down near the lighthouse.", False),
        ("In 1911 the boats leave the harbour.", False),
        ("Every morning Peter and the boats leave the harbour.", False),
        ("", False),
    ],
)
def test_a_sentence_is_supported_by_its_words_names_and_numbers(text, held):
    assert is_supported(text, [HARBOUR[1]], ("en",)) is held


def test_the_command_writes_every_format(tmp_path, longtake_here):
    path = film_of(tmp_path, HARBOUR + BREAD)
    usual = ("tell", path, "--store", tmp_path / "store", "--text-encoder", "none")
    plain = longtake_here(*usual)
    assert plain.code == 0
    assert "Chapters" in plain.out
    whole = json.loads(longtake_here(*usual, "--json").out)
    assert words_of(whole["summaries"]["long"][0]["text"]) == words_of(HARBOUR[0])
    begins = whole["chapters"][1]["span"]["start"]
    vtt = longtake_here(*usual, "--format", "vtt").out
    assert vtt.startswith("WEBVTT\n")
    assert f"00:00:{begins:06.3f} --> " in vtt
    marks = longtake_here(*usual, "--format", "ffmetadata").out
    assert f"START={round(1000 * begins)}" in marks
    spoken = longtake_here(*usual, "--format", "srt", "--of", "speech").out
    assert spoken.count(" --> ") == len(HARBOUR + BREAD)
    edl = longtake_here(*usual, "--format", "edl", "--of", "events").out
    assert "001  AX       V     C        00:00:01:00" in edl
    otio = json.loads(longtake_here(*usual, "--format", "otio").out)
    clips = otio["tracks"]["children"][0]["children"]
    assert clips[0]["source_range"]["start_time"]["value"] == 1000
    two = longtake_here(*usual, "--format", "youtube")
    assert two.code == 2
    assert "YouTube wants 3" in two.err
    out = tmp_path / "film.md"
    assert longtake_here(*usual, "--format", "md", "--out", out).code == 0
    text = out.read_text("utf-8")
    assert "## Chapters" in text
    assert "\n- Solvik: 0:0" in text


class Namer(Reader):
    """A reader that knows two names to mean one person."""

    def names(self, prompt):
        assert "Captain Rasmus" in prompt
        assert "Erik Lund" in prompt
        also = ["Captain Rasmus", "Poseidon"]  # the second is not in the film
        return {"names": [{"name": "Erik Lund", "kind": "person", "also": also}]}


def test_a_person_is_found_by_every_name_once_a_model_joined_them(index_of):
    lines = ["The ferry was steered by Erik Lund.", *BREAD, "On Sunday the Captain Rasmus retired."]
    index = index_of(lines)
    assert [hit.text for hit in index.search_words("Erik Lund")] == lines[:1]
    story = tell(index, chat=Namer())
    (entity,) = [entity for entity in story.entities if entity.name == "Erik Lund"]
    assert entity.aliases == ("Captain Rasmus",)
    assert len(entity.spans) == 2
    found = [hit.text for hit in index.search_words("What did Erik Lund do?")]
    assert found[0] == lines[0]
    assert lines[-1] in found
    assert any(lines[-1] in passage.text for passage in index.passages("Erik Lund"))
