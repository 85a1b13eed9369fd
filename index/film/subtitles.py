"""Subtitles."""

from __future__ import annotations

from dataclasses import dataclass

from .span import Span


@dataclass(frozen=True)
class Cue:
    """A line."""

    span: Span
    text: str
    source: str


def cues_from_packets(packets, tracks, origin):
    return []
