"""A terminal as programs see one: a pseudo-terminal, and an emulator that shows what a person would read on it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field

import pyte

ROWS = 12
END = b"\0"
"""Written after all else: a process that outlives its program may hold the terminal open, such as multiprocessing's
resource tracker, so that its end would not come."""


@dataclass
class Terminal:
    """What stands on a terminal, and what stood in the line of the cursor before.

    Attributes:
        columns: how wide it is.
        seen: each text that the line of the cursor had, in order.
    """

    columns: int
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._screen = pyte.HistoryScreen(self.columns, ROWS, history=10_000)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """Show what was written, character by character, so that nothing that stood there for a moment is missed."""
        for byte in data:
            self._stream.feed(bytes([byte]))
            line = self._screen.display[self._screen.cursor.y].rstrip()
            if byte in b"\r\n" and (not self.seen or line != self.seen[-1]):
                self.seen.append(line)

    def lines(self) -> list[str]:
        """All lines, those that were scrolled away, too, without empty ones at the end."""
        gone = ["".join(row[column].data for column in range(self.columns)) for row in self._screen.history.top]
        return "\n".join(line.rstrip() for line in (*gone, *self._screen.display)).rstrip().split("\n")


@contextmanager
def terminal(columns: int) -> Iterator[tuple[Terminal, int]]:
    """A terminal and the descriptor that a program writes on; all that was written is shown after the block."""
    shown, (reader, writer) = Terminal(columns), pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    watcher = threading.Thread(target=_watch, args=(reader, shown))
    watcher.start()
    try:
        yield shown, writer
    finally:
        os.write(writer, END)
        watcher.join()
        os.close(writer)
        os.close(reader)


def _watch(reader: int, shown: Terminal) -> None:
    ended = b""
    while not ended:
        data, ended, _ = os.read(reader, 65536).partition(END)
        shown.feed(data)


@contextmanager
def on_terminal(columns: int) -> Iterator[Terminal]:
    """Standard error of this process is a terminal within the block; look at it afterwards."""
    with (
        terminal(columns) as (shown, writer),
        os.fdopen(os.dup(writer), "w", buffering=1, encoding="utf-8") as file,
        redirect_stderr(file),
    ):
        yield shown


def run_in_terminal(columns: int, module: str, *words: object) -> tuple[int, Terminal]:
    """Run a program, as after ``python -m``, in a terminal; its exit code and what it showed."""
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with terminal(columns) as (shown, writer):
        code = subprocess.call(
            [sys.executable, "-m", module, *map(str, words)],
            stdin=writer,
            stdout=writer,
            stderr=writer,
            env=environment,
            start_new_session=True,
        )
    return code, shown


def check_two_seeds(code: int, terminal: Terminal) -> None:
    """Two trainings of two epochs, seeds 42 and 43 side by side: each line has its seed, above a bar of the seeds."""
    lines = terminal.lines()
    assert code == 0, lines
    for seed in (42, 43):
        shown = [line for line in lines if line.startswith(f"Seed {seed}  Epoch ")]
        assert [line.split("  ")[1][:9] for line in shown] == ["Epoch 1/2", "Epoch 2/2"]
        assert all(" loss 1." in line for line in shown)
    assert [line for line in terminal.seen if line.startswith("Seeds") and "1/2" in line]
