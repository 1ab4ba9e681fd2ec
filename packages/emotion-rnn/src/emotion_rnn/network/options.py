"""What a training is told besides its hyperparameters: device, precision, word vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from emotion_core.bounds import PATH, THREADS, Choices, check_fields
from emotion_core.defaults import DEVICES
from emotion_core.errors import ModelError
from emotion_core.training.options import RunOptions
from emotion_rnn.hyperparameters import Hyperparameters

CLEANING = "letters_only"
"""The text cleaning of every training, by its name in `emotion_core.data.cleaning.CLEANERS`."""

UNKNOWN_WORD = "0"
"""A word that no vocabulary has, since that cleaning leaves nothing but letters; it stands for a text without words."""

UNKNOWN_WORDS = ("random", "zeros")
"""What a word without a GloVe vector can start from."""

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""What a network computes in, by Keras's names; its weights are float32 in all of them."""


@dataclass(frozen=True)
class Computing:
    """How a process computes; a value that there is not is a ModelError.

    Attributes:
        device: ``cpu``, ``gpu``, or ``auto`` for what there is.
        precision: one of `PRECISIONS`; the mixed ones keep the weights in float32.
        threads: of TensorFlow, between and within operations; 0 leaves the choice to it.
    """

    device: Annotated[str, Choices(DEVICES)] = DEVICES[0]
    precision: Annotated[str, Choices(PRECISIONS)] = PRECISIONS[0]
    threads: Annotated[int, THREADS] = 0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class VectorOptions:
    """Which word vectors a training starts from; a value that there is not is a ModelError.

    Attributes:
        glove: a GloVe file or a name in ``shared-data/glove.json``.
        unknown_words: what a word without a vector starts from, one of `UNKNOWN_WORDS`.
        dimension: that the file must have; None takes what it has.
    """

    glove: Annotated[str | Path, PATH]
    unknown_words: Annotated[str, Choices(UNKNOWN_WORDS)] = UNKNOWN_WORDS[0]
    dimension: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)


def check_freezing(settings: Hyperparameters, vectors: VectorOptions | None) -> None:
    """Raise a ModelError when the settings of the vectors contradict each other."""
    if (settings.freeze_embedding or settings.frozen_epochs) and vectors is None:
        raise ModelError("Frozen vectors need --glove: random vectors would be kept.")
    if settings.random_dimensions and vectors is None:
        raise ModelError("--random-dimensions widens GloVe vectors; without --glove use --embedding-dimension.")
    if settings.freeze_embedding and settings.frozen_epochs:
        raise ModelError("--freeze-embedding keeps the vectors to the end; leave --frozen-epochs out.")
    if settings.frozen_epochs >= settings.epochs:
        raise ModelError("--frozen-epochs must be fewer than --epochs, so that something is left after the thaw.")


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(RunOptions):
    """What a training is told besides its settings.

    Attributes:
        vectors: the GloVe vectors; None for random ones.
        computing: where and how.
    """

    vectors: VectorOptions | None = None
    computing: Computing = Computing()


AS_USUAL = TrainingOptions()
"""A training that is told nothing else."""
