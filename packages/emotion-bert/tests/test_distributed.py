"""Fine-tuning with two processes that share each batch, as accelerate launch starts them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emotion_bert.models.checkpoints import Checkpoint
from emotion_core.inference.writers import CHUNK_ROWS
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json, verify_run

pytestmark = pytest.mark.acceptance

PATIENCE_SECONDS = 300
# accelerate leaves processes on CPUs to MPI unless it is told that they are GPUs; --device cpu tells the truth.
LAUNCH = (
    "-m",
    "accelerate.commands.launch",
    "--multi_gpu",
    "--num_processes",
    "2",
    "--num_machines",
    "1",
    "--main_process_port",
    "0",
)
OPTIONS = ("--data", "sample", "--epochs", "2", "--batch-size", "16", "--learning-rate", "0.003", "--max-length", "32")


@pytest.fixture(scope="session")
def without_dropout(checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint without dropout, whose random numbers would differ between one process and two."""
    source, folder = Path(checkpoints["cardiffroberta"].location), tmp_path_factory.mktemp("distributed") / "model"
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {name: 0.0 for name in config if name.endswith(("dropout", "dropout_prob"))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def run_program(*words: str) -> str:
    """Run Python to a good end; returns what it said on standard output."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def probabilities_of(run: Path) -> np.ndarray:
    """The probabilities in predictions.csv."""
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return np.array([[float(row[f"probability_{name}"]) for name in EMOTIONS] for row in csv.DictReader(file)])


def test_two_processes_train_as_one_does(without_dropout: Path, tmp_path: Path) -> None:
    """Two processes write one run, say its figures once, and predict what the run of one process predicts.

    The classes have weights, of which a process's half of a batch has another sum than the whole.
    """
    weights = tmp_path / "weights.json"
    weights.write_text(json.dumps({name: 9 if name == "surprise" else 1 for name in EMOTIONS}), encoding="utf-8")
    train = (
        "emotion_bert",
        "train",
        "--model",
        str(without_dropout),
        *OPTIONS,
        "--quiet",
        "--device",
        "cpu",
        "--no-calibration",
        "--class-weights",
        str(weights),
    )
    run_program("-m", *train, "--output", str(tmp_path / "one"))
    said = run_program(*LAUNCH, "-m", *train, "--output", str(tmp_path / "two"))
    assert said.count("macro-F1") == 1
    assert verify_run(tmp_path / "two") == []
    assert (
        read_json(tmp_path / "one", "run.json")["processes"],
        read_json(tmp_path / "two", "run.json")["processes"],
    ) == (1, 2)
    np.testing.assert_allclose(probabilities_of(tmp_path / "two"), probabilities_of(tmp_path / "one"), atol=2e-3)
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two", "weights.json"}


def test_two_processes_predict_as_one_does(run: Path, tmp_path: Path) -> None:
    """Two processes that share a file write the same predictions in the same order, and leave nothing else."""
    texts = [f"what a day {number} {'and so on ' * (number % 7)}" for number in range(2 * CHUNK_ROWS + 3)]
    source = tmp_path / "texts.txt"
    source.write_text("\n".join(texts), encoding="utf-8")
    predict = ("emotion_bert", "predict", str(run), "--input", str(source), "--device", "cpu", "--output")
    run_program("-m", *predict, str(tmp_path / "one.csv"))
    run_program(*LAUNCH, "-m", *predict, str(tmp_path / "two.csv"))
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"texts.txt", "one.csv", "two.csv"}
