"""Spoil runs at random and look whether loading takes it well.

    python benchmarks/faults/spoil_runs.py --times 1000
    python benchmarks/faults/spoil_runs.py emotion-bert runs/minilm --times 1000

The record or a file of the model is spoilt in one to four places, as in `fuzz`; every second time the hashes are
made anew, as a forger would. What may come out are probabilities or one message for the user; what may not is any
other exception, or more than a minute.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from fuzz import attempt, spoil, trained_run
from programs import PROGRAMS, load

from emotion_core.runs.folder import MODEL_DIR, RUN_FILE
from emotion_core.system.environment import host, installed_versions
from shared_checks import renew_hashes

SECONDS = 60


def predict(program: str, run: Path) -> None:
    """Load the run and predict one text."""
    shape = load(program, run).predict_proba(["what a day"]).shape
    if shape != (1, 6):
        raise AssertionError(f"the probabilities have the shape {shape}")


def spoil_once(program: str, run: Path, seed: int, number: int) -> tuple[str, str]:
    """Spoil one file of a run, try it, and mend it; returns the name of the file and what `attempt` says."""
    drawn = random.Random(f"{seed} {number}")  # noqa: S311 - faults, no secrets
    record = (run / RUN_FILE).read_bytes()
    path = drawn.choice([run / RUN_FILE, *sorted(path for path in (run / MODEL_DIR).rglob("*") if path.is_file())])
    whole = path.read_bytes()
    path.write_bytes(spoil(whole, drawn))
    if number % 2 and path.name != RUN_FILE:
        renew_hashes(run)
    outcome = attempt(lambda: predict(program, run), SECONDS)
    path.write_bytes(whole)
    (run / RUN_FILE).write_bytes(record)
    return path.name, outcome


def main() -> None:
    """Spoil, try, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", choices=PROGRAMS, default="emotion-rnn")
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {}
    faults = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        source = options.run or trained_run(Path(folder))
        predict(options.program, source)  # libraries are imported before the time is limited
        run = shutil.copytree(source, Path(folder) / "spoilt")
        for number in range(options.times):
            name, outcome = spoil_once(options.program, run, options.seed, number)
            told = outcome if outcome in ("done", "told") else "fault"
            outcomes.setdefault(name, Counter())[told] += 1
            if told == "fault":
                faults.append({"time": number, "file": name, "fault": outcome[-1500:]})
    result = {"benchmark": "spoil_runs", "program": options.program, "times": options.times, "seed": options.seed}
    result |= {"seconds": time.monotonic() - started, "outcomes": outcomes, "faults": faults[:20]}
    print(json.dumps(result | {"host": host(), "versions": installed_versions()}, indent=2))
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
