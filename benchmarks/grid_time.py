"""Time the grid of the LSTM study as emotion-rnn searches it beside the plain way, one training after the other.

The search trains each of its points to the end, with early stopping. Of the plain way (every text padded to 100 words,
batches of 32, one training after the other with all threads) one epoch of each size is timed, after one in which
TensorFlow compiles, and multiplied by the epochs that the search needed for that size; dropout does not change the time
of an epoch. With fewer than all dropouts both sums are scaled to the whole grid.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from rnn_throughput import PLAIN_BATCH, in_a_process, seconds_per_epoch

from emotion_core.dataset import load_dataset
from emotion_core.run_folder import host, installed_versions
from emotion_rnn.LSTM import GRID
from emotion_rnn.options import Computing, VectorOptions
from emotion_rnn.search.folder import embedded_storage
from emotion_rnn.search.job import Job
from emotion_rnn.search.report import ranked
from emotion_rnn.search.run import run_search


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="sample", help="as in emotion-rnn train")
    parser.add_argument("--glove", help="GloVe file; without it the vectors are random and learned")
    parser.add_argument("--dropouts", type=int, default=1, help="how many of the 10 dropouts to train")
    parser.add_argument("--batch-size", type=int, default=128, help="of the search; the plain way has 32")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    # Adam's learning rate grows with the root of the batch size (Malladi et al. 2022).
    rate = GRID.settings.learning_rate * (options.batch_size / PLAIN_BATCH) ** 0.5
    changes: dict[str, Any] = {"batch_size": options.batch_size, "learning_rate": rate}
    if options.glove is None:
        changes["freeze_embedding"] = False
    step = len(GRID.grid["dropout"]) // options.dropouts
    grid = dict(GRID.grid) | {"dropout": GRID.grid["dropout"][step // 2 :: step][: options.dropouts]}
    phase = dataclasses.replace(GRID, settings=dataclasses.replace(GRID.settings, **changes), grid=grid)
    vectors = VectorOptions(options.glove) if options.glove else None
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            "lstm", phase, load_dataset(options.data), vectors, Computing("cpu", threads=1), 42,
            embedded_storage(Path(folder)),
        )  # fmt: skip
        start = time.perf_counter()
        rows = ranked(run_search(job, options.workers), phase, len(job.points()))
        search_seconds = time.perf_counter() - start
    epochs = {units: sum(row["epochs"] for row in rows if row["units"] == units) for units in grid["units"]}
    plain = {
        units: in_a_process(seconds_per_epoch, "lstm", "plain", options.data, options.glove, units, PLAIN_BATCH, 0)
        for units in grid["units"]
    }
    scale = len(GRID.points()) / len(rows)
    plain_seconds = sum(plain[units] * epochs[units] for units in grid["units"])
    result = {
        "benchmark": "grid_time",
        "options": vars(options),
        "points": len(rows),
        "epochs": epochs,
        "plain_seconds_per_epoch": plain,
        "search_seconds": search_seconds,
        "whole_grid_hours": {"plain": plain_seconds * scale / 3600, "search": search_seconds * scale / 3600},
        "times_faster": plain_seconds / search_seconds,
        "trials": rows,
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
