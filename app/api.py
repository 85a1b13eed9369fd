"""A film as a program holds it: open, ask, search, look.

    with longtake.open("film.mp4") as film:
        answer = film.ask("Which comes first?", ["the red fish", "the blue key"])

Every verb has an async twin (`aask`, `asearch`, ...) that runs in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from longtake.agent.understanding.options import question_as_put
from longtake.config import LIMITS, Settings, load_settings
from longtake.index.video.errors import UsageError
from longtake.parts import Parts, ProgressCallback

if TYPE_CHECKING:
    from longtake.agent.telling.story import Story
    from longtake.index.search import Hit, Modality
    from longtake.index.video.frames import Frames
    from longtake.index.video.probing.probe import FilmInfo
    from longtake.index.video.span import Span
    from longtake.index.words.caption_pass import Captioned
    from longtake.notebook import Answer
    from longtake.plan import Plan

Event = dict[str, Any]


def open_film(
    path: str | PathLike[str],
    *,
    profile: str | None = None,
    store: str | PathLike[str] | None = None,
    **overrides: Any,
) -> Film:
    """Open a film. Nothing is read or indexed until it is needed.

    Args:
        path: a video file.
        profile: set of models: `embedded`, `local` or `served`.
        store: folder of the indexes; the user's data folder when None.
        **overrides: any other setting by name (see `longtake config show`).

    Raises:
        InputError: there is no such file, or it is no film.
        UsageError: an unknown setting or a value outside what is allowed.
    """
    from longtake.index.video.probing.probe import check_regular

    flags = {"profile": profile, "store": store, **overrides}
    settings = load_settings(flags)
    check_regular(Path(path))
    return Film(Path(path).absolute(), settings)


class Film:
    """One video file and everything that can be asked of it.

    Attributes:
        path: the file, absolute.
        settings: what it was opened with.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.parts = Parts(path, settings)

    def __repr__(self) -> str:
        return f"Film({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let go of the decode child and the index. The film can be used again afterwards."""
        self.parts.close()

    @property
    def info(self) -> FilmInfo:
        """What the file is: size, length in seconds, codec, tracks, warnings."""
        return self.parts.info

    def index(
        self,
        *,
        progress: ProgressCallback | None = None,
        refresh: Sequence[str] = (),
        listen: bool = False,
    ) -> Self:
        """Make the film searchable; what is already done is not done again.

        Args:
            progress: called with a `Progress` as the work goes on.
            refresh: stages to make again although they are up to date.
            listen: also hear what is said, by the model of role `asr`.

        Raises:
            UsageError: `listen` without a speech model on this machine.
            InputError: the film cannot be read; or with `listen`, it has no sound.
        """
        self.parts.index(progress, refresh)
        if listen:
            self.parts.ensure_speech(progress)
        return self

    def ask(
        self,
        question: str,
        choices: Sequence[str] | None = None,
        *,
        abstain_below: float | None = None,
        progress: ProgressCallback | None = None,
        on_event: Callable[[Event], None] | None = None,
        run_id: str | None = None,
        text_only: bool = False,
        describe: int = 0,
        **limits: float | None,
    ) -> Answer:
        """Answer a question about the film; builds the index first where it is missing.

        Args:
            question: in words.
            choices: two or more options, texts or numbers; None for those that the question itself
                lists (`(A) … (B) …`), and for an open question.
            abstain_below: confidence below which a question with choices is not answered; the
                setting's own (0: always answered) when None.
            progress: called while the index is built or text is read.
            on_event: called with every event of the run.
            run_id: name of the run record; made up when None.
            text_only: answer from what is said, written and captioned alone; no frame is shown.
            describe: with `text_only`, describe so many stretches first that words lead to.
            **limits: by name (`config.LIMITS`); the settings' own where not given.

        Raises:
            UsageError: an empty question, a single choice, a time after the film's end, weights
                that are not on this machine, or `describe` without `text_only`.
            InputError: the film cannot be read.
        """
        from longtake.asking import ask_film
        from longtake.notebook import Answer

        answer = ask_film(
            self.parts,
            question_as_put(question, choices),
            self.budget(**limits),
            progress,
            abstain_below=abstain_below,
            on_event=on_event,
            run_id=run_id,
            text_only=text_only,
            describe=describe,
        )
        return Answer.of(answer, self)

    def resume(
        self,
        run_id: str,
        *,
        progress: ProgressCallback | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Answer:
        """Go on with an interrupted question from its last finished step.

        Raises:
            UsageError: no such run, or it is about another film.
        """
        from longtake.asking import resume_film
        from longtake.notebook import Answer

        resumed = resume_film(self.parts, run_id, progress, on_event)
        return Answer.of(resumed, self)

    def plan(
        self, question: str, choices: Sequence[str] | None = None, **limits: float | None
    ) -> Plan:
        """Say what a question would cost before anything is spent; asks no model.

        Args:
            question: in words.
            choices: its options; None for an open question.
            **limits: as for `ask`.

        Raises:
            UsageError: as `ask` would; or a price file is off.
        """
        from longtake.plan import make_plan

        return make_plan(self.parts, question, choices, self.budget(**limits))

    def budget(self, **limits: float | None) -> Any:
        """Return what one question may use: the settings' limits with these on top."""
        from longtake.agent.cost.budget import Budget
        from longtake.config import check_value

        unknown = sorted(set(limits) - set(LIMITS))
        if unknown:
            raise UsageError(f"unknown limit {unknown[0]!r}", f"limits are: {', '.join(LIMITS)}")
        values = {name: getattr(self.settings, name) for name in LIMITS}
        for name, value in limits.items():
            if value is not None:
                values[name] = check_value(name, value, "argument")
        return Budget(**values)

    def search(
        self,
        query: str,
        *,
        top_k: int = 8,
        modality: Modality = "fused",
        within: Span | None = None,
        progress: ProgressCallback | None = None,
    ) -> list[Hit]:
        """Find where the film shows, says or writes something.

        Args:
            query: in words.
            top_k: the most hits to return.
            modality: `fused`, `visual`, `speech`, `text` (on screen) or `caption`. Looking for
                `text` reads the film's on-screen text first, once.
            within: the part of the film to look in.
            progress: called while the index is built or text is read.

        Raises:
            UsageError: an empty query or an unknown modality.
        """
        from longtake.index.search import fitting_encoder, search

        index = self.parts.index(progress)
        index.choose_subtitles(self.settings.subtitles, query)
        if modality == "text":
            self.parts.ensure_text(progress)
        models = self.parts.models
        pictures = modality in ("fused", "visual")
        encoder = fitting_encoder(index, models.encoder) if pictures else None
        return search(
            index,
            encoder,
            query,
            top_k=top_k,
            modality=modality,
            within=within,
            text_encoder=models.text_encoder,
        )

    def caption(
        self,
        *,
        every: float | None = None,
        detail: Literal["short", "dense", "both"] = "short",
        progress: ProgressCallback | None = None,
        **limits: float | None,
    ) -> Captioned:
        """Caption the film ahead, clip by clip; what is captioned already is not asked again.

        Args:
            every: seconds of a clip; the index's own clips when None.
            detail: a sentence a clip, a line a change, or both.
            progress: called while the index is built and the film is captioned.
            **limits: `max_calls`, `max_tokens`, `max_seconds`, `max_usd`.

        Raises:
            UsageError: a limit is off, or the captioner was not made for such footage.
            EndpointError: the captioner's server gave up; what was captioned is kept.
        """
        from longtake.telling.captions import caption_film

        return caption_film(self, every, detail, limits, progress)  # pyright: ignore

    def story(
        self,
        *,
        progress: ProgressCallback | None = None,
        chat: bool = True,
        rounds: int = 5,
        again: bool = False,
        **limits: float | None,
    ) -> Story:
        """Tell the film: chapters, summaries, events, steps and names, each with its spans.

        A chat model writes it where one is set; else it is made of the film's own sentences. What
        was told before is read back.

        Args:
            progress: called while the index is built and the film is told.
            chat: let the chat model write, where there is one.
            rounds: how often a written summary is judged and written again, at most.
            again: tell it anew.
            **limits: `max_calls`, `max_tokens`, `max_seconds`, `max_usd` of the chat model's work.

        Raises:
            UsageError: a limit or a model is off.
            InputError: the film cannot be read.
        """
        from longtake.telling.tell import tell_film

        return tell_film(self, limits, chat, rounds, again, progress)  # pyright: ignore

    def searches_pictures(self) -> bool:
        """Say whether there is an encoder that was taught pictures of this film's kind."""
        from longtake.index.search import fitting_encoder

        return fitting_encoder(self.parts.index(None), self.parts.models.encoder) is not None

    def frames(
        self,
        at: float | Span | Sequence[float],
        *,
        count: int = 8,
        size: tuple[int, int] | None = None,
    ) -> Frames:
        """Return the frames on screen at these times.

        Args:
            at: a second, several seconds, or a span.
            count: frames spread over a span.
            size: (width, height) in pixels; the film's own when None.

        Raises:
            UsageError: a time outside the film.
        """
        return self.parts.decoder.frames(self.seconds_of(at, count), size)

    def seconds_of(self, at: float | Span | Sequence[float], count: int = 8) -> list[float]:
        """Turn a second, a span or several seconds into seconds inside the film."""
        from longtake.index.video.span import Span

        if isinstance(at, Span):
            span, _ = at.clamp(self.info.duration)
            if span is None:
                raise UsageError(f"span = {at}", self._length())
            step = span.duration / max(1, count)
            return [span.start + step * (i + 0.5) for i in range(max(1, count))]
        wanted = [float(at)] if isinstance(at, int | float) else [float(second) for second in at]
        for second in wanted:
            # the comparison is false for NaN too
            if not 0 <= second <= self.info.duration:
                raise UsageError(f"time = {second:g} s", self._length())
        return wanted

    def _length(self) -> str:
        from longtake.index.video.span import format_seconds

        duration = self.info.duration
        return f"the film lasts {format_seconds(duration)} ({duration:.2f} s)"

    def events(
        self, question: str, choices: Sequence[str] | None = None, **options: Any
    ) -> Iterator[Event]:
        """Ask, and yield every event as it happens; the last ones hold the answer.

        Leaving the loop early stops the run; `longtake resume` goes on with it.
        """
        from longtake.stream import stream_events

        return stream_events(self.ask, question, choices, **options)

    async def aindex(self, **options: Any) -> Self:
        """Do `index` in a thread."""
        return await asyncio.to_thread(lambda: self.index(**options))

    async def aask(
        self, question: str, choices: Sequence[str] | None = None, **options: Any
    ) -> Answer:
        """Do `ask` in a thread."""
        return await asyncio.to_thread(lambda: self.ask(question, choices, **options))

    async def asearch(self, query: str, **options: Any) -> list[Hit]:
        """Do `search` in a thread."""
        return await asyncio.to_thread(lambda: self.search(query, **options))

    async def acaption(self, **options: Any) -> Captioned:
        """Do `caption` in a thread."""
        return await asyncio.to_thread(lambda: self.caption(**options))

    async def astory(self, **options: Any) -> Story:
        """Do `story` in a thread."""
        return await asyncio.to_thread(lambda: self.story(**options))

    async def aframes(self, at: float | Span | Sequence[float], **options: Any) -> Frames:
        """Do `frames` in a thread."""
        return await asyncio.to_thread(lambda: self.frames(at, **options))

    async def aevents(
        self, question: str, choices: Sequence[str] | None = None, **options: Any
    ) -> AsyncIterator[Event]:
        """Do `events` without blocking the event loop."""
        events = self.events(question, choices, **options)
        try:
            while (event := await asyncio.to_thread(next, events, None)) is not None:
                yield event
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                await asyncio.to_thread(close)
