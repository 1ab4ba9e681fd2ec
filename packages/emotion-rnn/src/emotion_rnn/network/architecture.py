"""What an architecture states, and the model that every architecture shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_core.labels import N_EMOTIONS
from emotion_rnn.hyperparameters import Architecture, Hyperparameters

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray


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
    # A batch of texts without a single word would have no time step, which recurrent layers cannot take, and cuDNN
    # takes no text that is nothing but padding (0): the first word of each is at least an unknown one (1).
    ids = keras.ops.pad(ids, [[0, 0], [0, 1]])
    ids = keras.ops.concatenate([keras.ops.maximum(ids[:, :1], 1), ids[:, 1:]], axis=1)
    return keras.Model(texts, bare(ids), name=f"{network.name}_classifier")
