"""Choose the number format that a model computes in."""

from __future__ import annotations

import torch

from emotion_bert.machine.computing import PRECISIONS
from emotion_bert.machine.hardware import bf16_problem
from emotion_core.errors import ModelError


def choose_precision(requested: str, device: torch.device) -> str:
    """``fp32`` or ``bf16`` on a device.

    Args:
        requested: ``fp32``, ``bf16``, or ``auto``: bf16 on a CUDA GPU or a CPU that computes in it, else fp32.
        device: where the model computes.

    Raises:
        ModelError: bf16 was asked for and the device does not compute in it, or there is no such precision.
    """
    if requested not in PRECISIONS:
        raise ModelError(f"{requested}: no such precision. Choose one of {', '.join(PRECISIONS)}.")
    if requested == "fp32":
        return "fp32"
    problem = bf16_problem(device)
    if requested == "bf16" and problem:
        raise ModelError(f"bf16 cannot be used: {problem}. Choose fp32 or auto.")
    # Apple's first GPUs only emulate bf16, and nothing tells them apart, so there it is used on demand only.
    return "bf16" if not problem and (requested == "bf16" or device.type != "mps") else "fp32"
