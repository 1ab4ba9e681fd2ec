"""What a user sees of a training: a bar for the steps of an epoch, and one line an epoch, on standard error."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from emotion_rnn.backend import keras


class EpochProgress(keras.callbacks.Callback):
    """Shows the progress and keeps the history.

    Args:
        epochs: how many there are at most.
        quiet: keep the history only.

    Attributes:
        history: one dictionary an epoch: ``epoch`` (from 1), losses, accuracies, ``learning_rate``, ``seconds``.
    """

    def __init__(self, epochs: int, *, quiet: bool) -> None:
        super().__init__()
        self.history: list[dict[str, Any]] = []
        self._epochs, self._quiet = epochs, quiet
        self._bar = Progress(console=Console(stderr=True), transient=True, disable=quiet)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Show the bar."""
        self._bar.start()
        self._task = self._bar.add_task("Training")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the bar anew."""
        self._started = time.perf_counter()
        description = f"Epoch {epoch + 1}/{self._epochs}"
        self._bar.reset(self._task, total=self.params.get("steps"), description=description)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Advance the bar by one step."""
        self._bar.advance(self._task)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch and print its line."""
        entry: dict[str, Any] = {"epoch": epoch + 1} | {name: float(value) for name, value in (logs or {}).items()}
        entry["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        entry["seconds"] = round(time.perf_counter() - self._started, 2)
        self.history.append(entry)
        if not self._quiet:
            shown = (
                f"loss {entry['loss']:.4f}  val_loss {entry['val_loss']:.4f}  val_accuracy {entry['val_accuracy']:.4f}"
            )
            click.echo(f"Epoch {epoch + 1}/{self._epochs}  {shown}  ({entry['seconds']:.1f} s)", err=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Take the bar away."""
        self._bar.stop()
