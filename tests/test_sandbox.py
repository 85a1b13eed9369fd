"""What the decode child may not do, and what the parent refuses before a child is asked."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from film_fixtures import make_film, run_ffmpeg

from longtake.index.video import messages as wire
from longtake.index.video.decode import Decoder, Limits
from longtake.index.video.errors import InputError
from longtake.index.video.probing.probe import check_regular, film_id_of
from longtake.index.video.sandbox import DEFAULT_LIMITS, OpenFilm, SharedMemory

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "plain.mp4", *X264)


def refusal(path: Path | str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the one line that a film is refused with."""
    with Decoder(path, limits) as decoder, pytest.raises(InputError) as caught:
        _ = decoder.info
    assert caught.value.exit_code == 3
    message = str(caught.value)
    assert "\n" not in message
    assert Path(path).name in message
    return message


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    fifo, link, empty = tmp_path / "fifo.mp4", tmp_path / "dangling.mp4", tmp_path / "empty.mp4"
    os.mkfifo(fifo)
    link.symlink_to(tmp_path / "nowhere")
    empty.touch()
    start = time.monotonic()
    assert "a FIFO" in refusal(fifo)
    assert "a directory" in refusal(tmp_path)
    assert "a device" in refusal("/dev/zero")
    assert "No such file" in refusal(link)
    assert "No such file" in refusal(tmp_path / "missing.mp4")
    assert "an empty file" in refusal(empty)
    assert time.monotonic() - start < 5
    with pytest.raises(InputError, match="a FIFO"):
        check_regular(fifo)


