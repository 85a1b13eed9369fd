"""Longtake inside lmms-eval: `lmms-eval --model longtake --tasks …`.

lmms-eval finds it by the entry point `lmms_eval.models`; it is a chat model, and everything after
`--model_args` is a setting of Longtake (`vlm=endpoint:NAME@URL,max_frames=200`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.index.video.errors import LongtakeError, UsageError

if TYPE_CHECKING:
    from longtake.api import Film

TRACES = "lmms-eval.jsonl"
_CHARS = 4  # of a token, about: what a limit on tokens leaves of an answer in words


def manifest() -> Any:
    """Return what lmms-eval registers."""
    from lmms_eval.models.registry_v2 import ModelManifest  # pyright: ignore[reportMissingImports]

    return ModelManifest("longtake", chat_class_path="longtake.batch.lmms_model.Longtake")


Request = tuple[str, str, dict[str, Any], dict[str, Any]]
"""Video, text, generation options, and what names the request: task, split, doc_id."""


class Agent:
    """Answers the requests of the harness, video by video, so that one index serves all of them.

    Args:
        settings: of Longtake, by name.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        from longtake.batch.films import FilmOpener

        self._open = FilmOpener(settings)

    def answer_all(self, requests: Sequence[Request]) -> Any:
        """Yield place, answer and final words of each request.

        The answer is None where Longtake failed; the reason is printed and kept in the trace.
        """
        films: dict[str, list[int]] = {}
        for place, (video, *_) in enumerate(requests):
            films.setdefault(video, []).append(place)
        for video, places in films.items():
            try:
                film = self._open(Path(video), None)
            except LongtakeError as error:
                for place in places:
                    yield place, None, self._failed(error, requests[place][3])
                continue
            try:
                for place in places:
                    yield place, *self._answer(film, *requests[place][1:])
            finally:
                film.close()

    def _answer(
        self, film: Film, text: str, options: dict[str, Any], names: dict[str, Any]
    ) -> tuple[Any, str]:
        try:
            answer = film.ask(text)
        except LongtakeError as error:
            return None, self._failed(error, names, film)
        self._keep(film, {**names, "answer": answer.to_json()})
        words = answer.choice or answer.answer or ""
        most = options.get("max_new_tokens")
        # the limit is meant for the last answer: what the agent thinks and asks is its own affair
        return answer, words if not most else words[: int(most) * _CHARS]

    def _failed(self, error: LongtakeError, names: dict[str, Any], film: Any = None) -> str:
        print(f"longtake: {names['task']}, document {names['doc_id']}: {error}", file=sys.stderr)
        if film is not None:
            self._keep(film, {**names, "error": str(error)})
        return ""

    def _keep(self, film: Film, row: dict[str, Any]) -> None:
        folder = Path(film.settings.runs_root)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / TRACES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def one_video(videos: Sequence[Any], task: str, doc_id: Any) -> str:
    """Return the path of the one video of a request.

    Raises:
        UsageError: there is none, or several, or it is no file.
    """
    if len(videos) != 1 or not isinstance(videos[0], str | Path):
        raise UsageError(
            f"task {task}, document {doc_id}: Longtake answers questions about one video file, "
            f"and this one has {len(videos)}",
            "choose a task over videos",
        )
    return str(videos[0])
