"""A simulated video LLM, for measuring the general path where no weights are.

A server plays a strong model over films of real footage whose truth is known: it answers from what
it was sent, rightly where the evidence was among it, at chance where it was not. Figures made with
it are figures of search, selection, gating and cost; they say nothing about seeing.
"""

from .truth import Cue, Fact, Group, Question, TruthFilm, Wording, load_truth

__all__ = ["Cue", "Fact", "Group", "Question", "TruthFilm", "Wording", "load_truth"]
