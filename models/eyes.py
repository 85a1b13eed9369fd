"""Eyes by name; each is loaded when it is asked for.

| name | eye |
|---|---|
| `tagger` | the encoder alone |
| `transformers:NAME`, `local-dir:PATH` | an image-text-to-text model from the hub, or a folder |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .identity import LOCAL, eye_folder, weights_digest

HUB = "transformers:"
EYE_FORMS = ("tagger", f"{HUB}NAME", f"{LOCAL}PATH")


def load_eye(name: str, encoder: Any, device: str = "cpu") -> Any:
    """Load an eye.

    Args:
        name: one that `names_eye` accepts.
        encoder: the profile's encoder; eyes may look through it.
        device: where torch runs.

    Raises:
        UsageError: the model cannot be loaded.
    """
    loader = next(load for prefix, load in EYES.items() if name.startswith(prefix))
    return loader(name, encoder, device)


def names_eye(name: str) -> bool:
    """Say whether a name is that of an eye, as far as can be told without loading it."""
    return name == "tagger" or any(
        name.startswith(prefix) and len(name) > len(prefix) for prefix in (HUB, LOCAL)
    )


def _tagger(name: str, encoder: Any, device: str) -> Any:
    """Return the eye that fits an encoder: with a lexicon, or by plain similarity."""
    if encoder.lexicon is not None:
        from .tagger import TaggerEye

        return TaggerEye(encoder)
    from .similarity import SimilarityEye

    return SimilarityEye(encoder)


def _vlm(name: str, encoder: Any, device: str) -> Any:
    from .vlm import VlmEye

    folder = eye_folder(name)
    if folder is None:
        return VlmEye(name.removeprefix(HUB), version=name, device=device)
    return VlmEye(folder, version=f"{name}@{weights_digest(folder)}", device=device)


# the first prefix that fits
EYES: dict[str, Callable[[str, Any, str], Any]] = {
    "tagger": _tagger,
    HUB: _vlm,
    LOCAL: _vlm,
}
