"""The model class that lmms-eval loads; importing it needs lmms-eval."""

from __future__ import annotations

from typing import Any

from lmms_eval.api.instance import GenerationResult, TokenCounts  # pyright: ignore[reportMissingImports]
from lmms_eval.api.model import lmms  # pyright: ignore[reportMissingImports]
from lmms_eval.protocol import ChatMessages  # pyright: ignore[reportMissingImports]

from longtake.batch.lmms import Agent, Request, one_video


class Longtake(lmms):
    """Longtake as a chat model of lmms-eval.

    Args:
        batch_size: of the harness; films are asked one after the other.
        device: where local models run.
        **settings: of Longtake, by name.
    """

    is_simple = False

    def __init__(
        self, batch_size: int | str = 1, device: str | None = None, **settings: Any
    ) -> None:
        super().__init__()
        names = ("max_batch_size",)
        given = {k: v for k, v in settings.items() if k not in names and v is not None}
        if device is not None:
            given.setdefault("device", device)
        self._agent = Agent(given)

    def generate_until(self, requests: list[Any]) -> list[GenerationResult]:
        """Answer the requests, grouped by video; the results come in their order."""
        asked = [self._read(request) for request in requests]
        found: list[GenerationResult] = [GenerationResult("")] * len(asked)
        for place, answer, words in self._agent.answer_all(asked):
            counts = None
            if answer is not None:
                usage = answer.usage
                counts = TokenCounts(input_tokens=usage.tokens_in, output_tokens=usage.tokens_out)
            found[place] = GenerationResult(words, counts)
            request = requests[place]
            self.cache_hook.add_partial("generate_until", (request.args[0], request.args[2]), words)
        return found

    def _read(self, request: Any) -> Request:
        _, doc_to_messages, options, doc_id, task, split = request.args
        messages = ChatMessages(messages=doc_to_messages(self.task_dict[task][split][doc_id]))
        _, videos, _ = messages.extract_media()
        text = "\n".join(
            part.text
            for message in messages.messages
            if message.role == "user"
            for part in message.content
            if part.type == "text"
        )
        names = {"task": task, "split": split, "doc_id": doc_id}
        return one_video(videos, task, doc_id), text, dict(options), names

    def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
        """Refuse: an agent has no likelihood of a text."""
        raise NotImplementedError("Longtake answers; tasks by log-likelihood need another model")

    def generate_until_multi_round(self, requests: list[Any]) -> list[str]:
        """Refuse: every question is asked by itself."""
        raise NotImplementedError("Longtake answers single questions; choose a single-round task")
