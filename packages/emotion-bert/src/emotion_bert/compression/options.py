"""The settings of the techniques, and of the gate."""

from __future__ import annotations

from dataclasses import dataclass

SCOPES = ("layer", "global")
"""From what the smallest weights are taken."""

STRUCTURES = ("heads", "ffn")
"""What structured pruning removes."""


@dataclass(frozen=True)
class CompressionOptions:
    """The settings of all techniques.

    Attributes:
        amount: share of the weights that pruning removes, or of the heads or neurons.
        scope: ``layer`` removes that share from each layer, ``global`` the smallest weights of all layers.
        prune_head: prune the classification head, too.
        structured: remove whole attention ``heads`` or neurons of the feed-forward layers (``ffn``) instead of single
            weights; None for those.
        recover_epochs: epochs of fine-tuning after pruning, with what was removed staying so.
        recover_learning_rate: of AdamW in these, at its peak.
        threshold: LLM.int8() computes the input columns that hold a larger value in 16 bits (Dettmers et al. 2022).
        calibration_texts: so many training texts give ``onnx-int8`` the ranges of the activations; 0 takes them from
            each batch anew.
        max_drop: of macro-F1 on validation against the original, before a variant fails the gate.
        seed: of the fine-tuning and of the choice of those texts.
    """

    amount: float = 0.3
    scope: str = SCOPES[0]
    prune_head: bool = False
    structured: str | None = None
    recover_epochs: int = 0
    recover_learning_rate: float = 2e-5
    threshold: float = 6.0
    calibration_texts: int = 0
    max_drop: float = 0.005
    seed: int = 42
