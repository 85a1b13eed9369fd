"""The simulated video LLM replies from what it was sent: over a short film of real clips."""

from __future__ import annotations

import base64
import io
import itertools
import json
import math
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from film_fixtures import run_ffmpeg
from PIL import Image

from longtake.batch.run import choose, run_samples
from longtake.batch.simulated import SimulatedFilms
from longtake.batch.subject import open_subject
from longtake.eval.compare import Item, compare_film
from longtake.eval.compare.run import pairs_of
from longtake.eval.datasets.own.truth import load_films, truth_metrics
from longtake.eval.reports import load_run, summarize
from longtake.eval.result import Result
from longtake.eval.runner.lines import read_records
from longtake.eval.simulated import Fact, Question, TruthFilm, load_truth
from longtake.eval.simulated.encoder import MOMENT, SimulatedEncoder
from longtake.eval.simulated.evidence import Evidence
from longtake.eval.simulated.films import CLIPS, make_film
from longtake.eval.simulated.films.plan import plan_film
from longtake.eval.simulated.films.questions import facts_of, questions_of
from longtake.eval.simulated.judging import Rates
from longtake.eval.simulated.played import Player
from longtake.eval.simulated.reading import BadRequest, read_request, read_times
from longtake.eval.simulated.schema import fill
from longtake.eval.simulated.server import MODEL, SimulatedServer
from longtake.eval.simulated.sight import WHOLE, Sight
from longtake.eval.simulated.traffic import Traffic, TrafficLog, traffic_table
from longtake.eval.simulated.truth import THUMBS_A_SECOND, thumbs_path
from longtake.eval.systems import systems_of
from longtake.index.video.decode import Decoder
from longtake.index.video.errors import InputError, UsageError

ALWAYS = Rates(right=1.0, yes_bias=0.0, intent_error=0.0, recall=1.0, false_alarm=0.0)
ANSWER = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "enum": ["A", "B", "C", "D"]},
        "seconds": {"type": "array", "items": {"type": "number"}},
        "enough": {"type": "boolean"},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["answer", "seconds", "enough", "confidence"],
}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> TruthFilm:
    folder = tmp_path_factory.mktemp("truth")
    media = _media()
    clips = [media / name for name in CLIPS[1:2] if (media / name).is_file()]
    if not clips:
        for number, source in enumerate(
            ("mandelbrot=s=320x180:r=10", "life=s=320x180:r=10:mold=9")
        ):
            clips.append(folder / f"clip{number}.mp4")
            run_ffmpeg(
                "-f", "lavfi", "-i", source, "-t", "8", "-pix_fmt", "yuv420p", str(clips[-1])
            )
    make_film(folder, clips, 60, seed=3)
    return load_truth(folder / "film.mp4")


def _media() -> Path:
    root = Path(__file__).resolve().parents[1]
    return Path(os.environ.get("LONGTAKE_TEST_MEDIA", root.parent / "shared" / "media"))


@pytest.fixture(scope="module")
def evidence(truth: TruthFilm) -> Evidence:
    return Evidence(truth)


def frames_at(truth: TruthFilm, seconds: Sequence[float]) -> list[Image.Image]:
    with Decoder(truth.path) as decoder:
        return [Image.fromarray(p) for p in decoder.frames(seconds, (448, 252)).pixels]


