import numpy as np
import pytest
from index_fixtures import COLOURS, MEDIA, SCENES, SUBTITLES, ColourEncoder, make_film

from longtake.index.build import build_index
from longtake.index.no_encoder import NoEncoder
from longtake.index.stages import DEPENDS
from longtake.index.storage.store import Store
from longtake.index.video.errors import IndexCorrupt, IndexProblem, InputError, UsageError
from longtake.index.video.span import Span


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    path = make_film(folder / "scenes.mp4", SCENES)
    (folder / "scenes.srt").write_text(SUBTITLES)
    return path


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def files_of(store, index):
    folder = store.film_dir(index.info.film_id)
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_film_becomes_searchable(film, store):
    stages = []
    index = build_index(film, store, ColourEncoder(), progress=stages.append)
    assert index.sample_seconds.tolist() == [float(k) for k in range(30)]
    assert len(index.row_of_sample) == 30
    assert index.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(index.vectors, axis=1), 1.0, atol=2e-3)
    assert index.coverage == [Span(0.0, 30.0)]
    assert [round(shot.start) for shot in index.shots] == [0, 8, 20]
    assert [round(clip.span.start) for clip in index.clips] == [0, 8, 20]
    assert index.cues()[0].text == "The code of the vault is 4821."
    assert index.caveats == []
    assert {p.stage for p in stages} == {"timeline", "vectors", "shots", "speech"}
    assert all(0 <= p.done <= p.total for p in stages)


def test_similarity_is_per_sample_and_nearest_per_vector(film, store):
    encoder = ColourEncoder()
    index = build_index(film, store, encoder)
    blue = encoder.encode_texts(["blue"])[0]
    scores = index.similarity(blue)
    assert scores.shape == (30,)
    assert scores[8:20].min() > scores[:8].max()
    near = index.nearest(blue, 3)
    assert all(8.0 <= hit.second < 20.0 for hit in near)
    assert near[0].score == pytest.approx(float(scores.max()), abs=1e-3)


def test_the_second_run_neither_embeds_nor_writes(film, store):
    first = build_index(film, store, ColourEncoder())
    before = files_of(store, first)
    encoder = ColourEncoder()
    again = build_index(film, store, encoder)
    assert encoder.frames_encoded == 0
    assert files_of(store, again) == before
    np.testing.assert_array_equal(first.vectors, again.vectors)


def test_two_builds_from_nothing_are_the_same_but_for_their_timings(film, tmp_path):
    stores = [Store(tmp_path / name) for name in "ab"]
    made = [files_of(store, build_index(film, store, ColourEncoder())) for store in stores]
    for name in ("vectors.npy", "samples.npy", "index.sqlite"):
        assert made[0][name] == made[1][name], name
    records = [store.open(store.list()[0].film_id).record for store in stores]
    assert {**records[0], "timings": 0} == {**records[1], "timings": 0}


def test_near_duplicates_share_a_vector(tmp_path, store):
    path = make_film(tmp_path / "still.mp4", [("red", 4.0)])
    index = build_index(path, store, ColourEncoder())
    assert len(index.vectors) <= len(index.sample_seconds)
    assert index.row_of_sample.max() == len(index.vectors) - 1


def test_a_moved_film_keeps_its_index(tmp_path, store):
    path = make_film(tmp_path / "a.mp4", [("red", 2.0)])
    build_index(path, store, ColourEncoder())
    moved = path.rename(tmp_path / "b.mp4")
    encoder = ColourEncoder()
    assert build_index(moved, store, encoder).info.path == str(moved)
    assert encoder.frames_encoded == 0


class Halves(ColourEncoder):
    """Also gives the upper and the lower half of a frame a vector."""

    id = "halves"

    def encode_views(self, pixels):
        half = pixels.shape[1] // 2
        parts = (pixels, pixels[:, :half], pixels[:, half:])
        return np.stack([self.encode_frames(part) for part in parts], axis=1)


