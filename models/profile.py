"""Which models play which role: profiles by name, every role can be set on its own.

| role | values |
|---|---|
| `vlm` | `endpoint:NAME@URL`, `transformers:NAME`, `local-dir:PATH`, `embedded` |
| `captioner` | `vlm` (the same), or any value of `vlm` |
| `planner` | `vlm` (the served model chats too), `endpoint:NAME@URL`, `scripted` (none) |
| `encoder` | an open_clip name, `local-dir:PATH`, `embedded`, `auto`, `none` |
| `text_encoder` | a sentence-transformers name, `local-dir:PATH`, `auto`, `none` |
| `ocr` | `rapidocr`, `vlm`, `none` |
| `asr` | `whisper:SIZE`, `local-dir:PATH`, `endpoint:NAME@URL`, `auto`, `none` |

`auto` takes the profile's usual model where its weights are on this machine, else none; nothing is
fetched unasked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from ..index.video.errors import UsageError
from .asr.names import check_whisper
from .client.transport.address import SERVED, read_address
from .identity import LOCAL
from .weights import AUTO, HUB, WHISPER

EMBEDDED, NONE, SAME = "embedded", "none", "vlm"


@dataclass(frozen=True, slots=True)
class Profile:
    """A model's name for every role; see the table above."""

    vlm: str
    captioner: str = SAME
    planner: str = SAME
    encoder: str = AUTO
    text_encoder: str = AUTO
    ocr: str = "rapidocr"
    asr: str = AUTO


PROFILES: dict[str, Profile] = {
    "served": Profile(vlm=""),
    "local": Profile(vlm="transformers:Qwen/Qwen3-VL-2B-Instruct", planner="scripted"),
    "embedded": Profile(vlm=EMBEDDED, planner="scripted", encoder=EMBEDDED),
}
ROLES = tuple(field.name for field in fields(Profile))
VALUES: dict[str, tuple[str, ...]] = {
    "encoder": ("an open_clip name", f"{LOCAL}PATH", EMBEDDED, AUTO, NONE),
    "text_encoder": ("a sentence-transformers name", f"{LOCAL}PATH", AUTO, NONE),
    "vlm": (f"{SERVED}NAME@URL", f"{HUB}NAME", f"{LOCAL}PATH", EMBEDDED),
    "captioner": (SAME, f"{SERVED}NAME@URL", f"{HUB}NAME", f"{LOCAL}PATH", EMBEDDED),
    "planner": (SAME, f"{SERVED}NAME@URL", "scripted"),
    "ocr": ("rapidocr", SAME, NONE),
    "asr": (f"{WHISPER}SIZE", f"{LOCAL}PATH", f"{SERVED}NAME@URL", AUTO, NONE),
}
LIBRARY_NAMES = frozenset({"encoder", "text_encoder"})  # libraries know which names there are


def named_profile(name: str, overrides: Mapping[str, str | None] | None = None) -> Profile:
    """Return a profile with some roles set otherwise, every name checked.

    Args:
        name: one of `PROFILES`.
        overrides: role to model name; None leaves the profile's own.

    Raises:
        UsageError: an unknown profile, role or model name.
    """
    if name not in PROFILES:
        raise UsageError(f"profile = {name!r}", f"use one of {', '.join(PROFILES)}")
    given = {role: model for role, model in (overrides or {}).items() if model is not None}
    unknown = sorted(set(given) - set(ROLES))
    if unknown:
        raise UsageError(f"role = {unknown[0]!r}", f"use one of {', '.join(ROLES)}")
    chosen = replace(PROFILES[name], **given)
    if not chosen.vlm:
        raise UsageError(
            "profile = 'served' needs a video LLM behind a server",
            "set LONGTAKE_VLM=endpoint:NAME@http://HOST:8000/v1, or --vlm",
        )
    for role in sorted(set(VALUES) - LIBRARY_NAMES):
        _check_name(role, getattr(chosen, role), VALUES[role])
    check_whisper(chosen.asr)
    return chosen


def _check_name(role: str, name: str, forms: tuple[str, ...]) -> None:
    """Refuse a name that cannot be loaded.

    Raises:
        UsageError: it is none of the forms, or its address is off.
    """
    if name.startswith(SERVED):
        read_address(name)
    prefixes = [form[: form.index(":") + 1] for form in forms if ":" in form]
    fits = any(name.startswith(prefix) and len(name) > len(prefix) for prefix in prefixes)
    if not fits and name not in forms:
        raise UsageError(f"{role} = {name!r}", f"use {' or '.join(forms)}")
