"""What tools return: typed results, each a frozen record that travels as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from ..index.video.frames import Box
from ..index.video.span import Span
from .tool import ErrorCode
from .types import Cost, Coverage, Evidence, EvidenceKind

Verdict = Literal["supported", "refuted", "unclear"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A model answered the question about some frames.

    Attributes:
        answer: in words; the option's text where options were given; empty for none.
        options: probability by letter, summing to 1; empty without options.
        method: where the probabilities come from: `logprob`, `stated`, `samples`, …
        cited: seconds of the frames that the answer rests on, as far as the model named them.
        enough: whether the model said that it saw enough to answer; None when it did not say.
        stated: the model's own probability that an answer in words is right; None when unsaid.
        best_second: the frame that supports the answer best, seconds.
        relevant: whether the frames have to do with the question at all.
        known: share of the frames of a kind that the model was made for; None: it cannot tell.
        unsaid: numbers of an answer from words alone that neither the question nor a line says.
    """

    answer: str
    options: dict[str, float] = field(default_factory=dict)
    method: str = "text"
    cited: tuple[float, ...] = ()
    enough: bool | None = None
    stated: float | None = None
    best_second: float | None = None
    relevant: bool = True
    known: float | None = None
    unsaid: tuple[str, ...] = ()

    @property
    def letter(self) -> str | None:
        """The likeliest option; None without options."""
        return max(self.options, key=lambda key: self.options[key], default=None)

    @property
    def confidence(self) -> float:
        """Probability of the likeliest option; 0 without options."""
        return max(self.options.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the film that a search found.

    Attributes:
        span: when.
        score: 0 to 1.
        second: the best instant inside the span.
        modality: what found it best: `visual`, `speech`, `text` or `caption`.
        snippet: the words found there; empty for a purely visual hit.
    """

    span: Span
    score: float
    second: float
    modality: str
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search brought, best first.

    Attributes:
        hits: the places.
        known: share of the film of a kind that the encoder was trained on; None: it cannot tell.
        looked_at: of a search by looking, all frames shown to the VLM so far, seconds.
        scores: of each of them, how surely it shows what is looked for, 0 to 1.
        rounds: requests that this took so far.
    """

    hits: tuple[Hit, ...]
    known: float | None = None
    looked_at: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Words of the film: a line of speech, of text on screen, or of a caption.

    Attributes:
        span: when.
        text: one printable line.
        kind: speech, text or caption.
        score: how well it matches, or how surely it was read, 0 to 1.
        box: where in the picture it was read; None for speech and captions.
        certain: False where the reading itself is in doubt (encoding, alphabet, low OCR score).
    """

    span: Span
    text: str
    kind: EvidenceKind = "speech"
    score: float = 0.0
    box: Box | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of words: best first from a search, in time order from a reading.

    Attributes:
        lines: what was found.
        truncated: more than was returned was there.
    """

    lines: tuple[Line, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something is seen.

    Attributes:
        span: from its beginning to its end.
        score: how surely it is seen, 0 to 1.
        second: the surest instant.
        evidence_id: the evidence that shows it; empty for none.
    """

    span: Span
    score: float
    second: float
    evidence_id: str = ""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every time that something is seen, in time order.

    Attributes:
        items: the times.
        complete: whether the whole film was looked through.
    """

    items: tuple[Occurrence, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim was judged: the verdict, and the probability that it is true, 0 to 1."""

    verdict: Verdict
    score: float


@dataclass(frozen=True, slots=True)
class Described:
    """A stretch in words.

    Attributes:
        caption: what it shows.
        cached: it was written earlier, at no cost now.
    """

    caption: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer that a planner ends with."""

    answer: str | None
    choice: str | None
    evidence_ids: tuple[str, ...]
    confidence: float
    abstain: bool = False


Payload = Answered | Hits | Lines | Occurrences | Judged | Described | Finished
PAYLOADS: dict[str, type] = {
    "answered": Answered,
    "hits": Hits,
    "lines": Lines,
    "occurrences": Occurrences,
    "judged": Judged,
    "described": Described,
    "finished": Finished,
}
_NAMES = {kind: name for name, kind in PAYLOADS.items()}
_ITEMS: dict[type, tuple[str, type]] = {
    Hits: ("hits", Hit),
    Lines: ("lines", Line),
    Occurrences: ("items", Occurrence),
}


def payload_to_json(payload: Payload | None) -> dict[str, Any] | None:
    """Return a payload as plain JSON types, its kind under `type`."""
    return None if payload is None else {"type": _NAMES[type(payload)], **asdict(payload)}


def payload_from_json(value: Mapping[str, Any] | None) -> Payload | None:
    """Read what `payload_to_json` wrote.

    Raises:
        ValueError: the kind of payload is not known.
    """
    if value is None:
        return None
    values = dict(value)
    name = values.pop("type", None)
    if name not in PAYLOADS:
        raise ValueError(f"payload type = {name!r}: expected one of {', '.join(PAYLOADS)}")
    kind = PAYLOADS[name]
    if kind in _ITEMS:
        key, item = _ITEMS[kind]
        values[key] = tuple(_item(item, row) for row in values[key])
    for part in fields(kind):
        if isinstance(values.get(part.name), list):
            values[part.name] = tuple(values[part.name])
    return kind(**values)


def _item(kind: type, row: Mapping[str, Any]) -> Any:
    values = {**row, "span": Span(**row["span"])}
    if values.get("box"):
        values["box"] = Box(**values["box"])
    return kind(**values)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found: text for the planner, evidence for the answer, a typed payload.

    Attributes:
        tool: the tool's name.
        args: its arguments as plain JSON.
        text: a short report; text that came out of the film is fenced as data.
        evidence: findings, best first.
        coverage: what was really seen; None for tools that look at no frames.
        payload: what was found, typed; None where the call failed.
        cost: what was used up.
        error: an error code when the call failed; the text then says what to do.
        notes: clamps and caveats to pass on to the user.
    """

    tool: str
    args: dict[str, Any]
    text: str
    evidence: tuple[Evidence, ...] = ()
    coverage: Coverage | None = None
    payload: Payload | None = None
    cost: Cost = field(default_factory=Cost)
    error: ErrorCode | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types only (lists, dicts, numbers, strings, None)."""
        return {**asdict(self), "payload": payload_to_json(self.payload)}
