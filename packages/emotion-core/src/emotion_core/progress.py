"""What a user sees of long work, on standard error: a bar for the steps, and for a training one line an epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SHOWN_METRICS = ("loss", "val_loss", "val_accuracy", "val_macro_f1")


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


class TrainingProgress:
    """Shows a training and keeps its history.

    Args:
        epochs: how many there are at most.
        quiet: keep the history only.

    Attributes:
        history: one dictionary an epoch: ``epoch`` (from 1), the metrics, and ``seconds``.
    """

    def __init__(self, epochs: int, *, quiet: bool) -> None:
        self.history: list[dict[str, Any]] = []
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
        """Record the metrics of an epoch and print its line."""
        seconds = round(time.perf_counter() - self._started, 2)
        self.history.append({"epoch": epoch} | metrics | {"seconds": seconds})
        if not self._quiet:
            shown = "  ".join(f"{name} {metrics[name]:.4f}" for name in SHOWN_METRICS if name in metrics)
            click.echo(f"Epoch {epoch}/{self._epochs}  {shown}  ({seconds:.1f} s)", err=True)

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def summarize(self) -> None:
        """Print how many epochs there were and how long they took."""
        if not self._quiet:
            seconds = sum(entry["seconds"] for entry in self.history)
            click.echo(f"Trained {len(self.history)} epochs in {seconds:.0f} s", err=True)
