"""Hearing: errors and times against faster-whisper called directly, speed, memory.

    python bench/hearing.py wer|speed --weights FOLDER --clip CLIP [--folder FOLDER]

FOLDER holds Whisper in CTranslate2's form; CLIP is a film whose pictures go under the speech.
"""

from __future__ import annotations

import argparse
import re
import resource
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil
from narration import Sentence, Track, music, noise, reading
from num2words import num2words

from longtake.index.build import build_index
from longtake.index.film_index import FilmIndex
from longtake.index.no_encoder import NoEncoder
from longtake.index.protocols import Utterance, Word
from longtake.index.speech import chunks
from longtake.index.speech.hearing import ensure_speech
from longtake.index.speech.joining import join_heard
from longtake.index.speech.ledger import SpeechLedger
from longtake.index.storage.store import Store
from longtake.models.asr.whisper import WhisperTranscriber
from longtake.models.runtime import Runtime

NEAR_BORDER = 3.0  # seconds


def folded(text: str) -> list[str]:
    """Return the words of a text as both sides are compared: folded, numbers spelled out."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.casefold())
    text = re.sub(r"\d+", lambda found: f" {_spelled(int(found[0]))} ", text)
    return re.findall(r"[a-z']+", text.replace("'", "").replace("percent", "per cent"))


def _spelled(number: int) -> str:
    if 1800 <= number < 2000:
        return num2words(number, to="year").replace("-", " ")
    return num2words(number).replace("-", " ").replace(" and ", " ").replace(",", "")


def align(truth: Sequence[str], heard: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Return the pairs of a shortest edit, None for what is missing on a side (Levenshtein)."""
    rows, columns = len(truth), len(heard)
    cost = np.zeros((rows + 1, columns + 1), np.int32)
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(columns + 1)
    places: dict[str, np.ndarray] = {}
    for word in set(truth):
        places[word] = np.array([other != word for other in heard], np.int32)
    for row in range(1, rows + 1):
        change = np.minimum(cost[row - 1, :-1] + places[truth[row - 1]], cost[row - 1, 1:] + 1)
        best = np.concatenate([[row], change])
        # a run of insertions costs one each: the running minimum of cost less place
        cost[row] = np.minimum.accumulate(best - np.arange(columns + 1)) + np.arange(columns + 1)
    pairs: list[tuple[int | None, int | None]] = []
    row, column = rows, columns
    while row or column:
        same = (
            row
            and column
            and cost[row, column]
            == cost[row - 1, column - 1] + (truth[row - 1] != heard[column - 1])
        )
        if same:
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif row and cost[row, column] == cost[row - 1, column] + 1:
            row -= 1
            pairs.append((row, None))
        else:
            column -= 1
            pairs.append((None, column))
    return pairs[::-1]


def timed(words: Sequence[Word]) -> list[tuple[str, float, float]]:
    """Return the folded words with times; a number of several words shares its time."""
    return [(part, word.start, word.end) for word in words for part in folded(word.text)]


def compare(sentences: Sequence[Sentence], words: Sequence[Word]) -> dict[str, np.ndarray]:
    """Return errors, words and time errors by sentence.

    Returns:
        `errors` and `words` int [S]; `starts` and `ends` float [S], seconds off, NaN where the
        first or last word was not heard; `missed` the seconds of words that were not heard.
    """
    owner, truth = [], []
    for number, sentence in enumerate(sentences):
        parts = folded(sentence.text)
        truth += parts
        owner += [number] * len(parts)
    heard = timed(words)
    count = len(sentences)
    errors, total = np.zeros(count, int), np.bincount(owner, minlength=count)
    starts, ends = np.full(count, np.nan), np.full(count, np.nan)
    missed: list[float] = []
    last = 0
    firsts = {number: place for place, number in reversed(list(enumerate(owner)))}
    lasts = {number: place for place, number in enumerate(owner)}
    for there, here in align(truth, [part for part, _, _ in heard]):
        last = owner[there] if there is not None else last
        same = there is not None and here is not None and truth[there] == heard[here][0]
        errors[last] += not same
        if there is not None and here is None:
            missed.append((sentences[last].start + sentences[last].end) / 2)
        if same:
            if firsts[last] == there:
                starts[last] = heard[here][1] - sentences[last].start
            if lasts[last] == there:
                ends[last] = heard[here][2] - sentences[last].end
    return {
        "errors": errors,
        "words": total,
        "starts": starts,
        "ends": ends,
        "missed": np.array(missed),
    }


def index_of(film: Path, folder: Path) -> FilmIndex:
    """Return a film's index, made without an encoder."""
    return build_index(film, Store(folder / "store"), NoEncoder(), fps=0.2, workers=1)


def our_words(index: FilmIndex, transcriber: WhisperTranscriber) -> tuple[list[Word], list[float]]:
    """Hear a film through the pipeline; return its words and the borders of its chunks."""
    ensure_speech(index, transcriber)
    parts = SpeechLedger.of_model(index.directory, transcriber.id).chunks()
    said: list[Utterance] = join_heard(parts)
    return [word for one in said for word in one.words], [part.span.end for part in parts[:-1]]


