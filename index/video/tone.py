"""HDR and wide-gamut pictures brought to what every model and screen expects: SDR BT.709.

PQ (SMPTE ST 2084) and HLG (ARIB STD-B67) are decoded to display light, compressed with the EETF of
ITU-R BT.2390, moved from their primaries to BT.709 and encoded as sRGB, like pictures. SDR white is
203 cd/m2 (ITU-R BT.2408). The curve bends towards 250 cd/m2, not towards white itself: white then
stays nearly white (245 of 255 in a film mastered at 1000 cd/m2), and only highlights beyond clip.

Child side. libav's own conversions are no help here: `tonemap` needs linear light, which only the
absent `zscale` makes, and `scale` spends 4 s a job on its table.
"""

from __future__ import annotations

import numpy as np

WHITE, TARGET = 203.0, 250.0  # cd/m2
USUAL_PEAK = 1000.0
# libav's numbers of the transfer characteristics and primaries
PQ, HLG = 16, 18
HDR = {PQ: "PQ", HLG: "HLG"}
_TO_709 = {
    9: [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    11: [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]],
}
_TO_709[12] = _TO_709[11]
_STEPS = 4096
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_BLOCK = 8192


def needs_mapping(transfer: int, primaries: int) -> bool:
    """Say whether pictures with these characteristics are not SDR BT.709 already."""
    return transfer in (PQ, HLG) or primaries in _TO_709


class ToneMap:
    """Maps pictures of one kind; a table for every step, so that a picture costs few passes.

    Args:
        transfer: libav's number of the transfer characteristic.
        primaries: libav's number of the colour primaries.
        peak: brightest light in the film, cd/m2.
    """

    def __init__(self, transfer: int, primaries: int, peak: float) -> None:
        self.hlg = transfer == HLG
        code = np.linspace(0, 1, _STEPS)
        if transfer == PQ:
            light = _pq_to_light(code)
        elif self.hlg:
            light, peak = _hlg_to_scene(code), USUAL_PEAK
        else:
            light, peak = WHITE * _srgb_to_light(code), WHITE
        self.peak = max(peak, WHITE)
        self.light = (light / (1.0 if self.hlg else WHITE)).astype(np.float32)
        self.matrix = np.array(_TO_709.get(primaries, np.eye(3)), np.float32).T
        # tables over the square root of light: even steps there look about even
        level = code**2 * self.peak
        with np.errstate(invalid="ignore", divide="ignore"):
            gain = np.where(level > 0, _compress(level, self.peak) / level, 1.0)
        self.gain = gain.astype(np.float32)
        self.system = (USUAL_PEAK / WHITE * code**0.4).astype(np.float32)
        self.encoded = np.round(255 * _light_to_srgb(code**2)).astype(np.uint8)

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """Return uint8 [H, W, 3] for a picture uint16 [H, W, 3] of full range."""
        out = np.empty(picture.shape, np.uint8)
        source, target = picture.reshape(-1, 3), out.reshape(-1, 3)
        for at in range(0, len(source), _BLOCK):  # what fits in the processor's cache
            self._apply(source[at : at + _BLOCK], target[at : at + _BLOCK])
        return out

    def _apply(self, source: np.ndarray, target: np.ndarray) -> None:
        light = np.take(self.light, source >> 4)
        if self.hlg:  # the OOTF of BT.2100, gamma 1.2: display light from scene light
            light *= np.take(self.system, _steps_of(light @ _LUMA_2020))[:, None]
        red, green, blue = light[:, 0], light[:, 1], light[:, 2]
        top = np.maximum(np.maximum(red, green), blue) * np.float32(WHITE / self.peak)
        light *= np.take(self.gain, _steps_of(top))[:, None]
        np.take(self.encoded, _steps_of(light @ self.matrix), out=target, mode="clip")


def _steps_of(share: np.ndarray) -> np.ndarray:
    """Return the place of each share of light in the tables; changes `share`."""
    np.clip(share, 0, 1, out=share)
    np.sqrt(share, out=share)
    share *= _STEPS - 1
    share += 0.5
    return share.astype(np.intp)


def _compress(light: np.ndarray, peak: float) -> np.ndarray:
    """Apply the EETF of BT.2390-8, section 5.4.1, from `peak` to the target peak, in cd/m2."""
    if peak <= TARGET:
        return light
    top = float(_light_to_pq(np.array(peak)))
    most = float(_light_to_pq(np.array(TARGET))) / top
    knee = 1.5 * most - 0.5
    level = _light_to_pq(light) / top
    t = (level - knee) / (1 - knee)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee)
    curve += (-2 * t**3 + 3 * t**2) * most
    return _pq_to_light(np.where(level < knee, level, curve) * top)


def _srgb_to_light(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def _light_to_srgb(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _pq_to_light(code: np.ndarray) -> np.ndarray:
    """Return cd/m2 for PQ codes 0 to 1 (ST 2084)."""
    root = np.maximum(code, 0) ** (32 / 2523)
    return 1e4 * (np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (
        8192 / 1305
    )


def _light_to_pq(light: np.ndarray) -> np.ndarray:
    """Return PQ codes for cd/m2 (ST 2084)."""
    power = (np.maximum(light, 0) / 1e4) ** (1305 / 8192)
    return ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def _hlg_to_scene(code: np.ndarray) -> np.ndarray:
    """Return scene light 0 to 1 for HLG codes 0 to 1 (BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
