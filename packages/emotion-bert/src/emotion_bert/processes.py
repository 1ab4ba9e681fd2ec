"""What a process of ``accelerate launch`` must know of the others."""

from __future__ import annotations

import os


def is_first_process() -> bool:
    """Whether this process writes and speaks; where there is one process, it does."""
    return int(os.environ.get("RANK", "0")) == 0


def process_count() -> int:
    """How many processes ``accelerate launch`` has started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def wait_for_all() -> None:
    """Wait until all processes have come here, if there are several."""
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        dist.barrier()