def test_a_frame_is_as_like_a_text_as_the_best_of_its_parts(film, store):
    index = build_index(film, store, Halves())
    assert index.views.shape == (len(index.vectors), 3, len(COLOURS))
    blue = index.views[0, 2]
    np.testing.assert_allclose(
        index.similarity(blue), (index.views @ blue).max(axis=1)[index.row_of_sample], atol=1e-6
    )
    np.testing.assert_allclose(
        index.similarity(blue, whole=True), (index.vectors @ blue)[index.row_of_sample], atol=1e-6
    )
    again = build_index(film, store, Halves(), refresh=["samples"])
    np.testing.assert_array_equal(again.views, index.views)


def test_another_encoder_is_refused_until_the_vectors_are_refreshed(film, store):
    build_index(film, store, ColourEncoder())
    other = ColourEncoder()
    other.id = "colours-2"
    with pytest.raises(IndexProblem, match="colours-1, not colours-2") as caught:
        build_index(film, store, other)
    assert "--refresh vectors" in caught.value.remedy
    index = build_index(film, store, other, refresh=["vectors"])
    assert index.encoder_id == "colours-2"
    assert other.frames_encoded > 0


def test_an_index_made_without_an_encoder_gets_the_vectors_of_one(film, store):
    index = build_index(film, store, NoEncoder())
    assert (index.encoder_id, index.vectors.any()) == ("none", False)
    index.close()
    seen = []
    encoder = ColourEncoder()
    index = build_index(film, store, encoder, progress=lambda step: seen.append(step.stage))
    assert index.encoder_id == encoder.id
    assert index.nearest(encoder.encode_texts(["blue"])[0], 1)[0].score > 0.9
    assert "speech" not in seen
    index.close()
    # who has no encoder goes on with what there is
    assert build_index(film, store, NoEncoder()).encoder_id == encoder.id
    assert build_index(film, store, ColourEncoder(), refresh=["speech"]).encoder_id == encoder.id


def test_a_part_is_made_anew_with_the_vectors_that_were_missing(film, store):
    build_index(film, store, NoEncoder()).close()
    encoder = ColourEncoder()
    assert build_index(film, store, encoder, refresh=["speech"]).encoder_id == encoder.id


def test_another_rate_opens_with_a_caveat_and_is_not_redone_unasked(film, store):
    build_index(film, store, ColourEncoder())
    encoder = ColourEncoder()
    index = build_index(film, store, encoder, fps=2.0)
    assert len(index.sample_seconds) == 30
    assert encoder.frames_encoded == 0
    assert "--refresh vectors" in index.caveats[0]
    assert "stale (vectors, shots)" in index.caveats[0]
    finer = build_index(film, store, encoder, fps=2.0, refresh=["vectors"])
    assert len(finer.sample_seconds) == 60
    assert finer.caveats == []


def test_new_subtitles_make_speech_stale_and_refresh_reads_them(tmp_path, store):
    path = make_film(tmp_path / "a.mp4", [("red", 6.0)])
    assert build_index(path, store, ColourEncoder()).cues() == []
    (tmp_path / "a.srt").write_text(SUBTITLES)
    index = build_index(path, store, ColourEncoder())
    assert index.cues() == []
    assert "--refresh speech" in index.caveats[0]
    encoder = ColourEncoder()
    index = build_index(path, store, encoder, refresh=["speech"])
    assert [cue.text for cue in index.cues()] == ["The code of the vault is 4821."]
    assert index.caveats == ["1 of 2 lines of a.srt lie after the end of the film"]
    assert encoder.frames_encoded == 0


def test_one_of_several_languages_is_used_and_the_others_are_told(tmp_path, store):
    path = make_film(tmp_path / "a.mp4", [("red", 6.0)])
    line = "1\n00:00:01,000 --> 00:00:03,000\n{}\n"
    (tmp_path / "a.de.srt").write_text(line.format("Die Fähre fährt um neun Uhr."))
    (tmp_path / "a.en.srt").write_text(line.format("The ferry leaves at nine."))
    (tmp_path / "a.2.srt").write_text(line.format("The submarine dives."))
    (tmp_path / "other.srt").write_text(line.format("Le ferry part."))
    index = build_index(path, store, ColourEncoder())
    assert [cue.text for cue in index.cues()] == ["Die Fähre fährt um neun Uhr."]
    assert "there is also a.en.srt (en)" in index.caveats[0]
    for question in ("When does the ferry leave?", "ferry"):
        index.choose_subtitles(question=question)
        assert index.subtitles is not None
        assert index.subtitles.source == "sidecar:a.en.srt"
        assert [hit.text for hit in index.search_words("ferry", "speech")] == [
            "The ferry leaves at nine."
        ]
        assert len(index.caveats) == 1
    index.choose_subtitles("none")
    assert index.cues() == []
    index.choose_subtitles(str(tmp_path / "other.srt"))
    assert [cue.text for cue in index.cues()] == ["Le ferry part."]
    with pytest.raises(UsageError, match="no such file, and no language"):
        index.choose_subtitles("nowhere.srt")


