"""Fitting: when the word vectors move, and with which learning rate."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from conftest import TINY

from emotion_core.errors import DivergedError
from emotion_core.training.progress import TrainingProgress
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.architecture import build_network
from emotion_rnn.network.backend import keras, use_seed
from emotion_rnn.network.vectorizer import bucketed
from emotion_rnn.training.fit import fit

pytestmark = pytest.mark.xdist_group("fit")  # so that one process does each fit of `watched_fit`

VOCABULARY_SIZE, DIMENSION = 12, 4
THAWED = dataclasses.replace(TINY, epochs=4)
FREEZE_THAW = dataclasses.replace(THAWED, frozen_epochs=2, learning_rate=0.01, fine_tune_learning_rate=0.002)


class Watch(TrainingProgress):
    """A display that keeps the word vectors after each epoch; the loss of the spoilt one is no number."""

    network: keras.Model
    spoilt: int

    def __init__(self, epochs: int) -> None:
        super().__init__(epochs, quiet=True)
        self.vectors: list[np.ndarray] = []

    def end_epoch(self, epoch: int, metrics: dict[str, Any]) -> None:
        """Keep the vectors besides the history."""
        super().end_epoch(epoch, metrics | ({"loss": math.nan} if epoch == self.spoilt else {}))
        self.vectors.append(self.network.get_layer("embedding").get_weights()[0])


@cache
def watched_fit(settings: Hyperparameters, spoilt: int = 0) -> tuple[np.ndarray, Watch]:
    """Fit a small GRU on random texts, one epoch of which may be spoilt; the first vectors, and what was watched.

    TensorFlow needs seconds to trace a fit, and so tests of the same settings look at the same one.
    """
    use_seed(1)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(VOCABULARY_SIZE, DIMENSION)).astype(np.float32)
    ids = [rng.integers(2, VOCABULARY_SIZE, 6).astype(np.int32) for _ in range(48)]
    labels = np.arange(48) % 6
    batches = {"train": bucketed(ids, labels, 16, 1), "validation": bucketed(ids, labels, 16, None)}
    watch = Watch(settings.epochs)
    watch.spoilt = spoilt
    watch.network = build_network(ARCHITECTURES["gru"], settings, VOCABULARY_SIZE, vectors)
    fit(watch.network, settings, batches, watch)
    return vectors, watch


@pytest.mark.parametrize(
    ("settings", "moved"),
    [
        pytest.param(FREEZE_THAW, [False, False, True, True], id="freeze-thaw"),
        pytest.param(THAWED, [True] * 4, id="never frozen"),
        pytest.param(dataclasses.replace(THAWED, freeze_embedding=True), [False] * 4, id="frozen to the end"),
    ],
)
def test_the_vectors_move_only_after_the_thaw(settings: Hyperparameters, moved: list[bool]) -> None:
    """The word vectors stay as given in the frozen epochs, and move in each epoch after them."""
    before, watch = watched_fit(settings)
    states = [before, *watch.vectors]
    assert [not np.array_equal(a, b) for a, b in pairwise(states)] == moved


def test_a_step_is_traced_once_in_each_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow, which needs seconds to trace a training step, traces it once before and once after the thaw."""
    traced: list[bool] = []

    def counting(network: keras.Model, batch: Any) -> Any:
        traced.append(network.get_layer("embedding").trainable)
        return plain_step(network, batch)

    plain_step = keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", counting)
    watched_fit.__wrapped__(dataclasses.replace(TINY, epochs=2, frozen_epochs=1, ema_momentum=0.9))
    assert traced == [False, True]


def test_each_epoch_is_one_pass_over_the_texts() -> None:
    """Keras reads the texts once an epoch, before the thaw and after it, so that each has its own typing errors."""
    rng = np.random.default_rng(1)
    ids, labels = [rng.integers(2, VOCABULARY_SIZE, 6).astype(np.int32) for _ in range(12)], np.arange(12) % 6
    passes: list[int] = []

    def of_epoch(number: int) -> list[np.ndarray]:
        passes.append(number)
        return ids

    batches = {"train": bucketed(ids, labels, 6, 1, of_epoch), "validation": bucketed(ids, labels, 6, None)}
    vectors = np.ones((VOCABULARY_SIZE, DIMENSION), np.float32)
    network = build_network(ARCHITECTURES["gru"], FREEZE_THAW, VOCABULARY_SIZE, vectors)
    fit(network, FREEZE_THAW, batches, TrainingProgress(FREEZE_THAW.epochs, quiet=True))
    assert passes == list(range(FREEZE_THAW.epochs))


def test_each_phase_has_its_own_learning_rate() -> None:
    """The frozen epochs run at the learning rate, those after the thaw start at the fine-tuning rate."""
    _, watch = watched_fit(FREEZE_THAW)
    assert [entry["epoch"] for entry in watch.history] == [1, 2, 3, 4]
    assert [entry["learning_rate"] for entry in watch.history] == pytest.approx([0.01, 0.01, 0.002, 0.002])


