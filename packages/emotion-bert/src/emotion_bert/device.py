"""Choose where to compute."""

from __future__ import annotations

import torch

from emotion_core.errors import ModelError


def choose_device(device: str) -> torch.device:
    """The torch device for ``cpu``, ``gpu`` or ``auto`` (a GPU where there is one).

    Raises:
        ModelError: a GPU was asked for and there is none.
    """
    if device != "cpu":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        if device == "gpu":
            raise ModelError("torch sees no GPU here. Use --device cpu, or install a build of torch for your GPU.")
    return torch.device("cpu")
