"""What is done to the pictures of a film beyond scaling and turning, in words."""

from __future__ import annotations

from typing import Any

from ..tone import HDR, TARGET, USUAL_PEAK, needs_mapping


def picture_notes(scan: dict[str, Any], first: dict[str, Any]) -> list[str]:
    """Return one sentence for each thing that is done to the pictures.

    Args:
        scan: the child's answer to `scan`.
        first: its answer to `look`.
    """
    notes = []
    if len(first["sizes"]) > 1:
        sizes = [f"{width}x{height}" for width, height in first["sizes"]]
        notes.append(
            f"the pictures change their size ({', '.join(sizes)}): all are scaled to {sizes[-1]}"
        )
    transfer, primaries = int(first["transfer"]), int(first["primaries"])
    if transfer in HDR:
        peak = float(first["peak"]) or USUAL_PEAK
        notes.append(
            f"the pictures are HDR ({HDR[transfer]}, up to {peak:.0f} cd/m2); they are tone-mapped "
            f"to SDR BT.709 (EETF of BT.2390), light above about {TARGET:.0f} cd/m2 is cut"
        )
    elif needs_mapping(transfer, primaries):
        notes.append("the pictures have wide-gamut colours, converted to BT.709")
    if first["interlaced"] or scan["interlaced"]:
        notes.append(
            "the film is interlaced; where two fields of a frame differ, the second is replaced by "
            "the mean of the lines around it"
        )
    if first["captions"]:
        notes.append(
            "the pictures carry closed captions, which are not read; to have them as a file: "
            'ffmpeg -f lavfi -i "movie=FILM[out0+subcc]" -map s FILM.srt'
        )
    if first["transparent"]:
        notes.append("the pictures are partly transparent; they are laid on mid-grey")
    return notes
