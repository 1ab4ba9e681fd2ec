"""Keras on TensorFlow, imported once, quietly, and on the device that was asked for.

TextVectorization, which lets a saved model take raw strings, exists on TensorFlow only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emotion_core.errors import ModelError
from emotion_core.system.random_state import kept_random_state
from emotion_rnn.network.options import Computing

SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
"""Environment variables that both libraries read when they are imported; those that are set stay."""


@contextmanager
def _environment() -> Iterator[None]:
    """The settings for the import alone: the environment is the calling program's."""
    added = [name for name in SETTINGS if name not in os.environ]
    os.environ.update({name: SETTINGS[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextmanager
def _quiet_native_log() -> Iterator[None]:
    """Send what C++ code writes to standard error nowhere; TensorFlow greets every machine without CUDA there."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


with _environment(), _quiet_native_log():
    import keras
    import tensorflow as tf

if keras.backend.backend() != "tensorflow":
    raise ModelError(
        f"Keras runs on {keras.backend.backend()!r} here, but emotion-rnn needs its text layers on TensorFlow. "
        "Set KERAS_BACKEND=tensorflow."
    )

__all__ = ["check_not_forked", "kept_host_state", "keras", "quiet_tracing", "tf", "use", "use_device", "use_seed"]


@contextmanager
def quiet_tracing() -> Iterator[None]:
    """Leave out the advice on functions that are traced often: each model traces its own, such as one of every fold."""

    def is_of_use(record: logging.LogRecord) -> bool:
        return "tf.function retracing" not in record.getMessage()

    log = logging.getLogger("tensorflow")
    log.addFilter(is_of_use)
    try:
        yield
    finally:
        log.removeFilter(is_of_use)


@dataclass
class _Process:
    """Whether TensorFlow may have computed in this process, and whether it had in one that this was forked from."""

    used: bool = False
    forked: bool = False

    def forget(self) -> None:
        self.forked = self.used


_process = _Process()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process.forget)


def check_not_forked() -> None:
    """Raise a ModelError in a process that was forked after TensorFlow had computed, since it would wait for ever.

    The threads of TensorFlow are not in the new process, and nothing starts them anew.
    """
    if _process.forked:
        raise ModelError(
            "This process was forked from one in which TensorFlow had computed, and would hang. Load the classifier "
            "after the fork only (gunicorn without --preload), or start processes with "
            "multiprocessing.get_context('spawn')."
        )


@contextmanager
def kept_host_state() -> Iterator[None]:
    """Silence TensorFlow, and restore log level, precision and the random numbers of Python and NumPy at the end.

    What TensorFlow offers no way back from stays: its own seed, deterministic operations, threads, hidden GPUs.
    """
    policy, level = keras.config.dtype_policy(), tf.get_logger().level
    tf.get_logger().setLevel("ERROR")  # several seeds make many networks, and TensorFlow wonders why
    with kept_random_state():
        try:
            yield
        finally:
            keras.config.set_dtype_policy(policy)
            tf.get_logger().setLevel(level)


def use(computing: Computing, seed: int) -> None:
    """Set device, precision, threads and seed of this process, before it computes anything.

    Raises:
        ModelError: the device is not available, or computing has begun with other settings.
    """
    use_device(computing.device)
    keras.config.set_dtype_policy(computing.precision)
    if computing.threads:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(computing.threads)
            tf.config.threading.set_inter_op_parallelism_threads(computing.threads)
        except RuntimeError as error:
            raise ModelError("TensorFlow has begun to compute; choose the number of threads before.") from error
    use_seed(seed)


def use_device(device: str) -> None:
    """Compute on ``cpu``, on ``gpu``, or on what there is (``auto``).

    Raises:
        ModelError: a GPU was asked for and TensorFlow sees none, or computing has begun on another device or before
            a fork.
    """
    check_not_forked()
    _process.used = True  # what follows computes
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise ModelError("TensorFlow sees no GPU here. Use --device cpu, or install tensorflow[and-cuda].")
    if device == "cpu" and gpus:
        try:
            tf.config.set_visible_devices([], "GPU")
        except RuntimeError as error:
            raise ModelError("TensorFlow uses the GPU already; choose the CPU before the first computation.") from error


def use_seed(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, and choose operations that give the same result every time."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
