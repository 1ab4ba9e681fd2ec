"""Time the training of the BiGRU and the BiLSTM beside a plain Keras loop that pads every text to 100 words."""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import time
from typing import Any

from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.architecture import build_network
from emotion_rnn.network.backend import keras, tf, use
from emotion_rnn.network.options import Computing, VectorOptions
from emotion_rnn.network.vectorizer import bucketed
from emotion_rnn.training.texts import prepare

PLAIN_LENGTH, PLAIN_BATCH = 100, 32


class EpochTimes(keras.callbacks.Callback):
    """Keeps the seconds of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop it."""
        self.seconds.append(time.perf_counter() - self._start)


def seconds_per_epoch(
    name: str, way: str, data: str, glove: str | None, units: int, batch_size: int, threads: int, epochs: int = 1
) -> float:
    """The best of some epochs after a first one, in which TensorFlow compiles, that is not counted.

    Args:
        name: of the architecture.
        way: ``plain`` pads every text to 100 words; any other has length buckets.
        data: as in emotion-rnn train.
        glove: a GloVe file whose vectors stay frozen; None for random ones, which are learned.
        units: in each direction.
        batch_size: texts a step.
        threads: of TensorFlow; 0 leaves the choice to it.
        epochs: that are timed.
    """
    use(Computing(device="cpu", threads=threads), 0)
    settings = dataclasses.replace(
        Hyperparameters(), units=units, batch_size=batch_size, freeze_embedding=glove is not None
    )
    prepared = prepare(load_dataset(data), settings, VectorOptions(glove) if glove else None, 0, quiet=True)
    ids, labels = prepared.ids["train"], prepared.labels["train"]
    if way == "plain":
        padded = keras.utils.pad_sequences(ids, PLAIN_LENGTH, padding="post")
        batches = tf.data.Dataset.from_tensor_slices((padded, labels)).batch(batch_size)
    else:
        batches = bucketed(ids, labels, batch_size, 0)
    network = build_network(ARCHITECTURES[name], settings, len(prepared.vocabulary), prepared.vectors)
    network.compile(keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    times = EpochTimes()
    network.fit(batches, epochs=1 + epochs, verbose=0, shuffle=False, callbacks=[times])
    return min(times.seconds[1:])


def in_a_process(work: Any, *arguments: Any) -> Any:
    """Call a function in a process made afresh: threads cannot be chosen twice in one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="sample", help="as in emotion-rnn train")
    parser.add_argument("--glove", help="GloVe file whose vectors stay frozen; without it they are learned")
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=128, help="of the packages' way; the plain way has 32")
    parser.add_argument("--workers", type=int, default=2, help="trainings side by side, one thread each")
    parser.add_argument("--epochs", type=int, default=3, help="that are timed; the best counts")
    options = parser.parse_args()
    watch = Watch()
    n_texts = len(load_dataset(options.data).split("train"))
    speeds: dict[str, dict[str, float]] = {}
    for name in ARCHITECTURES:
        common = (name, "buckets", options.data, options.glove, options.units)
        plain = ("plain", options.data, options.glove, options.units, PLAIN_BATCH, 0, options.epochs)
        with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
            alone = [(*common, options.batch_size, 1, options.epochs)] * options.workers
            side_by_side = pool.starmap(seconds_per_epoch, alone, chunksize=1)
        speeds[name] = {
            "plain": n_texts / in_a_process(seconds_per_epoch, name, *plain),
            "buckets, batch 32": n_texts / in_a_process(seconds_per_epoch, *common, PLAIN_BATCH, 0, options.epochs),
            f"buckets, batch {options.batch_size}": n_texts
            / in_a_process(seconds_per_epoch, *common, options.batch_size, 0, options.epochs),
            f"{options.workers} trainings side by side": sum(n_texts / seconds for seconds in side_by_side),
        }
    result = {
        "benchmark": "rnn_throughput",
        "options": vars(options),
        "texts_per_second": speeds,
        "times_faster": {
            name: {way: speed / by_way["plain"] for way, speed in by_way.items()} for name, by_way in speeds.items()
        },
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
