"""The number format that a model computes in, and the one that its weights are stored in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import torch
from safetensors import safe_open

from emotion_bert.machine.computing import PRECISIONS
from emotion_bert.machine.hardware import bf16_problem
from emotion_core.errors import ModelError

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""torch's names for those of safetensors."""


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


def stored_dtype(folder: Path | None) -> str | None:
    """The number format of most weights in the safetensors files of a folder; None where there are no such files."""
    counts: Counter[str] = Counter()
    for file in folder.glob("*.safetensors") if folder else ():
        with safe_open(file, framework="pt") as stored:
            counts.update(stored.get_slice(name).get_dtype() for name in stored.keys())  # noqa: SIM118 - no mapping
    if not counts:
        return None
    name: str = counts.most_common(1)[0][0]
    return DTYPES.get(name, name)