def image_part(picture: Image.Image) -> dict[str, Any]:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    url = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def body_of(
    question: str, options: Sequence[str] = (), shots: Sequence[tuple[str, Image.Image]] = (),
    notes: str = "", schema: dict[str, Any] | None = None, **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    parts: list[dict[str, Any]] = []
    for text, picture in shots:
        parts += [{"type": "text", "text": text}, image_part(picture)]
    asked = "\n".join([question, *(f"{k}. {o}" for k, o in zip("ABCDEF", options, strict=False))])
    parts += [{"type": "text", "text": part} for part in (notes, asked) if part]
    messages = [
        {"role": "system", "content": "You see frames."},
        {"role": "user", "content": parts},
    ]
    if schema:
        named = {"name": "reply", "schema": schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": named}
    return {"model": MODEL, "messages": messages, "max_tokens": 256, **fields}


def middle(fact: Fact) -> float:
    return sum(fact.spans[0]) / 2


def seen_question(truth: TruthFilm) -> tuple[Question, list[Fact]]:
    """Return a question whose evidence can be seen in frames alone, and that evidence."""
    for question in truth.questions:
        facts = [truth.by_id[name] for group in question.evidence for name in group.facts]
        if question.kind in ("colour", "where", "lookup") and facts[0].kind == "seen":
            return question, facts
    raise AssertionError("no question about something seen")


def shots_of(truth: TruthFilm, facts: Sequence[Fact]) -> list[tuple[str, Image.Image]]:
    times = sorted(middle(fact) for fact in facts)
    pictures = frames_at(truth, times)
    return [(f"<{t:.1f} seconds>", p) for t, p in zip(times, pictures, strict=True)]


def object_of(server_reply: dict[str, Any]) -> dict[str, Any]:
    return json.loads(server_reply["choices"][0]["message"]["content"])


def server_of(evidence: Evidence, rates: Rates = ALWAYS, seed: int = 0) -> SimulatedServer:
    return SimulatedServer(Player(evidence, rates, seed))


def rightness(
    evidence: Evidence, question: Question, body: dict[str, Any], rates: Rates, seeds: int = 200
) -> float:
    sent, letter = read_request(body), "ABCD"[question.right]
    said = [Player(evidence, rates, seed).reply(sent).text for seed in range(seeds)]
    return said.count(letter) / seeds


def test_with_the_evidence_it_is_right_as_often_as_stated(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    shots = shots_of(truth, facts)
    body = body_of(question.wordings[0].text, question.options, shots)
    assert rightness(evidence, question, body, ALWAYS, 20) == 1.0
    share = rightness(evidence, question, body, Rates(right=0.8))
    assert abs(share - 0.8) < 0.08


@pytest.mark.parametrize("what", ["nothing", "blank", "foreign", "elsewhere", "wrong time"])
def test_without_the_evidence_it_is_at_chance_and_unsure(
    truth: TruthFilm, evidence: Evidence, what: str
) -> None:
    question, facts = seen_question(truth)
    time = middle(facts[0])
    noise = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8)
    far = max((0.5, truth.duration - 1), key=lambda t: min(abs(t - middle(f)) for f in facts))
    shots = {
        "nothing": [],
        "blank": [(f"<{time:.1f} seconds>", Image.new("RGB", (448, 252), (128, 128, 128)))],
        "foreign": [(f"<{time:.1f} seconds>", Image.fromarray(noise).resize((448, 252)))],
        "elsewhere": [(f"<{far:.1f} seconds>", frames_at(truth, [far])[0])],
        "wrong time": [(f"<{time:.1f} seconds>", frames_at(truth, [far])[0])],
    }[what]
    body = body_of(question.wordings[0].text, question.options, shots)
    assert abs(rightness(evidence, question, body, ALWAYS) - 0.25) < 0.08
    reply = object_of(server_of(evidence).answer({**body, **_form(ANSWER)}))
    assert reply["enough"] is False
    assert reply["confidence"] < 0.5
    assert reply["seconds"] == []


def _form(schema: dict[str, Any]) -> dict[str, Any]:
    named = {"name": "reply", "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def test_a_schema_brings_letter_times_and_whether_it_saw_enough(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    body = body_of(
        question.wordings[-1].text, question.options, shots_of(truth, facts), schema=ANSWER
    )
    reply = object_of(server_of(evidence).answer(body))
    assert reply["answer"] == "ABCD"[question.right]
    assert reply["enough"] is True
    assert reply["confidence"] >= 0.85
    assert any(a <= t < b for t in reply["seconds"] for a, b in facts[0].spans)


def test_options_under_other_letters_are_answered_by_their_text(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    turned = list(reversed(question.options))
    body = body_of(question.wordings[0].text, turned, shots_of(truth, facts))
    said = Player(evidence, ALWAYS).reply(read_request(body))
    assert turned["ABCD".index(said.text)] == question.options[question.right]


def test_the_same_request_has_the_same_reply(truth: TruthFilm, evidence: Evidence) -> None:
    question, _ = seen_question(truth)
    body = body_of(question.wordings[0].text, question.options)
    server = server_of(evidence, Rates())
    assert server.answer(body) == server.answer(body)
    others = {json.dumps(server_of(evidence, Rates(), s).answer(body)) for s in range(12)}
    assert len(others) > 1


def test_a_narrated_answer_needs_its_line_among_the_notes(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question = next(q for q in truth.questions if q.kind in ("said", "why"))
    fact = truth.by_id[question.evidence[0].facts[0]]
    notes = f"<notes>\n[{fact.spans[0][0]:.1f} s] {fact.text}\n</notes>"
    asked = question.wordings[0].text
    server = server_of(evidence)
    told = object_of(server.answer(body_of(asked, question.options, notes=notes, schema=ANSWER)))
    assert told["answer"] == "ABCD"[question.right]
    assert told["enough"]
    other = next(f for f in truth.facts if f.kind == "said" and f.id != fact.id)
    foreign = body_of(asked, question.options, notes=f"[2.0 s] {other.text}", schema=ANSWER)
    assert object_of(server.answer(foreign))["enough"] is False


def test_every_line_that_answers_is_known_when_it_is_told(
    truth: TruthFilm, evidence: Evidence
) -> None:
    for question in truth.questions:
        facts = [truth.by_id[name] for group in question.evidence for name in group.facts]
        if all(fact.kind != "seen" for fact in facts):
            notes = "\n".join(f"[{fact.spans[0][0]:.1f} s] {fact.text}" for fact in facts)
            sent = read_request(body_of(question.wordings[0].text, question.options, notes=notes))
            assert question.shown_by(evidence.facts(sent)), question


def test_small_text_needs_pixels_and_a_crop_brings_them(truth: TruthFilm) -> None:
    written = next(f for f in truth.facts if f.kind == "written" and f.box)
    assert written.box is not None
    need = written.model_copy(update={"pixels": (written.box[3] - written.box[1]) * 300})
    with Decoder(truth.path) as decoder:
        picture = Image.fromarray(decoder.frames([middle(written)]).pixels[0])
    sight = Sight(truth)
    small = sight.look(picture.resize((320, 180)), [middle(written)])
    assert small[0].window == WHOLE
    assert not small[0].shows(need)
    x0, y0, x1, y1 = written.box
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    half = max(0.25, (x1 - x0) / 2 + 0.05)
    left, top = min(max(cx - half, 0), 1 - 2 * half), min(max(cy - half, 0), 1 - 2 * half)
    box = (left * 640, top * 360, (left + 2 * half) * 640, (top + 2 * half) * 360)
    crop = sight.look(picture.resize((640, 360), box=box), [middle(written)])
    assert crop
    assert crop[0].window != WHOLE
    assert crop[0].shows(need)


def test_a_grid_shows_the_moments_of_its_cells(truth: TruthFilm) -> None:
    times = [5.0, 20.0, 35.0, 50.0]
    grid = Image.new("RGB", (448, 252))
    for number, picture in enumerate(frames_at(truth, times)):
        grid.paste(picture.resize((224, 126)), (number % 2 * 224, number // 2 * 126))
    found = Sight(truth).look(grid, times)
    assert [sighting.second for sighting in found] == times
    assert {sighting.height for sighting in found} == {126}


def test_times_are_read_in_every_form() -> None:
    assert read_times("<12.0 seconds>") == (12.0,)
    assert read_times("[12.5 s] [0:13.5] 1:02:03") == (12.5, 13.5, 3723.0)
    assert read_times("t=7.25") == (7.25,)
    assert read_times("frame 3 of the film") == ()


def test_log_probabilities_come_in_the_field_of_the_api(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    body = body_of(
        question.wordings[0].text, question.options, shots_of(truth, facts),
        logprobs=True, top_logprobs=10,
    )  # fmt: skip
    body["max_tokens"] = 1
    with server_of(evidence) as server:
        client = openai.OpenAI(base_url=server.url, api_key="none")
        assert [model.id for model in client.models.list()] == [MODEL]
        reply = client.chat.completions.create(**body)
        client.close()
    choice = reply.choices[0]
    assert choice.message.content == "ABCD"[question.right]
    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    top = choice.logprobs.content[0].top_logprobs
    assert top[0].token == "ABCD"[question.right]
    assert math.exp(top[0].logprob) > 0.7
    assert {token.token for token in top} >= set("ABCD")
    assert reply.usage is not None
    assert reply.usage.prompt_tokens > 200
    plain = SimulatedServer(Player(evidence, ALWAYS), frozenset({"json_schema"}))
    assert "logprobs" not in plain.answer(body)["choices"][0]


def test_an_intent_names_what_to_look_for_and_not_the_answer(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, _ = seen_question(truth)
    cue = {"text": {"type": "string"}, "modality": {"enum": ["seen", "said", "written"]}}
    span = {"type": "object", "properties": {"start": {"type": "number"}}}
    schema = {
        "type": "object",
        "properties": {
            "answer_form": {"enum": ["choice", "span", "number", "order", "yes_no", "text"]},
            "scope": {"enum": ["whole", "part", "moment"]},
            "within": {"anyOf": [span, {"type": "null"}]},
            "cues": {"type": "array", "items": {"type": "object", "properties": cue}},
            "needs": {"type": "array", "items": {"enum": ["count", "order", "detail"]}},
            "negated": {"type": "boolean"},
        },
    }
    body = body_of(question.wordings[0].text, question.options, schema=schema)
    reply = object_of(server_of(evidence).answer(body))
    assert reply["answer_form"] == "choice"
    assert reply["within"] is None
    assert [cue["text"] for cue in reply["cues"]] == [cue.text for cue in question.cues]
    assert question.options[question.right] not in json.dumps(reply["cues"])
    wrong = [
        object_of(server_of(evidence, Rates(intent_error=1.0), s).answer(body)) for s in range(8)
    ]
    assert all(one != reply for one in wrong)


def test_claims_are_judged_by_what_was_sent(truth: TruthFilm, evidence: Evidence) -> None:
    question, facts = seen_question(truth)
    lines = [question.statement.replace("{}", option) for option in question.options]
    asked = "\n".join(f"{k}. {line}" for k, line in enumerate(lines, 1))
    verdict = {"enum": ["supported", "refuted", "unclear"]}
    item = {"type": "object", "properties": {"verdict": verdict}}
    schema = {"type": "object", "properties": {"verdicts": {"type": "array", "items": item}}}
    server = server_of(evidence)
    body = body_of(asked, shots=shots_of(truth, facts), schema=schema)
    found = [one["verdict"] for one in object_of(server.answer(body))["verdicts"]]
    assert found == ["supported" if k == question.right else "refuted" for k in range(4)]
    unseen = object_of(server.answer(body_of(asked, schema=schema)))["verdicts"]
    assert {one["verdict"] for one in unseen} == {"unclear"}
    biased = server_of(evidence, Rates(yes_bias=1.0))
    yes = object_of(biased.answer(body_of(asked, schema=schema)))["verdicts"]
    assert {one["verdict"] for one in yes} == {"supported"}


def test_which_times_show_a_thing_is_told_for_a_set_of_frames(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    times = sorted({1.0, 30.0, 59.0, round(middle(facts[0]), 1)})
    shots = [(f"[{t:.1f} s]", p) for t, p in zip(times, frames_at(truth, times), strict=True)]
    schema = {
        "type": "object",
        "properties": {"times": {"type": "array", "items": {"type": "number"}}},
    }
    body = body_of(
        f"Which of these times show it? {question.wordings[0].text}", (), shots, "", schema
    )
    named = object_of(server_of(evidence).answer(body))["times"]
    expected = [t for t in times if any(a <= t < b for f in facts for a, b in f.spans)]
    assert named == expected


def test_what_a_phrase_means_is_found_inside_any_instruction(
    truth: TruthFilm, evidence: Evidence
) -> None:
    icon = next(f for f in truth.facts if f.id.startswith("icon."))
    name = icon.id.removeprefix("icon.").split("#")[0]
    asked = (
        f"Name the frames in which you can make out a {name}; reply with an empty list if none do."
    )
    assert any(name in fact.text for fact in evidence.meant(asked))
    assert evidence.meant("Say which of the frames hold a zeppelin.") == []


def test_any_schema_is_filled_validly() -> None:
    schema = {
        "$defs": {"p": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 3}}}},
        "type": "object",
        "properties": {
            "one": {"$ref": "#/$defs/p"},
            "many": {"type": "array", "items": {"$ref": "#/$defs/p"}, "minItems": 2},
            "word": {"enum": ["k7qx"]},
            "maybe": {"type": ["string", "null"]},
            "kind": {"const": "go"},
            "enough": {"type": "boolean"},
            "confidence": {"type": "number", "maximum": 0.5},
        },
    }
    assert fill(schema, {"enough": True, "confidence": 0.9}) == {
        "one": {"x": 3}, "many": [{"x": 3}, {"x": 3}], "word": "k7qx", "maybe": None,
        "kind": "go", "enough": True, "confidence": 0.5,
    }  # fmt: skip


def test_a_reply_breaks_its_schema_at_the_stated_rate(truth: TruthFilm, evidence: Evidence) -> None:
    question, _ = seen_question(truth)
    body = body_of(question.wordings[0].text, question.options, schema=ANSWER)
    reply = server_of(evidence, Rates(schema_error=1.0)).answer(body)
    with pytest.raises(json.JSONDecodeError):
        object_of(reply)


def test_media_that_are_no_data_are_refused() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.org/x.jpg"}}
    with pytest.raises(BadRequest, match="only data URIs"):
        read_request({"messages": [{"role": "user", "content": [part]}]})


def test_the_oracle_is_right_and_the_run_can_go_on(truth: TruthFilm, tmp_path: Path) -> None:
    loaded = load_films([truth.path], "held")
    assert len(loaded.samples) == len(truth.questions)
    run, flags = tmp_path / "run", {"store": tmp_path / "store"}
    run.mkdir()
    with SimulatedFilms(ALWAYS) as films:
        log = TrafficLog(run, lambda film: films.log_of(truth.path))
        for limit in (3, 6):
            samples = choose(loaded.samples, limit)
            run_samples(
                samples,
                systems_of(["oracle", "blind"]),
                run,
                flags,
                told=lambda result, tally: log(result),
                simulated=films,
            )
    rows = read_records(run / "traffic.jsonl", Traffic)
    assert len(rows) == 2 * len(samples) == 2 * min(6, len(truth.questions))
    assert all(row.requests == row.answering == row.whole == 1 for row in rows)
    oracle = [row for row in rows if row.system == "oracle"]
    assert all(row.shown and row.images and not row.malformed for row in oracle)
    assert not any(row.shown or row.images for row in rows if row.system == "blind")
    systems = {system["name"]: system for system in summarize(load_run(run))["systems"]}
    assert systems["oracle"]["strict"]["value"] == 1.0
    assert systems["blind"]["strict"]["value"] < 1.0
    table = traffic_table(rows)
    assert "Simulated" in table.splitlines()[0]
    assert re.search(rf"\| oracle \| {len(samples)} \| 1 / 1 \| 100\.0 of", table)


def test_open_questions_about_truth_films_are_scored_by_what_they_name(truth: TruthFilm) -> None:
    samples = load_films([truth.path], "held-open").samples
    question = truth.questions[0]
    sample = samples[0]
    assert (sample.form, sample.options, sample.kind) == ("text", None, question.kind)
    assert sample.question in {w.open for w in question.wordings if not w.tuning}
    told = (question.accepted[0], question.options[question.right - 1], None)
    pairs = [
        (
            sample,
            Result(
                system="agent",
                dataset="truth",
                sample_id=sample.sample_id,
                film=sample.video.id,
                status="ok",
                raw_text=text and f"It is {text}.",
            ),
        )
        for text in told
    ]
    (metric,) = truth_metrics(pairs)
    assert [unit.value for unit in metric.units] == [1.0, 0.0, 0.0]


def test_a_question_that_nobody_asked_is_counted_as_malformed(
    truth: TruthFilm, evidence: Evidence
) -> None:
    question, facts = seen_question(truth)
    server = server_of(evidence)
    server.answer(body_of("What is shown?", question.options, shots_of(truth, facts)))
    server.answer(body_of(question.wordings[0].text, question.options[:3]))
    reworded, cut = server.log
    assert reworded.malformed
    assert not cut.malformed
    assert cut.asked is not None
    assert not cut.asked.complete


def test_open_answers_are_accepted_in_a_sentence(truth: TruthFilm) -> None:
    question, _ = seen_question(truth)
    right, wrong = question.options[question.right], question.options[question.right - 1]
    assert question.accepts(f"It is {right}.")
    assert not question.accepts(f"It is {wrong}.")
    assert not question.accepts(f"{right} or {wrong}")


@pytest.fixture(scope="module")
def long_truth(tmp_path_factory: pytest.TempPathFactory) -> TruthFilm:
    """A planned film of half an hour whose every quarter second looks unlike all others."""
    plan = plan_film(1800, seed=5)
    plan.facts = facts_of(plan, (640, 360))
    folder = tmp_path_factory.mktemp("long")
    rows = 1800 * THUMBS_A_SECOND
    thumbs = np.random.default_rng(0).integers(0, 255, (rows, 9, 16), np.uint8)
    np.save(thumbs_path(folder / "film.mp4"), thumbs.repeat(4, axis=1).repeat(4, axis=2))
    return TruthFilm(
        film="film.mp4", seed=5, duration=1800.0, size=(640, 360), sources=(),
        facts=tuple(plan.facts), questions=tuple(questions_of(plan)), folder=folder,
    )  # fmt: skip


def found_among_first(encoder: SimulatedEncoder, truth: TruthFilm, frames: np.ndarray) -> float:
    """Return how often what is seen or written is among the first moments for its own words."""
    seconds = np.arange(len(frames)) + 0.5
    facts = [fact for fact in truth.facts if fact.kind != "said"]
    alike = encoder.encode_texts([fact.text for fact in facts]) @ frames.T
    found = []
    for fact, row in zip(facts, alike, strict=True):
        for other in facts:
            if other.text == fact.text and other.id != fact.id:
                row[[any(a <= t < b for a, b in other.spans) for t in seconds]] = -1
        first: list[float] = []
        while len(first) < encoder.k:
            best = seconds[int(row.argmax())]
            first.append(best)
            row[np.abs(seconds - best) < MOMENT] = -1
        found.append(any(a <= t < b for t in first for a, b in fact.spans))
    return float(np.mean(found))


@pytest.mark.parametrize(
    "recall",
    [pytest.param(0.5, marks=pytest.mark.slow), 0.7, pytest.param(0.9, marks=pytest.mark.slow)],
)
def test_an_encoder_has_the_stated_recall(long_truth: TruthFilm, recall: float) -> None:
    encoder = SimulatedEncoder(long_truth, recall, seed=1)
    # frames of one in each second, as the index samples them
    vectors = encoder.encode_seconds([second + 0.5 for second in range(1800)])
    assert abs(found_among_first(encoder, long_truth, vectors) - recall) < 0.08
    thumbs = long_truth.thumbs[2 : 50 * THUMBS_A_SECOND : THUMBS_A_SECOND]
    pictures = np.repeat(thumbs.repeat(4, axis=1).repeat(4, axis=2)[..., None], 3, axis=3)
    np.testing.assert_array_equal(encoder.encode_frames(pictures), vectors[:50])


def test_an_encoder_finds_little_for_words_that_hide_the_thing(truth: TruthFilm) -> None:
    fact = next(f for f in truth.facts if f.kind == "seen" and f.box)
    noun = fact.text.split(",")[0]
    hidden = f"{noun} somewhere between yesterday, breakfast, harbour tales and other nonsense"
    encoder = SimulatedEncoder(truth, 0.9)
    with Decoder(truth.path) as decoder:
        pixels = decoder.frames([middle(fact)], SimulatedEncoder.size).pixels
    alike = encoder.encode_texts([noun, hidden]) @ encoder.encode_frames(pixels)[0]
    assert alike[0] > alike[1]


def test_an_encoder_is_the_same_for_its_seed_and_knows_no_foreign_picture(
    truth: TruthFilm,
) -> None:
    encoder, again = SimulatedEncoder(truth, 0.5, seed=4), SimulatedEncoder(truth, 0.5, seed=4)
    np.testing.assert_array_equal(encoder.encode_texts(["a kite"]), again.encode_texts(["a kite"]))
    width, height = SimulatedEncoder.size
    foreign = np.random.default_rng(1).integers(0, 255, (1, height, width, 3), np.uint8)
    texts = encoder.encode_texts([fact.text for fact in truth.facts])
    assert float((texts @ encoder.encode_frames(foreign)[0]).max()) < 0.25


def test_what_the_asker_writes_itself_is_no_evidence(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    for question in long_truth.questions:
        own = [w.text for w in question.wordings] + [cue.text for cue in question.cues]
        own += [question.statement.replace("{}", option) for option in question.options]
        notes = "\n".join([*own, "; ".join(question.options)])
        sent = read_request(body_of(question.wordings[0].text, question.options, notes=notes))
        facts = evidence.facts(sent)
        assert not facts, question.id
        assert evidence.apparent(question, facts) is None


def test_blank_frames_at_the_right_times_bring_it_to_chance(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    blank = Image.new("RGB", (64, 36), (90, 90, 90))
    right = []
    for question in long_truth.questions:
        facts = [long_truth.by_id[name] for group in question.evidence for name in group.facts]
        times = sorted(middle(fact) for fact in facts)[:8]
        shots = [(f"<{t:.1f} seconds>", blank) for t in times]
        sent = read_request(body_of(question.wordings[-1].text, question.options, shots))
        for seed in range(5):
            said = Player(evidence, ALWAYS, seed).reply(sent)
            right.append(said.text == "ABCD"[question.right])
            assert said.values["enough"] is False
            assert said.values["seconds"] == []
    assert abs(np.mean(right) - 0.25) < 0.07


def test_a_line_with_a_time_that_is_not_its_own_is_no_evidence(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    fact = next(f for f in long_truth.facts if f.kind == "said")
    right = fact.spans[0][0]
    for second, known in ((right, True), ((right + 900) % 1800, False)):
        note = f"[{second:.1f} s, said] {fact.text}"
        sent = read_request(body_of("What is it about?", notes=note))
        assert (fact.id in evidence.facts(sent)) is known


def test_who_sees_a_part_counts_the_part(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    counts = [q for q in long_truth.questions if q.kind == "count" and len(q.evidence) > 1]
    for question in counts:
        groups = [group.facts[0] for group in question.evidence]
        right = question.options[question.right]
        assert right == str(len(groups))
        for number in range(1, len(groups) + 1):
            thought = evidence.apparent(question, set(groups[:number]))
            offered = str(number) in question.options
            assert thought == (question.options.index(str(number)) if offered else None)
        assert evidence.apparent(question, set()) is None


def test_who_sees_the_wrong_thing_next_takes_it_for_the_next(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    misled = 0
    for question in (q for q in long_truth.questions if q.kind in ("after", "before")):
        anchor, target = (group.facts[0] for group in question.evidence)
        assert evidence.apparent(question, {target}) is None
        icons = {f"icon.{option.split(' ', 1)[1]}" for option in question.options}
        others = {fact.id for fact in long_truth.facts} & icons - {target}
        thought = evidence.apparent(question, {anchor, *others})
        assert thought != question.right
        misled += thought is not None
        assert evidence.apparent(question, {anchor, target, *others}) == question.right
    assert misled > 3


def test_a_search_for_a_whole_question_knows_only_what_it_names(long_truth: TruthFilm) -> None:
    evidence = Evidence(long_truth)
    question = next(q for q in long_truth.questions if q.kind == "after")
    target = question.evidence[1].facts[0]
    meant = {fact.id for fact in evidence.meant(question.wordings[0].text)}
    assert target not in meant


def test_a_long_plan_holds_every_question_with_distinct_facts() -> None:
    plan = plan_film(1800, seed=5)
    plan.facts = facts_of(plan, (640, 360))
    questions = questions_of(plan)
    assert len(questions) >= 60
    by_kind: dict[str, list[Any]] = {}
    for question in questions:
        by_kind.setdefault(question.kind, []).extend(question.wordings)
        assert len(set(question.options)) == 4
        assert all(group.facts for group in question.evidence)
    assert len(by_kind) >= 12
    assert all(len({w.text for w in wordings}) >= 8 for wordings in by_kind.values())
    tuning = [wording.tuning for wordings in by_kind.values() for wording in wordings]
    assert 0.4 <= np.mean(tuning) <= 0.6
    events = sorted((e.start, e.stop) for e in plan.events)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(events))


def test_a_film_that_is_too_short_or_has_no_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="minutes"):
        plan_film(5, seed=1)
    with pytest.raises(InputError, match="no clips"):
        make_film(tmp_path, [], 60, 1)
    with pytest.raises(InputError, match="no truth beside"):
        load_truth(tmp_path / "other.mp4")


def test_times_fill_spans_and_keys_named_in_words_are_filled(
    truth: TruthFilm, evidence: Evidence
) -> None:
    span = {
        "type": "object",
        "properties": {"start": {"type": "number"}, "end": {"type": "number"}},
    }
    spans = {"type": "object", "properties": {"cited": {"type": "array", "items": span}}}
    assert fill(spans, {"seconds": [4.5]}) == {"cited": [{"start": 4.5, "end": 4.5}]}
    needs = {
        "type": "object",
        "properties": {"needs": {"type": "array", "items": {"enum": ["count"]}}},
    }
    assert fill(needs, {"needs": ["order", "count"]}) == {"needs": ["count"]}
    question, facts = seen_question(truth)
    body = body_of(question.wordings[0].text, question.options, shots_of(truth, facts))
    body["messages"][1]["content"].append(
        {"type": "text", "text": 'Reply as JSON: {"answer": the letter, "enough": true or false}'}
    )
    reply = object_of(server_of(evidence).answer(body))
    assert reply == {"answer": "ABCD"[question.right], "enough": True}


def test_selectors_are_compared_over_a_film_and_asked_once(
    truth: TruthFilm, tmp_path: Path
) -> None:
    out = tmp_path / "rows.jsonl"
    pairs = pairs_of(["uniform", "topk", "mixed"], ["frames"])
    told: list[tuple[int, int]] = []
    with open_subject(truth.path, None, tmp_path / "store", 0.9, 1, lambda _: None) as subject:
        items = [item for item in subject.items if item.kind in ("colour", "where", "said")]
        subject = replace(subject, items=items)
        rows = compare_film(subject, pairs, [4, 8], out, told=lambda *p: told.append(p))
        assert len(rows) == len(items) * 6
        assert told[-1] == (len(items), len(items))
        before = out.read_bytes()
        assert compare_film(subject, pairs, [4, 8], out) == rows
        assert out.read_bytes() == before
        searched = compare_film(subject, pairs, [8], out, answers=False)
    with open_subject(truth.path, None, tmp_path / "store", 0.9, 1, lambda _: None) as again:
        again = replace(again, items=items)  # another server, another port
        before = out.read_bytes()
        assert compare_film(again, pairs, [4, 8], out) == rows
        assert out.read_bytes() == before
    assert {row.correct for row in searched} == {None}
    assert {row.calls for row in searched} == {0}
    for one in rows:
        assert one.error == ""
        assert one.calls == 1
        assert one.shown <= one.budget
        assert one.tokens > 0
        assert one.encoder.startswith("simulated")
        assert one.correct == (one.choice == items_by(items)[one.item].right)


def items_by(items: Sequence[Item]) -> dict[str, Item]:
    return {item.id: item for item in items}
