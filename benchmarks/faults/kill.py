"""Kill long work at random moments, let it go on, and look whether anything was lost.

    python benchmarks/faults/kill.py --moments 20
    python benchmarks/faults/kill.py --work prediction --moments 5

Each kind of work is done once undisturbed. Then, for each moment, it is started anew in an empty folder, killed with
all its processes by SIGKILL at a random time of its duration, and started again until it ends. At last its result must
be that of the undisturbed work, byte for byte where times are left out. After the kill and at the end no run folder may
differ from the hashes in its run.json, and at the end no hidden file or folder may be left. All on the sample corpus,
and on the packages that are installed.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotion_core.data.load import load_dataset
from emotion_core.runs.folder import MODEL_DIR, PREDICTIONS_FILE, RUN_FILE, verify_run
from emotion_core.system.environment import host, installed_versions

PREDICTED_ROWS = 200_000
DIMENSIONS = 8
TIMES = ("seconds", "wall_seconds")


@dataclass(frozen=True)
class Work:
    """Something that takes long.

    Attributes:
        start: the words after ``python -m``, of which the first is the package.
        again: the words that are added to go on.
        result: what is compared, read from the output.
        needs: other work, whose output it takes.
        suffix: of its output.
    """

    start: list[str]
    again: list[str]
    result: Callable[[Path], Any]
    needs: str | None = None
    suffix: str = ""


def predictions(output: Path) -> dict[str, bytes]:
    """The predictions of every run folder below a folder."""
    return {str(path.relative_to(output)): path.read_bytes() for path in sorted(output.rglob(PREDICTIONS_FILE))}


def search_result(output: Path) -> Any:
    """The ranked points of a search without times, its winner's predictions, and how often each point has a result."""
    import optuna

    with (output / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: cell for name, cell in row.items() if name not in TIMES} for row in csv.DictReader(file)]
    storage = f"sqlite:///{output / 'search.db'}"
    (name,) = optuna.get_all_study_names(storage)
    trials = optuna.load_study(study_name=name, storage=storage).trials
    finished = Counter(trial.user_attrs["point"] for trial in trials if trial.state.is_finished() and trial.value)
    return rows, predictions(output), sorted(finished.items())


