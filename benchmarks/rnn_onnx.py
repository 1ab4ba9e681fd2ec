"""Time a recurrent network in ONNX beside its run in TensorFlow, and compare sizes and scores.

    python benchmarks/rnn_onnx.py --data emotion --glove glove.twitter.27B.25d.txt

trains a BiGRU of the study's size with the tuned recipe, compresses it, and measures the three runs in turns: one text
at a time, all texts in one call, the size of the model folder, macro-F1 on validation, and how long a program takes
from its start to its first answer. The median of the rounds counts. A run that is there already is named so:

    python benchmarks/rnn_onnx.py runs/gru --data emotion

Without data, a small one learns the bundled sample.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emotion_core.classifier import Classifier
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.runs.folder import MODEL_DIR, folder_size, read_metrics
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.loading import load_run

N_WARM_UP = 64
STARTS = 5


def program(package: str, *words: str) -> None:
    """Run a command of a package, whose output is not wanted."""
    command = [sys.executable, "-m", package, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def trained(folder: Path, data: str, glove: str | None, epochs: int | None) -> Path:
    """A BiGRU with the settings of the study's best, where there are vectors, else with the usual ones."""
    settings = ["--recipe", "tuned", "--glove", glove] if glove else []
    settings += ["--epochs", str(epochs)] if epochs else []
    words = ["--data", data, *settings, "--output", str(folder / "gru"), "--quiet"]
    program("emotion_rnn", "train", "gru", *words)
    return folder / "gru"


def variants(run: Path, folder: Path, data: str) -> list[Path]:
    """The graphs of a run."""
    program("emotion_rnn", "compress", str(run), "--data", data, "--output", str(folder / "graphs"), "--quiet")
    return [folder / "graphs" / name for name in ("onnx", "onnx-int8")]


def latencies(classifier: Classifier, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each text alone."""
    found = []
    for text in texts:
        start = time.perf_counter()
        classifier.predict_proba([text])
        found.append(1000 * (time.perf_counter() - start))
    return found


def texts_per_second(classifier: Classifier, texts: Sequence[str]) -> float:
    """Of one call with all texts."""
    start = time.perf_counter()
    classifier.predict_proba(texts)
    return len(texts) / (time.perf_counter() - start)


def seconds_to_answer(package: str, run: Path) -> float:
    """From the start of a program to the emotion of one text; the median of some starts."""
    found = []
    for _ in range(STARTS):
        start = time.perf_counter()
        program(package, "predict", str(run), "i did not see that coming")
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def measured(runs: dict[str, Path], texts: Sequence[str], alone: int, rounds: int) -> dict[str, dict[str, float]]:
    """The figures of each run; they take turns."""
    classifiers = {name: load_run(run) for name, run in runs.items()}
    single: dict[str, list[float]] = {name: [] for name in runs}
    many: dict[str, list[float]] = {name: [] for name in runs}
    for classifier in classifiers.values():
        latencies(classifier, texts[:N_WARM_UP])
        texts_per_second(classifier, texts)  # TensorFlow compiles for each new width of a batch
    for _ in range(rounds):
        for name, classifier in classifiers.items():
            single[name] += latencies(classifier, texts[:alone])
            many[name].append(texts_per_second(classifier, texts))
    return {
        name: {
            "p50_ms": float(np.percentile(single[name], 50)),
            "p99_ms": float(np.percentile(single[name], 99)),
            "texts_per_second": statistics.median(many[name]),
            "model_bytes": folder_size(run / MODEL_DIR),
            "macro_f1": read_metrics(run).macro_f1.value,
            "seconds_to_answer": seconds_to_answer("emotion_rnn" if name == "tensorflow" else "emotion_core", run),
        }
        for name, run in runs.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="run folder of emotion-rnn train; without it one is trained")
    parser.add_argument("--data", default="sample", help="as in emotion-rnn train")
    parser.add_argument("--glove", help="GloVe file, for the tuned recipe")
    parser.add_argument("--epochs", type=int, help="of a training, fewer than usual")
    parser.add_argument("--texts", type=int, default=2000, help="of one call")
    parser.add_argument("--alone", type=int, default=300, help="texts that are timed one by one in each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or trained(Path(folder), options.data, options.glove, options.epochs)
        graphs = variants(run, Path(folder), options.data)
        texts = load_dataset(options.data).split("validation").texts
        texts = (texts * (1 + options.texts // len(texts)))[: options.texts]
        runs = dict(zip(("tensorflow", "onnx", "onnx-int8"), (run, *graphs), strict=True))
        figures = measured(runs, texts, options.alone, options.rounds)
    keras = figures["tensorflow"]
    result = {
        "benchmark": "rnn_onnx",
        "options": {name: str(value) for name, value in vars(options).items()},
        "figures": figures,
        "times_tensorflow": {
            name: {
                "one_text": keras["p50_ms"] / found["p50_ms"],
                "many_texts": found["texts_per_second"] / keras["texts_per_second"],
            }
            for name, found in figures.items()
        },
        "macro_f1_lost": {name: keras["macro_f1"] - found["macro_f1"] for name, found in figures.items()},
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
