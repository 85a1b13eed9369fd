"""Turns about clips, packed into rows: the frames once, then one question after the other.

Every question sees the system line, the frames and itself, no other question, and its positions
follow the frames'. A row thus teaches what as many separate conversations would, at the price of
one look at the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from longtake.models.eye_prompts import system_line, time_text
from train.data import GRID
from train.eye_tokenizer import END, IMAGE, PAD, build_tokenizer, vocabulary
from train.eye_tower import MERGE, TOKENS
from train.eye_turns import Turn

IGNORE = -100
HINT = 0.3  # weight of a hint beside an answer
DIGITS = (1.0, 0.5, 0.02)  # of the digits of a box's side: how far each moves it
Hint = tuple[int, int]  # place in a question's tokens, and the token to be said there
_MARKS = ("<|vision_start|>", "<|vision_end|>")


@dataclass(frozen=True, slots=True)
class Row:
    """One clip with its turns, as token ids.

    Attributes:
        ids: int32 [L].
        spots: int32 [3, L], positions over time, height and width.
        turn: int16 [L], 0 for what comes before the questions, then 1, 2, …
        targets: int32 [L], the next token where it is to be learned, IGNORE elsewhere.
        weights: float32 [L], how much each of those counts.
        turns: the turns, in the order of their numbers.
        lead: how many tokens come before the first turn.
    """

    ids: np.ndarray
    spots: np.ndarray
    turn: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    turns: tuple[Turn, ...]
    lead: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded behind what comes before the turns, and at the end.

    Attributes:
        ids: int64 [B, L], as in `Row`; so are spots [3, B, L], targets, weights and turn [B, L].
        mask: bool [B, 1, L - lead, L], True where the turns may look.
        lead: where the turns begin, the same for all rows.
    """

    ids: torch.Tensor
    spots: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    turn: torch.Tensor
    lead: int

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        parts = (getattr(self, name).to(device) for name in self.__slots__[:-1])
        return Batch(*parts, self.lead)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    return build_tokenizer()


@lru_cache(maxsize=1)
def token_ids() -> dict[str, int]:
    """Return the number of every token."""
    return {token: i for i, token in enumerate(vocabulary())}


@lru_cache(maxsize=4096)
def encode(text: str) -> tuple[int, ...]:
    """Return the tokens of a text."""
    return tuple(_tokenizer().encode(text).ids)


def prefix_of(seconds: Sequence[float]) -> tuple[list[int], np.ndarray]:
    """Return ids and positions [3, P] of all that comes before the question."""
    ids = list(encode(f"<|im_start|>system\n{system_line()}{END}\n<|im_start|>user\n"))
    spots = [_line(0, len(ids))]
    at = len(ids)
    ahead, behind = (token_ids()[m] for m in _MARKS)
    picture = [token_ids()[IMAGE]] * TOKENS
    for second in seconds:
        text = [*_tokenizer().encode(time_text(second)).ids, ahead]
        spots += [_line(at, len(text)), _frame() + at + len(text)]
        at += len(text) + max(GRID) // MERGE
        spots.append(_line(at, 1))
        at += 1
        ids += [*text, *picture, behind]
    return ids, np.concatenate(spots, axis=1)


def pack_row(
    seconds: Sequence[float],
    turns: Sequence[Turn],
    longest: int,
    hints: Callable[[Turn, list[int]], list[Hint]] | None = None,
) -> Row:
    """Pack as many turns as fit into `longest` tokens.

    Every answer counts the same, however long it is: captions must not drown letters. Of a list of
    judgements each counts half an answer.

    Args:
        seconds: of the frames.
        turns: what is asked.
        longest: tokens of a row.
        hints: from a turn and its question's tokens; None where only answers are of interest.
    """
    ids, spots = prefix_of(seconds)
    start, parts = int(spots.max()) + 1, [spots]
    lead = len(ids)
    turn, targets = [0] * len(ids), [IGNORE] * len(ids)
    weights, packed = [0.0] * len(ids), list[Turn]()
    for asked in turns:
        question = [
            *_tokenizer().encode(asked.text).ids,
            *encode(f"{END}\n<|im_start|>assistant\n"),
        ]
        answer = [*_tokenizer().encode(asked.answer).ids, token_ids()[END]]
        size = len(question) + len(answer) - 1  # the end mark is only predicted
        if len(ids) + size > longest:
            break  # to go on with shorter ones would teach that answers are short
        packed.append(asked)
        ids += question + answer[:-1]
        turn += [len(packed)] * size
        graded = {encode(f" {word}")[0] for word in asked.graded}
        learned = [not graded or token in graded for token in answer]
        share = 0.5 if graded else 1 / len(answer)
        shares = _box_shares(answer) if asked.task == "box" else [share] * len(answer)
        told = dict(hints(asked, question[:-1]) if hints else ())
        weights += [HINT * (at in told) for at in range(len(question) - 1)]
        weights += [part * taught for part, taught in zip(shares, learned, strict=True)]
        targets += [told.get(at, IGNORE) for at in range(len(question) - 1)]
        targets += [t if taught else IGNORE for t, taught in zip(answer, learned, strict=True)]
        parts.append(_line(start, size))
    return Row(
        np.array(ids, np.int32),
        np.concatenate(parts, axis=1),
        np.array(turn, np.int16),
        np.array(targets, np.int32),
        np.array(weights, np.float32),
        tuple(packed),
        lead,
    )


def _box_shares(answer: list[int]) -> list[float]:
    """Return the weights of a box's tokens, two answers' worth; or of what is said in its place."""
    if len(answer) < 15:
        return [1 / len(answer)] * len(answer)
    sides = [share for _ in range(4) for share in DIGITS]
    return [part / 4 for part in (0.5, *sides, 0.2, 0.2)]


def collate(rows: Sequence[Row]) -> Batch:
    """Pad rows to one length, and their beginnings too."""
    lead = max(r.lead for r in rows)
    length = lead + max(len(r.ids) - r.lead for r in rows)

    def pad(name: str, fill: float) -> torch.Tensor:
        parts = []
        for row in rows:
            values = getattr(row, name)
            wide = np.full((*values.shape[:-1], length), fill, values.dtype)
            wide[..., : row.lead] = values[..., : row.lead]
            wide[..., lead : lead + len(row.ids) - row.lead] = values[..., row.lead :]
            parts.append(wide)
        return torch.from_numpy(np.stack(parts, axis=-2))

    turn = pad("turn", -1).long()
    same = (turn[:, None, :] == turn[:, lead:, None]) | (turn[:, None, :] == 0)
    mask = same & torch.ones(length, length, dtype=torch.bool).tril()[lead:]
    return Batch(
        pad("ids", token_ids()[PAD]).long(),
        pad("spots", 0).long(),
        mask[:, None],
        pad("targets", IGNORE).long(),
        pad("weights", 0.0),
        turn,
        lead,
    )


def _line(start: int, count: int) -> np.ndarray:
    return np.tile(np.arange(start, start + count, dtype=np.int32), (3, 1))


@lru_cache(maxsize=1)
def _frame() -> np.ndarray:
    """Return the positions of a frame's tokens from its start, [3, TOKENS]."""
    gh, gw = GRID[0] // MERGE, GRID[1] // MERGE
    rows, columns = np.divmod(np.arange(TOKENS, dtype=np.int32), gw)
    assert gh * gw == TOKENS
    return np.stack([np.zeros(TOKENS, np.int32), rows, columns])


def decode(ids: Sequence[int]) -> str:
    """Return the text of tokens, without the special ones."""
    return _tokenizer().decode([int(i) for i in ids])
