"""Shows a Keras training through core's display."""

from __future__ import annotations

from typing import Any

from emotion_core.training.progress import TrainingProgress
from emotion_rnn.network.backend import keras

Logs = dict[str, Any] | None
"""What Keras has measured, by name."""


class EpochProgress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Passes the steps and epochs of a training on.

    Args:
        display: shows them and keeps the history.
    """

    def __init__(self, display: TrainingProgress) -> None:
        super().__init__()
        self._display = display

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the bar of the epoch, and note the learning rate that it is trained with."""
        self._learning_rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self._display.start_epoch(epoch + 1, self.params.get("steps"))

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Advance by one step; what Keras has measured is the mean of the epoch so far, as a tensor."""
        self._display.step(None if logs is None else lambda: float(logs["loss"]))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Record the epoch."""
        metrics = {name: float(value) for name, value in (logs or {}).items()} | {"learning_rate": self._learning_rate}
        self._display.end_epoch(epoch + 1, metrics)

    def on_train_end(self, logs: Logs = None) -> None:
        """Take the bar away."""
        self._display.stop()
