"""Truth films opened with a played video LLM, and a simulated encoder where one is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import longtake

if TYPE_CHECKING:
    from longtake.api import Film
    from longtake.eval.simulated.judging import Rates
    from longtake.eval.simulated.server import Served, SimulatedServer

SETTINGS = {"profile": "served", "encoder": "none", "ocr": "none", "text_encoder": "none"}


class SimulatedFilms:
    """Opens truth films, each with a server of its own that plays the video LLM.

    A context manager: the servers end with it. A benchmark opens films by calling it.

    Args:
        rates: how the model errs; its usual ones when None.
        recall: of the simulated encoder, among the first five; 0 for none.
        seed: of the model's luck.
        logprobs: whether the server gives probabilities.
    """

    def __init__(
        self,
        rates: Rates | None = None,
        recall: float = 0.0,
        seed: int = 0,
        *,
        logprobs: bool = True,
    ) -> None:
        from longtake.eval.simulated.judging import Rates
        from longtake.eval.simulated.server import MODEL

        self.rates, self.recall, self.seed = rates or Rates(), recall, seed
        self._logprobs, self._model = logprobs, MODEL
        self._stack, self._servers = ExitStack(), dict[str, "SimulatedServer"]()
        self.settings: dict[str, Any] = {}
        self.with_settings({})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """Use these settings; the name of the model has the same port each time."""
        vlm = {"vlm": f"endpoint:{self._model}@http://127.0.0.1:9/v1"}
        self.settings = {**SETTINGS, **vlm, **settings}
        return self

    @property
    def facts(self) -> dict[str, Any]:
        """What an answer depends on beside the settings."""
        from dataclasses import asdict

        return {
            "simulated_rates": asdict(self.rates),
            "simulated_recall": self.recall,
            "simulated_seed": self.seed,
            "simulated_logprobs": self._logprobs,
        }

    def __call__(self, path: Path, subtitles: Path | None = None) -> Film:
        """Open a truth film.

        Raises:
            InputError: it has no truth beside it.
        """
        from longtake.eval.simulated.encoder import SimulatedEncoder
        from longtake.eval.simulated.truth import load_truth

        vlm = f"endpoint:{self._model}@{self._served(path).url}"
        film = longtake.open(path, **{**self.settings, "vlm": vlm})
        if self.recall:
            film.parts.models.encoder = SimulatedEncoder(load_truth(path), self.recall)
        return film

    def log_of(self, path: Path) -> Sequence[Served]:
        """Return what a film's server was asked so far."""
        return self._served(path).log

    def _served(self, path: Path) -> SimulatedServer:
        from longtake.eval.simulated.evidence import Evidence
        from longtake.eval.simulated.played import Player
        from longtake.eval.simulated.server import SPEAKS, SimulatedServer
        from longtake.eval.simulated.truth import load_truth

        key = str(path.absolute())
        if key not in self._servers:
            player = Player(Evidence(load_truth(path)), self.rates, self.seed)
            speaks = SPEAKS if self._logprobs else SPEAKS - {"logprobs"}
            self._servers[key] = self._stack.enter_context(SimulatedServer(player, speaks))
        return self._servers[key]
