"""The baselines: the same video LLM asked once, with other things before it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from ...index.video.errors import UsageError
from ...index.video.frames import Frames, empty_frames
from ...index.video.span import Span
from ...models.choice_reader import parse_choice
from ...models.client.usage import metered
from ...tools.protocols import Reply as VlmReply
from ...tools.protocols import note_room
from ...tools.types import Cost
from ..sample import Sample
from ..scoring.needle import span_in_text
from .film import FilmUnderTest, part_of
from .reply import Reply
from .spec import Order

ORACLE_FRAMES = 32
NOTE_CHARS = 40_000  # of words that go along; beyond it the best passages only
PASSAGES = 60
UNSURE = 0.5  # best frame score below which an open question is declined
FRAME_SECONDS = 0.04
MARGIN = 1.0  # seconds around a true span in which words count as spoken there


def blind(film: FilmUnderTest, sample: Sample) -> Reply:
    """Ask with the question and its options alone."""
    return _look(film, sample, empty_frames())


def text_only(film: FilmUnderTest, sample: Sample) -> Reply:
    """Ask with what is said and written on screen, no frames."""
    film.read_screen_text()
    film.index.choose_subtitles(film.film.settings.subtitles, sample.question)
    return _look(film, sample, empty_frames(), _words(film, sample))


def uniform(
    film: FilmUnderTest,
    sample: Sample,
    count: int,
    order: Order | None = None,
    like: int | None = None,
) -> Reply:
    """Ask with evenly spread frames, as many as the model takes at most.

    Args:
        film: the film.
        sample: the question.
        count: of frames.
        order: of their pictures; a shuffle is the same for a sample each time.
        like: each is as large as one of so many; None: as of `count`.
    """
    limit = getattr(film.vlm, "frame_limit", film.vlm.max_frames)
    wanted, count = count, max(1, min(count, limit))
    frames = film.even_frames(part_of(sample, film.duration), count, like)
    if order is not None:
        rows = np.arange(len(frames))[::-1]
        if order == "shuffled":
            digest = hashlib.sha256(f"{sample.sample_id} {len(frames)}".encode()).digest()
            rows = np.random.default_rng(list(digest)).permutation(rows)
        frames = Frames(frames.pixels[rows], frames.seconds)
    reply = _look(film, sample, frames)
    if wanted > count:
        reply.usage["frames_wanted"] = wanted
    return reply


def oracle(film: FilmUnderTest, sample: Sample) -> Reply:
    """Ask with frames of the true spans, and what is said and written there.

    Raises:
        UsageError: the sample has no true spans.
    """
    spans = true_spans(sample, film.duration)
    if not spans:
        raise UsageError("the benchmark does not say where the film shows the answer")
    most = min(ORACLE_FRAMES, film.vlm.max_frames)
    lines = [
        f"[{line.span.start:.1f} s] {line.text}"
        for line in film.index.words().lines(("speech", "text"))
        if any(line.span.overlap(_widened(span)) > 0 for span in spans)
    ]
    return _look(film, sample, film.frames(_spread(spans, most)), lines)


def true_spans(sample: Sample, duration: float) -> list[Span]:
    """Return where the film shows the answer: spans, or a moment around each true frame."""
    spans = [Span(a, b) for a, b in sample.evidence_spans or sample.answer_spans or ()]
    spans += [Span(at, at) for at in sample.evidence_frames or ()]
    inside = (Span(min(s.start, duration), min(s.end, duration)) for s in spans)
    return sorted(set(inside))


def _widened(span: Span) -> Span:
    return Span(max(0.0, span.start - MARGIN), span.end + MARGIN)


def _spread(spans: Sequence[Span], count: int) -> list[float]:
    """Return times spread over the spans: one in each, the others by length."""
    spans = spans[:: max(1, -(-len(spans) // count))]
    total = sum(span.duration for span in spans)
    spare = count - len(spans)
    times: list[float] = []
    for span in spans:
        share = 1 + (int(spare * span.duration / total) if total else 0)
        times += [span.start + span.duration * (k + 0.5) / share for k in range(share)]
    return times


def _words(film: FilmUnderTest, sample: Sample) -> list[str]:
    """Return the lines of the asked part in time order, all of them where they are few enough."""
    part = part_of(sample, film.duration)
    lines = film.index.words().lines(("speech", "text"), part)
    room = note_room(film.vlm, NOTE_CHARS, frames=False)
    if sum(len(line.text) for line in lines) > room:
        found = film.index.passages(
            [sample.question, *(sample.options or ())], ("speech", "text"), PASSAGES, part
        )
        kept, size = [], 0
        for passage in found:
            size += len(passage.text)
            if size > room:
                break
            kept += passage.lines
        lines = sorted(set(kept), key=lambda line: line.span)
    return [f"[{line.span.start:.1f} s, {line.kind}] {line.text}" for line in lines]


def _look(film: FilmUnderTest, sample: Sample, frames: Frames, notes: Sequence[str] = ()) -> Reply:
    options = sample.options or ()
    with metered() as meter:
        said = film.vlm.answer(frames, sample.question, options, notes)
    spent = meter.total
    tokens_in, tokens_out = spent.tokens_in or said.tokens_in, spent.tokens_out or said.tokens_out
    usage = {
        "model_calls": max(1, spent.requests),
        "frames_decoded": len(frames),
        "frames_shown": len(frames),
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "tokens_cached": spent.cached,
        "usd": _usd(film, Cost(tokens_in=tokens_in, tokens_out=tokens_out, cached=spent.cached)),
    }
    cited = tuple((second, second) for second in said.cited)
    if options:
        index, rule = _likeliest(said), said.method
        if index is None:
            parsed = parse_choice(said.text, options)
            index, rule = parsed.index, parsed.rule
        return Reply(
            "parse_fail" if index is None else "ok",
            said.text,
            index,
            cited_spans=cited,
            parse_rule=rule,
            confidence=None if index is None or said.options is None else said.options[index],
            usage=usage,
            decoded=len(frames),
        )
    named = span_in_text(said.text)
    spans = ((named.start, named.end),) if named else _best_frame(said, frames) or cited
    declined = not said.text or _unsure(said)
    return Reply(
        "abstained" if declined else "ok",
        said.text,
        pred_spans=None if declined else spans,
        cited_spans=cited,
        parse_rule="text",
        confidence=said.confidence,
        usage=usage,
        decoded=len(frames),
    )


def _usd(film: FilmUnderTest, cost: Cost) -> float | None:
    rates = film.film.parts.rates(film.film.parts.planner())
    return rates.usd("vlm", cost)


def _likeliest(said: VlmReply) -> int | None:
    if not said.options:
        return None
    return max(range(len(said.options)), key=said.options.__getitem__)


def _unsure(said: VlmReply) -> bool:
    if said.frame_scores:
        return max(said.frame_scores) < UNSURE
    return said.enough is False


def _best_frame(said: VlmReply, frames: Frames) -> tuple[tuple[float, float], ...]:
    if len(said.frame_scores) != len(frames) or not len(frames):
        return ()
    best = max(range(len(frames)), key=said.frame_scores.__getitem__)
    start = float(frames.seconds[best])
    return ((start, start + FRAME_SECONDS),)
