"""The settings of the techniques."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from emotion_core.bounds import EPOCHS, LEARNING_RATE, MANY, PATH, SEED, Bounds, Choices, count, optional
from emotion_core.compression.options import GateOptions

if TYPE_CHECKING:  # the choices of the command line do not wait for NumPy
    from emotion_core.runs.definition import Definition

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
        layers: that the technique of that name keeps; 0 for every second one.
        neurons: share of the feed-forward neurons that it removes from these, before the training that follows.
        distill_epochs: of the training by the full model that follows.
        distill_learning_rate: of AdamW in these, at its peak.
        words: a file whose words ``vocabulary`` keeps whole as far as the tokenizer had them so, the commonest first:
            GloVe vectors, or one word a line; None for the training texts alone.
        most_words: so many of them are read.
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
    layers: Annotated[int, count(0, 1_000)] = 0
    neurons: Annotated[float, Bounds(0, 1, below=True)] = 0.0
    distill_epochs: Annotated[int, EPOCHS] = 15
    distill_learning_rate: Annotated[float, LEARNING_RATE] = 3e-4
    words: Annotated[str | Path | None, optional(PATH)] = None
    most_words: Annotated[int, MANY] = 20_000
    seed: Annotated[int, SEED] = 42

    def definition(self) -> Definition:
        """The settings, with what the file of the words holds in place of its name.

        Raises:
            DataError: it cannot be read.
        """
        from emotion_core.system.hashes import file_hash

        settings = dict(super().definition())
        return settings if self.words is None else settings | {"words": file_hash(Path(self.words))}

    @property
    def splits(self) -> tuple[str, ...]:
        """Those of the gate, and the one that recovery trains on and that calibrates ``onnx-int8``."""
        return ("train", *super().splits) if self.recover_epochs or self.calibration_texts else super().splits
