"""Shows a Trainer's training through core's display."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from emotion_core.progress import TrainingProgress

VALIDATION_NAMES = {"eval_loss": "val_loss", "eval_accuracy": "val_accuracy", "eval_macro_f1": "val_macro_f1"}


class TrainerProgress(TrainerCallback):
    """Passes the steps and epochs of a training on.

    Args:
        display: shows them and keeps the history.
    """

    def __init__(self, display: TrainingProgress) -> None:
        self._display = display
        self._training: dict[str, float] = {}

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the bar of the epoch."""
        self._display.start_epoch(round(state.epoch or 0) + 1, state.max_steps // state.num_train_epochs)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Advance by one step."""
        self._display.step()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Keep the training loss and the learning rate of the epoch until it is measured."""
        if logs and "loss" in logs:
            self._training = {name: float(logs[name]) for name in ("loss", "learning_rate")}

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Record the epoch."""
        measured = {ours: float((metrics or {})[theirs]) for theirs, ours in VALIDATION_NAMES.items()}
        self._display.end_epoch(round(state.epoch or 0), self._training | measured)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Take the bar away."""
        self._display.stop()
