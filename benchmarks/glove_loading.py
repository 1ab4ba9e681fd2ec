"""Time the look-up of a vocabulary in a GloVe file beside a plain loop over all rows."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from emotion_core.evaluation.speed import Watch
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.network.glove import read_vectors
from emotion_rnn.network.glove_cache import CACHE_DIR
from emotion_rnn.network.options import VectorOptions


def plain_loop(path: Path, vocabulary: list[str]) -> np.ndarray:
    """Every row becomes Python floats, then those of the vocabulary are looked up."""
    vectors = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.split()
            vectors[word] = [float(number) for number in numbers]
    dimension = len(next(iter(vectors.values())))
    return np.array([vectors.get(word, [0.0] * dimension) for word in vocabulary], dtype=np.float32)


def make_file(path: Path, rows: int, dimension: int) -> None:
    """A file like a GloVe file: words w0, w1, ... with numbers of five digits."""
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(f"w{number} " + " ".join(f"{value:.5f}" for value in rng.normal(size=dimension)) + "\n")


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="the real file has 1,193,514")
    parser.add_argument("--dimension", type=int, default=100)
    parser.add_argument("--vocabulary", type=int, default=15_000, help="words that are looked up")
    parser.add_argument("--glove", type=Path, help="a real file, words of which are looked up")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE_DIR] = folder
        path = options.glove or Path(folder) / "glove.txt"
        if options.glove is None:
            make_file(path, options.rows, options.dimension)
        with path.open(encoding="utf-8") as file:
            words = [line.partition(" ")[0] for line in file]
        step = max(1, len(words) // options.vocabulary)
        vocabulary = ["", "[UNK]", *words[::step]]
        plain = [seconds(plain_loop, path, vocabulary) for _ in range(options.repeat)]
        cold, cached = [], []
        for _ in range(options.repeat):
            for entry in Path(folder).rglob("*.npz"):
                entry.unlink()
            cold.append(seconds(read_vectors, VectorOptions(path), vocabulary, 0))
            cached.append(seconds(read_vectors, VectorOptions(path), vocabulary, 0))
    result = {
        "benchmark": "glove_loading",
        "rows": len(words),
        "vocabulary": len(vocabulary),
        "seconds": {"plain": plain, "cold": cold, "cached": cached},
        "times_faster": {"cold": min(plain) / min(cold), "cached": min(plain) / min(cached)},
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
