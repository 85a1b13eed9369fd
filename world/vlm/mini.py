"""Longtake-mini: the embedded video LLM, with the embedded encoder's patches at its side.

Both are shipped. The encoder sees small things in large frames, knows the rendered world from
anything else, and its tagger tells apart what stands close together; the language model follows
motion, describes and reads notes. What both can judge is judged by both, as a product of experts (Hinton
2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...index.video.frames import Box, Frames
from ...models.identity import weights_digest
from ...models.vlm.reply import Reply
from ..perception.claims import Asked, is_readable, what_is_asked
from ..perception.detections import PatchEncoder
from ..perception.identity import EMBEDDED
from ..perception.statements import statement_of
from ..perception.tiles import magnify
from .captions import put_right
from .language_model import PromptedVLM
from .tagger import DIRECTIONS, SIDES, TaggerVLM

DOUBT = 0.15  # what the encoder gives less than this is not put to the language model
FLOOR = 0.02  # of a share, so that neither can rule out what the other is sure of
WORDS: dict[Asked, tuple[str, ...]] = {"direction": DIRECTIONS, "side": SIDES}
APART = 0.1  # weight of the language model where things are counted, tiny or close to one another


class MiniVLM(PromptedVLM):
    """The embedded VLM (see tools/protocols.py for the contract).

    Args:
        encoder: the embedded encoder.
        folder: the language model's files.
        device: where torch runs.
    """

    def __init__(self, encoder: PatchEncoder, folder: Path, device: str = "cpu") -> None:
        self.tagger = TaggerVLM(encoder)
        version = f"{EMBEDDED}@{weights_digest(folder)}+{self.tagger.id}"
        size = self.tagger.size
        super().__init__(folder, version=version, device=device, frame_size=size, max_frames=256)

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer about frames in time order; choices are weighed by both."""
        tagged = self.tagger.answer(frames, question, options, notes, letters)
        known = any(is_readable(text, self.tagger.lexicon) for text in options or (question,))
        if not known and not notes:
            # a language model would choose among words that it was never taught
            return tagged
        said = super().answer(frames, question, options, notes, letters)
        if not options:
            return self._better(frames, question, said, tagged)
        assert said.options is not None
        assert tagged.options is not None
        apart = any(self.tagger.sees_apart(statement_of(question, option)) for option in options)
        trust = APART if apart else 1.0
        both = np.maximum(said.options, FLOOR) ** trust * np.maximum(tagged.options, FLOOR)
        best = int(both.argmax())
        return replace(said, text=options[best], options=tuple((both / both.sum()).tolist()))

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in the model's words, put right by patches and middles."""
        said = super().caption(frames, dense=dense, focus=focus)
        if focus:
            return said  # it speaks of that thing only
        # a frame no larger than the encoder's own is one view, in which small things are a patch
        large = Frames(magnify(frames.pixels, self.size), frames.seconds)
        detector = self.tagger.detector
        views = list(zip(detector.detect(large), detector.detect_apart(large), strict=True))
        return replace(said, text=put_right(said.text, views, self.tagger.lexicon))

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it, by its pictures alone."""
        by_patches = np.array(self.tagger.judge(clips, claim, notes))
        shown = np.array([len(clip) > 0 for clip in clips], bool)
        rows = np.flatnonzero((by_patches >= DOUBT) & shown).tolist()
        if rows and not self.tagger.sees_apart(claim):
            by_words = np.array(super().judge([clips[row] for row in rows], claim))
            by_patches[rows] = np.sqrt(by_patches[rows] * by_words)
        return by_patches.tolist()

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the thing is: by its patches, else as the model writes it."""
        found = self.tagger.locate(frames, phrase)
        rows = [row for row, box in enumerate(found) if box is None]
        written = super().locate(frames.take(rows), phrase) if rows else []
        for row, box in zip(rows, written, strict=True):
            found[row] = box
        return found

    def covers(self, frames: Frames) -> float | None:
        """Return the share of frames in which a place of the rendered world is recognised."""
        return self.tagger.covers(frames)

    def frame_scores(self, frames: Frames, statement: str) -> tuple[float, ...]:
        """Return how strongly each frame shows what is stated, [N], 0 to 1, by its patches."""
        return tuple(self.tagger.judge([frames.take([r]) for r in range(len(frames))], statement))

    def _better(self, frames: Frames, question: str, said: Reply, tagged: Reply) -> Reply:
        """Return the open answer that both together find truer."""
        asked = what_is_asked(question)
        if asked == "other":
            return said if said.text else tagged  # patches do not know such answers
        if asked in WORDS and said.text not in WORDS[asked]:
            return tagged if tagged.text else said  # no such answer was asked for
        if not said.text or not tagged.text or said.text == tagged.text:
            return said if said.text or not tagged.text else tagged
        truths = [self.judge([frames], statement_of(question, r.text))[0] for r in (said, tagged)]
        return said if truths[0] >= truths[1] else tagged
