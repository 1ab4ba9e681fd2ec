"""The last line of a terminal, which says how far long work is; files and pipes get whole lines and no bar."""

from __future__ import annotations

import math
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

import click

GAP = "  "
WIDEST, NARROWEST = 30, 8
"""Characters of the drawing; where there is room for fewer, it is left out."""

SECONDS_BETWEEN_DRAWINGS = 0.1


def room() -> int | None:
    """How many characters a line on standard error has room for; None in files and pipes, where it may be longer."""
    if not sys.stderr.isatty():
        return getattr(sys.stderr, "room", None)  # of a worker, whose lines the process that started it prints
    columns = 0
    with suppress(OSError, ValueError):  # of one that is only played
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    return (columns or shutil.get_terminal_size().columns) - 1


def fitted(parts: Sequence[str], room: int | None) -> str:
    """Parts of a line side by side: closer together where there is little room, and without the last where less."""
    if room is None or len(GAP.join(parts)) <= room:
        return GAP.join(parts)
    while len(parts) > 1 and len(" ".join(parts)) > room:
        parts = parts[:-1]
    return " ".join(parts)


def clock(seconds: float) -> str:
    """A time as ``0:07``, ``12:30`` or ``1:02:03``."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Bar:
    """The last line of a terminal, which says how far a piece of work is and is gone when the work is done.

    What anybody else writes on standard error in the meantime stands above it.

    Args:
        quiet: show nothing, as where standard error is not a terminal.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._line = ""
        self._terminal: TextIO | None = None
        self._lock = threading.RLock()  # workers are told by a thread of its own
        self.running = False

    def start(self, description: str, total: int | None, done: int = 0, *, warm_up: int = 0) -> None:
        """Begin a piece of work.

        Args:
            description: what is done.
            total: steps; None where nobody knows how many.
            done: steps that are done already.
            warm_up: first steps that take much longer, which the time that is left is not estimated from.
        """
        self._description, self._total, self._done = description, total, done
        self._detail: Callable[[], str] | None = None
        self._before, self._warm_up = done, warm_up
        self._started, self._drawn = time.monotonic(), -math.inf
        if self._shown and self._terminal is None:
            self._terminal = sys.stderr
            sys.stderr = cast(TextIO, _Above(self, self._terminal))
        self.running = True
        self._draw()

    def update(self, done: int, description: str | None = None, detail: Callable[[], str] | None = None) -> None:
        """Show that so many steps are done, and another description or another detail, called when it is drawn."""
        self._description, self._detail = description or self._description, detail or self._detail
        self._done = done
        if self._warm_up and done >= self._before + self._warm_up:
            self._before, self._started, self._warm_up = done, time.monotonic(), 0
        self._draw()

    def advance(self, count: int = 1, detail: Callable[[], str] | None = None) -> None:
        """Show that more steps are done."""
        self.update(self._done + count, detail=detail)

    def say(self, line: str, *, err: bool = True) -> None:
        """Print a line on standard error, or on standard output, above the bar."""
        with self._lock:
            shown = self._line
            self._write("")
            click.echo(line, file=self._terminal if err else None, err=err)
            self._write(shown)

    def stop(self) -> None:
        """Take the bar away."""
        self._write("")
        self.running = False
        above, self._terminal = self._terminal, None
        if above is not None and isinstance(sys.stderr, _Above):
            sys.stderr.end()
            sys.stderr = above

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._drawn < SECONDS_BETWEEN_DRAWINGS and self._done != self._total):
            return
        self._drawn = now
        self._write(self._text(now, room() or 0))

    def _text(self, now: float, room: int) -> str:
        count = f"{self._done}/{self._total}" if self._total else str(self._done)
        parts = [self._description, count, self._detail() if self._detail else "", self._left(now)]
        parts = [part for part in parts if part]
        if len(GAP.join(parts)) > room and self._total:
            parts.remove(count)
        free = min(WIDEST, room - len(GAP.join(parts)) - len(GAP))
        if self._total and free >= NARROWEST:
            filled = free * self._done // self._total
            parts.insert(1, "#" * filled + "-" * (free - filled))
        return fitted(parts, room)[:room]

    def _left(self, now: float) -> str:
        if self._total is None or self._done == self._before or self._warm_up:
            return ""
        a_step = (now - self._started) / (self._done - self._before)
        return f"{clock(a_step * (self._total - self._done))} left"

    def _write(self, line: str) -> None:
        if self._terminal is None:
            return
        with self._lock:
            # Spaces take away what is left of a longer line; not every terminal knows codes for that.
            self._terminal.write(f"\r{line.ljust(len(self._line))}" + ("" if line else "\r"))
            self._terminal.flush()
            self._line = line


class _Above:
    """Standard error while a bar is its last line: what is written stands above the bar, line by line."""

    def __init__(self, bar: Bar, terminal: TextIO) -> None:
        self._bar, self._terminal, self._rest = bar, terminal, ""

    def write(self, text: str) -> int:
        """Write the lines that are whole now."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._bar.say(line)
        return len(text)

    def end(self) -> None:
        """Write what is left, which ends without a new line."""
        self._terminal.write(self._rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)


@contextmanager
def progress_bar(description: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar where standard error is a terminal; yields a function that advances it."""
    bar = Bar(quiet=quiet)
    bar.start(description, total)
    try:
        yield bar.advance
    finally:
        bar.stop()
