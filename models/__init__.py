"""Everything with weights or an endpoint.

Public names: `load_models` gives the `Models` of a `Profile`, to be run as a `Runtime` says;
`ServedVLM` and `LocalVLM` are the two ways to run a video LLM. Each is loaded when it is first
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .profile import Profile as Profile
    from .registry import Models as Models
    from .registry import load_models as load_models
    from .runtime import Runtime as Runtime
    from .vlm.local import LocalVLM as LocalVLM
    from .vlm.served import ServedVLM as ServedVLM

_HOMES = {
    "LocalVLM": "vlm.local",
    "Models": "registry",
    "Profile": "profile",
    "Runtime": "runtime",
    "ServedVLM": "vlm.served",
    "load_models": "registry",
}
__all__ = [
    "LocalVLM",
    "Models",
    "Profile",
    "Runtime",
    "ServedVLM",
    "load_models",
]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
