"""What an architecture states, and the model that every architecture shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emotion_core.labels import N_EMOTIONS
from emotion_core.training.recipes import recipe_settings

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

SCHEDULES = ("plateau", "cosine")
"""How the learning rate falls: halved when the validation loss stays, or along half a cosine over all epochs."""


SELECTIONS = {"loss": "lowest validation loss", "accuracy": "highest validation accuracy"}
"""What chooses the epoch that is kept, and how a run words it."""


@dataclass(frozen=True)
class Hyperparameters:
    """The settings of one training.

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
    """

    units: int = 128
    dropout: float = 0.3
    embedding_dimension: int = 100
    random_dimensions: int = 0
    vocabulary_size: int = 30_000
    max_length: int = 100
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    schedule: str = SCHEDULES[0]
    clip_norm: float = 0.0
    label_smoothing: float = 0.0
    select_by: str = "loss"
    patience: int = 3
    freeze_embedding: bool = False
    frozen_epochs: int = 0
    fine_tune_learning_rate: float = 1e-3
    dense_units: int = 0
    ema_momentum: float = 0.0


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


def build_network(
    architecture: Architecture, settings: Hyperparameters, vocabulary_size: int, vectors: NDArray[np.float32] | None
) -> keras.Model:
    """The trainable network, from word ids to probabilities.

    Args:
        architecture: states the recurrent layer.
        settings: sizes and dropout.
        vocabulary_size: rows of the embedding, padding (0) and out-of-vocabulary (1) included.
        vectors: initial word vectors, shape (vocabulary_size, embedding_dimension), or None for random ones.

    Returns:
        A model from int ids of shape (batch, words), 0 being padding, to probabilities of shape (batch, 6).
    """
    from emotion_rnn.network.backend import keras

    recurrent = getattr(keras.layers, architecture.recurrent_layer)
    dimension = settings.embedding_dimension if vectors is None else vectors.shape[1]
    embedding = keras.layers.Embedding(
        vocabulary_size, dimension, mask_zero=True, trainable=not settings.freeze_embedding, name="embedding"
    )
    layers = [
        keras.Input((None,), dtype="int32"),
        embedding,
        keras.layers.SpatialDropout1D(settings.dropout),
        keras.layers.Bidirectional(recurrent(settings.units)),
    ]
    if settings.dense_units:
        layers += [keras.layers.Dense(settings.dense_units, activation="relu"), keras.layers.Dropout(settings.dropout)]
    # The probabilities stay float32 in mixed precision, so that they sum to 1.
    layers.append(keras.layers.Dense(N_EMOTIONS, activation="softmax", dtype="float32"))
    network = keras.Sequential(layers, name=architecture.name)
    if vectors is not None:
        embedding.set_weights([vectors])  # an initializer would go into the saved configuration, number by number
    return network


def with_text_input(network: keras.Model, vectorizer: keras.layers.TextVectorization, max_length: int) -> keras.Model:
    """The network behind its vectorizer: from strings of shape (batch,) to probabilities of shape (batch, 6)."""
    from emotion_rnn.network.backend import keras

    # Made anew, because a network that was compiled is saved with the state of its optimizer, twice its own size.
    bare = keras.Sequential.from_config(network.get_config())
    bare.set_weights(network.get_weights())
    texts = keras.Input((), dtype="string", name="text")
    ids = vectorizer(texts)[:, :max_length]
    # A batch of texts without a single word would have no time step, which recurrent layers cannot take.
    ids = keras.ops.pad(ids, [[0, 0], [0, 1]])
    return keras.Model(texts, bare(ids), name=f"{network.name}_classifier")
