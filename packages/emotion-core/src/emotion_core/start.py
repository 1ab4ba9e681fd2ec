"""The beginning and the end of a process of ours, in which Ctrl+C finds no command that could answer it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl+C, as shells have it."""


@contextmanager
def own_process() -> Iterator[None]:
    """Import a program and run it in the block; Ctrl+C before its command or after its end gets no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: nothing was written.\n")
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
