"""What a user sees of long work, on standard error: a bar for the steps, and for a training one line an epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from emotion_core.errors import DivergedError

LOSSES = ("loss", "val_loss")
SHOWN_METRICS = (*LOSSES, "val_accuracy", "val_macro_f1")


def make_bar(*, quiet: bool) -> Progress:
    """A bar on standard error that is not shown when quiet, or where that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)


@contextmanager
def progress_bar(description: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar where standard error is a terminal; yields a function that advances it."""
    with make_bar(quiet=quiet) as progress:
        task = progress.add_task(description, total=total)
        yield lambda count: progress.advance(task, count)


def check_loss(loss: float, epoch: int) -> None:
    """Raise a DivergedError when the loss of an epoch is infinite or no number."""
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
    """

    def __init__(self, epochs: int, *, quiet: bool) -> None:
        self.history: list[dict[str, Any]] = []
        self.diverged: str | None = None
        self._epochs, self._quiet = epochs, quiet
        self._bar = make_bar(quiet=quiet)
        self._task = self._bar.add_task("Training", total=None)

    def start_epoch(self, epoch: int, steps: int | None) -> None:
        """Begin epoch ``epoch`` (from 1) of ``steps`` steps."""
        self._started = time.perf_counter()
        self._bar.start()
        self._bar.reset(self._task, total=steps, description=f"Epoch {epoch}/{self._epochs}")

    def step(self) -> None:
        """Advance by one step."""
        self._bar.advance(self._task)

    def end_epoch(self, epoch: int, metrics: dict[str, Any]) -> None:
        """Record the metrics of an epoch and print its line.

        Raises:
            DivergedError: as `check_loss`, for the loss on train and on validation.
        """
        for name in LOSSES:
            if name in metrics:
                check_loss(metrics[name], epoch)
        seconds = round(time.perf_counter() - self._started, 2)
        self.history.append({"epoch": epoch} | metrics | {"seconds": seconds})
        if not self._quiet:
            shown = "  ".join(f"{name} {metrics[name]:.4f}" for name in SHOWN_METRICS if name in metrics)
            click.echo(f"Epoch {epoch}/{self._epochs}  {shown}  ({seconds:.1f} s)", err=True)

    def keep_best(self, error: DivergedError) -> None:
        """Say, to the quiet too, that the training ends here with the best of the epochs before."""
        self.diverged = str(error)
        click.echo(f"{error} The training ends here, and the best epoch before is kept.", err=True)

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def summarize(self) -> None:
        """Print how many epochs there were and how long they took."""
        if not self._quiet:
            seconds = sum(entry["seconds"] for entry in self.history)
            click.echo(f"Trained {len(self.history)} epochs in {seconds:.0f} s", err=True)