def write_inputs(rows: Path, vectors: Path) -> None:
    """Write many texts to predict, and random word vectors in the form of GloVe."""
    rows.write_text("text\n" + "i did not see that coming\nwhat a day\n" * (PREDICTED_ROWS // 2), encoding="utf-8")
    words = sorted({word for text in load_dataset("sample").split("train").texts for word in text.split()})
    drawn = random.Random(0)  # noqa: S311 - no secrets
    lines = (" ".join([word, *(f"{drawn.gauss(0, 0.5):.4f}" for _ in range(DIMENSIONS))]) for word in words)
    vectors.write_text("\n".join(lines) + "\n", encoding="utf-8")


def all_work(folder: Path, rows: Path, vectors: Path) -> dict[str, Work]:
    """What can be killed.

    Args:
        folder: with the outputs of undisturbed work.
        rows, vectors: from `write_inputs`.
    """
    sample = ["--data", "sample", "--quiet"]
    bert, rnn = ["emotion_bert", "train", "--model", "minilm"], ["emotion_rnn", "train", "gru"]
    search = ["emotion_rnn", "search", "gru", "--max-trials", "4", "--workers", "2", "--threads", "1"]
    search += ["--glove", str(vectors)]
    techniques = [word for name in ("prune", "onnx", "onnx-int8") for word in ("--technique", name)]
    compress = ["emotion_bert", "compress", str(folder / "fine-tuning"), *techniques]
    predict = ["emotion_rnn", "predict", str(folder / "rnn-training"), "--input", str(rows), "--quiet"]
    return {
        "fine-tuning": Work([*bert, "--max-length", "32", "--epochs", "3", *sample], ["--resume"], predictions),
        "compression": Work([*compress, *sample], ["--resume"], predictions, needs="fine-tuning"),
        "rnn-training": Work([*rnn, "--epochs", "8", *sample], [], predictions),
        "search": Work([*search, *sample], ["--resume"], search_result),
        "prediction": Work(predict, [], Path.read_bytes, needs="rnn-training", suffix=".csv"),
    }


def begin(work: Work, output: Path, words: list[str]) -> subprocess.Popen[bytes]:
    """Start work in a process group of its own."""
    command = [sys.executable, "-m", *work.start, *words, "--output", str(output)]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603


def finish(work: Work, output: Path, words: list[str]) -> float:
    """Do work to its end; returns the seconds.

    Raises:
        RuntimeError: it fails.
    """
    started = time.monotonic()
    process = begin(work, output, words)
    told = process.communicate()[1].decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(work.start)}: exit code {process.returncode}. {told}")
    return time.monotonic() - started


def kill_after(work: Work, output: Path, seconds: float) -> bool:
    """Start work and kill it; returns whether it had not ended before."""
    process = begin(work, output, [])
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def faults_in(folder: Path) -> list[str]:
    """What differs between the run folders below a folder and their hashes."""
    runs = [path.parent for path in folder.rglob(RUN_FILE) if MODEL_DIR not in path.parent.parts]
    visible = [run for run in runs if not any(part.startswith(".") for part in run.relative_to(folder).parts)]
    return [f"{run.name}: {problem}" for run in visible for problem in verify_run(run)]


def one_kill(work: Work, seconds: float, expected: Any) -> list[str]:
    """Kill work once and let it go on; returns what was wrong at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output = folder / f"output{work.suffix}"
        was_killed = kill_after(work, output, seconds)
        problems = faults_in(folder)
        if was_killed and not (output.exists() and not work.again):
            finish(work, output, work.again)
        if work.result(output) != expected:
            problems.append("the result is another one")
        problems += faults_in(folder)
        hidden = [path.relative_to(folder) for path in folder.rglob(".*")]
        return problems + [f"{path}: was left" for path in hidden]


def main() -> None:
    """Kill, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = all_work(Path(), Path(), Path())
    here = [kind for kind, work in kinds.items() if importlib.util.find_spec(work.start[0])]
    parser.add_argument("--work", nargs="*", choices=list(kinds), default=here)
    parser.add_argument("--moments", type=int, default=20, help="of each work")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcome = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, vectors = folder / "rows.csv", folder / "vectors.txt"
        write_inputs(rows, vectors)
        kinds, durations = all_work(folder, rows, vectors), {}
        needed = {*options.work, *(kinds[kind].needs for kind in options.work)}
        for kind in (kind for kind in kinds if kind in needed):
            durations[kind] = finish(kinds[kind], folder / f"{kind}{kinds[kind].suffix}", [])
        for kind in options.work:
            work, chosen = kinds[kind], random.Random(options.seed)  # noqa: S311 - moments, no secrets
            expected = work.result(folder / f"{kind}{work.suffix}")
            moments = sorted(chosen.uniform(0, durations[kind]) for _ in range(options.moments))
            problems = {}
            for number, moment in enumerate(moments, start=1):
                problems[f"{moment:.2f} s"] = found = one_kill(work, moment, expected)
                told = "; ".join(found) or "all well"
                print(f"{kind}: killed {number} of {len(moments)} times, {told}", file=sys.stderr, flush=True)
            outcome[kind] = {
                "undisturbed_seconds": round(durations[kind], 1),
                "moments": len(moments),
                "problems": {moment: found for moment, found in problems.items() if found},
            }
            print(json.dumps({kind: outcome[kind]}), file=sys.stderr, flush=True)
    told = {"benchmark": "kill", "seed": options.seed, "work": outcome}
    print(json.dumps(told | {"host": host(), "versions": installed_versions()}, indent=2))
    if any(entry["problems"] for entry in outcome.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
