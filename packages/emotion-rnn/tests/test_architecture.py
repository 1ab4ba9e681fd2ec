"""The networks: their layers, their masking, their text input."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest

from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.architecture import build_network, with_text_input
from emotion_rnn.network.backend import keras, tf, use_seed
from emotion_rnn.network.vectorizer import make_vectorizer

SETTINGS = Hyperparameters(units=3, embedding_dimension=5, max_length=4)


@pytest.fixture(params=list(ARCHITECTURES))
def network(request: pytest.FixtureRequest) -> keras.Model:
    """An untrained network of each architecture over ten words."""
    use_seed(0)
    return build_network(ARCHITECTURES[request.param], SETTINGS, 10, None)


def test_layers_are_those_of_the_paper(network: keras.Model) -> None:
    """A network is embedding, spatial dropout, the bidirectional layer of its name, and a softmax over six classes."""
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Embedding", "SpatialDropout1D", "Bidirectional", "Dense"]
    assert type(network.layers[2].forward_layer).__name__ == network.name.upper()
    assert network.layers[2].output.shape[-1] == 2 * SETTINGS.units
    assert network.layers[1].rate == SETTINGS.dropout
    np.testing.assert_allclose(network.predict_on_batch(np.array([[2, 3]])).sum(), 1, rtol=1e-5)
    assert network.output_shape == (None, 6)


def test_padding_changes_nothing(network: keras.Model) -> None:
    """Padding a text further leaves its probabilities as they were."""
    short, long = np.array([[2, 3, 4]]), np.array([[2, 3, 4, 0, 0, 0]])
    np.testing.assert_allclose(network.predict_on_batch(short), network.predict_on_batch(long), atol=1e-6)


def test_word_order_matters(network: keras.Model) -> None:
    """The same words in another order give other probabilities."""
    forward, backward = np.array([[2, 3, 4]]), np.array([[4, 3, 2]])
    assert not np.allclose(network.predict_on_batch(forward), network.predict_on_batch(backward), atol=1e-6)


@pytest.mark.parametrize("freeze", [True, False])
def test_given_vectors_start_the_embedding_and_can_be_frozen(freeze: bool) -> None:
    """Vectors become the first weights of the embedding, in their own dimension, trainable unless frozen."""
    vectors = np.random.default_rng(0).normal(size=(10, 7)).astype(np.float32)
    settings = dataclasses.replace(SETTINGS, freeze_embedding=freeze)
    embedding = build_network(ARCHITECTURES["lstm"], settings, 10, vectors).get_layer("embedding")
    np.testing.assert_array_equal(embedding.get_weights()[0], vectors)
    assert embedding.trainable is not freeze


@pytest.fixture
def text_model() -> keras.Model:
    """An untrained GRU that takes strings."""
    use_seed(0)
    vectorizer = make_vectorizer(["one two three four five six"], 100)
    network = build_network(ARCHITECTURES["gru"], SETTINGS, len(vectorizer.get_vocabulary()), None)
    return with_text_input(network, vectorizer, SETTINGS.max_length)


def test_words_beyond_the_maximum_length_are_not_read(text_model: keras.Model) -> None:
    """Two texts that differ only after the maximum length get the same probabilities."""
    first, second = text_model.predict_on_batch(tf.constant(["one two three four five", "one two three four six"]))
    np.testing.assert_allclose(first, second, atol=1e-7)


def test_text_models_give_cudnn_no_mask_that_it_refuses(text_model: keras.Model) -> None:
    """Keras's own check of the masks of a GPU passes for texts without words, alone and beside others."""
    check = importlib.import_module("keras.src.backend.tensorflow.rnn")._assert_valid_mask
    ids = keras.Model(text_model.input, text_model.layers[-1].input)
    for texts in (["", " "], ["one two", "", "!!!", "one  -  two", "\u200b"], ["one two three four five six", "?"]):
        check(text_model.get_layer("gru").get_layer("embedding").compute_mask(ids(tf.constant(texts))))
    with pytest.raises(tf.errors.InvalidArgumentError):  # the check does refuse what it should
        check(tf.constant([[True, False], [False, False]]))


def test_a_text_without_words_gets_probabilities(text_model: keras.Model) -> None:
    """A batch of texts without a single word gives valid probabilities."""
    probabilities = text_model.predict_on_batch(tf.constant(["", "  "]))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_dense_layer_with_dropout_can_stand_before_the_softmax() -> None:
    """With dense units, a ReLU layer of that size and a dropout follow the recurrent layer."""
    network = build_network(ARCHITECTURES["gru"], dataclasses.replace(SETTINGS, dense_units=64), 10, None)
    dense, dropout = network.layers[3:5]
    assert (dense.units, dense.activation.__name__) == (64, "relu")
    assert dropout.rate == SETTINGS.dropout
