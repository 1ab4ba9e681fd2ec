"""The cores of this process, and the processes that ``accelerate launch`` and ``torchrun`` start for one task."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """How many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_count() -> int:
    """How many processes there are; 1 where no launcher says otherwise."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def process_index() -> int:
    """The number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_first_process() -> bool:
    """Whether this process writes and speaks; where there is one process, it does."""
    return process_index() == 0
