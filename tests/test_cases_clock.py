"""Clocks as people's films have them: joined, jumping, late, early, sparse, broken; none lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import av.error
import numpy as np
import pytest
from case_films import X264, add_sound, case, colour_of, make_colours
from film_fixtures import run_ffmpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from index_fixtures import ColourEncoder

from longtake.index.build import build_index
from longtake.index.sampling import sample_instants
from longtake.index.storage.store import Store
from longtake.index.video.decode import Decoder
from longtake.index.video.probing.clock import run_clock
from longtake.index.video.probing.probe import FilmInfo
from longtake.index.video.probing.sniff import find_container, is_whole_matroska
from longtake.index.video.probing.timeline import Timeline
from longtake.index.video.span import Span

MPEG2 = ("-c:v", "mpeg2video", "-q:v", "4", "-g", "12", "-bf", "2")
LINES = "1\n00:00:01,000 --> 00:00:02,000\nFirst line.\n\n" + (
    "2\n00:00:03,200 --> 00:00:03,900\nLast line.\n"
)


def join(path: Path, *parts: Path) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def colours_at(decoder: Decoder, seconds: list[float]) -> str:
    return " ".join(colour_of(p) for p in decoder.frames(seconds, size=(32, 20)).pixels)


def kinds(info: FilmInfo) -> set[str]:
    return {loss.kind for loss in info.losses}


@pytest.mark.parametrize(("suffix", "codec"), [(".ts", X264), (".ts", MPEG2), (".vob", MPEG2)])
def test_joined_streams_go_on_counting(suffix: str, codec: tuple[str, ...], tmp_path: Path) -> None:
    first = make_colours(tmp_path / f"a{suffix}", "red lime", *codec)
    second = make_colours(tmp_path / f"b{suffix}", "blue gray", *codec)
    path = join(tmp_path / f"joined{suffix}", first, second, first)
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(6.0, abs=0.1)
        assert len(decoder.timeline) == 150
        shown = colours_at(decoder, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
        assert shown == "red lime blue gray red lime"
        # in any order, and by rows that lie in different parts
        assert colours_at(decoder, [5.5, 2.5, 0.5, 3.5]) == "lime blue red gray"
        assert len(decoder.frames(decoder.timeline.seconds, size=(16, 16))) == 150
        assert decoder.timeline.joins == pytest.approx([2.0, 4.0], abs=0.1)
        assert "joined" in kinds(decoder.info)
        again = Timeline.from_bytes(decoder.timeline.to_bytes())
        assert again.joins == decoder.timeline.joins
        assert again.packets.stamps is not None
        assert decoder.timeline.packets.stamps is not None
        assert np.array_equal(again.packets.stamps, decoder.timeline.packets.stamps)


def test_packets_of_other_tracks_move_with_the_part_of_the_film_they_belong_to() -> None:
    stamps = np.array([0, 40, 80, 0, 40, 80], np.int64)
    clock = run_clock(stamps, stamps, np.ones(6, bool), 100.0, "mpegts")
    assert clock.pts.tolist() == [0, 40, 80, 120, 160, 200]
    assert [clock.shift_of(position, 20) for position in (1, 4)] == [0, 120]
    late = np.array([0, 40, 80, 500, 540, 580, 90, 130], np.int64)
    clock = run_clock(late, late, np.ones(8, bool), 100.0, "mpegts")
    # handed over by the demuxer just after the join, it still fits only the part before
    assert clock.shift_of(6, 560) == 0
    assert clock.shift_of(7, 95) == clock.shifts[1]


def test_a_clock_that_jumps_by_hours_keeps_the_players_time_and_is_not_sampled_between(
    tmp_path: Path,
) -> None:
    first = make_colours(tmp_path / "a.ts", "red lime")
    second = tmp_path / "b.ts"
    make_colours(second, "blue gray", *X264, "-output_ts_offset", "36000")
    path = join(tmp_path / "jump.ts", first, second)
    store = Store(tmp_path / "store")
    index = build_index(path, store, ColourEncoder(), workers=1)
    assert index.info.duration == pytest.approx(36002, abs=0.2)
    assert len(index.sample_seconds) <= 5
    assert [span.end - span.start < 3 for span in index.coverage] == [True, True]
    (hole,) = index.timeline.holes
    assert hole.end in [shot.start for shot in index.shots]
    told = [text for text in index.caveats if "jumps from 0:02.0 to" in text]
    assert len(told) == 1
    assert not any("do not decode" in text for text in index.caveats)
    with Decoder(path) as decoder:
        assert colours_at(decoder, [1.5, 20000.0, 36000.5]) == "lime lime blue"
        assert decoder.timeline.filled == pytest.approx(4.0, abs=0.2)


def test_instants_skip_what_is_not_there() -> None:
    holes = [Span(2.5, 86400.0 * 365)]
    instants = sample_instants(86400.0 * 365 + 2, 1.0, holes)
    assert instants.tolist() == [0, 1, 2, 86400 * 365, 86400 * 365 + 1]


def test_the_wrap_of_the_33_bit_clock_is_no_jump(tmp_path: Path) -> None:
    path = tmp_path / "wrap.ts"
    make_colours(path, "red lime blue gray", *X264, "-output_ts_offset", "95440.5")
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(4.0, abs=0.1)
        assert colours_at(decoder, [0.5, 1.5, 2.5, 3.5]) == "red lime blue gray"
        assert decoder.info.losses == ()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_late_picture_has_one_clock_for_lines_beside_and_inside(
    suffix: str, tmp_path: Path
) -> None:
    film = make_colours(tmp_path / "colours.mp4")
    lines = tmp_path / "lines.srt"
    lines.write_text(LINES)
    text = "mov_text" if suffix == ".mp4" else "srt"
    found = {}
    for name, inside in (("inside", True), ("beside", False)):
        path = tmp_path / f"{name}{suffix}"
        extra = ("-i", str(lines), "-map", "2", "-c:s", text) if inside else ()
        run_ffmpeg(
            "-itsoffset",
            "2",
            "-i",
            str(film),
            "-f",
            "lavfi",
            "-i",
            "sine=300:d=6",
            *extra[:2],
            "-map",
            "0:v",
            "-map",
            "1:a",
            *extra[2:],
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            str(path),
        )
        if not inside:
            shutil.copy(lines, tmp_path / "beside.srt")
        index = build_index(path, Store(tmp_path / "store"), ColourEncoder(), workers=1)
        found[name] = [cue.span.start for cue in index.cues()]
        assert "sound_first" in kinds(index.info)
        index.choose_subtitles(str(lines))
        found["named"] = [cue.span.start for cue in index.cues()]
    # the second line is said 1.2 s after the first picture; the first one before any picture
    assert found["beside"] == pytest.approx([1.2], abs=0.06)
    assert found["inside"] == pytest.approx([1.2], abs=0.06)
    assert found["named"] == pytest.approx([1.2], abs=0.06)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_the_last_picture_holds_until_the_sound_ends(suffix: str, tmp_path: Path) -> None:
    path = add_sound(make_colours(tmp_path / "a.mp4", "red lime"), tmp_path / f"b{suffix}", 4)
    (tmp_path / "b.srt").write_text(LINES)
    index = build_index(path, Store(tmp_path / "store"), ColourEncoder(), workers=1)
    assert index.info.duration == pytest.approx(4.0, abs=0.1)
    assert index.timeline.pictures_end == pytest.approx(2.0, abs=0.05)
    assert len(index.sample_seconds) >= 4
    assert [cue.text for cue in index.cues()] == ["First line.", "Last line."]
    assert any("is held from 0:02.0 to the end of the sound" in text for text in index.caveats)
    with Decoder(path) as decoder:
        assert colours_at(decoder, [0.5, 1.5, 2.5, 3.9]) == "red lime lime lime"
        assert decoder.info.fps == pytest.approx(25, abs=0.1)


def test_a_still_with_sound_lasts_as_long_as_the_sound(tmp_path: Path) -> None:
    still = tmp_path / "still.mp4"
    run_ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=0xc81e1e:s=160x96:r=25:d=0.04",
        "-pix_fmt",
        "yuv420p",
        *X264,
        str(still),
    )
    with Decoder(add_sound(still, tmp_path / "podcast.mp4", 5)) as decoder:
        assert len(decoder.timeline) == 1
        assert decoder.info.duration == pytest.approx(5.0, abs=0.1)
        assert colours_at(decoder, [0.0, 4.5]) == "red red"


def test_a_recording_that_stores_only_changes_has_its_true_length(tmp_path: Path) -> None:
    path = tmp_path / "sparse.mkv"
    make_colours(tmp_path / "full.mkv", "red lime lime lime")
    run_ffmpeg(
        "-i",
        str(tmp_path / "full.mkv"),
        "-vf",
        "select='eq(n,0)+eq(n,25)'",
        "-fps_mode",
        "vfr",
        *X264,
        str(path),
    )
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(1.04, abs=0.1)
    # its recorder wrote the true length into the header
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = np.array(4000.0, ">f8").tobytes()
    path.write_bytes(data)
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(4.0)
        assert "held" in kinds(decoder.info)
    # cut off, the same header is no longer believed
    path.write_bytes(data[:-10])
    with Decoder(path) as decoder:
        assert decoder.info.duration < 2
        assert "declared" in kinds(decoder.info)


def test_a_whole_matroska_file_is_known_by_its_segment(tmp_path: Path) -> None:
    path = make_colours(tmp_path / "a.mkv", "red")
    data = path.read_bytes()
    assert is_whole_matroska(data[:64], len(data))
    assert not is_whole_matroska(data[:64], len(data) - 1)
    live = tmp_path / "live.mkv"
    run_ffmpeg("-i", str(path), "-c", "copy", "-live", "1", str(live))
    assert not is_whole_matroska(live.read_bytes()[:64], 1 << 40)
    assert not is_whole_matroska(b"\x1a\x45\xdf\xa3", 4)


def as_204(data: bytes) -> bytes:
    packets = (data[at : at + 188] for at in range(0, len(data), 188))
    return b"".join(packet + b"\x00" * 16 for packet in packets)


def test_transport_streams_are_known_from_any_byte_on(tmp_path: Path) -> None:
    plain = make_colours(tmp_path / "a.ts", "red lime").read_bytes()
    m2ts = make_colours(tmp_path / "b.m2ts", "red lime", *X264, "-mpegts_m2ts_mode", "1")
    for data, size in ((plain, 188), (m2ts.read_bytes(), 192), (as_204(plain), 204)):
        for start in range(size):
            assert find_container(data[start : start + 4096]) == "mpegts", (size, start)
    for name, data in (("mid.ts", plain[100:]), ("mid.m2ts", m2ts.read_bytes()[77:])):
        (tmp_path / name).write_bytes(data)
        with Decoder(tmp_path / name) as decoder:
            assert colours_at(decoder, [0.5, 1.5]) == "red lime"


@pytest.mark.parametrize("seed", range(20))
def test_no_other_bytes_are_taken_for_a_transport_stream(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, 4096, np.uint8).tobytes()
    assert find_container(b"\x01" + noise) is None
    assert find_container(b"Gold rush. " * 370) is None


def test_pictures_that_never_came_are_counted_and_are_no_coverage(tmp_path: Path) -> None:
    data = make_colours(tmp_path / "a.ts").read_bytes()
    packets = len(data) // 188
    path = tmp_path / "damaged.ts"
    path.write_bytes(data[: packets // 3 * 188] + data[packets * 2 // 3 * 188 :])
    index = build_index(path, Store(tmp_path / "store"), ColourEncoder(), workers=1)
    lost = 100 - len(index.timeline)
    assert lost > 10
    told = [loss for loss in index.info.losses if loss.kind == "missing"]
    assert f"{lost} of about 100 pictures are missing" in told[0].text
    assert sum(span.duration for span in index.coverage) < 3.7
    assert FilmInfo.from_json(index.info.to_json()) == index.info


def test_a_single_wild_time_moves_one_picture_and_is_told() -> None:
    dts = np.arange(0, 100_000, 3600, dtype=np.int64)
    wild = dts.copy()
    wild[9] += 36_000 * 90_000
    clock = run_clock(wild, wild, np.ones(len(dts), bool), 90_000.0, "mpegts")
    assert clock.pts.tolist() == dts.tolist()
    assert clock.mended == 1


@pytest.mark.parametrize(
    ("name", "seconds", "frames", "kind"),
    [
        ("02-vfr-screen-recording/rec.mp4", 12.0, 4, "held"),
        ("02-vfr-screen-recording/rec.mkv", 12.0, 4, "held"),
        ("03-still-picture-podcast/podcast.mkv", 12.0, 1, "held"),
        ("05-ts-concatenated/joined.ts", 12.0, 300, "joined"),
        ("05-ts-concatenated/joined.vob", 12.0, 300, "joined"),
        ("06-ts-clock-jump/jump10h.ts", 36005.92, 300, "jump"),
        ("06-ts-clock-jump/wrap.ts", 12.0, 300, None),
        ("07-ts-starts-mid-packet/capture.ts", 12.0, 300, None),
        ("09-webm-no-duration/rec.webm", 12.0, 300, None),
        ("10-unfinished-recording/obs_cut.mkv", 8.0, 200, "declared"),
        ("10-unfinished-recording/obs_fragmented_cut.mp4", 8.04, 201, "declared"),
        ("11-damaged-middle/damaged.ts", 12.0, 256, "missing"),
        ("12-cut-off-keyframe/editlist_cut.mp4", 7.8, 195, None),
    ],
)
def test_the_collected_cases_have_their_true_length(
    name: str, seconds: float, frames: int, kind: str | None
) -> None:
    with Decoder(case(name)) as decoder:
        assert decoder.info.duration == pytest.approx(seconds, abs=0.05)
        assert len(decoder.timeline) == frames
        assert kind in kinds(decoder.info) if kind else not decoder.info.losses


# -- no decodable packet of a joined, cut or shuffled stream disappears without a word --


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three transport streams whose tables come again at every entry point."""
    folder = tmp_path_factory.mktemp("streams")
    flags = ("-mpegts_flags", "resend_headers+pat_pmt_at_frames")
    return [
        make_colours(folder / "a.ts", "red lime blue", *X264, *flags),
        make_colours(folder / "b.ts", "gray red", *MPEG2, *flags),
        make_colours(folder / "c.ts", "blue lime", *X264, *flags),
    ]


