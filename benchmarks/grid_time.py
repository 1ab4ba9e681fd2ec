"""Time the grid of the LSTM study as emotion-rnn searches it beside the plain way, one training after the other.

The search trains each of its points to the end, with early stopping. Of both ways one epoch of each size is timed,
after one in which TensorFlow compiles, and multiplied by the epochs that the search needed for that size; dropout does
not change the time of an epoch. The plain way pads every text to 100 words, in batches of 32, one training after the
other with all threads; the search's own way is length buckets, with trainings side by side of one thread each. What
the search recorded as its time stands beside them: it counts what else the machine did. The search is run before:

    emotion-rnn search lstm --batch-size 128 --learning-rate 0.004 --data emotion --glove FILE \\
      --workers 2 --threads 1 --output runs/lstm-grid
    python benchmarks/grid_time.py runs/lstm-grid --data emotion --glove FILE

Without a search a tiny one is run on the sample, which shows that this script works and nothing else.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import tempfile
from pathlib import Path

from rnn_throughput import PLAIN_BATCH, in_a_process, seconds_per_epoch

from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.runs.folder import read_json
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.LSTM import GRID
from emotion_rnn.network.options import Computing
from emotion_rnn.search.folder import embedded_storage
from emotion_rnn.search.job import Job
from emotion_rnn.search.report import REPORT_FILE, write_report
from emotion_rnn.search.run import run_search


def tiny_search(folder: Path) -> None:
    """Run two points of the grid for two epochs, and write the report."""
    settings = dataclasses.replace(GRID.settings, epochs=2, batch_size=128, freeze_embedding=False)
    phase = dataclasses.replace(GRID, settings=settings, grid={"units": (16, 32)})
    job = Job("lstm", phase, load_dataset("sample"), None, Computing("cpu", threads=1), 42, embedded_storage(folder))
    write_report(folder, run_search(job, 2), job)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("search", nargs="?", type=Path, help="folder of a search that has ended")
    parser.add_argument("--data", default="sample", help="as in emotion-rnn search")
    parser.add_argument("--glove", help="GloVe file, as in emotion-rnn search")
    parser.add_argument("--workers", type=int, default=2, help="of the search")
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        if options.search is None:
            tiny_search(Path(folder))
        report = read_json(options.search or folder, REPORT_FILE)
    rows = report["trials"]
    units = report["definition"]["grid"]["units"]
    epochs = {size: sum(row["epochs"] or 0 for row in rows if row["units"] == size) for size in units}
    batch_size = report["definition"]["settings"]["batch_size"]
    plain, searched = {}, {}
    for size in units:
        common = (options.data, options.glove, size)
        plain[size] = in_a_process(seconds_per_epoch, "lstm", "plain", *common, PLAIN_BATCH, 0)
        with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
            alone = [("lstm", "buckets", *common, batch_size, 1)] * options.workers
            searched[size] = max(pool.starmap(seconds_per_epoch, alone, chunksize=1)) / options.workers
    plain_seconds = sum(plain[size] * epochs[size] for size in units)
    search_seconds = sum(searched[size] * epochs[size] for size in units)
    result = {
        "benchmark": "grid_time",
        "data": options.data,
        "points": len(rows),
        "settings": report["definition"]["settings"],
        "epochs": epochs,
        "seconds_per_epoch": {"plain": plain, "search": searched},
        "hours": {"plain": plain_seconds / 3600, "search": search_seconds / 3600},
        "hours_recorded": report["wall_seconds"] / 3600,
        "times_faster": plain_seconds / search_seconds,
        "times_faster_as_recorded": plain_seconds / report["wall_seconds"],
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
