"""Eyes by name; each is loaded when it is asked for.

| name | eye |
|---|---|
| `longtake-mini` | the embedded video LLM, with the encoder's patches |
| `tagger` | the encoder alone |
| `transformers:NAME`, `local-dir:PATH` | an image-text-to-text model from the hub, or a folder |
| `endpoint:MODEL@URL` | a video LLM behind an OpenAI-compatible server |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .client.address import SERVED
from .identity import EMBEDDED, LOCAL, eye_folder, weights_digest
from .runtime import Runtime

HUB = "transformers:"
TAGGER = "tagger"
EYE_FORMS = (EMBEDDED, TAGGER, f"{HUB}NAME", f"{LOCAL}PATH", f"{SERVED}MODEL@URL")


def load_eye(name: str, encoder: Any, runtime: Runtime | None = None) -> Any:
    """Load an eye.

    Args:
        name: one that `names_eye` accepts.
        encoder: the profile's encoder; eyes may look through it.
        runtime: device, key and the like.

    Raises:
        UsageError: the model cannot be loaded.
        EndpointError: its server cannot be reached, or refuses us.
    """
    loader = next(load for prefix, load in EYES.items() if name.startswith(prefix))
    return loader(name, encoder, runtime or Runtime())


def names_eye(name: str) -> bool:
    """Say whether a name is that of an eye, as far as can be told without loading it."""
    # a prefix that ends in a colon wants a model's name behind it
    return any(
        name.startswith(prefix) and len(name) > len(prefix)
        if prefix.endswith(":")
        else name == prefix
        for prefix in EYES
    )


def _mini(name: str, encoder: Any, runtime: Runtime) -> Any:
    from ..world.perception.mini import MiniEye

    if encoder.lexicon is None:
        from .clip_encoder import load_encoder

        encoder = load_encoder(EMBEDDED)
    folder = eye_folder(name)
    assert folder is not None
    return MiniEye(encoder, folder)


def _tagger(name: str, encoder: Any, runtime: Runtime) -> Any:
    """Return the eye that fits an encoder: with a lexicon, or by plain similarity."""
    if encoder.lexicon is not None:
        from ..world.perception.tagger import TaggerEye

        return TaggerEye(encoder)
    from .similarity import SimilarityEye

    return SimilarityEye(encoder)


def _vlm(name: str, encoder: Any, runtime: Runtime) -> Any:
    from ..world.perception.language_model import VlmEye

    folder, device = eye_folder(name), runtime.find_device()
    if folder is None:
        return VlmEye(name.removeprefix(HUB), version=name, device=device)
    return VlmEye(folder, version=f"{name}@{weights_digest(folder)}", device=device)


def _served(name: str, encoder: Any, runtime: Runtime) -> Any:
    from .vlm.served import open_eye

    return open_eye(name, runtime.key_variable, video=runtime.video)


# by name, or by what it begins with
EYES: dict[str, Callable[[str, Any, Runtime], Any]] = {
    EMBEDDED: _mini,
    TAGGER: _tagger,
    HUB: _vlm,
    LOCAL: _vlm,
    SERVED: _served,
}