def stored_and_decodable(path: Path) -> tuple[int, int]:
    """Return how many pictures libav reads in a row, and how many of them decode undamaged."""
    stored = sound = 0
    with av.open(str(path), format="mpegts") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            stored += bool(packet.size)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            sound += sum(not frame.is_corrupt for frame in frames)
    return stored, sound


@st.composite
def edits(draw: st.DrawFn) -> tuple[int, list[tuple[float, float]]]:
    """Return a film and the shares of it that are written one after another."""
    film = draw(st.sampled_from([0, 1, 2]))
    share = st.floats(0, 1, allow_nan=False)
    parts = draw(st.lists(st.tuples(share, share), min_size=1, max_size=4))
    return film, [(min(part), max(part)) for part in parts if max(part) - min(part) > 0.15]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(edit=edits())
def test_no_decodable_picture_disappears_without_a_word(
    edit: tuple[int, list[tuple[float, float]]],
    streams: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    film, parts = edit
    whole = streams[film].read_bytes()
    packets = [whole[at : at + 188] for at in range(0, len(whole), 188)]
    path = tmp_path_factory.mktemp("edit") / "edited.ts"
    # joined, cut and shuffled at any transport packet
    cut = [b"".join(packets[int(a * len(packets)) : int(b * len(packets))]) for a, b in parts]
    path.write_bytes(b"".join([whole[: 188 * 40], *cut]))
    stored, sound = stored_and_decodable(path)
    with Decoder(path) as decoder:
        timeline, info = decoder.timeline, decoder.info
        frames = decoder.frames(timeline.seconds, size=(16, 16))
        undated = [loss.text for loss in info.losses if loss.kind == "undated"]
        lost = timeline.merged + (int(undated[0].split()[0]) if undated else 0)
        assert len(timeline) + lost == stored
        assert (np.diff(timeline.seconds) > 0).all()
        assert set(np.round(frames.seconds, 6)) <= set(np.round(timeline.seconds, 6))
        if len(frames) < sound or timeline.merged:
            assert info.warnings, f"{sound - len(frames)} of {sound} pictures lost without a word"


def test_pictures_of_an_avi_come_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    plain, path = tmp_path / "film.mp4", tmp_path / "film.avi"
    scene = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=10:d=3", "-pix_fmt", "yuv420p")
    run_ffmpeg(*scene, "-c:v", "libx264", "-g", "10", "-bf", "3", str(plain))
    run_ffmpeg("-i", str(plain), "-c", "copy", str(path))
    with Decoder(path) as decoder, Decoder(plain) as other:
        assert decoder.timeline.seconds == pytest.approx(other.timeline.seconds, abs=0.02)
        assert decoder.info.duration == pytest.approx(3.0, abs=0.02)
        wanted = other.frames(other.timeline.seconds, size=(80, 48)).pixels
        shown = decoder.frames(decoder.timeline.seconds, size=(80, 48)).pixels
        assert np.array_equal(shown, wanted)
        # in any order, after seeks
        late = decoder.frames([2.55, 0.35], size=(80, 48)).pixels
        assert np.array_equal(late, wanted[[25, 3]])


def test_what_an_edit_list_cuts_off_is_no_sound_before_the_film(tmp_path: Path) -> None:
    whole = add_sound(make_colours(tmp_path / "a.mp4", "red lime blue gray"), tmp_path / "b.mp4", 4)
    path = tmp_path / "cut.mp4"
    run_ffmpeg("-ss", "1.4", "-i", str(whole), "-c", "copy", str(path))
    with Decoder(path) as decoder:
        assert "sound_first" not in kinds(decoder.info)


def test_the_last_of_few_pictures_lasts_no_longer_than_its_track(tmp_path: Path) -> None:
    path = tmp_path / "sparse.mp4"
    scene = "testsrc2=s=160x96:r=10:d=12,select='eq(n,0)+eq(n,13)+eq(n,77)'"
    run_ffmpeg(
        *("-f", "lavfi", "-i", scene, "-f", "lavfi", "-i", "sine=d=12", "-fps_mode", "vfr"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)),
    )
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(12.0, abs=0.1)
        assert "held" in kinds(decoder.info)


