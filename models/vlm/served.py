"""The served eye: a video LLM behind an OpenAI-compatible endpoint.

The default path sends frames as images with their times in words, which every server takes; better
ones are used where the probe proved them (see dialect.py).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...index.video.errors import UsageError
from ...index.video.frames import Box, Frames
from ...prompts import render
from ...world.perception.prompts import LETTERS, NOT_VISIBLE, ask_text
from ...world.perception.sentences import judging_text
from ...world.perception.statements import statement_of
from ..client.address import Address, read_address
from ..client.capabilities import Dialect
from ..client.choice_scoring import Chooser
from ..client.client import EndpointClient, EndpointProblem, Fits
from ..client.completion import Completion
from ..client.credentials import read_key
from ..client.known import dialect_of
from ..client.labels import YES_NO
from ..client.parsing import read_box
from ..client.prompt import Media, Prompt
from ..client.retry import Limits
from ..client.token_cost import FRAME_SIZE, family_of, frames_that_fit
from ..client.usage import metered, note, side_by_side
from .frame_relevance import score_frames
from .offering import choose_option
from .reply import Reply

MAX_FRAMES = 64
RESERVE = 2048  # tokens kept for question, notes and answer
AT_ONCE = 4
SCORED = 8  # frames of an answer that are asked about one by one: each is a request


class ServedEye:
    """An `Eye` over an endpoint (see tools/base.py for the contract); threads may share it.

    Args:
        client: the model.
        dialect: what it was proven to do; probed or recalled when None.
        frame_size: (width, height) that frames are best decoded at.
        max_frames: the most frames a call takes; fewer where the context holds fewer.
        at_once: requests under way at a time.
        scored_frames: of each answer's frames, so many at most are asked about one by one, where
            one request gives a probability; 0 for answers without scores of frames.
        video: send frames as one list, or as a clip, where the server was proven to read it: half
            the tokens for Qwen models, which then see two frames as one.

    Raises:
        EndpointProblem: the server cannot be reached, or refuses us.
    """

    def __init__(
        self,
        client: EndpointClient,
        dialect: Dialect | None = None,
        *,
        frame_size: tuple[int, int] = FRAME_SIZE,
        max_frames: int = MAX_FRAMES,
        at_once: int = AT_ONCE,
        scored_frames: int = SCORED,
        video: bool = False,
    ) -> None:
        self.client = client
        self.dialect = dialect or dialect_of(client)
        if not self.dialect.images:
            raise EndpointProblem(
                f"{client.model} at {client.base_url} takes no images, so it cannot be an eye",
                "serve a vision-language model, such as Qwen3-VL",
                "refused",
            )
        self.id = str(Address(client.model, client.base_url))
        self.frame_size = frame_size
        self.family = family_of(client.model)
        context = self.dialect.context
        fitting = max_frames if context is None else max(0, context - RESERVE)
        if context is not None:
            fitting = frames_that_fit(self.family, fitting, frame_size)
        self.max_frames = max(1, min(max_frames, fitting))
        self._media: Media = self.dialect.video if video else "images"
        self._at_once = at_once
        # agreement over samples would be five requests a frame
        self._scored = scored_frames if self.dialect.logprobs or self.dialect.binds else 0
        self._chooser = Chooser(client, self.dialect, at_once)

    def __repr__(self) -> str:
        return f"ServedEye({self.id})"

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer a question about frames in time order; with options, say how probable each is.

        Raises:
            UsageError: more options than letters.
            EndpointProblem: there is no usable answer.
        """
        if len(options) > len(LETTERS):
            raise UsageError(
                f"options: {len(options)} given, {self.id} takes at most {len(LETTERS)}",
                "ask with fewer choices",
            )
        with metered() as meter:
            if options:
                reply, strength = choose_option(
                    self._chooser,
                    lambda asked: self._prompt(frames, asked),
                    question,
                    options,
                    notes,
                    letters,
                )
            else:
                said = self._say(frames, ask_text("short", question, notes=notes), 64)
                text = "" if said.text.strip(" .").lower() == NOT_VISIBLE else _one_line(said.text)
                reply, strength = Reply(text, None, "text"), 1.0
            shown = statement_of(question, reply.text) if reply.text else ""
            scores = tuple(strength * score for score in self.frame_scores(frames, shown))
        used = meter.total
        return replace(
            reply, frame_scores=scores, tokens_in=used.tokens_in, tokens_out=used.tokens_out
        )

    def frame_scores(self, frames: Frames, statement: str) -> tuple[float, ...]:
        """Return how strongly each frame shows what is stated, [N], 0 to 1; empty without scores.

        They are asked for side by side, after the answer, which is not lost where they fail.
        """
        if not statement or not self._scored:
            return ()

        try:
            return score_frames(frames, statement, self._yes, self._scored)
        except EndpointProblem as problem:
            note(f"{self.client.model} did not say which frames show it: {problem.message}")
            return ()

    def judge(self, clips: Sequence[Frames], statement: str) -> list[float]:
        """Return for each clip the probability that the statement is true of it."""
        return self._yes(clips, judging_text(statement))

    def _yes(self, clips: Sequence[Frames], asked: str) -> list[float]:
        def one(clip: Frames) -> float:
            if not len(clip):
                return 0.0
            return self._chooser.choose(self._prompt(clip, asked), YES_NO).shares[0]

        return side_by_side(one, clips, self._at_once)

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in a line, or a line a change."""
        task = "dense" if dense else "focus" if focus else "caption"
        asked = ask_text(task, focus or "")
        said = self._say(frames, asked, 512 if dense else 128)
        text = said.text if dense else _one_line(said.text)
        return Reply(text, None, "text", (), said.tokens_in, said.tokens_out)

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the thing is, None where it is not visible or no box came."""
        asked = render("served_box", subject=phrase)
        height, width = frames.pixels.shape[1:3]
        pixels = (width, height) if self.family.box_pixels else None

        def fits(completion: Completion) -> str | None:
            try:
                read_box(completion.text, pixels)
            except ValueError as error:
                return str(error)[:200]
            return None

        def one(row: int) -> Box | None:
            try:
                said = self._say(frames.take([row]), asked, 96, fits)
            except EndpointProblem as problem:
                # a model that cannot write boxes can still do all the rest
                if problem.kind != "unfit":
                    raise
                note(f"{self.client.model} gave no box for {phrase!r}")
                return None
            return read_box(said.text, pixels)

        return side_by_side(one, range(len(frames)), self._at_once)

    def knows(self, frames: Frames) -> float | None:
        """Return None: nobody outside knows what a served model was trained on."""
        return None

    def _say(
        self, frames: Frames, asked: str, max_tokens: int, fits: Fits | None = None
    ) -> Completion:
        return self.client.complete(
            self._prompt(frames, asked),
            max_tokens=max_tokens,
            fits=fits,
            token_field=self.dialect.token_field,
        )

    def _prompt(self, frames: Frames, asked: str) -> Prompt:
        if len(frames) > self.max_frames:
            note(f"{self.max_frames} of {len(frames)} frames were shown: more do not fit")
            rows = np.linspace(0, len(frames) - 1, self.max_frames).round().astype(int)
            frames = frames.take(rows)
        return Prompt(asked, frames, media=self._media)


_CLIENTS: dict[tuple[str, str], EndpointClient] = {}
_LOCK = threading.Lock()


def open_client(name: str, key_variable: str) -> EndpointClient:
    """Return the client of `endpoint:MODEL@URL`; the eyes of a process share its connections.

    Raises:
        UsageError: the name, the URL or the key is unusable.
    """
    address = read_address(name)
    with _LOCK:
        found = _CLIENTS.get((str(address), key_variable))
        if found is None:
            found = EndpointClient(address.url, address.model, read_key(key_variable), Limits())
            _CLIENTS[str(address), key_variable] = found
        return found


def open_eye(name: str, key_variable: str, *, video: bool = False) -> ServedEye:
    """Return the eye of that name; asks the server what it can do the first time.

    Args:
        name: `endpoint:MODEL@URL`.
        key_variable: environment variable that holds the server's key, set or not.
        video: see `ServedEye`.

    Raises:
        UsageError: see `open_client`.
        EndpointProblem: the server cannot be reached, or refuses us.
    """
    return ServedEye(open_client(name, key_variable), video=video)


def _one_line(text: str) -> str:
    return " ".join(text.split())
