"""What an architecture states, and the model that every architecture shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotion_core.labels import N_EMOTIONS

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN_WORDS = ("random", "zeros")
"""What a word without a GloVe vector can start from."""


@dataclass(frozen=True)
class Hyperparameters:
    """The settings of one training.

    Attributes:
        units: size of the recurrent layer in each direction.
        dropout: share of embedding dimensions that SpatialDropout1D drops.
        embedding_dimension: size of the word vectors; GloVe vectors bring their own.
        vocabulary_size: most frequent training words that are kept, padding and out-of-vocabulary included.
        max_length: words of a text that are read, the first ones.
        epochs: at most; early stopping may end training before.
        batch_size: texts a step.
        learning_rate: of Adam, at the start.
        patience: epochs without a lower validation loss after which training stops.
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
    vocabulary_size: int = 30_000
    max_length: int = 100
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    patience: int = 3
    freeze_embedding: bool = False
    frozen_epochs: int = 0
    fine_tune_learning_rate: float = 1e-3
    dense_units: int = 0
    ema_momentum: float = 0.0


@dataclass(frozen=True)
class Architecture:
    """A recurrent architecture: its name, the Keras layer that it turns both ways, and its defaults."""

    name: str
    title: str
    recurrent_layer: str
    defaults: Hyperparameters


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
    from emotion_rnn.backend import keras

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
    layers.append(keras.layers.Dense(N_EMOTIONS, activation="softmax"))
    network = keras.Sequential(layers, name=architecture.name)
    if vectors is not None:
        embedding.set_weights([vectors])  # an initializer would go into the saved configuration, number by number
    return network


def with_text_input(network: keras.Model, vectorizer: keras.layers.TextVectorization, max_length: int) -> keras.Model:
    """The network behind its vectorizer: from strings of shape (batch,) to probabilities of shape (batch, 6)."""
    from emotion_rnn.backend import keras

    # Made anew, because a network that was compiled is saved with the state of its optimizer, twice its own size.
    bare = keras.Sequential.from_config(network.get_config())
    bare.set_weights(network.get_weights())
    texts = keras.Input((), dtype="string", name="text")
    ids = vectorizer(texts)[:, :max_length]
    # A batch of texts without a single word would have no time step, which recurrent layers cannot take.
    ids = keras.ops.pad(ids, [[0, 0], [0, 1]])
    return keras.Model(texts, bare(ids), name=f"{network.name}_classifier")
