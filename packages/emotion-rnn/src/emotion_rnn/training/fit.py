"""Fit a network: early stopping, learning rate on plateaus, and the thaw of the word vectors."""

from __future__ import annotations

from typing import Any

from emotion_core.errors import DivergedError
from emotion_core.labels import N_EMOTIONS
from emotion_core.training.progress import TrainingProgress
from emotion_rnn.hyperparameters import SELECTIONS, Hyperparameters
from emotion_rnn.network.backend import keras, tf
from emotion_rnn.training.progress import EpochProgress

PLATEAU_FACTOR, PLATEAU_PATIENCE, LOWEST_LEARNING_RATE = 0.5, 2, 1e-5
COSINE_END = 0.02
"""The share of the learning rate that a cosine schedule ends with; zero would waste the last steps."""


def fit(
    network: keras.Model, settings: Hyperparameters, batches: dict[str, tf.data.Dataset], display: TrainingProgress
) -> None:
    """Fit a network in place; it ends with the weights of the epoch that ``select_by`` chooses.

    With ``frozen_epochs`` the word vectors are held in the first epochs, while the random weights above them learn,
    and thawed for the others (Howard and Ruder 2018 call it gradual unfreezing). Early stopping, and the choice of the
    epoch, begin with the thaw. With ``ema_momentum`` a running average of the weights is measured after each epoch, and
    kept (Polyak and Juditsky 1992; Izmailov et al. 2018). The cosine schedule is that of Loshchilov and Hutter (2017),
    without restarts.

    Args:
        network: from `build_network`.
        settings: epochs, learning rates, patience.
        batches: ``train`` and ``validation``.
        display: keeps the history.

    Raises:
        DivergedError: the loss is infinite or not a number before there is an epoch to keep. Later, the training ends
            with the best epoch so far.
    """
    progress = EpochProgress(display)
    if settings.frozen_epochs:
        _compile(network, settings, settings.learning_rate, 0.0, train_embedding=False)
        _fit(network, batches, 0, settings.frozen_epochs, [progress])
    rate = settings.fine_tune_learning_rate if settings.frozen_epochs else settings.learning_rate
    callbacks: list[Any] = []  # in this order
    if settings.ema_momentum:
        # The averaged weights are swapped in before they are measured and kept, so their callback comes first.
        callbacks.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    callbacks.append(progress)  # which raises before a loss that is not a number counts as the best
    if settings.schedule == "cosine":
        steps = int(batches["train"].cardinality()) * (settings.epochs - settings.frozen_epochs)
        rate = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=COSINE_END)
    else:
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                "val_loss", factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE, min_lr=LOWEST_LEARNING_RATE
            )
        )
    selection = SELECTIONS[settings.select_by]
    stopping = keras.callbacks.EarlyStopping(
        selection.name,
        mode="max" if selection.greater_is_better else "min",
        patience=settings.patience,
        restore_best_weights=True,
    )
    _compile(network, settings, rate, settings.ema_momentum, train_embedding=not settings.freeze_embedding)
    try:
        _fit(network, batches, settings.frozen_epochs, settings.epochs, [*callbacks, stopping])
    except DivergedError as error:
        if stopping.best_weights is None:
            raise
        network.set_weights(stopping.best_weights)
        display.keep_best(error)
    finally:
        display.stop()


def _compile(
    network: keras.Model, settings: Hyperparameters, rate: Any, ema_momentum: float, *, train_embedding: bool
) -> None:
    # Keras collects the trainable weights when it compiles, so a thaw without compiling anew would change nothing.
    network.get_layer("embedding").trainable = train_embedding
    average = {"use_ema": True, "ema_momentum": ema_momentum} if ema_momentum else {}
    optimizer = keras.optimizers.Adam(rate, clipnorm=settings.clip_norm or None, **average)
    accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    network.compile(optimizer=optimizer, loss=_loss(settings.label_smoothing), metrics=[accuracy])
    # TensorFlow traces a step twice when its first call makes variables, and tracing takes seconds: so the optimizer's
    # are made here, and the metric's, which a mere name would leave to the first step, above.
    network.optimizer.build(network.trainable_variables)


def _loss(smoothing: float) -> Any:
    if not smoothing:
        return "sparse_categorical_crossentropy"

    def smoothed_crossentropy(labels: Any, probabilities: Any) -> Any:
        targets = keras.ops.one_hot(keras.ops.cast(labels, "int32"), N_EMOTIONS)
        return keras.losses.categorical_crossentropy(targets, probabilities, label_smoothing=smoothing)

    return smoothed_crossentropy


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
