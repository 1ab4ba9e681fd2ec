"""The settings of the techniques."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from emotion_core.bounds import LEARNING_RATE, MANY, SEED, Bounds, Choices, count
from emotion_core.compression.options import GateOptions

SCOPES = ("layer", "global")
"""From what the smallest weights are taken."""

STRUCTURES = ("heads", "ffn")
"""What structured pruning removes."""


@dataclass(frozen=True, kw_only=True)
class CompressionOptions(GateOptions):
    """The settings of all techniques, and of the gate; a value that is not allowed is a ModelError.

    Attributes:
        amount: share of the weights that pruning removes, or of the heads or neurons.
        scope: ``layer`` removes that share from each layer, ``global`` the smallest weights of all layers.
        prune_head: prune the classification head, too.
        structured: remove whole attention ``heads`` or neurons of the feed-forward layers (``ffn``) instead of single
            weights; None for those.
        recover_epochs: epochs of fine-tuning after pruning, with what was removed staying so.
        recover_learning_rate: of AdamW in these, at its peak.
        int8_outliers: LLM.int8() computes the input columns that hold a larger value in 16 bits (Dettmers et al. 2022).
        calibration_texts: so many training texts give ``onnx-int8`` the ranges of the activations; 0 takes them from
            each batch anew.
        seed: of the fine-tuning and of the choice of those texts.
    """

    amount: Annotated[float, Bounds(0, 1, above=True, below=True)] = 0.3
    scope: Annotated[str, Choices(SCOPES)] = SCOPES[0]
    prune_head: bool = False
    structured: str | None = None
    recover_epochs: Annotated[int, count(0, 100_000)] = 0
    recover_learning_rate: Annotated[float, LEARNING_RATE] = 2e-5
    int8_outliers: Annotated[float, Bounds(0, 1_000_000)] = 6.0
    calibration_texts: Annotated[int, MANY] = 0
    seed: Annotated[int, SEED] = 42

    @property
    def splits(self) -> tuple[str, ...]:
        """Those of the gate, and the one that recovery trains on and that calibrates ``onnx-int8``."""
        return ("train", *super().splits) if self.recover_epochs or self.calibration_texts else super().splits
