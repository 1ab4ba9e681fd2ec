"""What only a process of our own may set: that of the command line, or one that it starts."""

from __future__ import annotations

import logging
import os
import sys

from emotion_core.errors import ModelError

CACHED_PRIMITIVES = 16


def set_up_process() -> None:
    """Let oneDNN keep little memory, and bitsandbytes say nothing at every call of a model in INT8.

    oneDNN, which computes for torch on a CPU, compiles code for each new shape of its operations and keeps that of
    1,024. What it keeps lies between the large blocks of the batches and holds their memory, which grows by half a
    gigabyte while requests of new sizes come. The layers of one batch share a shape, and later batches seldom have the
    same. Call this before the first computation of the process: oneDNN reads the setting once. A user's own setting
    stays.

    Raises:
        ModelError: Python has removed the docstrings.
    """
    if sys.flags.optimize > 1:
        raise ModelError(
            "Python was started with -OO (or PYTHONOPTIMIZE=2), which removes the docstrings that transformers reads. "
            "Start it without; -O will do. emotion-core uses runs in ONNX in any case."
        )
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(CACHED_PRIMITIVES))
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
