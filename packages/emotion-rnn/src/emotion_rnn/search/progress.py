"""One display for a whole search: how many points are done, the best so far, and the time left."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

import click
from optuna.trial import FrozenTrial

from emotion_core.training.bar import Bar, clock, fitted, room
from emotion_rnn.search.points import ERROR, PointResult, ended_points

if TYPE_CHECKING:
    import optuna


class SearchProgress(AbstractContextManager["SearchProgress"]):
    """A bar where standard error is a terminal, and a line for each point that ends.

    Args:
        title: of the search.
        study: that is watched.
        points: numbers of the points of the search.
        quiet: show nothing.
    """

    def __init__(self, title: str, study: optuna.Study, points: Collection[int], *, quiet: bool) -> None:
        self._title, self._study, self._points, self._quiet = title, study, points, quiet
        self._bar = Bar(quiet=quiet)
        self._seen: set[int] = set()
        self._started = time.monotonic()

    def __enter__(self) -> SearchProgress:
        self._seen = set(ended_points(self._study, self._points))
        if self._seen and not self._quiet:
            click.echo(f"{self._title}: {len(self._seen)} of {len(self._points)} points are done already.", err=True)
        self._before = len(self._seen)
        self._bar.start(self._title, len(self._points), self._before)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self) -> None:
        """Look at the storage and show what has ended since."""
        ended = ended_points(self._study, self._points)
        for number in sorted(ended.keys() - self._seen):
            self._seen.add(number)
            if not self._quiet:
                self._bar.say(self._line(ended[number]))
        self._bar.update(len(self._seen), f"{self._title}  {self._best()}")

    def _line(self, trial: FrozenTrial) -> str:
        where = ", ".join(f"{name} {value:g}" for name, value in trial.params.items())
        outcome = [trial.user_attrs.get(ERROR) or "stopped early, hopeless"]
        if result := PointResult.of(trial):
            scores = f"macro-F1 {result.macro_f1:.4f}, accuracy {result.accuracy:.4f}"
            outcome = [scores, f"{result.epochs} epochs, {result.seconds:.0f} s"]
        parts = [f"{len(self._seen)}/{len(self._points)}", where, *outcome, self._best(), f"{self._left()} left"]
        return fitted(parts, room())

    def _left(self) -> str:
        done = len(self._seen) - self._before
        return clock((time.monotonic() - self._started) / done * (len(self._points) - len(self._seen)))

    def _best(self) -> str:
        ended = ended_points(self._study, self._points).values()
        values = [result.macro_f1 for trial in ended if (result := PointResult.of(trial))]
        return f"best macro-F1 {max(values):.4f}" if values else "none done"
