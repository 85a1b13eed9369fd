"""Subtitles as people have them: the right file, language and letters, every line once."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from film_fixtures import make_film, run_ffmpeg
from subtitle_lines import LINES, UNSEEN

from longtake.index.video.decode import Decoder
from longtake.index.video.probing.probe import Track
from longtake.index.video.span import Span
from longtake.index.video.subtitles import (
    MAX_TEXT,
    Cue,
    SubtitleTrack,
    choose_track,
    clean_text,
    embedded_tracks,
    find_sidecars,
    guess_language,
    load_sidecars,
    parse_language,
    read_subtitles,
)
from longtake.index.video.subtitles import cues as cues_module
from longtake.index.video.subtitles.encodings import decode_text

UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


def read_one(path: Path, **more: Any) -> SubtitleTrack:
    (track,) = read_subtitles(path, **more)
    return track


def to_srt(lines: str, newline: str = "\n") -> str:
    blocks = [
        f"{number + 1}\n00:00:{3 * number:02d},000 --> 00:00:{3 * number + 2:02d},000\n{line}\n"
        for number, line in enumerate(lines.split("|"))
    ]
    return "\n".join(blocks).replace("\n", newline)


def encode(text: str, encoding: str) -> bytes:
    if encoding != "cp1258":
        return text.encode(encoding)
    coded = []  # Vietnamese: letters with their hook or hat, the tone behind them
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
        bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tone))
        coded.append(bare + tone)
    return "".join(coded).encode(encoding)


@pytest.mark.parametrize("lines", ["seen", "unseen"])
@pytest.mark.parametrize("language", LINES)
def test_a_text_comes_out_in_its_own_letters(language: str, lines: str) -> None:
    encodings, seen = LINES[language]
    text = to_srt(seen if lines == "seen" else UNSEEN[language])
    for encoding in (*encodings, *UNICODE):
        decoded = decode_text(encode(text, encoding))
        assert decoded.text.removeprefix("\ufeff") == text, (encoding, decoded.encoding)
        assert not decoded.uncertain


@pytest.mark.parametrize("word", ["café", "señor", "£5"])
def test_a_guess_from_a_letter_or_two_is_called_uncertain(word: str, tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(to_srt(word).encode("cp1252"))
    track = read_one(path)
    assert track.uncertain
    assert "no encoding is named in it" in track.notes[0]


def test_the_language_in_the_name_settles_the_encoding(tmp_path: Path) -> None:
    for language, encoding in (("es", "cp1252"), ("pl", "cp1250")):
        path = tmp_path / f"film.{language}.srt"
        path.write_bytes(to_srt("Dwie łódki" if language == "pl" else "señor").encode(encoding))
        assert not read_one(path).uncertain
    assert read_one(tmp_path / "film.es.srt").cues[0].text == "señor"


def test_one_bad_byte_costs_one_letter(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    data = bytearray(to_srt(LINES["ru"][1]).encode())
    data[data.index("ключи".encode()) + 1] = 0x20
    path.write_bytes(data)
    track = read_one(path)
    assert track.cues[0].text == "Паром отходит в девять."
    assert "лючи" in track.cues[1].text
    assert track.notes == ("film.srt: damaged utf-8 in one place",)
    assert not track.uncertain


def test_bytes_of_no_encoding_are_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(to_srt("x").encode() + bytes(range(128, 256)) * 8)
    track = read_one(path)
    assert track.uncertain
    assert "encoding is not known" in track.notes[0]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(newline: str, tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(to_srt("one|two|three", newline).encode())
    assert [cue.text for cue in read_one(path).cues] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("talk.srt", None),
        ("talk.en.srt", "en"),
        ("talk.eng.vtt", "en"),
        ("talk.pt-BR.srt", "pt-BR"),
        ("talk.zh-Hans.ass", "zh-Hans"),
        ("talk.German.srt", "de"),
        ("talk.Deutsch.srt", "de"),
        ("talk.en.forced.srt", "en"),
        ("talk.fr.sdh.srt", "fr"),
        ("talk.en.hi.srt", "en"),
        ("talk.hi.srt", "hi"),
        ("talk.English (SDH).srt", "en"),
        ("talk.es-419.srt", "es-419"),
        ("talk.EN.SRT", "en"),
        ("talk.iw.srt", "he"),
        ("talk.Simplified Chinese.srt", "zh"),
    ],
)
def test_the_files_of_a_film_are_found(name: str, language: str | None, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    found = find_sidecars(tmp_path / "talk.mp4")
    assert [(file.name, said[0]) for file, said in found.items()] == [(name, language)]


@pytest.mark.parametrize(
    "name",
    [
        "talk.2.srt",
        "talk.2024-05-01.en.srt",
        "talk2.srt",
        "talk.part2.srt",
        "talk.end.srt",
        "talk.final.srt",
        "talk.1080p.srt",
        "talk.en.fr.srt",
        "talk-en.srt",
        "my talk.srt",
        "talk.en.commentary.srt",
        "talk.txt",
        "talk.raw.srt",
        "talk.cut.vtt",
    ],
)
def test_the_files_of_a_neighbour_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert find_sidecars(tmp_path / "talk.mp4") == {}


def test_a_longer_name_belongs_to_the_film_of_that_name(tmp_path: Path) -> None:
    for name in ("talk.mp4", "talk.en.mkv", "talk.en.srt", "talk.de.srt"):
        (tmp_path / name).touch()
    assert [file.name for file in find_sidecars(tmp_path / "talk.mp4")] == ["talk.de.srt"]
    own = find_sidecars(tmp_path / "talk.en.mkv")
    assert [(file.name, said[0]) for file, said in own.items()] == [("talk.en.srt", "en")]


def track(source: str, language: str | None, kind: str = "full", **more: object) -> SubtitleTrack:
    cue = Cue(Span(1, 2), "words", source)
    return SubtitleTrack(source, language, kind, cues=(cue,), **more)  # type: ignore[arg-type]


def chosen(tracks: list[SubtitleTrack], **wishes: str) -> str:
    choice = choose_track(tracks, **wishes)
    return choice.track.source if choice.track else ""


def test_one_language_is_used_the_wanted_the_questions_the_sounds_the_first() -> None:
    tracks = [track("a", "de"), track("b", "en"), track("c", "fr"), track("d", "pt-BR")]
    assert chosen(tracks, wanted="fr", question="en", audio="de") == "c"
    assert chosen(tracks, wanted="fre", question="en") == "c"
    assert chosen(tracks, question="en", audio="fr") == "b"
    assert chosen(tracks, question="sw", audio="fr") == "c"
    assert chosen(tracks, wanted="pt") == "d"
    assert chosen(tracks) == "a"
    assert chosen(tracks, wanted="none") == ""
    notes = choose_track(tracks, question="en").notes
    assert "(de)" in notes[0]
    assert "(fr)" in notes[0]
    assert "no subtitles in 'sw'" in choose_track(tracks, wanted="sw").notes[0]


def test_forced_and_uncertain_tracks_are_the_last_choice() -> None:
    forced, plain, sdh = track("f", "en", "forced"), track("p", "de"), track("s", "en", "sdh")
    assert chosen([forced, plain], question="en") == "p"
    assert chosen([forced, plain, sdh], question="en") == "s"
    assert chosen([sdh, track("e", "en")], question="en") == "e"
    assert chosen([track("u", "en", uncertain=True), sdh], question="en") == "s"
    alone = choose_track([forced], question="en")
    assert alone.track is forced
    assert "signs only" in alone.notes[0]


def test_picture_subtitles_are_named_as_unread() -> None:
    tracks = [Track(2, "pgssub", "eng", None, True), Track(3, "subrip", "ger", "Forced", False)]
    cue = Cue(Span(0, 1), "Hallo", "track:3:ger")
    found = embedded_tracks(tracks, [cue])
    assert [(t.language, t.kind, len(t.cues)) for t in found] == [
        ("en", "full", 0),
        ("de", "forced", 1),
    ]
    notes = choose_track(found).notes
    assert any("track 2 (pgssub, eng) holds pictures of text and is not read" in n for n in notes)


def test_rolling_captions_say_every_line_once(tmp_path: Path) -> None:
    path = tmp_path / "talk.vtt"
    lines = ["so today we look", "at the harbour", "and the ferry", "that leaves at nine"]
    cues, before = ["WEBVTT\nKind: captions\nLanguage: en\n"], " "
    for number, line in enumerate(lines):
        start, end = 2 * number, 2 * number + 1.99
        first, *rest = line.split()
        words = first + "".join(f"<00:00:0{start}.500><c> {word}</c>" for word in rest)
        cues.append(
            f"00:00:0{start}.000 --> 00:00:0{end:.3f} align:start position:0%\n{before}\n{words}\n"
        )
        cues.append(
            f"00:00:0{end:.3f} --> 00:00:0{start + 2}.000 align:start position:0%\n{line}\n \n"
        )
        before = line
    path.write_text("\n".join(cues))
    read = read_one(path)
    assert read.language == "en"
    assert [(cue.text, cue.span.start, cue.span.end) for cue in read.cues] == [
        (line, 2.0 * number, 2.0 * number + 2) for number, line in enumerate(lines)
    ]


def test_captions_that_are_typed_word_by_word_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    grown = ["the", "the ferry", "the ferry leaves", "the ferry leaves at nine"]
    path.write_text(
        "".join(
            f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{text}\n\n"
            for n, text in enumerate(grown)
        )
    )
    (cue,) = read_one(path).cues
    assert (cue.text, cue.span) == ("the ferry leaves at nine", Span(0, 4))


def test_headers_notes_and_styles_of_a_stream_are_no_speech(tmp_path: Path) -> None:
    path = tmp_path / "film.vtt"
    path.write_text(
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "NOTE a comment\n00:00:01.000 --> 00:00:02.000\nnot said\n\n"
        "REGION\nid:fred\nwidth:40%\n\nSTYLE\n::cue { color: red }\n\n"
        "id-1\n00:00:01.000 --> 00:00:02.000 region:fred line:90% align:left\nFirst.\n\n"
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:1440000\n\n"
        "00:01.000 --> 00:02.500\n<v.loud Ann>Second.</v>\n"
    )
    cues = read_one(path).cues
    assert [(cue.text, cue.span) for cue in cues] == [
        ("First.", Span(1, 2)),
        ("Second.", Span(7, 8.5)),  # 540,000 units later, at 90,000 a second
    ]


def test_the_clock_of_a_stream_may_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "film.vtt"
    path.write_text(
        f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{(1 << 33) - 90_000},LOCAL:00:00:00.000\n\n"
        "00:00.500 --> 00:01.000\nBefore.\n\nWEBVTT\n"
        "X-TIMESTAMP-MAP=MPEGTS:90000,LOCAL:00:00:00.000\n\n00:00.500 --> 00:01.000\nAfter.\n"
    )
    assert [cue.span.start for cue in read_one(path).cues] == [0.5, 2.5]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("x<y and y>z", "x<y and y>z"),
        ("if a<b and b>c, then", "if a<b and b>c, then"),
        ("I <3 you & <them>", "I <3 you & <them>"),
        ('<font color="#f00">Hi</font> <b>you</b><br/>there', "Hi you there"),
        ("<ruby>漢<rt>kan</rt></ruby> <lang ja>字</lang>", "漢kan 字"),
        ("<00:00:01.000><c.yellow> one</c>", "one"),
        ("R&D &lt;i&gt; &amp; AT&T &copyright", "R&D <i> & AT&T &copyright"),
        ("{a note} stays", "{a note} stays"),
    ],
)
def test_only_real_markup_is_taken_out(marked: str, plain: str) -> None:
    assert clean_text(marked) == plain


def test_braces_of_styled_files_are_instructions(tmp_path: Path) -> None:
    path = tmp_path / "film.ass"
    path.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
        "MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not said\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8}{checked}x<y and y>z, {\\k9}go\n"
        "Dialogue: 1,0:00:01.00,0:00:02.00,Default,,0,0,0,,x<y and y>z, go\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
    )
    assert [cue.text for cue in read_one(path).cues] == ["x<y and y>z, go"]


@pytest.mark.parametrize(
    "times",
    [
        "00:00:04,000 --> 00:00:05,500",
        "0:00:04.000,0:00:05.500",
        "00:04.0 --> 00:05.5",
        "00:00:04.000 -> 00:00:05.500",
        "  00:00:04,000 --> 00:00:05,500  X1:1 Y1:2",
        "00:00:04:000 --> 00:00:05:500",
        "0:0:4,0 --> 0:0:5,5",
    ],
)
def test_times_are_read_as_they_are_written(times: str, tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text(f"7\n{times}\nThe ferry leaves\nat nine.\n\n")
    (cue,) = read_one(path).cues
    assert (cue.text, cue.span) == ("The ferry leaves at nine.", Span(4, 5.5))


def test_numbering_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nIn\n\n1999\n\n9\n00:00:03,000 --> 00:00:02,500\n"
        "backward\n3\n00:00:04,000 --> 00:00:05,000\nlast\n\n12\n"
    )
    cues = read_one(path).cues
    assert [(cue.text, cue.span) for cue in cues] == [
        ("In 1999", Span(1, 2)),
        ("backward", Span(3, 4)),
        ("last", Span(4, 5)),
    ]


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text(to_srt("early|late|later"))
    (track,) = load_sidecars(tmp_path / "film.mp4", offset=3.5)
    assert [(cue.text, cue.span) for cue in track.cues] == [
        ("late", Span(0, 1.5)),
        ("later", Span(2.5, 4.5)),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is said about the ferry?", "en"),
        ("Was wird über die Fähre gesagt?", "de"),
        ("Когда отходит паром?", "ru"),
        ("渡轮什么时候离开", "zh"),
        ("1:02", None),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str | None) -> None:
    assert guess_language(text) == language


def test_tags_are_real_languages() -> None:
    assert [parse_language(t) for t in ("eng", "ger", "chi", "cmn", "Malay", "und", "x")] == [
        "en",
        "de",
        "zh",
        "zh",
        "ms",
        "und",
        None,
    ]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            "22-subtitle-encodings/cp1251.srt",
            ["Добро пожаловать в порт.", "Паром отходит в девять."],
        ),
        ("22-subtitle-encodings/gb18030.srt", ["欢迎来到港口。", "渡轮九点出发。"]),
        ("22-subtitle-encodings/utf16be_nobom.srt", ["Welcome to the harbour tour."]),
        ("22-subtitle-encodings/mac_cr_only.srt", ["Welcome to the harbour tour."]),
        (
            "23-youtube-rolling-captions/lecture.en.vtt",
            [
                "welcome to the harbour tour",
                "today the ferry leaves at nine",
                "please bring your ticket",
                "and stay behind the line",
            ],
        ),
        (
            "26-hls-vtt/stream.vtt",
            [
                "Welcome to the harbour tour.",
                "The ferry leaves at nine.",
                "Please bring your ticket.",
            ],
        ),
        (
            "28-styled-and-overlapping/odd.srt",
            [
                "Welcome to the harbour tour.",
                "If x<y and y>z the ferry leaves at nine & ten.",
                "Please bring your ticket.",
                "Goodbye.",
            ],
        ),
    ],
)
def test_the_reported_files_read_right(name: str, texts: list[str], media: Path) -> None:
    path = media.parent / "cases" / name
    if not path.is_file():
        pytest.skip(f"no reported cases: {path} is absent")
    read = [cue.text for cue in read_one(path).cues]
    assert read[: len(texts)] == texts


def test_microdvd_counts_frames_of_the_film_or_of_its_own_first_line(tmp_path: Path) -> None:
    path = tmp_path / "film.sub"
    path.write_text("{25}{50}{y:i}Good morning,|everyone.\n{75}{}The ferry leaves.\n")
    track = read_one(path, fps=12.5)
    assert [(cue.text, cue.span.start, cue.span.end) for cue in track.cues] == [
        ("Good morning, everyone.", 2.0, 4.0),
        ("The ferry leaves.", 6.0, 9.0),
    ]
    assert "12.50 a second" in track.notes[0]
    path.write_text("{1}{1}25.000\n{25}{50}Good morning.\n")
    (cue,) = (track := read_one(path, fps=12.5)).cues
    assert (cue.text, cue.span.start, track.notes) == ("Good morning.", 1.0, ())


def test_microdvd_with_numbers_that_can_be_none_is_said_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "film.sub"
    path.write_text("{1}{1}00\n{25}{50}Good morning.\n")
    (note,) = read_one(path).notes
    assert "0 frames a second" in note
    path.write_text(f"{{1}}{{1}}25\n{{{'9' * 400}}}{{50}}Never.\n{{25}}{{50}}Good morning.\n")
    assert [cue.text for cue in read_one(path).cues] == ["Good morning."]


def test_vobsub_beside_the_film_is_named_once_with_the_way_to_read_it(tmp_path: Path) -> None:
    (tmp_path / "film.idx").write_text("# VobSub index file, v7\n")
    (tmp_path / "film.sub").write_bytes(b"\0\0\1\xba" * 100)
    (track,) = load_sidecars(tmp_path / "film.mp4")
    assert track.source == "sidecar:film.idx"
    assert "--subtitles ocr" in track.notes[0]
    (tmp_path / "film.idx").unlink()
    (track,) = load_sidecars(tmp_path / "film.mp4")
    assert "is not used" in track.notes[0]


def test_what_an_embedded_track_is_for_is_read_from_its_marks(tmp_path: Path) -> None:
    for name, text in (("a", "Signs only."), ("b", "[door] Good morning."), ("c", "Good morning.")):
        srt = f"1\n00:00:00,500 --> 00:00:01,500\n{text}\n"
        (tmp_path / f"{name}.srt").write_text(srt)
    film = tmp_path / "film.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=2"),
        *(part for name in "abc" for part in ("-i", str(tmp_path / f"{name}.srt"))),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-metadata:s:s", "language=eng"),
        *("-disposition:s:0", "default+forced", "-disposition:s:1", "hearing_impaired"),
        *("-disposition:s:2", "0", str(film)),
    )
    with Decoder(film) as decoder:
        found = embedded_tracks(decoder.info.subtitles, decoder.subtitles())
    assert sorted(track.kind for track in found) == ["forced", "full", "sdh"]
    used = choose_track(found).track
    assert used is not None
    assert [cue.text for cue in used.cues] == ["Good morning."]


TTML = (
    '<?xml version="1.0" encoding="UTF-16"?>\n<!-- made by hand -->\n'
    '<{}tt xmlns{}="{}" {}>{}</{}tt>'
)
MODERN, OLD = "http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1"


@pytest.mark.parametrize(
    ("prefix", "space", "marks", "times"),
    [
        ("", MODERN, "", 'begin="00:00:04.000" end="00:00:05.500"'),
        ("tt:", MODERN, "", 'begin="4s" dur="1500ms"'),
        ("", OLD, "", 'begin="00:00:04.00" dur="00:00:01.50"'),
        ("", MODERN, 'x:tickRate="10000000" xmlns:x="y"', 'begin="40000000t" end="55000000t"'),
        ("", MODERN, 'x:frameRate="20" xmlns:x="y"', 'begin="00:00:04:00" end="110f"'),
        (
            "",
            MODERN,
            'x:frameRate="24" x:frameRateMultiplier="1 2" x:timeBase="smpte" xmlns:x="y"',
            'begin="00:00:02:00" end="00:00:02:18"',
        ),
    ],
)
def test_every_way_of_ttml_to_say_when_is_read(
    prefix: str, space: str, marks: str, times: str, tmp_path: Path
) -> None:
    path = tmp_path / "film.dfxp"
    words = f"The <{prefix}span>ferry</{prefix}span><{prefix}br/>\n at nine."
    line = f"<{prefix}p {times}>{words}</{prefix}p>"
    body = f"<{prefix}body><{prefix}div>{line}</{prefix}div></{prefix}body>"
    name = f":{prefix[:-1]}" if prefix else ""
    path.write_text(TTML.format(prefix, name, space, f'xml:lang="en" {marks}', body, prefix))
    track = read_one(path)
    assert [(cue.text, cue.span) for cue in track.cues] == [("The ferry at nine.", Span(4, 5.5))]
    assert track.language == "en"


def test_times_of_ttml_count_from_those_of_what_is_around(tmp_path: Path) -> None:
    path = tmp_path / "film.ttml"
    path.write_text(
        f'<tt xmlns="{MODERN}"><body begin="1s"><div begin="2s"><p begin="1s" end="90s">In.</p>'
        '<p><span begin="4s" end="5s">Word </span><span begin="5s" end="6s">by word</span></p>'
        '</div><div begin="20s" end="22s"><p>All of it.</p></div></body></tt>'
    )
    assert [(cue.text, cue.span) for cue in read_one(path).cues] == [
        ("In.", Span(4, 93)),
        ("Word by word", Span(7, 9)),
        ("All of it.", Span(21, 23)),
    ]


@pytest.mark.parametrize("times", ['begin="soon" end="4s"', 'begin="1s"<', 'begin="&bad;"'])
def test_a_document_that_is_damaged_is_said_to_be(times: str, tmp_path: Path) -> None:
    path = tmp_path / "film.ttml"
    path.write_text(f'<tt xmlns="{MODERN}"><body><p {times}>Hello.</p></body></tt>')
    track = read_one(path)
    assert not track.cues
    assert "film.ttml is not used: it does not read as TTML" in track.notes[0]


def test_two_languages_of_one_file_are_two_tracks(tmp_path: Path) -> None:
    (tmp_path / "film.smi").write_text(
        "<SAMI><HEAD><STYLE><!-- .ENCC {Name:English; lang: en-US;}\n"
        ".KRCC {Name:Korean; lang: ko-KR;} --></STYLE></HEAD><BODY>\n"
        "<SYNC Start=1000><P Class=ENCC>The ferry<br>leaves.<P Class=KRCC>배는 떠납니다.\n"
        "<SYNC Start=2500><P Class=ENCC>&nbsp;\n<SYNC Start=3000><P Class=KRCC>&nbsp;\n"
        "<SYNC Start=4000><P Class=ENCC>At nine.</BODY></SAMI>\n"
    )
    english, korean = load_sidecars(tmp_path / "film.mp4")
    assert [(cue.text, cue.span) for cue in english.cues] == [
        ("The ferry leaves.", Span(1, 2.5)),
        ("At nine.", Span(4, 7)),
    ]
    assert [(cue.text, cue.span) for cue in korean.cues] == [("배는 떠납니다.", Span(1, 3))]
    assert (english.language, korean.language) == ("en-US", "ko-KR")
    assert chosen([english, korean], wanted="ko") == korean.source != english.source


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "film.en.json3",
            '{"wireMagic": "pb3", "events": [{"tStartMs": 0, "dDurationMs": 9000, "id": 1},'
            '{"tStartMs": 1000, "dDurationMs": 1500, "segs": [{"utf8": "The ferry"}, {"utf8":'
            '" leaves", "tOffsetMs": 9}]}, {"tStartMs": 2400, "aAppend": 1, "segs": [{"utf8":'
            '"\\n"}]}, {"tStartMs": 4000, "dDurationMs": 1000, "segs": [{"utf8": "At nine."}]}]}',
        ),
        (
            "film.en.srv3",
            '<?xml version="1.0" encoding="utf-8" ?><timedtext format="3">\n'
            '<head><ws id="0"/></head>'
            '<body><p t="1000" d="1500" w="1"><s>The ferry</s><s t="9"> leaves</s></p>'
            '<p t="2400" d="9" a="1">\n</p><p t="4000" d="1000">At nine.</p></body></timedtext>',
        ),
        (
            "film.en.srv1",
            '<?xml version="1.0" encoding="utf-8" ?><transcript><text start="1" dur="1.5">'
            'The ferry leaves</text><text start="4" dur="1">At nine.</text></transcript>',
        ),
        (
            "film.lrc",
            "[ar: Someone]\n[offset:+500]\n[00:04.50]At nine.\n[0:01.50]The ferry leaves\n"
            "[00:03.00]\n[00:05.50]\n",
        ),
    ],
)
def test_captions_as_players_and_sites_store_them_are_read(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    (track,) = load_sidecars(tmp_path / "film.mp4")
    assert [(cue.text, cue.span) for cue in track.cues] == [
        ("The ferry leaves", Span(1, 2.5)),
        ("At nine.", Span(4, 5)),
    ]


def test_a_line_that_a_shift_made_negative_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text(
        "1\n-00:00:03,000 --> -00:00:01,000\nGone.\n\n2\n-00:00:00,500 --> 00:00:01,000\nCut.\n\n"
        "3\n00:00:02,000 --> 00:00:03,000\nWhole[br]line.\n"
    )
    assert [(cue.text, cue.span) for cue in read_one(path).cues] == [
        ("Cut.", Span(0, 1)),
        ("Whole line.", Span(2, 3)),
    ]


def test_files_of_kinds_that_are_not_read_are_named(tmp_path: Path) -> None:
    for suffix in (".scc", ".stl"):
        (tmp_path / f"film.en{suffix}").write_bytes(b"Scenarist_SCC V1.0\n\n00:00:01:00\t9420")
    notes = [track.notes[0] for track in load_sidecars(tmp_path / "film.mp4")]
    assert ["film.en.scc" in notes[0], "film.en.stl" in notes[1]] == [True, True]
    assert all("not read: save it as .srt" in note for note in notes)


def test_a_style_that_a_library_stumbles_over_prints_nothing(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "film.ass"
    path.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
        "MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: x,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hello\n"
    )
    assert [cue.text for cue in read_one(path).cues] == ["Hello"]
    assert not recwarn.list


def with_captions(film: Path, path: Path, *pairs: tuple[int, int, int]) -> Path:
    """Copy a film and put closed captions into every picture (ATSC A/53, part 4)."""
    text = b"".join(bytes(pair) for pair in pairs)
    body = b"\xb5\x00\x31GA94\x03" + bytes([0x40 | len(pairs), 0xFF]) + text + b"\xff"
    unit = b"\x06\x04" + bytes([len(body)]) + body + b"\x80"
    with av.open(str(film)) as source, av.open(str(path), "w") as out:
        target = out.add_stream_from_template(source.streams.video[0])
        for old in source.demux(video=0):
            if old.dts is not None:
                packet = av.Packet(len(unit).to_bytes(4, "big") + unit + bytes(old))
                packet.pts, packet.dts, packet.time_base = old.pts, old.dts, old.time_base
                packet.is_keyframe, packet.stream = old.is_keyframe, target
                out.mux(packet)
    return path


def test_closed_captions_are_said_not_to_be_read_and_padding_is_none(tmp_path: Path) -> None:
    plain = make_film(tmp_path / "plain.mp4", "-c:v", "libx264", "-g", "10")
    spoken = with_captions(plain, tmp_path / "news.mp4", (0xFC, 0x94, 0x2C), (0xFC, 0xC8, 0xE5))
    padded = with_captions(plain, tmp_path / "film.mp4", (0xFC, 0x80, 0x80), (0xFA, 0, 0))
    for path, told in ((plain, False), (spoken, True), (padded, False)):
        with Decoder(path) as decoder:
            assert any("closed captions" in text for text in decoder.info.warnings) == told


def test_a_line_as_long_as_a_transcript_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    words = [f"word{number}" for number in range(400)]
    path.write_text(f"1\n00:00:10,000 --> 00:00:50,000\n{' '.join(words)}\n")
    cues = read_one(path).cues
    assert " ".join(cue.text for cue in cues).split() == words
    assert max(len(cue.text) for cue in cues) <= MAX_TEXT
    assert (cues[0].span.start, cues[-1].span.end) == (10, 50)
    assert all(a.span.end == b.span.start for a, b in pairwise(cues))
    assert cues[1].span.start == pytest.approx(10 + 40 * len(cues[0].text) / 2800, abs=1)
    path.write_text(f"1\n00:00:10,000 --> 00:00:10,002\n{' '.join(words)}\n")
    assert " ".join(cue.text for cue in read_one(path).cues).split() == words


def test_lines_beyond_what_a_track_may_hold_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cues_module, "MAX_CUES", 3)
    path = tmp_path / "film.srt"
    path.write_text(to_srt("one|two|three|four|five"))
    track = read_one(path)
    assert len(track.cues) == 3
    assert "more than 3 lines: those after 0:06.0 are not used" in track.notes[0]


def test_megabytes_of_letters_that_are_not_latin_reach_the_index(tmp_path: Path) -> None:
    rows = "".join(
        f"{n}\n{n // 60:02d}:{n % 60:02d}:00,000 --> {n // 60:02d}:{n % 60:02d}:30,000\n"
        f"Строка {n}: {'паром отходит в девять часов утра. ' * 40}\n\n"
        for n in range(1800)
    )
    (tmp_path / "lines.srt").write_text(rows)
    film = tmp_path / "film.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=s=64x48:r=1:d=4", "-i", str(tmp_path / "lines.srt")),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:s", "srt", str(film)),
    )
    with Decoder(film) as decoder:
        said = decoder.subtitles()
    assert said[0].text.startswith("Строка 0: паром отходит")
    assert said[-1].span.end == 1800 * 60 - 30
