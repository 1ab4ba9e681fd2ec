"""Keras on TensorFlow, imported once, quietly, and on the device that was asked for.

TextVectorization, which lets a saved model take raw strings, exists on TensorFlow only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from emotion_core.errors import ModelError
from emotion_rnn.network.settings import Computing

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


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


with _quiet_native_log():
    import keras
    import tensorflow as tf

tf.get_logger().setLevel("ERROR")  # a search makes many networks, and TensorFlow wonders why

if keras.backend.backend() != "tensorflow":
    raise ModelError(
        f"Keras runs on {keras.backend.backend()!r} here, but emotion-rnn needs its text layers on TensorFlow. "
        "Set KERAS_BACKEND=tensorflow."
    )

__all__ = ["keras", "tf", "use", "use_device", "use_seed"]


def use(computing: Computing, seed: int) -> None:
    """Set device, precision, threads and seed of this process, before it computes anything.

    Raises:
        ModelError: the device is not to be had, or computing has begun with other settings.
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
        ModelError: a GPU was asked for and TensorFlow sees none, or computing has begun on another device.
    """
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
