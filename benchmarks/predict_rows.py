"""Predict a file of many rows with a saved run, and measure time, memory and whether the rows keep their order.

    python benchmarks/predict_rows.py emotion-bert runs/minilm --rows 1000000

The texts are made of the words of the bundled sample, in lengths like those of posts, and numbered, so that the output
can be compared with the input row by row.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.system.environment import host, installed_versions

PROGRAMS = {"emotion-rnn": "emotion_rnn", "emotion-bert": "emotion_bert"}
WORDS = (3, 35)
"""The fewest and the most words of a text."""


def write_texts(path: Path, rows: int) -> None:
    """A CSV file of numbered texts."""
    words = " ".join(load_dataset("sample").split("train").texts).split()
    choose = random.Random(0)  # noqa: S311 - texts, not secrets
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("number", "text"))
        for number in range(rows):
            writer.writerow((number, " ".join(choose.choices(words, k=choose.randint(*WORDS)))))


def in_order(path: Path) -> int:
    """How many rows of a prediction follow one another, each with an emotion, before the first that does not."""
    with path.open(encoding="utf-8", newline="") as file:
        for expected, row in enumerate(csv.DictReader(file)):
            if row["number"] != str(expected) or not row["predicted_emotion"]:
                return expected
    return expected + 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", choices=list(PROGRAMS), default="emotion-rnn")
    parser.add_argument("run", nargs="?", type=Path, help="run folder; without it a small GRU is trained on the sample")
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        source, output, run = Path(folder) / "texts.csv", Path(folder) / "predicted.csv", options.run
        program = [sys.executable, "-m", PROGRAMS[options.program]]
        if run is None:
            run = Path(folder) / "gru"
            train = ["train", "gru", "--data", "sample", "--epochs", "1", "--output", str(run), "--quiet"]
            subprocess.run([*program, *train], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        write_texts(source, options.rows)
        start = time.perf_counter()
        command = ["predict", str(run), "--input", str(source), "--output", str(output), "--quiet"]
        subprocess.run([*program, *command], check=True)  # noqa: S603 - our own program
        seconds = time.perf_counter() - start
        result = {
            "benchmark": "predict_rows",
            "program": options.program,
            "rows": options.rows,
            "rows_in_order": in_order(output),
            "seconds": seconds,
            "rows_per_second": options.rows / seconds,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            "other_programs": watch.to_json(),
            "host": host(),
            "versions": installed_versions(),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
