"""Models that ship with the package, and the encoder, whichever it is, loaded when it is used."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

from .identity import model_id
from .loading import held_interrupt
from .profile import EMBEDDED
from .runtime import Runtime


class Shipped(Protocol):
    """Models that ship with the package: what `embedded` stands for. The front door passes it."""

    @property
    def encoder_id(self) -> str:
        """Id of the encoder; loads nothing."""
        ...

    def load_encoder(self) -> Any:
        """Load the encoder."""
        ...

    def load_vlm(self, encoder: Any) -> Any:
        """Load the video LLM; `encoder` is the one that `load_encoder` gave."""
        ...

    def calibration(self, vlm_id: str) -> Any:
        """Return the calibration of the VLM; None without one."""
        ...


class LazyEncoder:
    """An encoder that is loaded when more than its id is used: opening an index takes the id."""

    def __init__(self, name: str, runtime: Runtime, shipped: Shipped | None) -> None:
        self._name = name
        self._runtime = runtime
        self._shipped = shipped

    def __repr__(self) -> str:
        return f"LazyEncoder({self._name})"

    @cached_property
    def id(self) -> str:
        """The id that the loaded encoder has."""
        if self._name == EMBEDDED and self._shipped is not None:
            return self._shipped.encoder_id
        return model_id(self._name)

    @cached_property
    def loaded(self) -> Any:
        """The encoder itself."""
        with held_interrupt():
            try:
                if self._name == EMBEDDED and self._shipped is not None:
                    return self._shipped.load_encoder()
                from .clip_encoder import load_encoder
                from .fetching import nothing_fetched

                with nothing_fetched():
                    return load_encoder(self._name, device=self._runtime.find_device(sharing=True))
            except AttributeError as error:
                # as it is, it would be taken for a sign that `loaded` itself is missing
                raise RuntimeError(f"encoder {self._name} cannot be loaded: {error}") from error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.loaded, name)