@pytest.mark.acceptance
def test_the_learning_rate_falls_on_a_plateau_and_training_stops() -> None:
    """When the validation loss no longer falls, the learning rate halves and training ends before its last epoch."""
    settings = dataclasses.replace(TINY, epochs=60, learning_rate=0.3, patience=4)
    _, watch = watched_fit(settings)
    rates = [entry["learning_rate"] for entry in watch.history]
    assert rates[-1] <= rates[0] / 2
    assert len(watch.history) < settings.epochs


def test_the_average_of_the_weights_is_measured_and_kept() -> None:
    """With a momentum, the vectors kept are those of the best epoch's average, which moves less than the weights do."""
    before, plain = watched_fit(THAWED)
    _, averaged = watched_fit(dataclasses.replace(THAWED, ema_momentum=0.9))
    moved = [np.abs(watch.vectors[0] - before).mean() for watch in (plain, averaged)]
    assert 0 < moved[1] < moved[0]
    losses = [entry["val_loss"] for entry in averaged.history]
    kept = averaged.network.get_layer("embedding").get_weights()[0]
    np.testing.assert_array_equal(kept, averaged.vectors[losses.index(min(losses))])


def test_averaging_leaves_the_training_itself_alone() -> None:
    """The training loss of each epoch is the same with the average as without: only what is measured differs."""
    losses = [
        [entry["loss"] for entry in watched_fit(dataclasses.replace(THAWED, ema_momentum=momentum))[1].history]
        for momentum in (0.0, 0.9)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.acceptance
def test_a_cosine_schedule_falls_from_the_learning_rate_to_its_end_over_the_thawed_epochs() -> None:
    """The rate is constant while frozen, starts at the fine-tuning rate, and follows half a cosine down."""
    settings = dataclasses.replace(
        TINY, epochs=7, frozen_epochs=2, learning_rate=0.01, fine_tune_learning_rate=0.02, schedule="cosine", patience=9
    )
    _, watch = watched_fit(settings)
    rates = [entry["learning_rate"] for entry in watch.history]
    expected = [0.01, 0.01] + [0.02 * (0.02 + 0.98 * (1 + np.cos(np.pi * epoch / 5)) / 2) for epoch in range(5)]
    assert rates == pytest.approx(expected, rel=1e-4)


@pytest.mark.acceptance
def test_a_smoothed_loss_never_falls_below_the_entropy_of_its_targets() -> None:
    """With smoothed labels the best loss is that of the spread targets, which the plain loss goes below."""
    settings = dataclasses.replace(TINY, units=16, epochs=60, learning_rate=0.05, patience=60)
    smoothing = 0.3
    rest = smoothing / 6
    lowest = -(1 - 5 * rest) * np.log(1 - 5 * rest) - 5 * rest * np.log(rest)
    plain, smoothed = (
        watched_fit(dataclasses.replace(settings, label_smoothing=share))[1].history[-1] for share in (0.0, smoothing)
    )
    assert plain["loss"] < lowest <= smoothed["loss"]
    assert smoothed["accuracy"] > 0.9


@pytest.mark.acceptance
def test_gradients_are_clipped_in_both_phases_only_when_asked() -> None:
    """The optimizer that ends a training shortens gradients to the norm that was asked for, 0 meaning none."""
    for norm, expected in ((0.0, None), (0.5, 0.5)):
        _, watch = watched_fit(dataclasses.replace(TINY, epochs=2, frozen_epochs=1, clip_norm=norm))
        assert watch.network.optimizer.clipnorm == expected


@pytest.mark.parametrize(
    "ema_momentum", [pytest.param(0.0, id="plain"), pytest.param(0.9, id="averaged", marks=pytest.mark.acceptance)]
)
def test_a_loss_that_is_no_number_leaves_the_best_epoch_before(ema_momentum: float) -> None:
    """The network ends with what it had after the best of the whole epochs, and the display knows why."""
    settings = dataclasses.replace(THAWED, ema_momentum=ema_momentum)
    _, watch = watched_fit(settings, spoilt=3)
    best = min(watch.history, key=lambda entry: entry["val_loss"])
    np.testing.assert_array_equal(
        watch.network.get_layer("embedding").get_weights()[0], watch.vectors[best["epoch"] - 1]
    )
    assert len(watch.history) == 2
    assert watch.diverged == "The loss is nan in epoch 3. Use a lower --learning-rate."


@pytest.mark.parametrize("frozen_epochs", [0, pytest.param(2, marks=pytest.mark.acceptance)])
def test_a_loss_that_is_no_number_before_there_is_an_epoch_to_keep_is_told(frozen_epochs: int) -> None:
    """The first epoch, or the first after the thaw, has none before it."""
    settings = dataclasses.replace(TINY, epochs=4, frozen_epochs=frozen_epochs)
    with pytest.raises(DivergedError, match=f"nan in epoch {frozen_epochs + 1}"):
        watched_fit(settings, spoilt=frozen_epochs + 1)
