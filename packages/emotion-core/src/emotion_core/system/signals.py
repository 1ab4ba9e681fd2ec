"""SIGTERM and SIGHUP end a command as Ctrl+C does: what it began is put back, locks and hidden files go."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

NAMES = ("SIGTERM", "SIGHUP")
"""What ``kill``, ``docker stop`` and batch systems send, or a closed terminal; Windows knows the first alone."""

AGAIN_SECONDS = 0.1
"""A signal whose exception was lost is sent again after this time."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let these signals raise SystemExit within the block, with the exit code that a shell gives them: 143 and 129.

    One that is ignored, as ``nohup`` has SIGHUP ignored, or that the calling program handles, stays so. In a thread
    beside the main one nothing changes, since Python handles signals in that alone.
    """
    replaced, hook = [], sys.unraisablehook
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        replaced = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)
        if replaced:
            sys.unraisablehook = hook


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let a handler have Ctrl+C and these signals within the block; one that is ignored, as by ``nohup``, stays so."""
    numbers = [getattr(signal, name) for name in ("SIGINT", *NAMES) if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, old in before.items():
        if old != signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def end(number: int, frame: FrameType | None) -> None:
    """Handle a signal: raise SystemExit, once; another one does not disturb the tidying up."""
    signal.signal(number, signal.SIG_IGN)
    sys.unraisablehook = partial(_end_after_all, number, sys.unraisablehook)
    raise SystemExit(128 + number)


def _end_after_all(number: int, hook: Callable[[Any], Any], lost: Any) -> None:
    # Python drops what is raised in a finalizer or in a callback of the garbage collector, and a signal may come then.
    if not (isinstance(lost.exc_value, SystemExit) and lost.exc_value.code == 128 + number):
        hook(lost)
        return
    sys.unraisablehook = hook
    signal.signal(number, end)
    again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()
