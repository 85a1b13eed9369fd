"""What is said, as text: subtitle files beside a film, and text tracks inside it.

Public: `Cue` (a line and its span), `SubtitleTrack`, `load_sidecars`, `find_sidecars` and
`read_subtitles` (files), `cues_from_packets` and `embedded_tracks` (inside), `choose_track`.
"""

from .choice import Choice, choose_track
from .cues import MAX_TEXT, Cue, clean_text
from .languages import guess_language, parse_language, primary
from .sidecars import find_sidecars, load_sidecars, read_subtitles
from .tracks import SubtitleTrack, cues_from_packets, embedded_tracks

__all__ = [
    "MAX_TEXT",
    "Choice",
    "Cue",
    "SubtitleTrack",
    "choose_track",
    "clean_text",
    "cues_from_packets",
    "embedded_tracks",
    "find_sidecars",
    "guess_language",
    "load_sidecars",
    "parse_language",
    "primary",
    "read_subtitles",
]
