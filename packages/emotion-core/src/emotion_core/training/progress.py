"""What a user sees of a training, on standard error: a bar, one line an epoch, and which epoch is kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import click

from emotion_core.errors import DivergedError
from emotion_core.training.bar import Bar, clock, fitted, room

LOSSES = ("loss", "val_loss")
SHOWN_METRICS = (*LOSSES, "val_accuracy", "val_macro_f1")

Epoch = Mapping[str, float]
"""What is known of an epoch, by name: ``epoch``, from 1, what was measured, and ``seconds``."""


@dataclass(frozen=True)
class Selection:
    """What chooses the epoch that is kept.

    Attributes:
        metric: as it is measured on validation.
        words: as a run words it.
        greater_is_better: whether a higher value is.
    """

    metric: str
    words: str
    greater_is_better: bool

    @property
    def name(self) -> str:
        """Of the metric in the history."""
        return f"val_{self.metric}"

    def best(self, history: Sequence[Epoch]) -> Epoch:
        """The epoch that is kept: the first of the best ones."""
        choose = max if self.greater_is_better else min
        return choose(history, key=lambda epoch: epoch[self.name])


def check_loss(loss: float, epoch: int) -> None:
    """Raise a DivergedError when the loss of an epoch is infinite or not a number."""
    if not math.isfinite(loss):
        raise DivergedError(f"The loss is {loss} in epoch {epoch}. Use a lower --learning-rate.")


class TrainingProgress:
    """Shows a training and keeps its history.

    Args:
        epochs: how many there are at most.
        quiet: keep the history only.

    Attributes:
        history: one dictionary an epoch: ``epoch`` (from 1), the metrics, and ``seconds``.
        diverged: why the training ended before its time with the best epoch so far; None when it did not.
        kept: the number of the epoch that is kept, once it was told.
    """

    def __init__(self, epochs: int, *, quiet: bool) -> None:
        self.history: list[Epoch] = []
        self.diverged: str | None = None
        self.kept: int | None = None
        self._epochs, self._quiet = epochs, quiet
        self._bar = Bar(quiet=quiet)

    def start_epoch(self, epoch: int, steps: int | None) -> None:
        """Begin epoch ``epoch`` (from 1) of ``steps`` steps, as many as each of the others has."""
        self._started = time.perf_counter()
        description = f"Epoch {epoch}/{self._epochs}"
        done = (epoch - 1) * (steps or 0)
        if self._bar.running:
            self._bar.update(done, description)
        else:  # libraries make ready in the first step of a training, and measure validation after each epoch
            self._bar.start(description, steps and steps * self._epochs, done, warm_up=1)

    def step(self, loss: Callable[[], float] | None = None) -> None:
        """Advance by one step; ``loss`` gives the mean of the epoch so far, and is called when it is shown."""
        self._bar.advance(detail=None if loss is None else lambda: f"loss {loss():.4f}")

    def end_epoch(self, epoch: int, metrics: Epoch) -> None:
        """Record the metrics of an epoch and print its line.

        Raises:
            DivergedError: as `check_loss`, for the loss on train and on validation.
        """
        for name in LOSSES:
            if name in metrics:
                check_loss(metrics[name], epoch)
        seconds = round(time.perf_counter() - self._started, 2)
        self.history.append({"epoch": epoch, **metrics, "seconds": seconds})
        if not self._quiet:
            shown = [f"{name} {metrics[name]:.4f}" for name in SHOWN_METRICS if name in metrics]
            parts = [f"Epoch {epoch}/{self._epochs}", *shown, f"{seconds:.1f} s", *self._left()]
            self._bar.say(fitted(parts, room()))

    def _left(self) -> list[str]:
        """The time that all further epochs would take; early stopping may leave some out."""
        left = self._epochs - len(self.history)
        return [f"{clock(self._seconds() / len(self.history) * left)} left"] if left else []

    def _seconds(self) -> float:
        return sum(entry["seconds"] for entry in self.history)

    def keep_best(self, error: DivergedError) -> None:
        """Say, to the quiet too, that the training ends here with the best of the epochs before."""
        self.diverged = str(error)
        self._bar.say(f"{error} The training ends here, and the best epoch before is kept.")

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def tell_kept(self, selection: Selection, frozen: int = 0) -> None:
        """Print how long the training took, why it ended, and which epoch is kept.

        Args:
            selection: what chose it.
            frozen: first epochs, which were not chosen from.
        """
        last, self.kept = len(self.history), int(selection.best(self.history[frozen:])["epoch"])
        if self._quiet:
            return
        click.echo(f"Trained {last} {'epoch' if last == 1 else 'epochs'} in {self._seconds():.0f} s.", err=True)
        if self.diverged is None and last < self._epochs:
            told = f"Stopped after epoch {last}: no better {selection.name} since epoch {self.kept}, which is kept."
        else:
            told = f"Kept epoch {self.kept}, which had the best {selection.name}."
        click.echo(told, err=True)
