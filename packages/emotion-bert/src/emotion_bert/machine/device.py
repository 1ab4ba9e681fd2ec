"""Choose where to compute, and how much the library says about it."""

from __future__ import annotations

import logging
import os
import warnings

import torch
import transformers

from emotion_core.errors import ModelError

CACHED_PRIMITIVES = 16


def quiet_transformers() -> None:
    """Leave progress and messages to the command line: no bars and warnings of transformers and bitsandbytes."""
    transformers.logging.set_verbosity_error()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # on a CPU, INT8 says something at every call
    transformers.logging.disable_progress_bar()
    # peft calls transformers by an old name.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)


def cache_few_primitives() -> None:
    """Let oneDNN, which computes for torch on a CPU, keep code for a few shapes of its operations only.

    It compiles code for each new shape and keeps that of 1,024. What it keeps lies between the large blocks of the
    batches and holds their memory, which grows by half a gigabyte while requests of new sizes come. The layers of one
    batch share a shape, and later batches seldom have the same. Call this before the first computation of the process:
    oneDNN reads the setting once. A user's own setting stays.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(CACHED_PRIMITIVES))


def choose_device(device: str) -> torch.device:
    """The torch device for ``cpu``, ``gpu`` or ``auto`` (a GPU where there is one), another GPU for each process.

    Raises:
        ModelError: a GPU was asked for and there is none.
    """
    if device != "cpu":
        if torch.cuda.is_available():
            return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        if torch.backends.mps.is_available():
            return torch.device("mps")
        if device == "gpu":
            raise ModelError("torch sees no GPU here. Use --device cpu, or install a build of torch for your GPU.")
    return torch.device("cpu")
