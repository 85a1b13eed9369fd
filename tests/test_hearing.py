"""Hearing a film: chunk by chunk, no word lost or doubled, nothing heard twice, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tones import LENGTH, PAUSE, RATE, ToneModel, speak, talking_film, words_in

from longtake.index import build as building
from longtake.index.film_index import FilmIndex
from longtake.index.no_encoder import NoEncoder
from longtake.index.protocols import Utterance, Word
from longtake.index.speech import chunks as chunking
from longtake.index.speech.chunks import OVERLAP, chunks_of, quietest
from longtake.index.speech.hearing import ensure_speech
from longtake.index.speech.joining import Heard, join_heard, lines_of
from longtake.index.speech.ledger import SpeechLedger, shifted
from longtake.index.storage.store import Store
from longtake.index.video.sound import Sound
from longtake.index.video.span import Span

TEXTS = ("the ferry leaves at nine", "captain keeps a parrot", "the storm broke the bridge")


def index_of(film: Path, store: Path) -> FilmIndex:
    return building.build_index(film, Store(store), NoEncoder(), workers=1)


def blocks_of(samples: np.ndarray, start: float = 0.0) -> Iterator[Sound]:
    pcm = (samples * 32767).astype(np.int16)
    for first in range(0, len(pcm), RATE):
        yield Sound(start + first / RATE, pcm[first : first + RATE])


def hear_all(samples: np.ndarray, span: Span) -> list[Utterance]:
    model = ToneModel()
    heard = []
    for chunk in chunks_of(blocks_of(samples), span):
        said = model.transcribe(chunk.samples.astype(np.float32) / 32768)
        heard.append(Heard(chunk.span, tuple(shifted(one, chunk.start) for one in said)))
    assert heard[0].span.start == span.start
    assert heard[-1].span.end == span.end
    assert all(a.span.end == b.span.start for a, b in pairwise(heard))
    return join_heard(heard)


def words_of(said: list[Utterance]) -> list[str]:
    return [word.text.strip() for one in said for word in one.words]


@pytest.fixture
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of six seconds, so that a small film has many borders."""
    monkeypatch.setattr(chunking, "LONGEST", 6.0)
    monkeypatch.setattr(chunking, "_SEARCH", 2.0)


@pytest.mark.parametrize("gap", [0.0, 0.4, 2.0])
def test_borders_lose_and_double_no_word(short_chunks, gap: float) -> None:
    script, at = [], 0.3
    for number in range(24):
        text = TEXTS[number % 3]
        script.append((at, text))
        at += len(text.split()) * (LENGTH + PAUSE) + gap
    samples = speak(script, at + 1)
    said = hear_all(samples, Span(0.0, len(samples) / RATE))
    assert words_of(said) == [word for _, text in script for word in text.split()]


def test_a_border_in_the_middle_of_a_word_still_keeps_the_word(monkeypatch) -> None:
    # words without pauses: the border cuts one, which both neighbours have whole
    monkeypatch.setattr("tones.PAUSE", 0.02)
    monkeypatch.setattr(chunking, "LONGEST", 5.0)
    monkeypatch.setattr(chunking, "_SEARCH", 0.1)
    text = " ".join(TEXTS * 5)
    samples = speak([(0.0, text)], 20.0)
    said = hear_all(samples, Span(0.0, 20.0))
    assert words_of(said) == text.split()


def test_the_border_lies_in_the_quietest_pause() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 3000, 10 * RATE).astype(np.int16)
    samples[round(6.2 * RATE) : round(6.8 * RATE)] //= 50
    assert quietest(samples, 100.0, 102.0, 109.0) == pytest.approx(106.5, abs=0.2)


def test_the_border_lies_in_a_pause_between_sentences_not_between_words() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 3000, 20 * RATE).astype(np.int16)
    for first, last in ((3.0, 3.35), (7.0, 7.4), (12.0, 12.9), (16.0, 16.4)):
        samples[round(first * RATE) : round(last * RATE)] = 0
    assert 12.0 < quietest(samples, 0.0, 1.0, 19.0) < 12.9


def test_a_long_gap_ends_a_chunk_and_is_not_filled(short_chunks) -> None:
    early, late = speak([(0.5, TEXTS[0])], 4.0), speak([(0.5, TEXTS[1])], 4.0)
    blocks = [*blocks_of(early), *blocks_of(late, 36_000.0)]
    chunks = list(chunks_of(blocks, Span(0.0, 36_004.0)))
    assert [chunk.span for chunk in chunks] == [Span(0.0, 36_000.0), Span(36_000.0, 36_004.0)]
    assert sum(len(chunk.samples) for chunk in chunks) < 10 * RATE


