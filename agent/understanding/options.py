"""Options that stand inside the text of a question: `... (A) red (B) blue`, or one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..question import LETTERS, Question, check_question

_MARK = re.compile(r"(?:(?<=\s)|^)\(?([A-Za-z])[.):](?=\s|\w)|(?<!\w)\(([A-Za-z])\)", re.M)
_NUMBERED = re.compile(r"^\s*\(?(\d{1,2})[.):]\s+(.*\S)\s*$")
_BULLET = re.compile(r"^\s*[-*•]\s+(.*\S)\s*$")
_LEAD = re.compile(r"\s*\b(?:options|choices|answers|alternatives)\s*:?\s*$", re.I)
_STATEMENTS = re.compile(r"\border\b|\barrange\b|\bsequence\b|\bstatements\b|\bevents\b", re.I)


def question_as_put(text: str, options: Sequence[object] | None = None) -> Question:
    """Return a question, checked, with the options that its text holds where none are given.

    The text stays verbatim either way: what is understood adds to a question, it replaces nothing.

    Raises:
        UsageError: see `check_question`.
    """
    asked = check_question(text, options)
    found = None if asked.options else options_inside(asked.text)
    if found is None or len(found[1]) > len(LETTERS):
        return asked
    return check_question(text, found[1])


def options_inside(question: str) -> tuple[str, tuple[str, ...]] | None:
    """Split a question that holds its own options.

    Letters from A on (`(A) red (B) blue`, `A. red B. blue`, `a) red`), in a line or one a line;
    numbers or bullets one a line after a question mark or `Options:`. Numbered events to be put in
    order are part of the question.

    Returns:
        The question without them, and at least two options; None where it holds none.
    """
    return _lettered(question) or _listed(question)


def _lettered(question: str) -> tuple[str, tuple[str, ...]] | None:
    for marks in _runs(list(_MARK.finditer(question))):
        ends = [mark.start() for mark in marks[1:]] + [len(question)]
        texts = [question[m.end() : end].strip() for m, end in zip(marks, ends, strict=True)]
        # what follows the last option on a line of its own is an instruction
        texts[-1], _, rest = texts[-1].partition("\n")
        options = tuple(text.strip().rstrip(",;").strip() for text in texts)
        before = question[: marks[0].start()]
        # a bare letter may be an initial (`Mr. A. Jones`): a list follows a question or a colon
        listed = marks[0][2] or re.search(r"[?:]\s*$|\n\s*$", before)
        stem = _stem(before, rest)
        if stem and listed and all(options):
            return stem, options
    return None


def _runs(marks: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Yield runs of marks A, B, C, ... in one style; at least two."""
    for first in ("A", "a"):
        run: list[re.Match[str]] = []
        letters = LETTERS if first == "A" else LETTERS.lower()
        for mark in marks:
            wanted = letters[len(run)] if len(run) < len(letters) else None
            style = run[0][0].replace(run[0][1] or run[0][2], "") if run else None
            letter = mark[1] or mark[2]
            if letter == wanted and style in (None, mark[0].replace(letter, "")):
                run.append(mark)
        if len(run) >= 2:
            yield run


def _listed(question: str) -> tuple[str, tuple[str, ...]] | None:
    lines = question.split("\n")
    for form in (_NUMBERED, _BULLET):
        found = [(at, form.match(line)) for at, line in enumerate(lines)]
        hits = [(at, match) for at, match in found if match]
        if len(hits) < 2 or hits[-1][0] - hits[0][0] != len(hits) - 1:
            continue
        if form is _NUMBERED:
            numbers = [int(match[1]) for _, match in hits]
            if numbers != list(range(1, len(hits) + 1)) or _STATEMENTS.search(question):
                continue
        before = "\n".join(lines[: hits[0][0]]).rstrip()
        # any other list is what the question is about
        if not before.endswith(("?", "？", "؟")) and not _LEAD.search(before):
            continue
        stem = _stem(before, "\n".join(lines[hits[-1][0] + 1 :]))
        if stem:
            return stem, tuple(match[match.lastindex or 0] for _, match in hits)
    return None


def _stem(before: str, after: str) -> str:
    return "\n".join(part for part in (_LEAD.sub("", before).strip(), after.strip()) if part)
