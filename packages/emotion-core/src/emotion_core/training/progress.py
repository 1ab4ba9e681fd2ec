"""What a user sees of long work, on standard error: a bar for the steps, and for a training one line an epoch."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click

from emotion_core.errors import DivergedError

LOSSES = ("loss", "val_loss")
SHOWN_METRICS = (*LOSSES, "val_accuracy", "val_macro_f1")
BAR_WIDTH = 30
SECONDS_BETWEEN_DRAWINGS = 0.1

Epoch = Mapping[str, float]
"""What is known of an epoch, by name: ``epoch``, from 1, what was measured, and ``seconds``."""


class Bar:
    """The last line of a terminal, which says how far a piece of work is and is gone when the work is done.

    Args:
        quiet: show nothing, as where standard error is not a terminal.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._line = ""

    def start(self, description: str, total: int | None, done: int = 0) -> None:
        """Begin a piece of work of so many steps, None where nobody knows how many, of which some are done already."""
        self._description, self._total, self._done, self._before = description, total, done, done
        self._started, self._drawn = time.monotonic(), -math.inf
        self._draw()

    def update(self, done: int, description: str | None = None) -> None:
        """Show that so many steps are done, and another description if there is one."""
        self._description, self._done = description or self._description, done
        self._draw()

    def advance(self, count: int = 1) -> None:
        """Show that more steps are done."""
        self.update(self._done + count)

    def say(self, line: str) -> None:
        """Print a line on standard error, above the bar."""
        self._write("")
        click.echo(line, err=True)

    def stop(self) -> None:
        """Take the bar away."""
        self._write("")

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._drawn < SECONDS_BETWEEN_DRAWINGS and self._done != self._total:
            return
        self._drawn = now
        if not self._total:
            self._write(f"{self._description}  {self._done}")
            return
        filled = BAR_WIDTH * self._done // self._total
        bar = "#" * filled + "-" * (BAR_WIDTH - filled)
        self._write(f"{self._description}  {bar}  {self._done}/{self._total}{self._left(now)}")

    def _left(self, now: float) -> str:
        if self._total is None or self._done == self._before:
            return ""
        a_step = (now - self._started) / (self._done - self._before)
        minutes, seconds = divmod(round(a_step * (self._total - self._done)), 60)
        return f"  {minutes}:{seconds:02} left"

    def _write(self, line: str) -> None:
        if not self._shown:
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        # Spaces take away what is left of a longer line; not every terminal knows codes for that.
        sys.stderr.write(f"\r{line.ljust(len(self._line))}" + ("" if line else "\r"))
        sys.stderr.flush()
        self._line = line


@contextmanager
def progress_bar(description: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar where standard error is a terminal; yields a function that advances it."""
    bar = Bar(quiet=quiet)
    bar.start(description, total)
    try:
        yield bar.advance
    finally:
        bar.stop()


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
    """

    def __init__(self, epochs: int, *, quiet: bool) -> None:
        self.history: list[Epoch] = []
        self.diverged: str | None = None
        self._epochs, self._quiet = epochs, quiet
        self._bar = Bar(quiet=quiet)

    def start_epoch(self, epoch: int, steps: int | None) -> None:
        """Begin epoch ``epoch`` (from 1) of ``steps`` steps."""
        self._started = time.perf_counter()
        self._bar.start(f"Epoch {epoch}/{self._epochs}", steps)

    def step(self) -> None:
        """Advance by one step."""
        self._bar.advance()

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
            shown = "  ".join(f"{name} {metrics[name]:.4f}" for name in SHOWN_METRICS if name in metrics)
            self._bar.say(f"Epoch {epoch}/{self._epochs}  {shown}  ({seconds:.1f} s)")

    def keep_best(self, error: DivergedError) -> None:
        """Say, to the quiet too, that the training ends here with the best of the epochs before."""
        self.diverged = str(error)
        self._bar.say(f"{error} The training ends here, and the best epoch before is kept.")

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def summarize(self) -> None:
        """Print how many epochs there were and how long they took."""
        if not self._quiet:
            seconds = sum(entry["seconds"] for entry in self.history)
            click.echo(f"Trained {len(self.history)} epochs in {seconds:.0f} s", err=True)
