"""The models of a profile, each loaded when it is first used (see `profile.py` for the names)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from ..index.video.errors import UsageError
from .asr.names import EXTRA, has_library, usual_whisper, whisper_id
from .client.transport.address import SERVED, read_address
from .identity import local_folder, model_id
from .loading import held_interrupt
from .profile import EMBEDDED, LIBRARY_NAMES, NONE, ROLES, SAME, Profile, named_profile
from .runtime import Runtime
from .shipped import LazyEncoder, Shipped
from .weights import (
    AUTO,
    HUB,
    USUAL_ASR,
    USUAL_ENCODER,
    USUAL_TEXT_ENCODER,
    WHISPER,
    find_cached,
    likely_bytes,
    repository_of,
    size_text,
)

_WITHOUT = {
    "vlm": "--profile embedded answers from what is said and written",
    "captioner": "--captioner vlm",
    "encoder": "--encoder none searches by words and looking",
    "text_encoder": "--text-encoder none searches by words alone",
    "asr": "--asr none goes without hearing",
}


class Models:
    """The models of a profile; each is loaded when it is first used.

    Args:
        profile: a name for every role.
        runtime: device, key and the like.
        shipped: what `embedded` stands for.
    """

    def __init__(
        self, profile: Profile, runtime: Runtime | None = None, shipped: Shipped | None = None
    ) -> None:
        self.profile = profile
        self.runtime = runtime or Runtime()
        self.shipped = shipped

    @cached_property
    def names(self) -> dict[str, str]:
        """Role to the name that is used: `auto` is the usual model where it is here, else none."""
        names = asdict(self.profile)
        for role, usual in (("encoder", USUAL_ENCODER), ("text_encoder", USUAL_TEXT_ENCODER)):
            if names[role] == AUTO:
                names[role] = usual if find_cached(usual) else NONE
        if names["asr"] == AUTO:
            names["asr"] = usual_whisper() or NONE
        return names

    def missing(self) -> dict[str, str]:
        """Return role to the name of each model of the hub that is not on this machine."""
        found = {}
        for role, name in self.names.items():
            prefix = {"vlm": HUB, "captioner": HUB, "asr": WHISPER}.get(role)
            of_hub = name.startswith(prefix) if prefix else role in LIBRARY_NAMES
            folder = Path(name).is_dir()
            if of_hub and not folder and repository_of(name) and find_cached(name) is None:
                found[role] = name
        return found

    def check_weights(self, roles: Sequence[str] = ROLES) -> None:
        """Refuse to begin with weights that are not there: nothing is fetched unasked.

        Raises:
            UsageError: a model of these roles is not on this machine.
        """
        for role, name in self.missing().items():
            if role in roles:
                size = likely_bytes(name)
                about = size_text(size) if size is None else f"about {size_text(size)}"
                raise UsageError(
                    f"{role} = {name!r} is not on this machine ({about})",
                    f"longtake models fetch {name.removeprefix(HUB)} fetches it; without it: "
                    f"{_WITHOUT[role]}",
                )

    @cached_property
    def encoder(self) -> Any:
        """The encoder, loaded as soon as more than its id is used; None without one."""
        name = self.names["encoder"]
        return None if name == NONE else LazyEncoder(name, self.runtime, self.shipped)

    @cached_property
    def text_encoder(self) -> Any:
        """The sentence encoder; None without one."""
        name = self.names["text_encoder"]
        if name == NONE:
            return None
        from .text_encoder import load_text_encoder

        return load_text_encoder(name)

    @cached_property
    def vlm(self) -> Any:
        """The video LLM."""
        return self._load_vlm(self.profile.vlm)

    @cached_property
    def reader(self) -> Any:
        """What answers from words alone: the video LLM, or the chat model; None without either.

        The shipped video LLM reads no free text.
        """
        if self.profile.vlm != EMBEDDED:
            return self.vlm
        return None if self.chat_name is None else self._load_vlm(self.chat_name)

    @cached_property
    def captioner(self) -> Any:
        """What describes clips."""
        name = self.profile.captioner
        return self.vlm if name in (SAME, self.profile.vlm) else self._load_vlm(name)

    @cached_property
    def ocr(self) -> Any:
        """What reads screen text; None without."""
        name = self.profile.ocr
        if name == NONE:
            return None
        with held_interrupt():
            from .ocr import RapidReader

            detector = RapidReader()
        if name != SAME:
            return detector
        from .vlm.screen_text import VlmReader

        # the detector tells which pictures hold text, so that only these are a request
        return VlmReader(self.vlm, detector)

    @cached_property
    def asr(self) -> Any:
        """What hears speech; None without. Weights are read with the first sound."""
        name = self.names["asr"]
        if name == NONE:
            return None
        if name.startswith(SERVED):
            from .asr.served import ServedTranscriber
            from .client.client import open_client

            return ServedTranscriber(open_client(name, self.runtime.key_variable))
        self.check_weights(["asr"])
        from .asr.whisper import WhisperTranscriber

        return WhisperTranscriber(name, self.runtime)

    @property
    def hearing_remedy(self) -> str:
        """The one command after which speech could be heard; empty where it can be, or is not to.

        Nothing is fetched and nothing installed unasked.
        """
        if self.profile.asr != AUTO or self.names["asr"] != NONE:
            return ""
        fetch = f"longtake models fetch {USUAL_ASR}"
        return fetch if has_library() else f"{EXTRA} && {fetch}"

    @property
    def chat_name(self) -> str | None:
        """The name of the chat model that reads the question; None where none chats."""
        name = self.profile.vlm if self.profile.planner == SAME else self.profile.planner
        return name if name.startswith(SERVED) else None

    @cached_property
    def chat(self) -> Any:
        """The chat model (`agent.chat.Chat` by shape); None where none chats."""
        if self.chat_name is None:
            return None
        from .client.chat import ServedChat
        from .client.client import open_client

        return ServedChat(open_client(self.chat_name, self.runtime.key_variable))

    @cached_property
    def calibration(self) -> Any:
        """How often the VLM's answers are right; None where that was not measured."""
        from .calibration import load_calibration
        from .vlm.prompts import prompts_digest

        if self.profile.vlm == EMBEDDED and self.shipped is not None:
            return self.shipped.calibration(self.vlm.id)
        folder = local_folder(self.profile.vlm)
        return None if folder is None else load_calibration(self.vlm.id, prompts_digest(), folder)

    @property
    def ids(self) -> dict[str, str]:
        """Role to the id written into answers; does not load what was not used."""
        names = dict(self.names)
        loaded = {role: getattr(model, "id", None) for role, model in vars(self).items()}
        names["encoder"] = getattr(self.encoder, "id", NONE)
        names["asr"] = _asr_id(names["asr"])
        names["planner"] = self.chat_name or "scripted"
        return {role: loaded.get(role) or name for role, name in names.items()}

    def _load_vlm(self, name: str) -> Any:
        with held_interrupt():
            if name.startswith(SERVED):
                from .vlm.served import open_vlm

                return open_vlm(name, self.runtime.key_variable, video=self.runtime.video)
            if name == EMBEDDED and self.shipped is not None:
                encoder = self.encoder if self.profile.encoder == EMBEDDED else None
                return self.shipped.load_vlm(
                    encoder if encoder is not None else self.shipped.load_encoder()
                )
            from .fetching import nothing_fetched
            from .vlm.local import LocalVLM

            folder = local_folder(name)
            source = folder or name.removeprefix(HUB)
            with nothing_fetched():
                return LocalVLM(source, version=model_id(name), device=self.runtime.find_device())


def _asr_id(name: str) -> str:
    """Return the id that a transcriber of this name has, without loading it."""
    if name.startswith(SERVED):
        return read_address(name).model
    return whisper_id(name)


def load_models(
    profile: str,
    overrides: Mapping[str, str | None] | None = None,
    runtime: Runtime | None = None,
    shipped: Shipped | None = None,
) -> Models:
    """Return the models of a profile; nothing is loaded before it is used.

    Args:
        profile: one of `PROFILES`.
        overrides: role to model name; None leaves the profile's own.
        runtime: device, key and the like.
        shipped: what `embedded` stands for.

    Raises:
        UsageError: an unknown profile, role or model name.
    """
    return Models(named_profile(profile, overrides), runtime, shipped)
