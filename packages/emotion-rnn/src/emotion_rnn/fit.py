"""Fit a network: early stopping, learning rate on plateaus, and the thaw of the word vectors."""

from __future__ import annotations

from typing import Any

from emotion_core.progress import TrainingProgress
from emotion_rnn.architecture import Hyperparameters
from emotion_rnn.backend import keras, tf
from emotion_rnn.progress import EpochProgress

PLATEAU_FACTOR, PLATEAU_PATIENCE, LOWEST_LEARNING_RATE = 0.5, 2, 1e-5


def fit(
    network: keras.Model, settings: Hyperparameters, batches: dict[str, tf.data.Dataset], display: TrainingProgress
) -> None:
    """Fit a network in place; it ends with the weights of the epoch with the lowest validation loss.

    With ``frozen_epochs`` the word vectors are held in the first epochs, while the random weights above them learn,
    and thawed for the others (Howard and Ruder 2018 call it gradual unfreezing). Early stopping, and the choice of the
    epoch, begin with the thaw. With ``ema_momentum`` a running average of the weights is measured after each epoch, and
    kept (Polyak and Juditsky 1992; Izmailov et al. 2018).

    Args:
        network: from `build_network`.
        settings: epochs, learning rates, patience.
        batches: ``train`` and ``validation``.
        display: keeps the history.
    """
    progress = EpochProgress(display)
    if settings.frozen_epochs:
        _compile(network, settings.learning_rate, 0.0, train_embedding=False)
        _fit(network, batches, 0, settings.frozen_epochs, [progress])
        _compile(network, settings.fine_tune_learning_rate, settings.ema_momentum, train_embedding=True)
    else:
        train_embedding = not settings.freeze_embedding
        _compile(network, settings.learning_rate, settings.ema_momentum, train_embedding=train_embedding)
    plateau = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE, min_lr=LOWEST_LEARNING_RATE
    )
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=settings.patience, restore_best_weights=True)
    # The averaged weights are swapped in before they are measured and kept, so their callback comes first.
    averaging = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if settings.ema_momentum else []
    _fit(network, batches, settings.frozen_epochs, settings.epochs, [*averaging, plateau, stopping, progress])


def _compile(network: keras.Model, learning_rate: float, ema_momentum: float, *, train_embedding: bool) -> None:
    # Keras collects the trainable weights when it compiles, so a thaw without compiling anew would change nothing.
    network.get_layer("embedding").trainable = train_embedding
    average = {"use_ema": True, "ema_momentum": ema_momentum} if ema_momentum else {}
    optimizer = keras.optimizers.Adam(learning_rate, **average)
    network.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def _fit(network: keras.Model, batches: dict[str, tf.data.Dataset], first: int, end: int, callbacks: list[Any]) -> None:
    network.fit(
        batches["train"],
        validation_data=batches["validation"],
        initial_epoch=first,
        epochs=end,
        callbacks=callbacks,
        shuffle=False,
        verbose=0,
    )
