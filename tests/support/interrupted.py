"""Programs that a signal ends, sent to all their processes at once, as a terminal sends Ctrl+C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE_SECONDS = 120
"""Long enough on a busy machine; a program that hangs is killed."""


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, and what it said on standard output and standard error."""

    code: int
    out: str
    err: str


def interrupt(
    words: Sequence[object],
    when: Callable[[int], bool],
    number: signal.Signals = signal.SIGINT,
    *,
    stdin: int | None = None,
) -> Ended:
    """Start Python with some words, and send a signal to its process group.

    Args:
        words: of the command line.
        when: told the number of the process, says whether it is time.
        number: of the signal.
        stdin: standard input; None for none.
    """
    program = subprocess.Popen(
        [sys.executable, *map(str, words)],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not when(program.pid):
            assert program.poll() is None, program.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(program.pid, number)
        out, err = program.communicate(timeout=PATIENCE_SECONDS)
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
    return Ended(program.returncode, out, err)


def has_loaded(library: str, process: int) -> bool:
    """Whether a process has loaded a file of a library, whose import begins with that or goes on."""
    return f"/{library}/" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


def waits_for_input(process: int) -> bool:
    """Whether a process that runs a program waits, for a while, without computing."""
    found = psutil.Process(process)
    before = found.cpu_times()
    time.sleep(0.5)
    return bool(found.status() == psutil.STATUS_SLEEPING and before.user > 0.1 and found.cpu_times() == before)
