"""The served VLM: a video LLM behind an OpenAI-compatible endpoint.

An answer is one request: a JSON object with the letter first, the times it rests on, whether what
was shown suffices, and how sure the model is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...index.video.frames import Box, Frames
from ...prompts import render
from ..client.call import Fits
from ..client.client import EndpointClient, open_client
from ..client.completion import Completion
from ..client.parsing import read_box
from ..client.token_cost import RequestRoom, family_of
from ..client.transport.address import Address
from ..client.transport.problems import EndpointProblem
from ..client.usage import metered, note, side_by_side
from .choice_scoring import answer_confidence, score_labels
from .laid_out import pictures_in
from .media import JpegCache
from .prompts import (
    BOX_SCHEMA,
    FIND_SCHEMA,
    JUDGE_SCHEMA,
    OPEN_SCHEMA,
    VERDICTS,
    caption_text,
    choice_schema,
    choice_text,
    judge_text,
    open_text,
    option_letters,
)
from .readings import NOT_LISTED, read_answer, read_found, read_verdict, true_share
from .reply import Reply, cited_scores
from .request import FrameRequest
from .video_check import find_video

MAX_FRAMES = 64
FIND_CELLS, FIND_SHARE = 9, 4  # frames a picture, and the share of a call's pictures, of a search
AT_ONCE, IN_FLIGHT = 4, 32
UNJUDGED = 0.5  # in place of a reply that nothing can be read of
CHOICE_TOKENS, OPEN_TOKENS, SHORT_TOKENS = 512, 1536, 256


class ServedVLM:
    """A `VLM` over an endpoint (see tools/protocols.py for the contract); threads may share it.

    What the server can do is found with the first requests.

    Args:
        client: the model.
        max_frames: the most frames that a call should take; fewer where the context holds fewer.
            An answer is given about all frames that it gets, if the server takes them.
        at_once: requests under way at a time.
        video: send frames as one list, or as a clip, where the server is proven to read it: half
            the tokens for Qwen models, which then see two frames as one.
    """

    def __init__(
        self,
        client: EndpointClient,
        *,
        max_frames: int = MAX_FRAMES,
        at_once: int = AT_ONCE,
        video: bool = False,
    ) -> None:
        self.client = client
        self.id = str(Address(client.model, client.base_url))
        self.family = family_of(client.model)
        self._most = max_frames
        self._at_once = at_once
        self._wants_video = video
        self._jpegs = JpegCache()

    def __repr__(self) -> str:
        return f"ServedVLM({self.id})"

    @property
    def in_flight(self) -> int:
        """Requests that keep its server busy where a long list of clips is captioned."""
        return IN_FLIGHT

    @property
    def max_frames(self) -> int:
        """The most frames of one call: `frame_limit`, and no more than it was made for.

        Raises:
            EndpointProblem: the server cannot be reached.
        """
        return min(self._most, self.frame_limit)

    @property
    def frame_limit(self) -> int:
        """The most frames that the server may take in one call, by what is known of it.

        Raises:
            EndpointProblem: the server cannot be reached.
        """
        return self._room.frames

    @property
    def most_pictures(self) -> int:
        """The most pictures of one request; frames may share them.

        Raises:
            EndpointProblem: the server cannot be reached.
        """
        most = self.client.capabilities.max_images
        return self.max_frames if most is None else min(most, self.max_frames)

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the (width, height) that frames are best decoded at (see `VLM.frame_size`).

        Raises:
            EndpointProblem: the server cannot be reached.
        """
        return self._room.frame_size(source, count)

    def note_room(self, *, frames: bool) -> int | None:
        """Return how many characters of notes fit; None where the context is not known.

        Args:
            frames: frames go along, which have the rest of the context.

        Raises:
            EndpointProblem: the server cannot be reached.
        """
        return self._room.note_letters(frames=frames)

    @property
    def _room(self) -> RequestRoom:
        return RequestRoom(self.family, self.client.capabilities)

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer a question about frames in one request; with options, say how probable each is.

        Raises:
            UsageError: more options than letters.
            EndpointProblem: there is no usable answer.
        """
        labels = option_letters(options, letters, self.id)
        reads = bool(notes) and not len(frames)
        if options:
            asked = choice_text(question, options, (), labels, reads=reads)
        else:
            asked = open_text(question, (), reads=reads)

        def fits(completion: Completion) -> str | None:
            chosen = read_answer(completion.text, options, labels).chosen
            return f"`answer` must be one of {', '.join(labels)}" if chosen is None else None

        with metered() as meter:
            said = self.client.complete(
                self._request(frames, asked, self.frame_limit, notes),
                max_tokens=CHOICE_TOKENS if options else OPEN_TOKENS,
                schema=choice_schema(labels) if options else OPEN_SCHEMA,
                logprobs=True,
                fits=fits if options else None,
            )
        found = read_answer(said.text, options, labels)
        shares, sure, scored = None, found.confidence, found.confidence
        if found.chosen is not None:
            shares = score_labels(said, "answer", labels, found.chosen, sure)
            method = shares.method
            best = int(np.argmax(shares.of))
            found_text, scored = options[best], shares.of[best]
        else:
            found_text = found.text
            meant = answer_confidence(said.tokens, "answer")
            sure, method = (sure, "text") if meant is None else (meant, "tokens")
        return Reply(
            found_text,
            None if shares is None else shares.of,
            method,
            cited_scores(frames.seconds, found.cited, 0.5 if scored is None else scored),
            meter.total.tokens_in,
            meter.total.tokens_out,
            0.0 if shares is None else shares.outside,
            found.cited,
            found.enough,
            found.confidence if options else sure,
        )

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it, a request a clip."""
        asked = judge_text(claim, ())

        def fits(completion: Completion) -> str | None:
            place, _ = read_verdict(completion.text)
            return f"`verdict` must be one of {', '.join(VERDICTS)}" if place is None else None

        def one(clip: Frames) -> float:
            if not len(clip) and not notes:
                return 0.0
            try:
                said = self.client.complete(
                    self._request(clip, asked, notes=notes),
                    max_tokens=SHORT_TOKENS,
                    schema=JUDGE_SCHEMA,
                    logprobs=True,
                    fits=fits,
                )
            except EndpointProblem as problem:
                self._bear(problem, f"no verdict on {claim!r}")
                return UNJUDGED
            place, sure = read_verdict(said.text)
            assert place is not None
            return true_share(score_labels(said, "verdict", VERDICTS, place, sure).of)

        return side_by_side(one, clips, self._at_once)

    def find(self, frames: Frames, what: str) -> list[float]:
        """Return how surely each frame shows what is asked for, [N], 0 to 1, in one request.

        More frames than a call takes share pictures, up to nine each; still more are asked about in
        several requests.
        """
        most, asked = self.max_frames, render("vlm_find", what=what)
        pictures = max(1, most // FIND_SHARE)
        if len(frames) > most:
            most = pictures * FIND_CELLS
        parts = [
            frames.take(range(k, min(k + most, len(frames)))) for k in range(0, len(frames), most)
        ]

        def one(part: Frames) -> list[float]:
            def fits(completion: Completion) -> str | None:
                lacks = read_found(completion.text, part.seconds) is None
                return "`seconds` must be a list of times" if lacks else None

            shared = pictures if len(part) > self.max_frames else None
            request = replace(self._request(part, asked, most), most_images=shared)
            try:
                said = self.client.complete(
                    request, max_tokens=OPEN_TOKENS, schema=FIND_SCHEMA, fits=fits
                )
            except EndpointProblem as problem:
                self._bear(problem, f"no times for {what!r}")
                return [NOT_LISTED] * len(part)
            return read_found(said.text, part.seconds) or []

        return [score for scores in side_by_side(one, parts, self._at_once) for score in scores]

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in a sentence, or a line a change."""
        asked = caption_text(dense, focus)
        said = self._say(frames, asked, OPEN_TOKENS if dense else SHORT_TOKENS)
        text = said.text if dense else " ".join(said.text.split())
        return Reply(text, None, "text", (), said.tokens_in, said.tokens_out)

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the thing is, None where it is not visible or no box came."""
        asked = render("vlm_box", phrase=phrase)
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
                said = self._say(frames.take([row]), asked, SHORT_TOKENS, BOX_SCHEMA, fits)
            except EndpointProblem as problem:
                self._bear(problem, f"no box for {phrase!r}")
                return None
            return read_box(said.text, pixels)

        return side_by_side(one, range(len(frames)), self._at_once)

    def _bear(self, problem: EndpointProblem, lack: str) -> None:
        """Note what a reply lacked: a model that cannot write it can still do all the rest.

        Raises:
            EndpointProblem: it was no reply that was at fault.
        """
        if problem.kind != "unfit":
            raise problem
        note(f"{self.client.model} gave {lack[:100]}")

    def covers(self, frames: Frames) -> float | None:
        """Return None: nobody outside knows what a served model was trained on."""
        return None

    def ask(self, frames: Frames, asked: str, max_tokens: int, schema: Mapping[str, Any]) -> str:
        """Return the reply to another request about frames, bound to a schema."""
        return self._say(frames, asked, max_tokens, schema).text

    def _say(
        self,
        frames: Frames,
        asked: str,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        fits: Fits | None = None,
    ) -> Completion:
        request = self._request(frames, asked)
        return self.client.complete(request, max_tokens=max_tokens, schema=schema, fits=fits)

    def _request(
        self, frames: Frames, asked: str, most: int | None = None, notes: Sequence[str] = ()
    ) -> FrameRequest:
        if self._wants_video and "video" not in self.client.capabilities.checked:
            find_video(self.client, self._jpegs)
        most = most or (self.max_frames if len(frames) else 1)
        if pictures_in(frames) > most:
            note(f"{most} of {len(frames)} frames were shown: more do not fit")
            frames = frames.take(np.linspace(0, len(frames) - 1, most).round().astype(int))
        media = self.client.capabilities.video if self._wants_video else "images"
        return FrameRequest(asked, frames, tuple(notes), media=media, jpegs=self._jpegs)


def open_vlm(name: str, key_variable: str, *, video: bool = False) -> ServedVLM:
    """Return the VLM `endpoint:MODEL@URL`; nothing is asked of the server yet.

    Args:
        name: `endpoint:MODEL@URL`.
        key_variable: environment variable that holds the server's key, set or not.
        video: see `ServedVLM`.

    Raises:
        UsageError: see `open_client`.
    """
    return ServedVLM(open_client(name, key_variable), video=video)
