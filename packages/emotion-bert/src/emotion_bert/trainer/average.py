"""A running average of the weights, measured and kept in place of the last weights (Polyak and Juditsky 1992)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

AVERAGE_FILE = "average.safetensors"
WARM_UP_STEPS = 10


class WeightAverage:
    """An exponential moving average of the weights that are trained.

    Args:
        model: whose weights are averaged.
        momentum: share of the average that each step keeps, 0.999 averaging over about 1,000 steps.
    """

    def __init__(self, model: nn.Module, momentum: float) -> None:
        self._weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._momentum = momentum
        self._average = {name: weight.detach().clone() for name, weight in self._weights.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Add the weights after a step (from 1); the first ones weigh more, so that the beginning is soon forgotten."""
        momentum = min(self._momentum, step / (WARM_UP_STEPS + step))
        torch._foreach_lerp_(list(self._average.values()), list(self._weights.values()), 1 - momentum)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Give the model the averaged weights, and its own back at the end."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, weight in self._weights.items():
            kept = weight.detach().clone()
            weight.copy_(self._average[name])
            self._average[name].copy_(kept)

    def save(self, checkpoint: Path) -> None:
        """Write the average into a checkpoint."""
        save_file({name: weight.contiguous() for name, weight in self._average.items()}, checkpoint / AVERAGE_FILE)

    def load(self, checkpoint: Path) -> None:
        """Go on with the average of a checkpoint."""
        for name, weight in load_file(checkpoint / AVERAGE_FILE).items():
            self._average[name].copy_(weight)


@torch.no_grad()
def load_average(model: nn.Module, checkpoint: Path) -> None:
    """Give a model the averaged weights of a checkpoint, where it has them."""
    path = checkpoint / AVERAGE_FILE
    if path.exists():
        weights = dict(model.named_parameters())
        for name, weight in load_file(path).items():
            weights[name].copy_(weight)
