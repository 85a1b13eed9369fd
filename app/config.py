"""Settings: what can be set, where each value came from, and where files go.

Precedence, strongest first: command-line flag or keyword, `LONGTAKE_*` variable, `./longtake.toml`,
`$XDG_CONFIG_HOME/longtake/config.toml`, built-in default. Plain standard library, so that reading
the settings costs nothing at start-up.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from longtake.index.video.errors import UsageError

PREFIX = "LONGTAKE_"
Kind = Literal["text", "path", "count", "number"]


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: how it is read, what it is without being set, and what it means."""

    kind: Kind
    default: Any
    help: str
    allowed: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = math.inf


LIMITS = ("max_steps", "max_frames", "max_calls", "max_tokens", "max_seconds", "max_usd")
ROLES = ("vlm", "captioner", "planner", "encoder", "text_encoder", "ocr", "asr")
KEYS: dict[str, Key] = {
    "profile": Key(
        "text",
        "auto",
        "set of models; auto: by the vlm",
        ("auto", "served", "local", "embedded"),
    ),
    "vlm": Key("text", None, "video LLM: endpoint:NAME@URL, transformers:NAME, local-dir:PATH"),
    "captioner": Key("text", None, "model that captions clips; the vlm when unset"),
    "planner": Key("text", None, "chat model that reads the question and may plan"),
    "encoder": Key("text", None, "open_clip model that pictures are searched by, or none"),
    "text_encoder": Key("text", None, "sentence encoder that words are searched by, or none"),
    "ocr": Key("text", None, "reader of screen text: rapidocr, vlm, none"),
    "asr": Key(
        "text", None, "hears speech: whisper:SIZE, local-dir:PATH, endpoint:NAME@URL, auto, none"
    ),
    "planning": Key("text", "auto", "who chooses the next step", ("scripted", "llm", "auto")),
    "selector": Key("text", None, "how the first look chooses frames: cues, uniform, ktv, …"),
    "presenter": Key("text", None, "how it lays them out: frames, grid, thumbnail, …"),
    "subtitles": Key("text", "auto", "subtitles to use: a language, a file, ocr, none, auto"),
    "abstain_below": Key(
        "number", 0.0, "confidence below which options are not answered", maximum=1
    ),
    "key_env": Key("text", "OPENAI_API_KEY", "environment variable with the server's key"),
    "media": Key("text", "images", "how frames go to a server", ("images", "video")),
    "device": Key("text", "auto", "where local models run: auto, cpu, cuda, cuda:N, mps"),
    "prices": Key("path", None, "file of model prices, before prices.toml of the user's folder"),
    "store": Key("path", None, "folder of the indexes"),
    "runs": Key("path", None, "folder of the run records"),
    "fps": Key("number", 1.0, "frames indexed per second of film", minimum=0.05, maximum=30),
    "workers": Key("count", 2, "decoding processes while indexing", minimum=1, maximum=64),
    "max_steps": Key("count", 15, "tool calls a question may take", minimum=1, maximum=1000),
    "max_frames": Key("count", 640, "frames a question may show to models", minimum=1),
    "max_seconds": Key("number", 300.0, "seconds a question may take", minimum=0.1),
    "max_calls": Key("count", 60, "model calls a question may take", minimum=1),
    "max_tokens": Key("count", 400_000, "language-model tokens a question may take", minimum=1),
    "max_usd": Key("number", None, "US dollars a question may cost", minimum=1e-6),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting's value and origin.

    Attributes:
        values: name to value; None where nothing is set and the profile decides.
        origins: name to where the value came from, as a person would say it.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        # dataclass fields are found before this is asked
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"no setting called {name!r}; there are: {allowed()}") from None

    @property
    def store_root(self) -> Path:
        """Where indexes live."""
        return self.values["store"] or data_home()

    @property
    def runs_root(self) -> Path:
        """Where run records live."""
        return self.values["runs"] or state_home() / "runs"

    @property
    def price_files(self) -> list[Path]:
        """The user's files of model prices, the first to be asked first."""
        own = user_file().with_name("prices.toml")
        named = [self.values["prices"]] if self.values["prices"] else []
        return [*named, own] if own.is_file() else named

    @property
    def profile_name(self) -> str:
        """The profile: as set, or the one that the video LLM belongs to."""
        if self.values["profile"] != "auto":
            return self.values["profile"]
        vlm = self.values["vlm"] or "embedded"
        if vlm.startswith("endpoint:"):
            return "served"
        return "embedded" if vlm == "embedded" else "local"

    def roles(self) -> dict[str, str]:
        """Return the model names set role by role; a role left out is the profile's to fill."""
        return {role: self.values[role] for role in ROLES if self.values[role] is not None}


