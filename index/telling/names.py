"""Who and what a film names: people, places and things by name, with all the times of each.

Names are told by capitals: a word is one where it is written with a capital inside a sentence and
hardly ever without. Where a language writes all nouns so, only names of several words count; of
scripts without capitals no name is claimed. Shorter forms join the longer name that they are part
of.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..text.language import stop_words
from ..text.spelling import words_of
from ..video.span import Span, merge_spans
from ..words.lines import Line

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*", re.UNICODE)
_ENDS = re.compile(r"[.!?…:;\n\"“”«»(]\s*$")
_JOINED = re.compile(r"^\s+$|^-$")
_ALL_NOUNS = 0.22  # share of capitals inside sentences from which all nouns have them
_TOGETHER = 2.0  # seconds between two mentions that count as one
_SHOUTED = 0.7


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that a film names.

    Attributes:
        name: the longest form.
        aliases: its other forms, the commonest first.
        spans: when it is named, in time order.
        kind: person, place, thing or the like, where a model said so; empty otherwise.
    """

    name: str
    aliases: tuple[str, ...]
    spans: tuple[Span, ...]
    kind: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All its forms."""
        return (self.name, *self.aliases)


def find_entities(lines: Sequence[Line], languages: Sequence[str]) -> list[Entity]:
    """Return what lines name, the most often named first.

    Args:
        lines: of a film, of any kind.
        languages: that they are in, see `key_sentences.languages_of`.
    """
    stops = stop_words(*languages)
    spelled: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    inside = capitals = 0
    runs: list[tuple[list[str], bool]] = []
    for line in lines:
        tokens = _tokens(line.text)
        shouted = sum(t.isupper() for t, _, _ in tokens) > _SHOUTED * len(tokens)
        for token, first, _ in tokens:
            plain[token.casefold()] += token[0].islower()
            if not first and not shouted:
                inside += 1
                capitals += token[0].isupper()
        runs += [] if shouted else _runs(tokens)
    sure = {word for run, first in runs for word in run[first:]}
    all_nouns = capitals > _ALL_NOUNS * max(inside, 1) and inside > 50
    for run, first in runs:
        if first and (len(run) == 1 or run[0].casefold() in stops or plain[run[0].casefold()]):
            # the first word of a sentence has its capital for that, unless it is known as a name
            run = run[0 if run[0] in sure else 1 :]
        if run and (len(run) > 1 or not all_nouns) and len(" ".join(run)) > 1:
            spelled[" ".join(run)] += 1
    return merge_names({name: () for name in spelled if not _is_number(name)}, lines, spelled)


def merge_names(
    named: dict[str, Sequence[str]],
    lines: Sequence[Line],
    counts: Counter[str] | None = None,
    kinds: dict[str, str] | None = None,
) -> list[Entity]:
    """Join forms of one name and find all the times of each.

    Args:
        named: name to other forms of it that are known.
        lines: where they are looked for, whole words.
        counts: how often each was found; every one counts once where it is None.
        kinds: of what kind each is.
    """
    forms: dict[str, list[str]] = {}
    for name in sorted(named, key=lambda n: (-len(words_of(n)), -(counts or {}).get(n, 0), n)):
        words = set(words_of(name))
        homes = [full for full in forms if words and words < set(words_of(full))]
        same = [full for full in forms if words == set(words_of(full))]
        # a part of two names stands for neither
        home = (same or (homes if len(homes) == 1 else []))[:1]
        target = home[0] if home else name
        forms.setdefault(target, [])
        forms[target] += [form for form in (name, *named[name]) if form != target]
    found = []
    times = _times([form for name, rest in forms.items() for form in (name, *rest)], lines)
    for name, rest in forms.items():
        others = tuple(dict.fromkeys(rest))
        spans = merge_spans((s for form in (name, *others) for s in times[form]), _TOGETHER)
        if spans:
            found.append(Entity(name, others, tuple(spans), (kinds or {}).get(name, "")))
    return sorted(found, key=lambda entity: (-len(entity.spans), entity.spans[0], entity.name))


def _times(names: Iterable[str], lines: Sequence[Line]) -> dict[str, list[Span]]:
    """Return when each name is said or shown, as whole words in this order."""
    by_first: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for name in set(names):
        words = words_of(name)
        if words:
            by_first[words[0]].append((name, words))
    times: dict[str, list[Span]] = defaultdict(list)
    for line in lines:
        said = words_of(line.text)
        for at, word in enumerate(said):
            for name, words in by_first.get(word, ()):
                if said[at : at + len(words)] == words:
                    times[name].append(line.span)
    return times


def _tokens(text: str) -> list[tuple[str, bool, bool]]:
    """Return (word, whether a sentence begins with it, whether it follows the last by a space)."""
    out: list[tuple[str, bool, bool]] = []
    end = 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        first = end == 0 or bool(_ENDS.search(between))
        out.append((match[0], first, end > 0 and bool(_JOINED.match(between))))
        end = match.end()
    return out


def _runs(tokens: Sequence[tuple[str, bool, bool]]) -> list[tuple[list[str], bool]]:
    """Return the runs of words with capitals, and whether a sentence begins with each."""
    runs: list[tuple[list[str], bool]] = []
    open_ = False
    for token, first, joined in tokens:
        name = token[0].isupper() and (len(token) > 1 or not first)
        number = open_ and joined and token.isdigit()
        if (name or number) and open_ and joined and not first:
            runs[-1][0].append(token)
        elif name:
            runs.append(([token], first))
        open_ = name or number
    return runs


def _is_number(name: str) -> bool:
    return all(part.isdigit() for part in words_of(name))
