"""Shows a Trainer's training through core's display."""

from __future__ import annotations

import math
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from emotion_core.training.progress import TrainingProgress, check_loss

VALIDATION_NAMES = {"eval_loss": "val_loss", "eval_accuracy": "val_accuracy", "eval_macro_f1": "val_macro_f1"}


class TrainerProgress(TrainerCallback):
    """Passes the steps and epochs of a training on.

    Args:
        display: shows them and keeps the history.

    Attributes:
        history: of the epochs.
    """

    def __init__(self, display: TrainingProgress) -> None:
        self._display, self.history = display, display.history
        self._losses: torch.Tensor | float = 0.0
        self._n_losses = 0
        self._learning_rate = self._loss_sum = 0.0
        self._logged = self._epoch_start = 0

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the bar of the epoch."""
        self._logged = self._epoch_start = state.global_step
        self._loss_sum, self._losses, self._n_losses = 0.0, 0.0, 0
        self._display.start_epoch(round(state.epoch or 0) + 1, state.max_steps // state.num_train_epochs)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Advance by one step."""
        self._display.step(lambda: float(self._losses) / max(1, self._n_losses))

    def add_loss(self, loss: torch.Tensor) -> None:
        """Add the loss of a batch to the mean that is shown; a GPU is waited for only when that is drawn."""
        self._losses = self._losses + loss.detach()
        self._n_losses += 1

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Add up the training loss, the mean of the steps since the last log, until the epoch is measured."""
        if not logs or "loss" not in logs:
            return
        check_loss(logs["loss"], math.ceil(state.epoch or 0))
        self._loss_sum += logs["loss"] * (state.global_step - self._logged)
        self._logged, self._learning_rate = state.global_step, float(logs["learning_rate"])

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Have the last steps of the epoch logged, too."""
        control.should_log = True

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Record the epoch."""
        loss = self._loss_sum / (state.global_step - self._epoch_start)
        measured = {ours: float((metrics or {})[theirs]) for theirs, ours in VALIDATION_NAMES.items()}
        trained = {"loss": loss, "learning_rate": self._learning_rate}
        self._display.end_epoch(round(state.epoch or 0), trained | measured)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Take the bar away."""
        self._display.stop()