def test_a_word_that_two_chunks_time_a_little_differently_is_kept_once() -> None:
    def said(*words: tuple[float, str]) -> tuple[Utterance, ...]:
        parts = tuple(Word(at, at + 0.3, f" {text}") for at, text in words)
        text = " ".join(text for _, text in words)
        return (Utterance(parts[0].start, parts[-1].end, text, parts),)

    left = Heard(Span(0, 10), said((9.0, "leaves"), (9.8, "at"), (10.3, "nine")))
    right = Heard(Span(10, 20), said((8.9, "leaves"), (10.1, "at"), (10.4, "nine"), (11, "sharp")))
    assert words_of(join_heard([left, right])) == ["leaves", "at", "nine", "sharp"]


def test_lines_are_sentences_with_the_times_of_their_words() -> None:
    texts = ["The", " ferry", " leaves.", " Nobody", " came."]
    words = tuple(Word(float(k), k + 0.5, text, 0.9) for k, text in enumerate(texts))
    said = Utterance(0.0, 4.5, "".join(texts), words)
    unsure = Utterance(6.0, 7.0, "Mumble.", (Word(6.0, 7.0, " Mumble.", 0.2),))
    lines = lines_of([said, unsure], "whisper base", 6.5)
    assert [(line.text, line.span) for line in lines] == [
        ("The ferry leaves.", Span(0.0, 2.5)),
        ("Nobody came.", Span(3.0, 4.5)),
        ("Mumble.", Span(6.0, 6.5)),
    ]
    assert [line.certain for line in lines] == [True, True, False]
    assert {line.kind for line in lines} == {"speech"}


def test_a_film_is_heard_once_and_its_words_are_found(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0]), (8.0, TEXTS[1])], 14.0)
    with index_of(film, tmp_path / "store") as index:
        assert index.speech_sources() == []
        model = ToneModel("small tones")
        assert ensure_speech(index, model)
        assert [line.text for line in index.speech_lines()] == list(TEXTS[:2])
        (hit, *_) = index.search_words("captain parrot", "speech")
        assert hit.text == TEXTS[1]
        assert hit.span.start == pytest.approx(8.0, abs=0.2)
        assert hit.source == "small tones"
        heard = model.heard
        assert ensure_speech(index, model)
        assert model.heard == heard
    with index_of(film, tmp_path / "store") as again:
        assert [line.text for line in again.speech_lines()] == list(TEXTS[:2])
        assert again.speech_sources() == ["small tones"]
        assert ensure_speech(again, model)
        assert model.heard == heard


def test_a_part_is_heard_first_and_the_rest_later(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0]), (22.0, TEXTS[1])], 30.0)
    with index_of(film, tmp_path / "store") as index:
        model = ToneModel()
        assert ensure_speech(index, model, spans=[Span(20.0, 26.0)])
        assert [line.text for line in index.heard()] == [TEXTS[1]]
        assert model.heard < 12
        assert index.speech_sources() == ["tones (20% of the film heard)"]
        assert ensure_speech(index, model)
        assert [line.text for line in index.heard()] == list(TEXTS[:2])
        assert model.heard < 42


def test_a_stop_keeps_what_was_heard_and_the_next_run_goes_on(tmp_path: Path) -> None:
    script = [(2.0 + 6 * k, TEXTS[k % 3]) for k in range(5)]
    film = talking_film(tmp_path / "film.mkv", script, 34.0)
    with index_of(film, tmp_path / "store") as index:
        asked = iter([False, False, False, True])
        model = ToneModel()
        assert not ensure_speech(index, model, until=lambda: next(asked, True))
        kept = [line.text for line in index.heard()]
        assert kept == [text for _, text in script[: len(kept)]]
        assert kept
        before = model.heard
        assert ensure_speech(index, model)
        assert [line.text for line in index.heard()] == [text for _, text in script]
        assert model.heard - before < 34.0 - 8.0 + 2 * OVERLAP


def test_progress_tells_the_pace_and_what_is_left_and_may_stop_the_work(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0]), (9.0, TEXTS[1])], 14.0)

    def stop(progress) -> None:
        if progress.done:
            assert progress.stage == "hearing"
            assert "x real time" in progress.pace
            assert progress.remaining >= 0
            raise KeyboardInterrupt

    with index_of(film, tmp_path / "store") as index:
        with pytest.raises(KeyboardInterrupt):
            ensure_speech(index, ToneModel(), progress=stop)
        assert [line.text for line in index.heard()] == [TEXTS[0]]


def test_a_damaged_chunk_is_heard_again(tmp_path: Path, short_chunks) -> None:
    script = [(1.0 + 4 * k, TEXTS[k % 3]) for k in range(5)]
    film = talking_film(tmp_path / "film.mkv", script, 22.0)
    with index_of(film, tmp_path / "store") as index:
        model = ToneModel()
        ensure_speech(index, model)
        files = sorted(SpeechLedger.of_model(index.directory, model.id).folder.glob("*.json"))
        assert len(files) > 2
        files[1].write_bytes(files[1].read_bytes()[:-20])
        index.reload()
        assert [line.text for line in index.heard()] != [text for _, text in script]
        before = model.heard
        assert ensure_speech(index, model)
        assert [line.text for line in index.heard()] == [text for _, text in script]
        assert model.heard - before < 12


