"""The models that ship with the package, as the registry wants them: what `embedded` stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longtake.agent.planners.base import Planner


class ShippedModels:
    """The embedded profile's models; each is loaded when it is asked for."""

    @property
    def encoder_id(self) -> str:
        """Id of the encoder; loads nothing."""
        from longtake.world.profile import encoder_id

        return encoder_id()

    def load_encoder(self) -> Any:
        """Load the encoder."""
        from longtake.world.profile import load_encoder

        return load_encoder()

    def load_vlm(self, encoder: Any) -> Any:
        """Load the video LLM, with the encoder at its side."""
        from longtake.world.profile import load_vlm

        return load_vlm(encoder=encoder)

    def calibration(self, vlm_id: str) -> Any:
        """Return the calibration of the VLM; None without one."""
        from longtake.models.calibration import load_calibration
        from longtake.world.profile import calibration_folder, prompts_digest

        return load_calibration(vlm_id, prompts_digest(), calibration_folder())


SHIPPED = ShippedModels()


def own_planner(planner: Planner, vlm: str) -> Planner:
    """Return the planner that goes with a video LLM: the shipped one brings its own.

    Args:
        planner: who plans otherwise.
        vlm: name or id of the video LLM.
    """
    from longtake.world.perception.identity import EMBEDDED

    if vlm.partition("@")[0] not in ("embedded", EMBEDDED):
        return planner
    from longtake.world.profile import load_planner

    return load_planner(planner)
