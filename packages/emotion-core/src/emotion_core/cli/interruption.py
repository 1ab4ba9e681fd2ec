"""What a command says when Ctrl+C or a signal has ended it: what is kept, and how to go on."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from emotion_core.printable import printable, without_passwords
from emotion_core.system.processes import is_first_process
from emotion_core.system.signals import Ending

WORDS = f"{__name__}.words"
TOLD = f"{__name__}.told"
"""Where the context of a program holds its command line, and what to say."""

NOTHING = "nothing was written."
SHOWN = 3


def interruption(error: BaseException, ending: Ending | None, context: click.Context) -> Exit | None:
    """Say in one sentence what is kept if a signal caused an error, however a library has wrapped it.

    Args:
        error: with which a command ends.
        ending: what handles the signals.
        context: of the program.

    Returns:
        What ends the program with the exit code that shells have for the signal; None if there was none.
    """
    number = ending.number if ending is not None else None
    if isinstance(error, KeyboardInterrupt):
        number = number or signal.SIGINT
    elif number is None or (isinstance(error, SystemExit) and error.code != 128 + number):  # a command's own code
        return None
    tell = context.meta.get(TOLD)
    told = printable(NOTHING if tell is None else tell())  # names of files cannot control the terminal
    by = "Interrupted" if number == signal.SIGINT else f"Ended by {signal.Signals(number).name}"
    below = "\n" if number == signal.SIGINT and sys.stderr.isatty() else ""  # the ^C of a terminal
    if is_first_process():
        with suppress(OSError):  # nobody reads it if the terminal is closed
            click.echo(f"{below}{by}: {told}", err=True)
    return Exit(128 + number)


def tell_if_interrupted(tell: Callable[[], str]) -> None:
    """Let the command that runs say this if it is interrupted, in place of `NOTHING`."""
    click.get_current_context().meta[TOLD] = tell


class Outputs:
    """The files and folders that a command makes, each of which appears when it is whole.

    Args:
        paths: of them.
        resume: how the command goes on after an interruption: with an option of this name, or with nothing more if it
            is empty; None if it begins anew.
        keep: one that is there already is taken as it is.
        begun: says what is kept of one that is not whole; None for nothing.
    """

    def __init__(
        self,
        *paths: Path,
        resume: str | None = None,
        keep: bool = False,
        begun: Callable[[Path], str | None] = lambda path: None,
    ) -> None:
        self._before = {path: None if keep else _identity(path) for path in paths}
        self._resume, self._begun = resume, begun

    def told(self) -> str:
        """What is kept, and how to go on."""
        missing = [path for path, before in self._before.items() if _identity(path) == before]
        whole = [str(path) for path in self._before if path not in missing]
        if not missing:
            return f"{_are(whole)} complete."
        kept = [*whole, *filter(None, map(self._begun, missing))]
        if not kept:
            what = "nothing" if len(missing) > 1 else f"nothing of {missing[0]}"
            return f"{what} is kept, and the same command begins anew."
        if self._resume is None:
            return f"{_are(kept)} complete, and the same command with --force makes all anew."
        return f"{_are(kept)} kept; go on with: {command_line(self._resume)}"


def tell_outputs(*paths: Path, **how: Any) -> None:
    """Let the command that runs say which of its `Outputs` are whole, if it is interrupted."""
    tell_if_interrupted(Outputs(*paths, **how).told)


def command_line(*options: str) -> str:
    """The command that runs, as it was called, with more options; one that goes on replaces nothing by force."""
    context = click.get_current_context().find_root()
    words = [word for word in context.meta[WORDS] if word != "--force"]
    more = [option for option in options if option and option not in words]
    return f"{context.info_name} {shlex.join(map(without_passwords, [*words, *more]))}"


def _identity(path: Path) -> object:
    """What tells a file or folder from one that took its place; None where there is none."""
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino, found.st_mtime_ns
    return None


def _are(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more} {'is' if len(names) == 1 else 'are'}"
