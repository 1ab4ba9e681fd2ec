"""Wait for the other processes of ``accelerate launch``."""

from __future__ import annotations

import torch.distributed as dist


def wait_for_all() -> None:
    """Wait until all processes have come here, if there are several."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