def test_another_video_track_is_named_with_the_way_to_look_at_it(tmp_path: Path) -> None:
    first = make_colours(tmp_path / "a.ts", "red lime")
    second = make_colours(tmp_path / "b.ts", "blue", *X264, "-mpegts_start_pid", "0x200")
    # a receiver that stored the second part under another number
    path = join(tmp_path / "joined.ts", first, second)
    with Decoder(path) as decoder:
        (loss,) = [loss for loss in decoder.info.losses if loss.kind == "other_video"]
    assert "h264" in loss.text
    assert "25 pictures, 0:01.0): only track 0 is looked at; ffmpeg -i FILM -map 0:1" in loss.text
    assert loss.text in decoder.info.warnings
    covered = make_colours(tmp_path / "c.mkv", "red lime")
    with Decoder(covered) as decoder:
        assert "other_video" not in kinds(decoder.info)


@pytest.mark.parametrize("suffix", [".mp4", ".flv"])
def test_a_second_film_behind_the_first_one_is_said_not_to_be_read(
    suffix: str, tmp_path: Path
) -> None:
    part = make_colours(tmp_path / f"a{suffix}", "red lime")
    path = join(tmp_path / f"joined{suffix}", part, part)
    with Decoder(path) as decoder, Decoder(part) as single:
        (loss,) = [loss for loss in decoder.info.losses if loss.kind == "unread"]
        assert "unread" not in kinds(single.info)
    assert loss.text[:15] in ("50% of the file", "51% of the file")
    assert "ffmpeg -f concat" in loss.text


