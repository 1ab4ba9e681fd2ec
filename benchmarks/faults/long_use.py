"""Use one loaded classifier for long, and from several threads, and look at its memory and its answers.

    python benchmarks/faults/long_use.py emotion-rnn runs/gru
    python benchmarks/faults/long_use.py emotion-bert runs/minilm --predictions 1000 --threads 8

Small requests of 1 to 40 texts follow one another; the first hundred fill the caches of the libraries, and after each
hundred it is told what the process holds. Then several threads predict the same texts at once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from pathlib import Path

from programs import PROGRAMS, load

from emotion_core.data.load import load_dataset
from emotion_core.system.environment import host, installed_versions
from shared_checks import predict_in_threads

WARM_UP = 100
LARGEST_REQUEST = 40


def resident_mb() -> float:
    """The memory that this process holds now, in MB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found.group(1)) / 1024


def main() -> None:
    """Use it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("run", type=Path)
    parser.add_argument("--predictions", type=int, default=1_000)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    texts = load_dataset("sample").split("train").texts
    classifier, drawn = load(options.program, options.run), random.Random(1)  # noqa: S311 - texts, no secrets
    held = []
    for number in range(WARM_UP + options.predictions):
        classifier.predict_proba(drawn.sample(texts, drawn.randint(1, LARGEST_REQUEST)))
        if number >= WARM_UP - 1 and (number + 1) % WARM_UP == 0:
            held.append(round(resident_mb(), 1))
            print(f"{number + 1} predictions, {held[-1]} MB", file=sys.stderr, flush=True)
    alone = classifier.predict_proba(texts)
    differences = [float(abs(found - alone).max()) for found in predict_in_threads(classifier, texts, options.threads)]
    result = {
        "benchmark": "long_use",
        "program": options.program,
        "predictions": options.predictions,
        "resident_mb_after_each_hundred": held,
        "grown_mb": round(held[-1] - held[0], 1),
        "threads": options.threads,
        "largest_difference_in_threads": max(differences),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
