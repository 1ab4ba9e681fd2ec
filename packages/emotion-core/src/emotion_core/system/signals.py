"""Ctrl+C, SIGTERM and SIGHUP end a command alike: what it began is put back, locks and hidden files go."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

NAMES = ("SIGTERM", "SIGHUP")
"""What ``kill``, ``docker stop`` and batch systems send, or a closed terminal; Windows knows the first alone."""

AGAIN_SECONDS = 0.1
"""A signal whose exception was lost is sent again after this time."""

SAME_SECONDS = 1.0
"""A Ctrl+C so soon after another is the same one: a key that was held, or a wrapper that passes it on."""


class Ending:
    """Handles the signals that end a command.

    Attributes:
        number: of the first signal that came; None before.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._interrupted = -math.inf

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raise what ends the command."""
        self.number = self.number or number
        if number != signal.SIGINT:
            end(number, frame)
        before, self._interrupted = self._interrupted, time.monotonic()
        if self._interrupted - before > SAME_SECONDS:
            raise _surely(KeyboardInterrupt(), number, self._interrupt_again)

    def _interrupt_again(self, number: int) -> None:
        self._interrupted = -math.inf


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Let signals end the block: Ctrl+C by KeyboardInterrupt, SIGTERM and SIGHUP by SystemExit with 143 and 129.

    One that is ignored, as ``nohup`` has SIGHUP ignored, or that the calling program handles, stays so. In a thread
    beside the main one nothing changes, since Python handles signals in that alone.

    Yields:
        What says which signal came.
    """
    ending = Ending()
    replaced: dict[int, Any] = {}
    hook = sys.unraisablehook
    if threading.current_thread() is threading.main_thread():
        usual = (signal.SIG_DFL, signal.default_int_handler)
        replaced = {number: handler for number, handler in _handlers().items() if handler in usual}
    try:
        with _replacing(replaced, ending):
            yield ending
    finally:
        if replaced:
            sys.unraisablehook = hook


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let a handler have Ctrl+C and these signals within the block; one that is ignored, as by ``nohup``, stays so."""
    heard = {number: old for number, old in _handlers().items() if old != signal.SIG_IGN}
    with _replacing(heard, handler):
        yield


def _handlers() -> dict[int, Any]:
    """What handles each of the signals that end a command."""
    numbers = [getattr(signal, name) for name in ("SIGINT", *NAMES) if hasattr(signal, name)]
    return {number: signal.getsignal(number) for number in numbers}


@contextmanager
def _replacing(before: Mapping[int, Any], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def end(number: int, frame: FrameType | None) -> None:
    """Handle a signal: raise SystemExit, once; another one does not disturb the tidying up."""
    handler = signal.signal(number, signal.SIG_IGN)
    raise _surely(SystemExit(128 + number), number, partial(signal.signal, handler=handler))


def _surely(error: BaseException, number: int, prepare: Callable[[int], object]) -> BaseException:
    """What a signal raises, which comes again if it is lost.

    Python drops what is raised in a finalizer or in a callback of the garbage collector, and a signal may come then.

    Args:
        error: to raise.
        number: of the signal.
        prepare: is called before the signal is sent again.
    """
    hook = sys.unraisablehook

    def send_again(lost: Any) -> None:
        if lost.exc_value is not error:
            hook(lost)
            return
        sys.unraisablehook = hook
        prepare(number)
        again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()

    sys.unraisablehook = send_again
    return error
