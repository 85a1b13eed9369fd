"""Sessions of onnxruntime that share a machine well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .loading import held_interrupt


def open_session(path: Path) -> Any:
    """Open an ONNX model on the CPU.

    Its threads sleep while they wait for one another. Spinning, as onnxruntime does by default,
    gains little on an idle machine and takes the processor from a neighbour that the slowest
    thread, and so everybody, waits for.

    Args:
        path: the model; weights that it keeps in other files lie beside it.

    Returns:
        An `onnxruntime.InferenceSession`.

    Raises:
        OSError: the file is missing or holds no model that can be run.
    """
    with held_interrupt():
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors; what matters of them is raised
        try:
            return onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors share no other base
            raise OSError(str(error)) from error
