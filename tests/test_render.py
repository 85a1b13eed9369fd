import subprocess
from itertools import pairwise

import av
import ffmpeg
import numpy as np
import pytest

from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.span import Span
from longtake.world.films.film import plan_film
from longtake.world.films.narration import Line
from longtake.world.films.segment import HEIGHT, WIDTH, ffmpeg_binary
from longtake.world.render import make_film, question_path, render_film, to_srt
from longtake.world.scenes.scene import draw_scene, draw_sprite
from longtake.world.scenes.stage import FPS

MINUTES, SEED = 0.5, 7  # with a sign, a walk, and something that comes and goes


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    reports = []
    out = tmp_path_factory.mktemp("films") / "short.mp4"
    path = make_film(MINUTES, SEED, out, progress=lambda *r: reports.append(r))
    return path, reports


def decode(path, seconds):
    """Return the RGB frames on screen at these seconds."""
    wanted, frames = [round(s * FPS) for s in seconds], {}
    with av.open(str(path)) as container:
        for row, frame in enumerate(container.decode(video=0)):
            if row in wanted:
                frames[row] = frame.to_ndarray(format="rgb24")
            if row >= max(wanted):
                break
    return [frames[row] for row in wanted]


def frame_hashes(path):
    stream = ffmpeg.input(str(path)).video.output("pipe:", format="framemd5")
    out, _ = stream.run(cmd=ffmpeg_binary(), capture_stdout=True, quiet=True)
    return out


def test_a_film_is_720p_h264_at_24_frames_with_narration(film):
    with av.open(str(film[0])) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", WIDTH, HEIGHT)
        assert video.average_rate == FPS
        subtitle = container.streams.subtitles[0]
        assert subtitle.codec_context.name == "mov_text"
        assert subtitle.language == "eng"


def test_every_frame_is_where_it_was_planned(film):
    with av.open(str(film[0])) as container:
        stream = container.streams.video[0]
        packets = [(p.pts, p.is_keyframe) for p in container.demux(stream) if p.pts is not None]
    step = packets[1][0]
    assert [pts for pts, _ in packets] == [step * k for k in range(round(MINUTES * 60 * FPS))]
    keys = {pts // step for pts, is_key in packets if is_key}
    assert {shot.first for shot in plan_film(MINUTES, SEED).shots} <= keys


def test_the_frames_show_the_planned_scenes(film):
    plan = plan_film(MINUTES, SEED)
    seconds = [s.span.start for s in plan.shots] + [s.span.end - 1 / FPS for s in plan.shots]
    for second, pixels in zip(seconds, decode(film[0], seconds), strict=True):
        shot = next(s for s in plan.shots if s.span.contains(second + 0.01))
        inside = second - shot.span.start
        drawn = np.asarray(draw_scene(shot.scene, WIDTH, HEIGHT, inside), float)
        assert np.abs(drawn - pixels).mean() < 6, second


def test_a_visit_begins_and_ends_on_its_frame(film):
    plan = plan_film(MINUTES, SEED)
    shot, sprite = next(
        (shot, s) for shot in plan.shots for s in shot.scene.sprites if s.appears is not None
    )
    assert sprite.appears is not None
    assert sprite.vanishes is not None
    start, end = shot.span.start + sprite.appears, shot.span.start + sprite.vanishes
    frames = decode(film[0], [start - 1 / FPS, start, end - 1 / FPS, end])
    box = sprite.box(sprite.appears)
    assert box is not None
    cut = [
        f[
            round(box.y0 * HEIGHT) : round(box.y1 * HEIGHT),
            round(box.x0 * WIDTH) : round(box.x1 * WIDTH),
        ]
        for f in frames
    ]
    change = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(cut)]
    assert change[0] > 10
    assert change[1] < 3
    assert change[2] > 10


def test_the_same_seed_gives_the_same_frames_and_questions(film, tmp_path):
    again = render_film(plan_film(MINUTES, SEED), tmp_path / "short.mp4", workers=1)
    assert frame_hashes(again) == frame_hashes(film[0])
    assert again.read_bytes() == film[0].read_bytes()
    assert question_path(again).read_bytes() == question_path(film[0]).read_bytes()


def test_progress_ends_at_the_whole_film(film):
    assert film[1][-1] == (30.0, 30.0)
    assert [r[0] for r in film[1]] == sorted(r[0] for r in film[1])


def test_nothing_is_left_beside_the_film(film):
    assert sorted(p.name for p in film[0].parent.iterdir()) == [
        "short.mp4",
        "short.questions.json",
    ]


def test_the_narration_is_in_the_subtitle_track(film):
    stream = ffmpeg.input(str(film[0]))["s"].output("pipe:", format="srt")
    out, _ = stream.run(cmd=ffmpeg_binary(), capture_stdout=True, quiet=True)
    for line in plan_film(MINUTES, SEED).lines:
        assert line.text in out.decode()


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    path = tmp_path_factory.mktemp("hay") / "hay.mp4"
    source = ffmpeg.input("testsrc2=size=320x240:rate=30:duration=3", format="lavfi")
    source.output(str(path), vcodec="libx264", preset="ultrafast").run(
        cmd=ffmpeg_binary(), quiet=True
    )
    return path


def test_real_footage_becomes_the_background(footage, tmp_path):
    out = make_film(0.5, 2, tmp_path / "hay.mp4", haystack=footage)
    plan = plan_film(0.5, 2)
    with av.open(str(out)) as container:
        assert container.streams.video[0].frames == plan.frames
    middles = [s.span.start + 0.5 for s in plan.shots]
    for shot, pixels in zip(plan.shots, decode(out, middles), strict=True):
        drawn = np.asarray(draw_scene(shot.scene, WIDTH, HEIGHT, 0.5), float)
        for sprite in shot.scene.sprites:
            centre = sprite.at(0.5)
            if centre is None or sprite.size < 0.1 or sprite.motion:
                continue
            alpha = np.asarray(draw_sprite(sprite, HEIGHT))[..., 3]
            top, left = round(centre[1] * HEIGHT) - len(alpha) // 2, round(centre[0] * WIDTH)
            left -= len(alpha) // 2
            square = np.s_[top : top + len(alpha), left : left + len(alpha)]
            solid = alpha > 250
            assert np.abs(drawn[square] - pixels[square])[solid].mean() < 25
        # the place itself is gone
        assert np.abs(drawn - pixels).mean() > 30
    assert "beach" not in question_path(out).read_text()


def test_footage_that_is_no_video_is_refused_and_nothing_is_written(tmp_path):
    page = tmp_path / "page.mp4"
    page.write_text("<html>not a film</html>")
    with pytest.raises(InputError, match="haystack"):
        make_film(0.5, 1, tmp_path / "out.mp4", haystack=page)
    with pytest.raises(InputError, match="no such file"):
        make_film(0.5, 1, tmp_path / "out.mp4", haystack=tmp_path / "none.mp4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.mp4"]


def test_a_name_without_mp4_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.mp4"):
        make_film(0.5, 1, tmp_path / "out.mkv")


def test_an_interrupted_render_leaves_nothing_half_written(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_film(0.5, 1, tmp_path / "out.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_subrip_times_are_written_to_the_millisecond():
    text = to_srt([Line(Span(3661.5, 3662.25), "Look closely.")])
    assert text == "1\n01:01:01,500 --> 01:01:02,250\nLook closely.\n\n"


def test_the_bundled_ffmpeg_runs():
    done = subprocess.run([ffmpeg_binary(), "-version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"ffmpeg version")
