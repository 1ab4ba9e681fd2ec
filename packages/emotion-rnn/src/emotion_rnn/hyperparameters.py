"""The settings of a training with their defaults, and what an architecture states with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from emotion_core.bounds import (
    BATCH_SIZE,
    EPOCHS,
    LEARNING_RATE,
    MAX_LENGTH,
    PART,
    Bounds,
    Choices,
    check_fields,
    count,
)
from emotion_core.training.options import recipe_settings
from emotion_core.training.progress import Selection

SCHEDULES = ("plateau", "cosine")
"""How the learning rate falls: halved when the validation loss stays, or along half a cosine over all epochs."""

SELECTIONS = {
    "loss": Selection("loss", "lowest validation loss", False),
    "accuracy": Selection("accuracy", "highest validation accuracy", True),
}
"""What can choose the epoch that is kept."""

SIZE = count(1, 100_000)
"""Of a layer."""


@dataclass(frozen=True)
class Hyperparameters:
    """The settings of one training; a value that is not allowed is a ModelError.

    Attributes:
        units: size of the recurrent layer in each direction.
        dropout: share of embedding dimensions that SpatialDropout1D drops.
        embedding_dimension: size of the word vectors; GloVe vectors bring their own.
        random_dimensions: that are added to the GloVe vectors; they start small and random, and learn after the thaw.
        vocabulary_size: most frequent training words that are kept, padding and out-of-vocabulary included.
        max_length: words of a text that are read, the first ones.
        epochs: at most; early stopping may end training before.
        batch_size: texts a step.
        learning_rate: of Adam, at the start.
        schedule: how the learning rate falls after the frozen epochs, one of `SCHEDULES`.
        clip_norm: largest norm of the gradient of a weight, longer ones are shortened; 0 for no limit.
        label_smoothing: share of the probability that the loss spreads over all emotions (Szegedy et al. 2016).
        select_by: what chooses the epoch that is kept, one of `SELECTIONS`.
        patience: epochs without an improvement in that after which training stops.
        freeze_embedding: keep the GloVe vectors as they are to the end.
        frozen_epochs: first epochs in which the vectors are kept as they are; they learn in those that follow.
        fine_tune_learning_rate: of Adam after the thaw.
        dense_units: size of a ReLU layer with dropout before the softmax; 0 leaves it out.
        ema_momentum: of the running average of the weights that is measured and kept instead of the last weights, 0.999
            averaging over about 1,000 steps; 0 keeps no average.
        typos: share of the words of the training texts that get a typing error, other words in each epoch; 0 for none.
    """

    units: Annotated[int, SIZE] = 128
    dropout: Annotated[float, PART] = 0.3
    embedding_dimension: Annotated[int, count(2, 10_000)] = 100
    random_dimensions: Annotated[int, count(0, 10_000)] = 0
    vocabulary_size: Annotated[int, count(3, 10_000_000)] = 30_000
    max_length: Annotated[int, MAX_LENGTH] = 100
    epochs: Annotated[int, EPOCHS] = 20
    batch_size: Annotated[int, BATCH_SIZE] = 32
    learning_rate: Annotated[float, LEARNING_RATE] = 1e-3
    schedule: Annotated[str, Choices(SCHEDULES)] = SCHEDULES[0]
    clip_norm: Annotated[float, Bounds(0, 1_000_000)] = 0.0
    label_smoothing: Annotated[float, PART] = 0.0
    select_by: Annotated[str, Choices(tuple(SELECTIONS))] = "loss"
    patience: Annotated[int, EPOCHS] = 3
    freeze_embedding: bool = False
    frozen_epochs: Annotated[int, count(0, 100_000)] = 0
    fine_tune_learning_rate: Annotated[float, LEARNING_RATE] = 1e-3
    dense_units: Annotated[int, count(0, 100_000)] = 0
    ema_momentum: Annotated[float, PART] = 0.0
    typos: Annotated[float, PART] = 0.0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Architecture:
    """A recurrent architecture.

    Attributes:
        name: for the command line.
        title: for reports.
        recurrent_layer: the Keras layer that is turned both ways.
        defaults: the settings unless others are chosen.
        recipes: other settings that are known to be good, by name.
    """

    name: str
    title: str
    recurrent_layer: str
    defaults: Hyperparameters
    recipes: Mapping[str, Hyperparameters] = field(default_factory=dict)

    def settings(self, recipe: str | None) -> Hyperparameters:
        """The settings of a recipe, or the defaults for None.

        Raises:
            ModelError: there is no such recipe; the message lists those there are.
        """
        return recipe_settings(self.name, self.defaults, self.recipes, recipe)
