"""Draw the dropout of a training on a CPU faster.

torch draws a number of its generator for each value that may be dropped, in one thread, which takes a tenth of the time
of a step of a small model. Here a drawn number of 64 bits decides for four values.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 1 << 16
"""Different values of the 16 bits that decide for one value."""


class SixteenBitDropout(nn.Dropout):
    """Dropout whose mask has 16 random bits a value, on a CPU; elsewhere, and when compiled, torch's own.

    The share that is kept is ``1 - p`` rounded to 1/65536, and what is kept is divided by that very share, so that the
    expected value is exact.
    """

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of any shape; returned as it is outside training."""
        n_kept = round((1 - self.p) * LEVELS)
        usable = self.training and 0 < n_kept < LEVELS and input.device.type == "cpu"
        if not usable or torch.compiler.is_compiling():
            return functional.dropout(input, self.p, self.training)
        drawn = torch.randint(-(2**63), 2**63 - 1, (-(-input.numel() // 4),)).view(torch.int16)
        kept = drawn[: input.numel()].view(input.shape) < n_kept - LEVELS // 2
        return input * kept.to(input.dtype).mul_(LEVELS / n_kept)


def draw_dropout_faster(model: nn.Module) -> None:
    """Replace each ``torch.nn.Dropout`` within a model; a dropout has no parameters, so all else stays as it is."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, SixteenBitDropout(child.p))