CANARY = "canary.mp4"
POLYGLOTS = {
    "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{CANARY}\n#EXT-X-ENDLIST\n",
    "concat.mp4": f"ffconcat version 1.0\nfile {CANARY}\n",
    "dash.mp4": f'<?xml version="1.0"?><MPD><Period><BaseURL>{CANARY}</BaseURL></Period></MPD>',
    "picture.mp4": '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/"/></svg>',
    "page.mp4": "<!DOCTYPE html><html></html>",
    "notes.mp4": "just some words, nothing else\n",
    "blank.mp4": "\0" * 5000,
    "sound.mp4": "RIFF\0\0\0\0WAVEfmt ",
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_playlists_and_other_files_named_mp4_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(POLYGLOTS[name], encoding="latin-1")
    assert "accepted: MP4/MOV" in refusal(tmp_path / name)


def test_a_playlist_behind_a_video_header_opens_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hits: list[object] = []
        server.settimeout(0.2)

        def listen() -> None:
            with contextlib.suppress(TimeoutError):
                hits.append(server.accept())

        listener = threading.Thread(target=listen)
        listener.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        body = f"#EXTM3U\n#EXTINF:5,\n{url}\n".encode()
        for head in (
            b"\0\0\0\x18ftypisom\0\0\0\0isomavc1",
            b"\x1a\x45\xdf\xa3",
            b"G" + b"\xff" * 187,
        ):
            path = tmp_path / "film.mp4"
            path.write_bytes(head * 2 + body)
            refusal(path)
        listener.join()
        assert not hits


def test_unlisted_codecs_and_too_many_pixels_are_refused(plain: Path, tmp_path: Path) -> None:
    for name, codec in (("ffv1.mkv", "ffv1"), ("magic.avi", "magicyuv"), ("pic.mov", "png")):
        path = make_film(tmp_path / name, "-c:v", codec, "-pix_fmt", "yuv420p", "-t", "0.2")
        assert "accepted" in refusal(path)
    assert "pixels" in refusal(plain, Limits(max_pixels=100))


def test_sound_alone_is_refused_cover_picture_or_not(tmp_path: Path) -> None:
    sound, cover = tmp_path / "sound.m4a", tmp_path / "cover.png"
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=1", str(sound))
    assert "no video track" in refusal(sound)
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-frames:v", "1", str(cover))
    both = tmp_path / "both.m4a"
    arguments = ["-i", str(sound), "-i", str(cover), "-map", "0", "-map", "1", "-c", "copy"]
    run_ffmpeg(*arguments, "-disposition:v:0", "attached_pic", str(both))
    assert "no video track" in refusal(both)


def test_a_name_full_of_tricks_is_only_a_name(plain: Path, tmp_path: Path) -> None:
    for name in ("-y.mp4", "a b;rm -rf $(x)'\".mp4", "%d.mp4", "new\nline.mp4", "concat:a|b.mp4"):
        path = tmp_path / name
        path.write_bytes(plain.read_bytes())
        assert film_id_of(path) == film_id_of(plain)
        with Decoder(path) as decoder:
            assert len(decoder.frames([1.0], (16, 16))) == 1
    (tmp_path / "new\nline.mp4").write_text("no film")
    with pytest.raises(InputError, match=r"new\?line\.mp4"):
        check_regular(tmp_path / "new\nline.mp4")


def test_a_link_to_a_film_is_followed(plain: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(plain)
    with Decoder(link) as decoder:
        assert decoder.info.film_id == film_id_of(plain)


def test_the_child_has_no_environment_no_files_and_a_group_of_its_own(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-key-123")
    with Decoder(plain) as decoder:
        decoder.frames([1.0], (16, 16))
        picker = decoder._pickers[0]
        assert picker is not None
        pid = picker.child.process.pid
        process = Path(f"/proc/{pid}")
        assert b"canary" not in (process / "environ").read_bytes()
        assert os.getpgid(pid) == pid
        assert os.getsid(pid) == pid
        limits = (process / "limits").read_text()
        for line in limits.splitlines():
            if line.startswith(("Max core", "Max file size", "Max processes")):
                assert line.split("  ")[1].strip() == "0" or " 0 " in line
        open_files = {os.readlink(link) for link in (process / "fd").iterdir()}
        named = {name for name in open_files if name.startswith("/")}
        assert named <= {str(plain), "/memfd:longtake (deleted)"}
        assert picker.child.confinement["landlock"] in (True, False)


def test_landlock_keeps_every_path_closed(plain: Path) -> None:
    with Decoder(plain) as decoder:
        _ = decoder.info
        picker = decoder._pickers[0]
        assert picker is not None
        if not picker.child.confinement["landlock"]:
            pytest.skip("this kernel has no Landlock")
    from longtake.index.video.child import jail

    code = (
        "import sys, os, types; box = types.ModuleType('b'); "
        f"box.__path__ = [{str(Path(jail.__file__).parent)!r}];"
        "sys.modules['b'] = box; from b import jail; import socket; free = jail.leave_network();"
        f"jail.limit_resources(1 << 30); assert jail.close_doors({os.getpid()});\n"
        "for path in ('/etc/hostname', '/proc/self/environ', '/tmp'):\n"
        "    try: os.open(path, os.O_RDONLY); sys.exit(1)\n"
        "    except PermissionError: pass\n"
        "try: os.fork(); os.execv('/bin/true', ['x']); sys.exit(2)\n"
        "except OSError: pass\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1); sys.exit(3)\n"
        "except OSError: sys.exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_shared_memory_cannot_be_shrunk_under_the_parent() -> None:
    memory = SharedMemory()
    memory.reserve(8192)
    if hasattr(os, "memfd_create"):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.fd, 10)
    memory.close()


def test_a_child_dies_with_its_parent(plain: Path) -> None:
    code = (
        "import sys, time; from longtake.index.video.decode import Decoder\n"
        "decoder = Decoder(sys.argv[1]); decoder.info\n"
        "print(decoder._pickers[0].child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(plain)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text():
            return
        time.sleep(0.05)
    pytest.fail(f"the decode child {child} outlived its parent")


def test_descriptors_are_given_back(plain: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    with Decoder(plain) as decoder:
        _ = decoder.info
    before = count()
    for _ in range(3):
        with Decoder(plain) as decoder:
            decoder.frames([0.5], (16, 16))
        film = OpenFilm(plain)
        film.close()
    assert count() == before


def read_all(fd: int) -> None:
    for _ in range(3):
        wire.read_message(fd, timeout=0.5)


def test_messages_survive_the_wire_and_nonsense_does_not() -> None:
    reading, writing = os.pipe()
    wire.write_message(writing, {"op": "pick", "n": [1, 2]}, b"\x00\xff" * 5)
    message = wire.read_message(reading, timeout=1)
    assert message.header["n"] == [1, 2]
    assert message.payload == b"\x00\xff" * 5
    with pytest.raises(wire.WireTimeout):
        wire.read_message(reading, timeout=0.05)
    for nonsense in (b"\xff\xff\xff\xff", b"\0\0\0\x02{}\0\0\0\x03abc"):
        os.write(writing, nonsense)
        with pytest.raises(wire.WireClosed):
            read_all(reading)
        os.close(reading)
        os.close(writing)
        reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(wire.WireClosed):
        wire.read_message(reading)
    os.close(reading)
