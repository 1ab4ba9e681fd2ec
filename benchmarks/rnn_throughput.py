"""Time the training of the BiGRU and the BiLSTM beside a plain Keras loop that pads every text to 100 words."""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from typing import Any

import numpy as np

from emotion_core.dataset import load_dataset
from emotion_core.run_folder import host, installed_versions
from emotion_core.text import letters_only
from emotion_rnn.architecture import Hyperparameters, build_network
from emotion_rnn.backend import keras, tf, use_seed
from emotion_rnn.registry import ARCHITECTURES
from emotion_rnn.vectorize import bucketed, make_vectorizer, word_ids

PLAIN_LENGTH, PLAIN_BATCH = 100, 32


def texts_per_second(network: keras.Model, batches: Any, n_texts: int, epochs: int) -> float:
    """The best of some epochs after a first one that is not counted."""
    network.compile(keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    network.fit(batches, epochs=1, verbose=0, shuffle=False)
    times = []
    for _ in range(epochs):
        start = time.perf_counter()
        network.fit(batches, epochs=1, verbose=0, shuffle=False)
        times.append(time.perf_counter() - start)
    return n_texts / min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="sample", help="as in emotion-rnn train")
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--texts", type=int, default=2000, help="training texts, at most")
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    use_seed(0)
    frame = load_dataset(options.data).split("train").head(options.texts)
    texts, labels = [letters_only(text) for text in frame["text"]], frame["label"].to_numpy()
    settings = dataclasses.replace(Hyperparameters(), units=options.units)
    vectorizer = make_vectorizer(texts, settings.vocabulary_size)
    ids = word_ids(vectorizer, texts, settings.max_length)
    padded = keras.utils.pad_sequences(ids, PLAIN_LENGTH, padding="post")
    size = len(vectorizer.get_vocabulary())
    batches = {
        "plain": tf.data.Dataset.from_tensor_slices((padded, labels)).batch(PLAIN_BATCH),
        "ours": bucketed(ids, labels, settings, 0),
    }
    speeds: dict[str, dict[str, float]] = {}
    for name, architecture in ARCHITECTURES.items():
        speeds[name] = {
            way: texts_per_second(build_network(architecture, settings, size, None), data, len(ids), options.epochs)
            for way, data in batches.items()
        }
        speeds[name]["times_faster"] = speeds[name]["ours"] / speeds[name]["plain"]
    result = {
        "benchmark": "rnn_throughput",
        "texts": len(ids),
        "mean_words": float(np.mean([len(row) for row in ids])),
        "units": options.units,
        "texts_per_second": speeds,
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
