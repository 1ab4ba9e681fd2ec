"""Leave the random numbers of the calling program as they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Restore the global generators of Python and NumPy at the end, which the frameworks seed for a training."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global one is what is kept
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