def direct_words(film: Path, weights: Path) -> list[Word]:
    """Hear a film with faster-whisper's own call: its defaults, VAD and word times."""
    from faster_whisper import WhisperModel, decode_audio

    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=2)
    sound = decode_audio(str(film))
    segments, _ = model.transcribe(sound, vad_filter=True, word_timestamps=True)
    words = [word for segment in segments for word in segment.words or ()]
    return [Word(word.start, word.end, word.word, word.probability) for word in words]


def wer(args: argparse.Namespace) -> None:
    """Print word error rates and times of the pipeline and of the direct call."""
    if args.chunk:
        chunks.LONGEST, chunks._SEARCH = args.chunk, args.chunk / 3
    transcriber = WhisperTranscriber(f"local-dir:{args.weights}", Runtime("cpu"))
    minutes = args.minutes
    beds: dict[str, Callable[[Track], None]] = {
        "clean": lambda track: None,
        "noise 10 dB": lambda track: track.mix(noise(30, 1), 10),
        "music 10 dB": lambda track: track.mix(music(30, 2), 10),
    }
    for seed, (name, bed) in enumerate(beds.items()):
        if args.only and args.only != name.split()[0]:
            continue
        film = args.folder / f"wer_{seed}.mp4"
        track = reading(seed, minutes)
        bed(track)
        track.write(args.clip, film)
        began = time.process_time()
        direct = compare(track.sentences, direct_words(film, args.weights))
        spent_direct = time.process_time() - began
        index = index_of(film, args.folder)
        began = time.process_time()
        words, borders = our_words(index, transcriber)
        spent = time.process_time() - began
        ours = compare(track.sentences, words)
        _print_wer(name, ours, direct, borders)
        print(f"  CPU seconds: ours {spent:.0f}, direct {spent_direct:.0f} of {60 * minutes:.0f}")
        index.close()


def _print_wer(
    name: str,
    ours: dict[str, np.ndarray],
    direct: dict[str, np.ndarray],
    borders: Sequence[float],
) -> None:
    rng = np.random.default_rng(0)
    total = ours["words"]
    picks = rng.integers(0, len(total), (2000, len(total)))
    apart = (ours["errors"] - direct["errors"])[picks].sum(1) / total[picks].sum(1)
    low, high = np.percentile(100 * apart, [2.5, 97.5])
    rates = [100 * found["errors"].sum() / total.sum() for found in (ours, direct)]
    print(
        f"{name}: WER ours {rates[0]:.2f} %, direct {rates[1]:.2f} %, difference "
        f"{rates[0] - rates[1]:+.2f} points [{low:+.2f}, {high:+.2f}], n = {total.sum()} words"
    )
    for who, found in (("ours", ours), ("direct", direct)):
        off = np.concatenate([found["starts"], found["ends"]])
        off = np.abs(off[np.isfinite(off)])
        starts = np.abs(found["starts"][np.isfinite(found["starts"])])
        print(
            f"  times {who}: starts within 0.3 s {np.mean(starts <= 0.3):.1%} (n = {len(starts)}), "
            f"starts and ends {np.mean(off <= 0.3):.1%}, median {np.median(off):.2f} s"
        )
    for who, found in (("ours", ours), ("direct", direct)):
        near = [m for m in found["missed"] if any(abs(m - b) < NEAR_BORDER for b in borders)]
        print(
            f"  words not heard: {who} {len(found['missed'])}, of these in sentences within "
            f"{NEAR_BORDER:.0f} s of the pipeline's {len(borders)} borders: {len(near)}"
        )


def speed(args: argparse.Namespace) -> None:
    """Print speed and peak memory, of this process and the decode child together."""
    film = args.folder / f"speed_{args.minutes:g}.mp4"
    if not film.exists():
        reading(9, args.minutes, gap=0.5).write(args.clip, film)
    index = index_of(film, args.folder)
    index.close()
    before = psutil.Process().memory_info().rss
    transcriber = WhisperTranscriber(f"local-dir:{args.weights}", Runtime("cpu"))
    peak, done = [0], threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not done.wait(0.2):
            family = [me, *me.children(recursive=True)]
            sizes = []
            for process in family:
                try:
                    sizes.append(process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], sum(sizes))

    threading.Thread(target=watch, daemon=True).start()
    index = index_of(film, args.folder)
    wall, user = time.monotonic(), _user()
    ensure_speech(index, transcriber)
    wall, user = time.monotonic() - wall, _user() - user
    done.set()
    minutes = args.minutes
    print(
        f"{minutes:g} minutes: {wall:.0f} s of wall time ({60 * minutes / wall:.1f} x real time), "
        f"{user:.0f} s of user CPU ({60 * minutes / user:.1f} x a core, "
        f"{120 * minutes / user:.1f} x on two idle ones), peak {peak[0] / 1e6:.0f} MB with the "
        f"child (before: {before / 1e6:.0f} MB)"
    )
    began = time.monotonic()
    ensure_speech(index, transcriber)
    print(f"again: {time.monotonic() - began:.3f} s")
    index.close()


def _user() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + children.ru_utime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["wer", "speed"])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path(".cache/hearing"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--chunk", type=float, help="of wer: seconds of a chunk, for more borders")
    parser.add_argument("--only", help="of wer: clean, noise or music")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    {"wer": wer, "speed": speed}[args.what](args)


if __name__ == "__main__":
    main()
