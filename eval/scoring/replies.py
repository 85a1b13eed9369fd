"""How the authors of benchmarks read a reply, faults included; ours is `models/choice_reader.py`.

Each function takes the reply and returns a letter, or None where the authors' rule finds none. They
are here so that published numbers can be compared with; where a rule guesses, ours does not.
"""

from __future__ import annotations

import re

from ...models.choice_reader import RULES
from ..result import Result
from ..sample import Sample
from .times import SPAN_RULES

# two commas are missing in the script of Video-MME, so that four phrases became two
_VIDEOMME_PHRASES = (
    "The best answer is",
    "The correct answer is",
    "The answer is",
    "The answer",
    "The best option isThe correct option is",
    "Best answer:Best option:",
)
_V2_PHRASES = (
    *_VIDEOMME_PHRASES[:4],
    *("The best option is", "The correct option is", "Final Answer:"),
    *("Best answer:", "Best option:", "Answer:", "Option:"),
)


def reply_of(sample: Sample, result: Result) -> str | None:
    """Return the text that an official rule reads; None where the system gave no reply.

    An answer that came as an option, not as text, is read as its letter.
    """
    if result.status in ("error", "missing_media", "skipped"):
        return None
    index = result.pred_index
    if result.parse_rule not in RULES and index is not None and index < len(sample.option_labels):
        return sample.option_labels[index]
    return result.raw_text


def spans_given(result: Result) -> tuple[tuple[float, float], ...] | None:
    """Return the times of an answer that came as times; None where they were read out of text."""
    return None if result.parse_rule in SPAN_RULES else result.pred_spans


def first_letter(text: str, letters: str, phrases: tuple[str, ...] = ()) -> str | None:
    """Take known phrases away, then the first of the letters anywhere, in words too."""
    text = text.strip()
    for phrase in phrases:
        text = text.replace(phrase, "")
    match = re.search(f"[{letters}]", text)
    return match[0] if match else None


def videomme_letter(text: str) -> str | None:
    """Read a reply as Video-MME's script does."""
    return first_letter(text, "ABCD", _VIDEOMME_PHRASES)


def videomme_v2_letter(text: str) -> str | None:
    """Read a reply as Video-MME-v2's script does."""
    return first_letter(text, "ABCDEFGH", _V2_PHRASES)


def lvbench_letter(text: str) -> str | None:
    """Read a reply as LVBench's `polish_answer` does: before `)`, after `(`, first character."""
    head = text.strip().split(")")[0].strip()
    if "(" in head:
        head = head.split("(")[1].strip()
    head = head.split(" ")[0]
    return head[0] if head else None


def mlvu_letter(text: str) -> str | None:
    """Read a reply as MLVU's script does: it began with `Best Option: (`, and is cut at `)`."""
    head = text.split("Best Option:")[-1].strip().lstrip("(").split(")")[0].strip()
    return head or None


def vnbench_letter(text: str) -> str | None:
    """Read a reply as VNBench's script does: before the first full stop, A before B before C."""
    head = text.split(".")[0]
    return next((letter for letter in "ABCD" if letter in head), head)


def hit_by_mention(text: str, right: str) -> bool | None:
    """Judge as CG-Bench's script does where no JSON is found: any letter that stands alone counts.

    Returns:
        Whether the right one is among them; None where there is none.
    """
    found = re.findall(r"\b[A-H]\b", text)
    return right in found if found else None


def tvbench_right(text: str, sample: Sample) -> bool:
    """Judge as TVBench (MVBench's `check_ans`): the first word of either lies in the other's."""
    index = sample.answer_index or 0
    truth = f"({sample.option_labels[index]})".lower()
    word = text.lower().split(" ")[0]
    return word.replace(".", "") in truth or truth in word


def matches(letter: str | None, sample: Sample) -> bool:
    """Say whether a letter is the one in the authors' file; a second right option is not."""
    return sample.answer_index is not None and letter == sample.option_labels[sample.answer_index]
