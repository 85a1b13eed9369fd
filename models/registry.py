"""Which models play which role: profiles by name, every role can be set on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, NoReturn

from ..index.video.errors import UsageError
from .calibration import Calibration, load_calibration
from .client.address import SERVED, read_address
from .identity import EMBEDDED, encoder_folder, encoder_id, eye_folder
from .loading import held_interrupt
from .runtime import Runtime
from .vlm_registry import EYE_FORMS, load_eye, names_eye


@dataclass(frozen=True, slots=True)
class Profile:
    """A model's name for every role.

    Attributes:
        encoder: `longtake-mini`, an open_clip model name, or `local-dir:PATH`.
        eye: `longtake-mini` (the embedded video LLM), `tagger` (the encoder alone), a model of
            transformers: `transformers:NAME` from the hub, `local-dir:PATH`; or one behind a
            server, `endpoint:MODEL@URL`.
        reader: `rapidocr`, or `none`.
        captioner: `eye`: captions come from the eye.
        planner: the chat model that plans, `endpoint:MODEL@URL`; `workflow` for none.
        transcriber: `none`.
    """

    encoder: str = EMBEDDED
    eye: str = EMBEDDED
    reader: str = "rapidocr"
    captioner: str = "eye"
    planner: str = "workflow"
    transcriber: str = "none"


PROFILES: dict[str, Profile] = {
    "embedded": Profile(),
    "local": Profile(encoder="ViT-B-16-SigLIP2", eye="transformers:Qwen/Qwen3-VL-2B-Instruct"),
    "served": Profile(),
}
ROLES = tuple(field.name for field in fields(Profile))
# what can be named beside eyes; an encoder may be any open_clip name
_KNOWN: dict[str, tuple[str, ...]] = {
    "reader": ("rapidocr", "none"),
    "captioner": ("eye",),
    "transcriber": ("none",),
}


class LazyEncoder:
    """An encoder that is loaded when more than its id is asked for: opening an index needs no more."""

    def __init__(self, name: str, runtime: Runtime) -> None:
        self._name = name
        self._runtime = runtime

    def __repr__(self) -> str:
        return f"LazyEncoder({self._name})"

    @cached_property
    def id(self) -> str:
        """The id that the loaded encoder has."""
        return encoder_id(self._name)

    @cached_property
    def loaded(self) -> Any:
        """The encoder itself; loads torch."""
        with held_interrupt():
            try:
                from .clip_encoder import load_encoder

                own = self._name == EMBEDDED
                device = "cpu" if own else self._runtime.find_device(sharing=True)
                return load_encoder(self._name, device=device)
            except AttributeError as error:
                # as it is, it would be taken for a sign that `loaded` itself is missing
                raise RuntimeError(f"encoder {self._name} cannot be loaded: {error}") from error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.loaded, name)


class Models:
    """The models of a profile; each is loaded when it is first used.

    Args:
        profile: a name for every role.
        runtime: device, key and the like; the embedded models run on the CPU whatever it says.
    """

    def __init__(self, profile: Profile, runtime: Runtime | None = None) -> None:
        self.profile = profile
        self.runtime = runtime or Runtime()

    @cached_property
    def encoder(self) -> Any:
        """The encoder; loads torch as soon as more than its id is used."""
        return LazyEncoder(self.profile.encoder, self.runtime)

    @cached_property
    def eye(self) -> Any:
        """The eye."""
        with held_interrupt():
            return load_eye(self.profile.eye, self.encoder, self.runtime)

    @cached_property
    def reader(self) -> Any:
        """The reader of on-screen text, None when the profile has none."""
        if self.profile.reader == "none":
            return None
        with held_interrupt():
            from .ocr import RapidReader

            return RapidReader()

    @cached_property
    def planner(self) -> Any:
        """The chat model that plans (`agent.chat.Chat` by shape); None when the profile has none."""
        if not self.profile.planner.startswith(SERVED):
            return None
        from .client.chat import ServedChat
        from .vlm.served import open_client

        return ServedChat(open_client(self.profile.planner, self.runtime.key_variable))

    @cached_property
    def calibration(self) -> Calibration | None:
        """How often the eye's answers are right; None where that was not measured."""
        name = self.profile.eye
        folder = encoder_folder(self.profile.encoder) if name == "tagger" else eye_folder(name)
        return None if folder is None else load_calibration(self.eye.id, folder)

    @property
    def ids(self) -> dict[str, str]:
        """Role to the id written into answers; does not load what was not used."""
        names = asdict(self.profile) | {"encoder": encoder_id(self.profile.encoder)}
        loaded = {role: getattr(model, "id", None) for role, model in vars(self).items()}
        return {role: loaded.get(role) or name for role, name in names.items()}


def load_models(
    profile: str = "embedded",
    overrides: Mapping[str, str | None] | None = None,
    runtime: Runtime | None = None,
) -> Models:
    """Return the models of a profile; nothing is loaded before it is used.

    Args:
        profile: one of `PROFILES`.
        overrides: role to model name; None leaves the profile's own.
        runtime: device, key and the like.

    Raises:
        UsageError: an unknown profile, role or model name.
    """
    if profile not in PROFILES:
        raise UsageError(f"profile = {profile!r}", f"use one of {', '.join(PROFILES)}")
    given = {role: name for role, name in (overrides or {}).items() if name is not None}
    unknown = sorted(set(given) - set(ROLES))
    if unknown:
        raise UsageError(f"role = {unknown[0]!r}", f"use one of {', '.join(ROLES)}")
    if profile == "served" and "eye" not in given:
        raise UsageError(
            "profile = 'served' needs the endpoint that serves its eye",
            "set LONGTAKE_ENDPOINT=http://HOST:8000/v1 and LONGTAKE_ENDPOINT_MODEL=NAME",
        )
    chosen = replace(PROFILES[profile], **given)
    if chosen.encoder != EMBEDDED and "eye" not in given and chosen.eye == EMBEDDED:
        # who brings an encoder wants to look at other films than the embedded eye knows
        chosen = replace(chosen, eye="tagger")
    if not names_eye(chosen.eye):
        _refuse("eye", chosen.eye, EYE_FORMS)
    for role, allowed in _KNOWN.items():
        if getattr(chosen, role) not in allowed:
            _refuse(role, getattr(chosen, role), allowed)
    if chosen.planner != "workflow" and not chosen.planner.startswith(SERVED):
        _refuse("planner", chosen.planner, ("workflow", f"{SERVED}MODEL@URL"))
    for name in (chosen.eye, chosen.planner):
        if name.startswith(SERVED):
            read_address(name)
    return Models(chosen, runtime)


def _refuse(role: str, name: str, allowed: tuple[str, ...]) -> NoReturn:
    """Refuse a name that cannot be loaded, with the reason.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"{role} = {name!r}", f"use {' or '.join(allowed)}")