def test_an_unknown_stage_is_refused(film, store):
    with pytest.raises(UsageError, match="refresh = 'vectros'"):
        build_index(film, store, ColourEncoder(), refresh=["vectros"])
    assert "speech" in DEPENDS


@pytest.mark.parametrize("kind", ["missing", "directory", "empty", "html"])
def test_what_is_no_film_is_refused_and_nothing_is_written(tmp_path, store, kind):
    path = tmp_path / "film.mp4"
    if kind == "directory":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "html":
        path.write_text("<!DOCTYPE html><html></html>")
    with pytest.raises(InputError) as caught:
        build_index(path, store, ColourEncoder())
    assert caught.value.exit_code == 3
    assert not store.root.exists()


def test_progress_may_stop_the_work_and_the_next_run_goes_on(tmp_path, store):
    path = make_film(tmp_path / "a.mp4", [("red", 90.0), ("blue", 80.0)])

    class Stopped(Exception):
        pass

    def stop(step):
        if step.stage == "vectors" and step.done >= 64:
            raise Stopped

    first = ColourEncoder()
    with pytest.raises(Stopped):
        build_index(path, store, first, progress=stop)
    assert [film.state for film in store.list()] == ["partial"]
    rest = ColourEncoder()
    index = build_index(path, store, rest)
    whole = ColourEncoder()
    clean = build_index(path, Store(tmp_path / "clean"), whole)
    assert 0 < rest.frames_encoded == whole.frames_encoded - first.frames_encoded
    np.testing.assert_array_equal(index.vectors, clean.vectors)


@pytest.mark.skipif(not MEDIA.is_dir(), reason="no test media")
@pytest.mark.parametrize("name", ["bbb_truncated_faststart.mp4", "bbb_truncated.webm"])
def test_a_truncated_film_is_indexed_as_far_as_it_goes(store, name):
    index = build_index(MEDIA / "derived" / name, store, ColourEncoder())
    assert len(index.sample_seconds) >= 11
    assert index.coverage[-1].end <= index.info.duration < 19.0


@pytest.mark.skipif(not MEDIA.is_dir(), reason="no test media")
def test_what_does_not_decode_is_a_gap_and_is_said_so(store):
    index = build_index(MEDIA / "derived" / "bbb_bitflips.mp4", store, ColourEncoder())
    assert 2 <= len(index.sample_seconds) < 20
    assert sum(span.duration for span in index.coverage) < index.info.duration
    assert any("do not decode" in caveat for caveat in index.caveats)


@pytest.mark.skipif(not MEDIA.is_dir(), reason="no test media")
def test_embedded_subtitles_are_searchable(store):
    index = build_index(MEDIA / "derived" / "bbb_embedded_subs.mkv", store, ColourEncoder())
    cues = index.cues()
    assert cues
    assert {cue.source.split(":")[0] for cue in cues} == {"track"}
    word = max(cues[0].text.split(), key=len)
    assert index.search_words(word, "speech")[0].span.start >= 0


def test_a_damaged_index_is_not_silently_rebuilt(film, store):
    index = build_index(film, store, ColourEncoder())
    path = store.film_dir(index.info.film_id) / "index.sqlite"
    data = bytearray(path.read_bytes())
    data[4000] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexCorrupt, match=r"index\.sqlite") as caught:
        build_index(film, store, ColourEncoder())
    assert f"longtake index {film} --refresh derived" in caught.value.remedy
    assert build_index(film, store, ColourEncoder(), refresh=["derived"]).cues()
