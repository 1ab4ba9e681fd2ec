"""Choose where to compute, and how much the library says about it."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import torch
import transformers

from emotion_core.errors import ModelError
from emotion_core.system.random_state import kept_random_state

_lock = threading.Lock()
_calls = 0
_restore = ExitStack()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """No bars and warnings of transformers and bitsandbytes meanwhile; then they are as the calling program set them.

    Calls may overlap, from several threads: the first one silences, the last one restores.
    """
    global _calls, _restore
    with _lock:
        if not _calls:
            _restore = _silence()
        _calls += 1
    try:
        yield
    finally:
        with _lock:
            _calls -= 1
            if not _calls:
                _restore.close()


def _silence() -> ExitStack:
    messages, bars = transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled()
    bitsandbytes = logging.getLogger("bitsandbytes")
    restore = ExitStack()
    restore.enter_context(warnings.catch_warnings())
    restore.callback(transformers.logging.set_verbosity, messages)
    restore.callback(bitsandbytes.setLevel, bitsandbytes.level)
    if bars:
        restore.callback(transformers.logging.enable_progress_bar)
    transformers.logging.set_verbosity_error()
    bitsandbytes.setLevel(logging.ERROR)  # on a CPU, INT8 says something at every call
    transformers.logging.disable_progress_bar()
    # peft calls transformers by an old name.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)
    return restore


@contextmanager
def kept_host_state() -> Iterator[None]:
    """Silence the libraries, and restore threads and random numbers of the CPU, which a training sets, at the end."""
    threads = torch.get_num_threads()
    with quiet_transformers(), kept_random_state(), torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@cache
def survive_forks() -> None:
    """Let a process that is forked from this one compute with one thread, where it would wait for ever.

    torch's threads are not forked, and OpenMP waits for them in the child at the first computation that asks for more
    than one thread.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


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
