"""A film under comparison, opened with the models that are tried on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import longtake
from longtake.batch.simulated import SimulatedFilms

if TYPE_CHECKING:
    from longtake.agent.question import Question
    from longtake.agent.understanding.intent import Intent
    from longtake.api import Film
    from longtake.eval.compare import Subject
    from longtake.index.build import Progress
    from longtake.tools.context import ToolContext


@contextmanager
def open_subject(
    path: Path,
    profile: str | None,
    store: Path | None,
    recall: float,
    limit: int | None,
    progress: Callable[[Progress], None],
) -> Iterator[Subject]:
    """Open and index a film with the models that are tried on it.

    Of a truth film of real clips the VLM and the encoder are simulated; a drawn film is looked at
    with the profile's own.

    Args:
        path: the film.
        profile: of a drawn film.
        store: folder of the indexes; the user's when None.
        recall: of the simulated encoder, among the first five; 0 for no encoder.
        limit: the most questions of a kind.
        progress: told while the film is indexed.

    Raises:
        InputError: it is no film, or has no truth beside it.
    """
    from longtake.eval.compare import Subject, load_items
    from longtake.eval.compare.items import source_of
    from longtake.eval.simulated.server import MODEL

    items = load_items(path, limit=limit)
    with ExitStack() as stack:
        simulated = source_of(path) == "simulated"
        if simulated:
            films = stack.enter_context(SimulatedFilms(recall=recall))
            kept = store and store / f"recall-{recall:g}"
            film = stack.enter_context(films.with_settings({"store": kept})(path))
        else:
            film = stack.enter_context(longtake.open(path, profile=profile, store=store))
        film.index(progress=progress)
        context = _context(film)
        # the simulated server has another port at each start, and results must outlive it
        vlm = MODEL if simulated else context.vlm.id
        yield Subject(path, context, items, _reader(film), vlm, _named(context, simulated, recall))


def _named(context: ToolContext, simulated: bool, recall: float) -> str:
    """Return the name of what searches the film; simulated encoders of all films share one."""
    encoder = context.search_encoder()
    if encoder is None:
        return "none"
    return f"simulated, recall@5 {recall:g}" if simulated else encoder.id


def _context(film: Film) -> ToolContext:
    from longtake.tools.context import ToolContext

    models = film.parts.models
    return ToolContext(
        index=film.parts.index(),
        decoder=film.parts.decoder,
        encoder=models.encoder,
        vlm=models.vlm,
        ocr=models.ocr,
        text_encoder=models.text_encoder,
    )


def _reader(film: Film) -> Callable[[Question], Intent]:
    """Return what reads questions: the VLM where it chats, else rules."""
    from longtake.agent.understanding.understand import understand

    chat, duration = film.parts.models.chat, film.info.duration
    return lambda question: understand(question, duration, chat).intent