def allowed() -> str:
    """Name every setting, for messages."""
    return ", ".join(KEYS)


def data_home() -> Path:
    """Return the folder for indexes, `$XDG_DATA_HOME/longtake`."""
    import platformdirs

    return Path(platformdirs.user_data_dir("longtake", appauthor=False))


def cache_home() -> Path:
    """Return the folder for what can be made again, `$XDG_CACHE_HOME/longtake`."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("longtake", appauthor=False))


def state_home() -> Path:
    """Return the folder for records, `$XDG_STATE_HOME/longtake`."""
    import platformdirs

    return Path(platformdirs.user_state_dir("longtake", appauthor=False))


def user_file() -> Path:
    """Return the path of the user's own settings, whether it exists or not."""
    import platformdirs

    return Path(platformdirs.user_config_dir("longtake", appauthor=False)) / "config.toml"


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read the settings from all their places.

    Args:
        flags: values given by flag or keyword; None means not given.
        environ: the environment; the process's own when None.
        folder: where `longtake.toml` is looked for; the working directory when None.

    Raises:
        UsageError: an unknown key, or a value outside what is allowed; names the place.
    """
    environ = os.environ if environ is None else environ
    values = {name: key.default for name, key in KEYS.items()}
    origins = dict.fromkeys(KEYS, "default")
    project = (folder or Path.cwd()) / "longtake.toml"
    for path, shown in ((user_file(), str(user_file())), (project, "./longtake.toml")):
        for name, value in _read_toml(path, shown).items():
            values[name] = check_value(name, value, shown, base=path.parent)
            origins[name] = shown
    for name in KEYS:
        variable = PREFIX + name.upper()
        if environ.get(variable):
            values[name] = check_value(name, environ[variable], variable)
            origins[name] = variable
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = check_value(name, value, "flag")
            origins[name] = "flag"
    return Settings(values, origins)


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Name `LONGTAKE_*` variables that set nothing, most likely misspelt."""
    known = {PREFIX + name.upper() for name in KEYS} | {
        PREFIX + name for name in ("TEST_MEDIA", "TEST_WEIGHTS", "TEST_QUESTIONS")
    }
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def check_value(name: str, value: Any, origin: str, base: Path | None = None) -> Any:
    """Return the value in the setting's own type.

    Args:
        name: the setting.
        value: as found; text from the environment is converted.
        origin: where it was found, for the message.
        base: folder that a relative path counts from; the working directory when None.

    Raises:
        UsageError: no such setting, or the value is not allowed.
    """
    key = KEYS.get(name)
    if key is None:
        raise UsageError(f"unknown setting {name!r} in {origin}", f"settings are: {allowed()}")
    reading = _READ[key.kind](value)
    if reading is None:
        wanted = {"count": "a whole number", "number": "a number"}.get(key.kind, "a text")
        raise UsageError(f"{name} = {value!r} in {origin}", f"give {wanted}")
    if key.allowed and reading not in key.allowed:
        raise UsageError(f"{name} = {value!r} in {origin}", f"allowed: {', '.join(key.allowed)}")
    if key.kind in ("count", "number") and not key.minimum <= reading <= key.maximum:
        upper = "" if math.isinf(key.maximum) else f" and at most {key.maximum:g}"
        raise UsageError(f"{name} = {value!r} in {origin}", f"give at least {key.minimum:g}{upper}")
    if key.kind == "path":
        return (base or Path.cwd()) / Path(reading).expanduser()
    return reading


def _read_toml(path: Path, shown: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{shown} cannot be read: {error}", "mend or remove it") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown} is not valid TOML: {error}", "mend or remove it") from error


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | Path) and str(value) else None


def _count(value: Any) -> int | None:
    try:
        return int(value) if not isinstance(value, bool | float) else None
    except (TypeError, ValueError):
        return None


def _number(value: Any) -> float | None:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


_READ = {"text": _text, "path": _text, "count": _count, "number": _number}
