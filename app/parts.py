"""The parts a film is worked on with: store, models, decoder, index; made when first needed."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.config import Settings, cache_home
from longtake.index.video.errors import IndexMissing, UsageError

if TYPE_CHECKING:
    from longtake.agent.cost.rates import Rates
    from longtake.agent.planners.base import Planner
    from longtake.index.build import Progress
    from longtake.index.film_index import FilmIndex
    from longtake.index.storage.store import Store
    from longtake.index.video.decode import Decoder
    from longtake.index.video.probing.probe import FilmInfo
    from longtake.models.registry import Models
    from longtake.tools.tool import Tool

ProgressCallback = Callable[["Progress"], None]


class Parts:
    """Everything heavy behind one film, made once and closed together.

    Safe to share between threads: making a part is locked, and the decoder locks itself.

    Args:
        path: the film.
        settings: models, folders and rates.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._models: Models | None = None
        self._decoder: Decoder | None = None
        self._index: FilmIndex | None = None
        self._film_id: str | None = None

    @property
    def store(self) -> Store:
        """Where indexes are kept."""
        with self._lock:
            if self._store is None:
                from longtake.index.storage.store import Store

                self._store = Store(self.settings.store_root)
            return self._store

    @property
    def models(self) -> Any:
        """The profile's models with the settings' own choices on top (`models.registry.Models`).

        Any, since pyright does not take a cached property for the property of a protocol.
        """
        with self._lock:
            if self._models is None:
                from longtake.models.registry import load_models
                from longtake.models.runtime import Runtime
                from longtake.shipped import SHIPPED

                chosen = self.settings
                runtime = Runtime(chosen.device, chosen.key_env, chosen.media == "video")
                name = chosen.profile_name
                self._models = load_models(name, chosen.roles(), runtime, SHIPPED)
            return self._models

    def share_models(self, other: Parts) -> None:
        """Use the models that another film's parts have loaded.

        They are copied one level deep: replacing one here leaves the other's as it is.
        """
        shared = other.models
        # what is asked of all of them is loaded once, in the one that is shared
        _ = shared.vlm, shared.encoder, shared.text_encoder, shared.ocr
        mine = copy.copy(shared)
        for name in ("captioner", "chat"):  # these may hold the video LLM: made anew, at no cost
            mine.__dict__.pop(name, None)
        with self._lock:
            self._models = mine

    def encoder_line(self) -> str:
        """Say which encoder searches pictures, and where none does what is done instead."""
        from longtake.models.weights import AUTO, USUAL_ENCODER

        name = self.models.names["encoder"]
        if name != "none":
            return f"encoder: {name}"
        if self.models.profile.encoder != AUTO:
            return "encoder: none (search by words and looking)"
        return (
            "encoder: none (SigLIP2 is not on this machine; search by words and looking; "
            f"longtake models fetch {USUAL_ENCODER} fetches it)"
        )

    def planner(self) -> Planner:
        """Choose who plans. `auto` may put a chat model to its self-test, once a model.

        Where the video LLM itself chats it reads the question, and scripts plan; a chat model that
        was named plans where it is fit to.

        Raises:
            UsageError: `llm` without a chat model.
        """
        from longtake.agent.planners.choose import pick_planner
        from longtake.shipped import own_planner

        models, planning = self.models, self.settings.planning
        if planning == "auto" and models.profile.planner == "vlm":
            planning = "scripted"
        chosen = pick_planner(planning, models.chat, cache_home())
        return own_planner(chosen, models.profile.vlm)

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools by name, those of the shipped models on top."""
        from longtake.tools import TOOLS

        if self.models.profile.vlm != "embedded":
            return TOOLS
        from longtake.world.tools import WORLD_TOOLS

        return {**TOOLS, **WORLD_TOOLS}

    def rates(self, planner: Planner, max_usd: float | None = None) -> Rates:
        """Look up what the served models of a question cost.

        Raises:
            UsageError: a price file is off, or money is limited and a served model has no price.
        """
        from longtake.agent.cost.pricing import load_prices
        from longtake.agent.cost.rates import Rates
        from longtake.agent.roles import paid_models

        prices = load_prices(self.settings.price_files)
        rates = Rates.of(paid_models(self.models.ids, planner), prices)
        rates.must_cover(max_usd)
        return rates

    @property
    def decoder(self) -> Decoder:
        """The warm child process that decodes this film."""
        with self._lock:
            if self._decoder is None:
                from longtake.index.video.decode import Decoder

                index = self._index
                # an hour-long film takes a second to scan; its index remembers the result
                known = (index.info, index.timeline) if index is not None else None
                self._decoder = Decoder(self.path, known=known)
            return self._decoder

    @property
    def has_index(self) -> bool:
        """Whether an index of the film was finished before."""
        with self._lock:
            # identifying a film that is new reads all of it
            self._film_id = self._film_id or self.store.identify(self.path)
            return self.store.has(self._film_id)

    @property
    def info(self) -> FilmInfo:
        """What the film is, from its index where that is open."""
        with self._lock:
            return self._index.info if self._index is not None else self.decoder.info

    def index(
        self, progress: ProgressCallback | None = None, refresh: Sequence[str] = ()
    ) -> FilmIndex:
        """Open the film's index, building what is missing of it.

        Args:
            progress: called as the work goes on; never called when nothing is left to do.
            refresh: stages to make again.

        Raises:
            InputError: the film cannot be read.
            IndexProblem: the index is damaged, or another process is writing it.
        """
        with self._lock:
            if refresh and self._index is not None:
                self._index.close()
                self._index = None
            if self._index is None:
                from longtake.index.build import build_index
                from longtake.index.no_encoder import NoEncoder
                from longtake.index.stages import expand_refresh

                # a wrong stage and a film that cannot be read are refused before models are loaded
                expand_refresh(refresh)
                self.models.check_weights(["encoder"])
                if not self.has_index:
                    _ = self.decoder.info
                index = self._index = build_index(
                    self.path,
                    self.store,
                    self.models.encoder or NoEncoder(),
                    fps=self.settings.fps,
                    workers=self.settings.workers,
                    progress=progress,
                    refresh=tuple(refresh),
                )
                self._read_pictures(index, progress)
                index.choose_subtitles(self.settings.subtitles)
            return self._index

    def _read_pictures(self, index: FilmIndex, progress: ProgressCallback | None) -> None:
        """Read picture subtitles by OCR where the settings ask for it.

        Raises:
            UsageError: there is no OCR, or the language is none.
        """
        from longtake.index.video.subtitles.choice import ocr_language
        from longtake.index.words.picture_subtitles import ensure_picture_subtitles

        wanted = self.settings.subtitles
        if ocr_language(wanted) is None:
            return
        if self.models.ocr is None:
            raise UsageError(f"subtitles = {wanted!r} needs an OCR", "set ocr to rapidocr")
        ensure_picture_subtitles(index, self.path, self.models.ocr, wanted, progress)

    def existing_index(self) -> FilmIndex:
        """Open the index without ever building one.

        Raises:
            IndexMissing: there is none; the remedy is the command that makes it.
        """
        with self._lock:
            if self._index is None:
                try:
                    self._index = self.store.open(self.store.identify(self.path))
                except IndexMissing as error:
                    raise IndexMissing(
                        f"{self.path} is not indexed", f"longtake index '{self.path}'"
                    ) from error
            return self._index

    def ensure_text(self, progress: ProgressCallback | None = None) -> None:
        """Read the film's on-screen text into the index, as far as that is not done yet."""
        ocr = self.models.ocr
        if ocr is None:
            return
        from longtake.index.words.text_pass import ensure_text

        ensure_text(self.index(progress), self.decoder, ocr, progress=progress)

    def unknown_letters(self, text: str) -> list[str]:
        """Note the letters of a text that this film's OCR does not know."""
        from longtake.tools.words.screen_text import unknown_letters

        return [] if self.models.ocr is None else unknown_letters(self.models.ocr, text)

    def ensure_speech(self, progress: ProgressCallback | None = None) -> None:
        """Hear what is said in the film, as far as that is not done yet.

        Raises:
            UsageError: nothing hears speech here; the remedy is the command after which it would.
            InputError: the film has no sound that we decode.
        """
        models = self.models
        if models.asr is None:
            remedy = models.hearing_remedy or "set asr to whisper:base"
            raise UsageError("asr = 'none': there is no speech model on this machine", remedy)
        from longtake.index.speech.hearing import ensure_speech

        ensure_speech(self.index(progress), models.asr, progress=progress)

    def close(self) -> None:
        """End the decode child and let go of the index; parts are made again on demand."""
        with self._lock:
            for part in (self._decoder, self._index):
                if part is not None:
                    part.close()
            self._decoder = self._index = self._film_id = None


def recorded_planner(name: str, chat: Any) -> Planner:
    """Return the planner of a recorded run by its name; the shipped models bring one."""
    from longtake.agent.planners.choose import pick_planner
    from longtake.world.planner.planner import MARK

    planner = pick_planner(name.removesuffix(MARK), chat)
    if not name.endswith(MARK):
        return planner
    from longtake.world.profile import load_planner

    return load_planner(planner)