def test_what_another_model_heard_stays_apart(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0])], 8.0)
    with index_of(film, tmp_path / "store") as index:
        ensure_speech(index, ToneModel("first"))
        second = ToneModel("second")
        ensure_speech(index, second)
        assert second.heard > 7
        assert index.speech_sources() == ["second"]
        assert len(index.heard()) == 1


def test_subtitles_are_used_before_what_was_heard_and_both_are_named(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0])], 8.0)
    (tmp_path / "film.en.srt").write_text(
        "1\n00:00:02,000 --> 00:00:04,000\nThe ferry leaves at nine o'clock sharp.\n"
    )
    with index_of(film, tmp_path / "store") as index:
        ensure_speech(index, ToneModel())
        assert [line.text for line in index.speech_lines()] == [
            "The ferry leaves at nine o'clock sharp."
        ]
        assert index.speech_sources() == ["subtitles en", "tones"]
        index.choose_subtitles("none")
        assert [line.text for line in index.speech_lines()] == [TEXTS[0]]


def test_refreshing_what_was_heard_hears_again(tmp_path: Path) -> None:
    film = talking_film(tmp_path / "film.mkv", [(2.0, TEXTS[0])], 8.0)
    with index_of(film, tmp_path / "store") as index:
        ensure_speech(index, ToneModel())
    with building.build_index(
        film, Store(tmp_path / "store"), NoEncoder(), workers=1, refresh=["heard"]
    ) as index:
        assert index.heard() == []


def test_a_track_of_which_part_does_not_decode_says_how_much(tmp_path: Path) -> None:
    from film_fixtures import run_ffmpeg

    film = talking_film(tmp_path / "good.mkv", [(2.0, TEXTS[0])], 12.0, "-c:a", "aac")
    bad = tmp_path / "bad.mkv"
    run_ffmpeg("-i", str(film), "-c", "copy", "-bsf:a", "noise=amount=20", str(bad))
    with index_of(bad, tmp_path / "store") as index:
        ensure_speech(index, ToneModel())
        (source,) = index.speech_sources()
    assert "of the sound do not decode" in source


_VICTIM = """
import sys, time
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from tones import ToneModel
from longtake.index import build
from longtake.index.no_encoder import NoEncoder
from longtake.index.speech import chunks
from longtake.index.speech.hearing import ensure_speech
from longtake.index.storage.store import Store
chunks.LONGEST, chunks._SEARCH = 6.0, 2.0
class Slow(ToneModel):
    def transcribe(self, samples):
        for said in super().transcribe(samples):
            print("heard", flush=True)
            time.sleep(0.3)
            yield said
index = build.build_index(sys.argv[1], Store(Path(sys.argv[2])), NoEncoder(), workers=1)
ensure_speech(index, Slow())
"""


def test_a_kill_loses_no_finished_chunk(tmp_path: Path, short_chunks) -> None:
    script = [(1.0 + 4 * k, TEXTS[k % 3]) for k in range(8)]
    film = talking_film(tmp_path / "film.mkv", script, 34.0)
    command = [sys.executable, "-c", _VICTIM, str(film), str(tmp_path / "store")]
    victim = subprocess.Popen([*command, str(Path(__file__).parent)], stdout=subprocess.PIPE)
    assert victim.stdout is not None
    for _ in range(5):
        assert victim.stdout.readline()
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    time.sleep(0.2)
    with index_of(film, tmp_path / "store") as index:
        model = ToneModel()
        index.use_heard(model.id)
        files = list(SpeechLedger.of_model(index.directory, model.id).folder.glob("*.json"))
        written = {file: file.stat().st_mtime_ns for file in files}
        assert len(files) >= 2
        assert ensure_speech(index, model)
        assert [line.text for line in index.heard()] == [text for _, text in script]
        assert written == {file: file.stat().st_mtime_ns for file in files}


def test_a_full_disk_is_one_line_and_what_was_heard_stays(
    tmp_path: Path, short_chunks, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [(1.0 + 4 * k, TEXTS[k % 3]) for k in range(5)]
    film = talking_film(tmp_path / "film.mkv", script, 22.0)
    with index_of(film, tmp_path / "store") as index:
        real, written = SpeechLedger.put, []

        def put(ledger, heard, name) -> None:
            written.append(heard)
            if len(written) > 2:
                raise OSError(28, "No space left on device", str(ledger.folder))
            real(ledger, heard, name)

        monkeypatch.setattr(SpeechLedger, "put", put)
        with pytest.raises(OSError, match="No space"):
            ensure_speech(index, ToneModel())
        monkeypatch.undo()
        assert index.heard()
        assert ensure_speech(index, ToneModel())
        assert [line.text for line in index.heard()] == [text for _, text in script]


def test_the_words_of_the_double_are_really_in_the_sound() -> None:
    assert words_in(np.zeros(RATE, np.float32)) == []
    assert [w.text.strip() for w in words_in(speak([(0.2, "two brothers")], 2.0))] == [
        "two",
        "brothers",
    ]
