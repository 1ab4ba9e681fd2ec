"""SIGTERM and SIGHUP end a command as Ctrl+C does: what it began is put back, locks and hidden files go."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NAMES = ("SIGTERM", "SIGHUP")
"""What ``kill``, ``docker stop`` and batch systems send, or a closed terminal; Windows knows the first alone."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let these signals raise SystemExit within the block, with the exit code that a shell gives them: 143 and 129.

    One that is ignored, as ``nohup`` has SIGHUP ignored, or that the calling program handles, stays so. In a thread
    beside the main one nothing changes, since Python handles signals in that alone.
    """
    replaced = []
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


def end(number: int, frame: FrameType | None) -> None:
    """Handle a signal: raise SystemExit, once; another one does not disturb the tidying up."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)
