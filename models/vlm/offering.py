"""A multiple choice put to a served model, with `not visible` offered beside the options."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...world.perception.prompts import LETTERS, ask_text, with_not_visible
from ..client.choice_scoring import Chooser
from ..client.prompt import Prompt
from .reply import Reply


def choose_option(
    chooser: Chooser,
    prompt_of: Callable[[str], Prompt],
    question: str,
    options: Sequence[str],
    notes: Sequence[str] = (),
    letters: str = "",
) -> tuple[Reply, float]:
    """Return the reply to a choice, and the share that was not left to `not visible`.

    Args:
        chooser: asks the model.
        prompt_of: shows the frames with what is asked.
        question: without its options.
        options: the texts to choose from, up to 26.
        notes: subtitles or on-screen text, a line each.
        letters: of the options, in their order.

    Raises:
        EndpointProblem: there is no usable answer.
    """
    offered, labels = with_not_visible(options, letters)
    asked = ask_text("choice", question, offered, notes, labels)
    choice = chooser.choose(prompt_of(asked), labels, offered)
    shares = np.array(choice.shares)
    known = float(shares[: len(options)].sum())
    if choice.method == "samples" and int(shares.argmax()) == len(options):
        # samples that all went there say nothing of which option is the likeliest
        labels = letters or LETTERS[: len(options)]
        asked = ask_text("choice", question, options, notes, labels)
        choice = chooser.choose(prompt_of(asked), labels, options)
    mine = np.array(choice.shares[: len(options)])
    mine = mine / mine.sum() if mine.sum() > 0 else np.full(len(options), 1 / len(options))
    text = options[int(mine.argmax())]
    return Reply(text, tuple(mine.tolist()), choice.method, outside=choice.outside), known