def test_fragments_that_repeat_their_header_are_read_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "fragments.mp4"
    make_colours(path, "red lime blue", *X264, "-movflags", "frag_keyframe+empty_moov")
    data = path.read_bytes()
    head = data[: data.index(b"moof") - 4]
    place = data.index(b"moof", data.index(b"moof") + 4) - 4
    path.write_bytes(data[:place] + head + data[place:])
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(3.0, abs=0.1)
        assert "unread" not in kinds(decoder.info)


def test_pictures_that_come_every_few_seconds_keep_their_times(tmp_path: Path) -> None:
    path = tmp_path / "slow.mkv"
    scene = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=1/7:d=63")
    run_ffmpeg(*scene, "-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p", str(path))
    with Decoder(path) as decoder:
        assert decoder.timeline.seconds.tolist() == [7.0 * number for number in range(9)]
        assert "mended" not in kinds(decoder.info)


def test_a_matroska_clock_that_begins_late_makes_a_film_no_longer(tmp_path: Path) -> None:
    plain = make_colours(tmp_path / "a.mp4", "red lime")
    path = tmp_path / "late.mkv"
    run_ffmpeg("-i", str(plain), "-c", "copy", "-output_ts_offset", "100", str(path))
    with Decoder(path) as decoder:
        assert decoder.info.duration == pytest.approx(2.0, abs=0.1)
        assert decoder.info.losses == ()


def test_a_fragment_that_is_missing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "stream.mp4"
    make_colours(path, "red lime blue gray", *X264, "-movflags", "frag_keyframe+empty_moov")
    data = path.read_bytes()
    starts = [at - 4 for at in range(len(data)) if data.startswith(b"moof", at)]
    path.write_bytes(data[: starts[1]] + data[starts[2] :])
    with Decoder(path) as decoder:
        (loss,) = [loss for loss in decoder.info.losses if loss.kind == "missing"]
    assert loss.spans[0] == pytest.approx((1.0, 2.0), abs=0.05)
