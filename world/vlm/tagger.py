"""The tagger: a VLM that answers about frames from an encoder alone, no language model.

Question and option become a statement, the statement a claim, and the claim is weighed against
what the encoder's patches show. It is the honest floor that other VLMs are compared with, and it
knows only the words of its encoder's lexicon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

import numpy as np

from ...index.video.frames import Box, Frames, concat_frames
from ...models.identity import weights_digest
from ...models.vlm.reply import Reply
from ..perception.claims import Asked, Claim, is_readable, order_asked, read_claim, what_is_asked
from ..perception.detections import Detector, FrameDetections, PatchEncoder, article
from ..perception.identity import group_detector_folder
from ..perception.lexicon import Lexicon, Thing
from ..perception.statements import claim_of, statement_of
from ..perception.weigh import best_detection, clip_score, frame_score, presence
from .prompts import NOT_VISIBLE

SURE = 0.5  # a tag is written from this probability on
KNOWN_PLACE = 0.5  # a frame is of the encoder's world when some place reaches this
DIRECTIONS = ("left", "right", "up", "down")
SIDES = ("left", "right", "above", "below")


class TaggerVLM:
    """A `VLM` over an encoder with a lexicon (see tools/protocols.py for the contract).

    Args:
        encoder: with patches and a lexicon, as `world.profile.load_encoder()` returns.

    Raises:
        ValueError: the encoder has no lexicon.
    """

    max_frames = 128

    def __init__(self, encoder: PatchEncoder) -> None:
        if encoder.lexicon is None:
            raise ValueError(
                f"encoder = {encoder.id!r} has no lexicon, so it cannot name what it sees"
            )
        self.lexicon = Lexicon.from_json(encoder.lexicon)
        self.detector = Detector(encoder, self.lexicon)
        width, height = encoder.size
        # 2 x 2 tiles at the encoder's own size, 38 % of a tile shared with its neighbour
        self.size = (round(width * 0.81) * 2, round(height * 0.81) * 2)
        groups = ""
        if self.detector.has_group_detector:
            groups = f"+{weights_digest(group_detector_folder())}"
        self.id = f"tagger:{encoder.id}{groups}"

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the one size that the encoder's tiles are cut from."""
        return self.size

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer about frames in time order; without options the lexicon's words are tried."""
        looks = self.detector.detect(frames)
        asked = what_is_asked(question)
        if options and self._are_words(question, options):
            return _from_notes(options, notes, len(frames))
        tried = list(options) or self._candidates(asked, question, looks)
        if not tried:
            # what is asked about something that nothing is seen with has no answer
            named = asked == "object" and read_claim(question, self.lexicon).things
            said = "" if named else self._describe(looks)
            return Reply(said, frame_scores=(0.0,) * len(frames))
        claims = [read_claim(statement_of(question, option), self.lexicon) for option in tried]
        if any(_apart(claim) for claim in claims):
            looks = self.detector.detect_apart(frames)
        order = order_asked(question)
        if order is not None and all(claim.things for claim in claims):
            scores = self._ordered(claims, looks, order)
        else:
            scores = [clip_score(claim, looks, self.lexicon) for claim in claims]
        for row, option in enumerate(tried):
            if option.strip().lower() == NOT_VISIBLE:
                scores[row] = 1 - max((s for k, s in enumerate(scores) if k != row), default=0.0)
        best = int(np.argmax(scores))
        per_frame = tuple(frame_score(claims[best], look, self.lexicon) for look in looks)
        # candidates that are all as true as one another tell nothing
        told = scores[best] >= 0.2 and (len(scores) == 1 or scores[best] > min(scores))
        text = tried[best] if options or told else ""
        return Reply(text, normalised(scores) if options else None, frame_scores=per_frame)

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it, by its pictures alone."""
        stated = read_claim(claim_of(claim), self.lexicon)
        see = self.detector.detect_apart if _apart(stated) else self.detector.detect
        looks = iter(see(concat_frames(clips)))
        scores = [
            clip_score(stated, list(islice(looks, len(clip))), self.lexicon) for clip in clips
        ]
        # an encoder reads no words, so what notes alone say stays open
        return [s if len(clip) or not notes else 0.5 for s, clip in zip(scores, clips, strict=True)]

    def find(self, frames: Frames, what: str) -> list[float]:
        """Return how surely each frame shows what is asked for, [N], 0 to 1."""
        return self.judge([frames.take([row]) for row in range(len(frames))], what)

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Write tags: `beach; red fish, two blue cups; sign`; dense adds a line a change."""
        looks = self.detector.detect(frames)
        if not dense:
            return Reply(self._describe(looks, focus))
        lines: list[str] = []
        for look in looks:
            line = self._describe([look], focus)
            if not lines or not lines[-1].endswith(f": {line}"):
                lines.append(f"{look.second:.1f} s: {line}")
        return Reply("\n".join(lines))

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the first thing of the phrase (or a sign) is.

        Around its middle where that is found, else around its patches.
        """
        claim = read_claim(phrase, self.lexicon)
        out: list[Box | None] = []
        apart = self.detector.detect_apart(frames) if claim.things else self.detector.detect(frames)
        for looks in zip(apart, self.detector.detect(frames), strict=True):
            detection, look = None, looks[1]
            for one in looks if claim.things else ():
                detection = detection or best_detection(one, claim.things[0], self.lexicon, 0.3)
            if detection is None and claim.sign and not claim.things and look.sign_boxes:
                out.append(max(look.sign_boxes, key=lambda box: box.area))
            else:
                out.append(detection.box if detection else None)
        return out

    def covers(self, frames: Frames) -> float | None:
        """Return the share of frames in which a place of the lexicon is recognised."""
        looks = self.detector.detect(frames)
        if not looks:
            return None
        return float(np.mean([look.places.max() >= KNOWN_PLACE for look in looks]))

    def sees_apart(self, statement: str) -> bool:
        """Say whether a statement is judged by the middles of things: of groups, or of small things."""
        return _apart(read_claim(claim_of(statement), self.lexicon))

    def _are_words(self, question: str, options: Sequence[str]) -> bool:
        """Say whether the options are words to be read or heard, not things to be seen."""
        if re.search(r"\b(?:say|says|read|reads|written|narrator|text)\b", question.lower()):
            known = [read_claim(option, self.lexicon) for option in options]
            return sum(not claim.empty for claim in known) < len(options)
        return False

    def _candidates(
        self, asked: Asked, question: str, looks: Sequence[FrameDetections]
    ) -> list[str]:
        """Return the words of the lexicon that could answer an open question."""
        if asked == "colour":
            return list(self.lexicon.colours)
        if asked == "place":
            return [self.lexicon.at[place] for place in self.lexicon.places]
        if asked == "count":
            return [str(n) for n in range(13)]
        if asked == "direction":
            return list(DIRECTIONS)
        if asked == "side":
            return list(SIDES)
        if asked == "yes":
            return ["yes", "no"]
        if asked != "object" or not is_readable(question, self.lexicon):
            return []
        named = {str(thing) for thing in read_claim(question, self.lexicon).things}
        return [f"the {tag}" for tag, _ in self._tags(looks) if tag not in named]

    def _ordered(
        self, claims: Sequence[Claim], looks: Sequence[FrameDetections], order: str
    ) -> list[float]:
        """Score each option by how surely it is seen before (or after) all others."""
        times: list[float | None] = []
        for claim in claims:
            seen = [k.second for k in looks if presence(k, claim.things[0], self.lexicon) >= SURE]
            times.append((min(seen) if order == "first" else -max(seen)) if seen else None)
        known = [t for t in times if t is not None]
        if not known:
            return [0.0] * len(claims)
        return [0.0 if t is None else (1.0 if t == min(known) else 0.15) for t in times]

    def _tags(self, looks: Sequence[FrameDetections]) -> list[tuple[str, int]]:
        """Return every thing seen surely and how many at once, most often seen first."""
        frames_with: Counter[str] = Counter()
        most: dict[str, int] = {}
        for look in looks:
            here = Counter(
                f"{self.lexicon.colours[c]} {self.lexicon.objects[o]}"
                for o, c in (s.best for s in look.detections if s.score >= SURE)
            )
            frames_with.update(here.keys())
            for tag, count in here.items():
                most[tag] = max(most.get(tag, 0), count)
        return [(tag, most[tag]) for tag, _ in frames_with.most_common()]

    def _describe(self, looks: Sequence[FrameDetections], focus: str | None = None) -> str:
        """Return place, things and signs as one line of tags."""
        if not looks:
            return ""
        places = np.mean([look.places for look in looks], axis=0)
        parts = [self.lexicon.places[int(places.argmax())]] if places.max() >= 0.4 else []
        tags = self._tags(looks)
        wanted = read_claim(focus, self.lexicon).things if focus else ()
        # things in focus come first, the others keep their order
        tags.sort(key=lambda tag: not any(_fits(tag[0], thing) for thing in wanted))
        things = ", ".join(self._counted(tag, count) for tag, count in tags[:12])
        parts += [things] if things else []
        parts += ["sign"] if max(look.sign for look in looks) >= SURE else []
        return "; ".join(parts) or "nothing that the encoder has a word for"

    def _counted(self, tag: str, count: int) -> str:
        colour, name = tag.split(" ", 1)
        return article(tag) if count == 1 else f"{count} {colour} {self.lexicon.plurals[name]}"


def normalised(scores: list[float], floor: float = 0.02) -> tuple[float, ...]:
    """Turn scores of 0 to 1 into probabilities that sum to 1.

    The floor keeps weak evidence weak: when every score is near 0 the result is near uniform, so
    that nobody takes noise for a decision.
    """
    total = sum(scores) + floor * len(scores)
    return tuple((score + floor) / total for score in scores)


def _apart(claim: Claim) -> bool:
    """Say whether a claim is about groups, or about what is tiny or close to something."""
    tiny = any(thing.tiny for thing in claim.things)
    return claim.count is not None or tiny or claim.relation == "beside"


def _fits(tag: str, thing: Thing) -> bool:
    colour, name = tag.split(" ", 1)
    return thing.object in (None, name) and thing.colour in (None, colour)


def _from_notes(options: Sequence[str], notes: Sequence[str], frames: int) -> Reply:
    """Choose by the words of text evidence; an encoder cannot read."""
    text = " ".join(re.sub(r"\W+", " ", note).lower() for note in notes)
    scores = [
        1.0 if f" {re.sub(r'[^0-9a-z]+', ' ', option.lower()).strip()} " in f" {text} " else 0.0
        for option in options
    ]
    shares = normalised(scores)
    text = options[int(np.argmax(scores))] if max(scores) else ""
    return Reply(text, shares, frame_scores=(0.0,) * frames)
