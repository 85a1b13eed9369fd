"""Role `asr`: names, what is asked of a server, what was not said, and films that are heard."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from film_fixtures import run_ffmpeg
from tones import HearingServer, speak, talking_film

from longtake.index.protocols import Word
from longtake.index.video.errors import UsageError
from longtake.models.asr.invented import is_invented
from longtake.models.asr.names import whisper_name
from longtake.models.asr.served import ServedTranscriber, read_reply
from longtake.models.client.client import EndpointClient
from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.client.transport.retry import Limits
from longtake.models.registry import load_models
from longtake.models.weights import find_cached, likely_bytes, repository_of

SCRIPT = [(2.0, "the ferry leaves at nine"), (8.0, "captain keeps a parrot")]
QUICK = Limits(attempts=3, first_wait=0.01, longest_wait=0.02)


def put_whisper(home: Path, monkeypatch: pytest.MonkeyPatch, size: str = "base") -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "hub"))
    folder = home / "hub" / f"models--Systran--faster-whisper-{size}" / "snapshots" / "1"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "config.json").write_text("{}")
    return folder


def test_auto_hears_with_what_is_on_this_machine_and_else_names_one_command(
    own_places: Path, monkeypatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(own_places / "hub"))
    without = load_models("embedded")
    assert without.names["asr"] == "none"
    assert without.asr is None
    assert without.hearing_remedy.endswith("longtake models fetch whisper:base")
    put_whisper(own_places, monkeypatch)
    models = load_models("embedded")
    assert models.names["asr"] == models.ids["asr"] == "whisper:base"
    assert models.asr.name == "whisper base"
    assert models.hearing_remedy == ""
    assert load_models("embedded", {"asr": "none"}).asr is None
    assert load_models("embedded", {"asr": "none"}).hearing_remedy == ""


def test_without_the_library_the_command_installs_it_too(own_places: Path, monkeypatch) -> None:
    put_whisper(own_places, monkeypatch)
    monkeypatch.setattr("longtake.models.asr.names.find_spec", lambda name: None)
    models = load_models("embedded")
    assert models.names["asr"] == "none"
    assert models.hearing_remedy == (
        "pip install 'longtake[asr]' && longtake models fetch whisper:base"
    )


def test_a_size_of_whisper_is_a_repository_of_known_size() -> None:
    assert repository_of("whisper:base") == "Systran/faster-whisper-base"
    assert repository_of("whisper:some/finetune") == "some/finetune"
    assert likely_bytes("whisper:base") == pytest.approx(148e6)
    assert find_cached("whisper:tiny") is None
    assert whisper_name("local-dir:/models/whisper-base") == "whisper base"
    assert whisper_name("endpoint:whisper-1@http://h/v1") == "whisper-1"


def test_whisper_that_is_not_here_is_refused_with_size_command_and_way_round(
    own_places: Path, monkeypatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(own_places / "hub"))
    with pytest.raises(UsageError) as error:
        load_models("embedded", {"asr": "whisper:small"}).check_weights(["asr"])
    assert "about 487 MB" in error.value.message
    assert "longtake models fetch whisper:small" in error.value.remedy
    assert "--asr none" in error.value.remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("whisper:huge", "whisper:SIZE with one of tiny"),
        ("whisper:", "whisper:SIZE"),
        ("google", "endpoint:NAME@URL or auto or none"),
        ("endpoint:x", "needs a name and a URL"),
    ],
)
def test_a_name_that_hears_nothing_is_refused(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_models("embedded", {"asr": name})


def test_a_folder_without_whisper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no model\.bin and no config\.json"):
        _ = load_models("embedded", {"asr": f"local-dir:{tmp_path}"}).asr


def test_damaged_weights_are_one_line(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    (tmp_path / "model.bin").write_bytes(b"no weights at all")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.json").write_text("{}")
    model = load_models("embedded", {"asr": f"local-dir:{tmp_path}"}).asr
    with pytest.raises(UsageError, match="cannot be loaded from") as error:
        list(model.transcribe(speak([(0.0, "the ferry")], 1.0)))
    assert "--asr none" in error.value.remedy


def segment(**values: Any) -> SimpleNamespace:
    usual = {"avg_logprob": -0.3, "no_speech_prob": 0.05, "compression_ratio": 1.3}
    return SimpleNamespace(**{**usual, **values})


def words(count: int, step: float, length: float, score: float = 0.9) -> list[Word]:
    return [Word(k * step, k * step + length, " so", score) for k in range(count)]


@pytest.mark.parametrize(
    ("said", "heard", "invented"),
    [
        (segment(), words(10, 0.4, 0.3), False),
        # one word again and again, at the pace of a speaker: said
        (segment(compression_ratio=9.0), words(40, 0.6, 0.4), False),
        # the same, in no time: a loop
        (segment(compression_ratio=9.0), words(200, 0.02, 0.01), True),
        (segment(compression_ratio=9.0, avg_logprob=-1.4), words(40, 0.6, 0.4), True),
        (segment(no_speech_prob=0.9, avg_logprob=-1.2), words(4, 0.4, 0.3), True),
        (segment(no_speech_prob=0.9), words(4, 0.4, 0.3), False),
        (segment(), words(4, 0.4, 0.3, 0.05), True),
    ],
)
def test_loops_and_text_of_silence_were_not_said(said, heard, invented) -> None:
    assert is_invented(said, heard) is invented


def test_a_window_that_loops_is_heard_in_pieces_and_what_follows_without_its_text(
    tmp_path: Path, monkeypatch
) -> None:
    vad = pytest.importorskip("faster_whisper.vad")

    def of(text: str, start: float, **values: float) -> SimpleNamespace:
        said = [
            SimpleNamespace(start=start + k, end=start + k + 0.8, word=f" {word}", probability=0.9)
            for k, word in enumerate(text.split())
        ]
        return segment(text=text, words=said, start=start, end=said[-1].end, **values)

    class Library:
        """faster-whisper as it loops in its first window, from 4 s on."""

        model = SimpleNamespace(is_multilingual=True)

        def __init__(self) -> None:
            self.asked: list[float] = []

        def transcribe(self, samples, *, temperature, condition_on_previous_text=True, **_):
            assert temperature == 0  # a hotter decoding draws words by chance
            self.asked.append(len(samples) / 16_000)
            loop = of("so so so so so", 4.0, compression_ratio=9.0)
            for word in loop.words:
                word.start = word.end = 4.0
            first, after = of("the ferry left", 0.0), of("from pier four", 1.0)
            found = [[first, loop], [of("at nine", 0.2)], [after]][len(self.asked) - 1]
            return found, SimpleNamespace(language="en", language_probability=0.9)

    def speech(samples, options):
        assert options.max_speech_duration_s <= 10
        assert len(samples) == 30 * 16_000
        return [{"start": at * 16_000, "end": to * 16_000} for at, to in ((1, 5), (25, 30))]

    monkeypatch.setattr(vad, "get_speech_timestamps", speech)
    for file in ("model.bin", "config.json"):
        (tmp_path / file).write_bytes(b"-")
    model = load_models("embedded", {"asr": f"local-dir:{tmp_path}"}).asr
    library = model.__dict__["_model"] = Library()
    said = list(model.transcribe(np.ones(16_000 * 50, np.float32)))
    assert [one.text for one in said] == ["the ferry left", "at nine", "from pier four"]
    # seconds of the sound: of a piece that begins 1 s after the loop, and of what follows; that
    # begins with the piece that the window's border, at 34 s, cuts
    assert [one.start for one in said] == pytest.approx([0.0, 4.0 + 1.0 + 0.2, 4.0 + 25.0 + 1.0])
    assert library.asked == pytest.approx([50.0, 4.0, 50.0 - 29.0])


@pytest.mark.parametrize("form", ["words", "segments", "text"])
def test_a_server_is_heard_with_times_whatever_it_tells(form: str) -> None:
    with HearingServer(form) as server:
        model = ServedTranscriber(EndpointClient(server.url, "tones", limits=QUICK))
        sound = speak([(1.0, "the ferry leaves"), (11.0, "at nine"), (24.0, "from pier four")], 30)
        said = list(model.transcribe(sound))
        assert " ".join(one.text for one in said) == "the ferry leaves at nine from pier four"
        near = 0.2 if form != "text" else 15.0
        assert [one.start for one in said] == pytest.approx([1.0, 11.0, 24.0], abs=near)
        assert [len(one.words) for one in said] == ([3, 2, 3] if form == "words" else [0, 0, 0])
        count = len(server.requests)
        list(model.transcribe(sound))
        # a server that told no times is not asked for them again
        assert len(server.requests) - count <= count


def test_a_server_that_warms_up_is_asked_again_and_one_that_stays_down_is_one_line() -> None:
    sound = speak([(1.0, "the ferry")], 3)
    with HearingServer(failures=2) as server:
        model = ServedTranscriber(EndpointClient(server.url, "tones", limits=QUICK))
        assert [one.text for one in model.transcribe(sound)] == ["the ferry"]
    with HearingServer(failures=99) as server:
        model = ServedTranscriber(EndpointClient(server.url, "tones", limits=QUICK))
        with pytest.raises(EndpointProblem, match="status 503: warming up"):
            list(model.transcribe(sound))


def test_silence_is_not_sent_to_a_server() -> None:
    with HearingServer() as server:
        model = ServedTranscriber(EndpointClient(server.url, "tones", limits=QUICK))
        assert list(model.transcribe(np.zeros(160_000, np.float32))) == []
        assert server.requests == []


@pytest.mark.parametrize(
    "segments",
    [
        [{"start": "a", "end": 2, "text": "x"}],
        [{"start": 0, "end": 1, "text": 3}],
        [{"start": 90, "end": 95, "text": "beyond the end"}],
        [{"start": 2, "end": 1, "text": "backwards"}],
        [{"start": 0, "end": 2, "text": "you", "no_speech_prob": 0.9, "avg_logprob": -1.5}],
        ["no record"],
    ],
)
def test_segments_that_make_no_sense_are_left_out(segments: list[Any]) -> None:
    assert not read_reply({"text": "", "segments": segments}, 10.0)


def test_times_in_words_are_times_and_segments_without_any_tell_none() -> None:
    row = {"start": "0.50", "end": "2", "text": "so it goes"}
    said = read_reply({"text": "so it goes", "segments": [row]}, 10.0)
    assert said is not None
    assert [(one.start, one.end, one.text) for one in said] == [(0.5, 2.0, "so it goes")]
    # what was said is then heard piece by piece, and not lost
    for odd in ({"start": None, "end": None}, {"start": 500, "end": 2000}, {}):
        assert read_reply({"text": "so", "segments": [{**odd, "text": "so"}]}, 10.0) is None


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("german", "de"),
        ("Spanish", "es"),
        ("pt-BR", "pt"),
        ("en", "en"),
        ("no language", ""),
        (7, ""),
    ],
)
def test_the_language_a_server_names_is_its_code(named: Any, code: str) -> None:
    segments = [{"start": 0, "end": 1, "text": "so"}]
    said = read_reply({"text": "so", "language": named, "segments": segments}, 10.0)
    assert said is not None
    assert [one.language for one in said] == [code]


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return talking_film(tmp_path_factory.mktemp("lecture") / "lecture.mp4", SCRIPT, 14.0)


def test_a_question_is_answered_from_what_was_heard(lecture, tmp_path, longtake_here) -> None:
    options = ("--store", tmp_path / "store", "--encoder", "none")
    with HearingServer() as server:
        ran = longtake_here(
            "ask", lecture, "What does the captain keep?", "--asr", server.name, "--json", *options
        )
        answer = json.loads(ran.out)
        assert ran.code == 0
        assert "parrot" in answer["answer"]
        (item, *_) = answer["evidence"]
        assert item["kind"] == "speech"
        assert item["start"] == pytest.approx(8.0, abs=0.3)
        assert any("speech: tones" in caveat for caveat in answer["caveats"])
        count = len(server.requests)
        again = longtake_here(
            "ask", lecture, "When does the ferry leave?", "--asr", server.name, *options
        )
        assert "nine" in again.out
        assert len(server.requests) == count


def test_without_a_speech_model_the_answer_says_which_command_brings_one(
    lecture, tmp_path, longtake_here, monkeypatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    ran = longtake_here(
        "ask", lecture, "What does the captain keep?", "--store", tmp_path / "store",
        "--encoder", "none",
    )  # fmt: skip
    assert "longtake models fetch whisper:base" in ran.out


def test_index_listen_hears_names_the_source_and_needs_a_model(
    lecture, tmp_path, longtake_here, monkeypatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    options = ("--store", tmp_path / "store")
    refused = longtake_here("index", lecture, "--listen", *options)
    assert refused.code == 2
    assert "longtake models fetch whisper:base" in refused.err
    with HearingServer() as server:
        ran = longtake_here("index", lecture, "--listen", "--asr", server.name, *options)
        assert ran.code == 0
        assert "2 lines of speech" in ran.out
        assert "speech: tones" in ran.out
        assert "x real time" in ran.err
    quiet = longtake_here("doctor", lecture, *options)
    assert "speech: tones" in quiet.out


def test_listening_to_a_film_without_sound_is_one_line(tmp_path, longtake_here) -> None:
    film = tmp_path / "mute.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=2", "-pix_fmt", "yuv420p", str(film))
    with HearingServer() as server:
        ran = longtake_here(
            "index", film, "--listen", "--asr", server.name, "--store", tmp_path / "store"
        )
        assert ran.code == 3
        assert "no track of sound" in ran.err
        answer = longtake_here(
            "ask", film, "What is said?", "--asr", server.name, "--store", tmp_path / "store"
        )
        assert answer.code == 0
        assert "the film has no sound" in answer.out


def test_a_server_that_is_down_leaves_the_question_to_pictures_and_says_so(
    lecture, tmp_path, longtake_here
) -> None:
    ran = longtake_here(
        "ask", lecture, "What is said about the parrot?", "--store", tmp_path / "store",
        "--encoder", "none", "--asr", "endpoint:tones@http://127.0.0.1:9/v1",
    )  # fmt: skip
    assert ran.code == 0
    assert "speech was not heard: tones at http://127.0.0.1:9/v1" in ran.out
